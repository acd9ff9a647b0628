/** A recording to be heard: play, position and speed by mouse and by keys. Nothing is fetched before it is asked for. */
import "../../styles/phone.css";
import "../text/phone";
import { useRef, useState } from "preact/hooks";
import { elapsed, spoken } from "../format";
import { t } from "../text";
import { PhoneIcon } from "./PhoneIcon";

const SPEEDS = [0.75, 1, 1.25, 1.5, 2];
const JUMP_S = 10;

interface Props { src: string; seconds: number; label: string; download?: boolean }

export function AudioPlayer({ src, seconds, label, download = false }: Props) {
  const audio = useRef<HTMLAudioElement>(null);
  const [state, setState] = useState<"idle" | "loading" | "playing" | "paused" | "failed">("idle");
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(seconds);
  const [speed, setSpeed] = useState(1);
  const toggle = (): void => {
    const player = audio.current;
    if (player === null) return;
    if (state === "playing") return player.pause();
    if (state === "failed") player.load();
    setState("loading");
    player.playbackRate = speed;
    player.play().catch(() => setState((now) => (now === "loading" ? "failed" : now)));
  };
  const seek = (to: number): void => {
    const place = Math.min(Math.max(0, to), length);
    setAt(place);
    if (audio.current !== null) audio.current.currentTime = place;
  };
  const change = (next: number): void => {
    setSpeed(next);
    if (audio.current !== null) audio.current.playbackRate = next;
  };
  const known = (player: HTMLAudioElement): void => {
    if (Number.isFinite(player.duration) && player.duration > 0) setLength(player.duration);
  };
  const times = t("audio.of", { at: elapsed(at * 1000), all: elapsed(length * 1000) });
  return (
    <div class="player" role="group" aria-label={label}>
      <audio
        ref={audio} src={src} preload="none"
        onLoadedMetadata={(event) => known(event.currentTarget)} onTimeUpdate={(event) => setAt(event.currentTarget.currentTime)}
        onPlaying={() => setState("playing")} onPause={() => setState("paused")} onEnded={() => { setState("paused"); seek(0); }} onError={() => setState("failed")}
      />
      <button type="button" class="primary player-play" aria-label={t(state === "playing" ? "audio.pause" : "audio.play")} title={t(state === "playing" ? "audio.pause" : "audio.play")} onClick={toggle}><PhoneIcon name={state === "playing" ? "pause" : "play"} /></button>
      <button type="button" class="ghost player-jump" aria-label={t("audio.back")} title={t("audio.back")} onClick={() => seek(at - JUMP_S)}>−10</button>
      <input class="player-bar" type="range" min={0} max={Math.max(1, Math.ceil(length))} step={1} value={Math.round(at)} aria-label={t("audio.position")} aria-valuetext={`${spoken(at * 1000)} / ${spoken(length * 1000)}`} onInput={(event) => seek(Number(event.currentTarget.value))} />
      <button type="button" class="ghost player-jump" aria-label={t("audio.ahead")} title={t("audio.ahead")} onClick={() => seek(at + JUMP_S)}>+10</button>
      <span class="num player-time">{times}</span>
      <select class="player-speed" aria-label={t("audio.speed")} value={String(speed)} onChange={(event) => change(Number(event.currentTarget.value))}>
        {SPEEDS.map((one) => <option key={one} value={String(one)}>{one}×</option>)}
      </select>
      {download && <a class="button ghost" href={src} download>{t("audio.download")}</a>}
      <span class={state === "failed" ? "player-note field-error" : "player-note muted"} role="status">{state === "loading" ? t("audio.loading") : state === "failed" ? t("audio.failed") : ""}</span>
    </div>
  );
}
