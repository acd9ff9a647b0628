/** What was recorded of a call, for whoever may hear it: a voicemail, or the call itself; where restricted, with a reason. */
import "../../styles/phone.css";
import "../text/phone";
import { useState } from "preact/hooks";
import type { Id, Ms } from "../../shared/protocol";
import { when } from "../format";
import { useRead } from "../screens/parts/read";
import { can, me, minute } from "../store";
import { t } from "../text";
import { Skeleton } from "../ui/Skeleton";
import { AudioPlayer } from "./AudioPlayer";

interface Row { id: Id; kind: "recording" | "voicemail"; state: string; seconds: number; at: Ms }
const COPIED_EVERY_MS = 5000;
const isHere = (row: Row): boolean => row.state === "stored";

/** A reason first: it is kept with who heard it and when. */
function Reason({ onGiven }: { onGiven: (reason: string) => void }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.trim().length < 5) setWrong(true);
    else onGiven(text.trim());
  };
  return (
    <form class="player-why" onSubmit={submit}>
      <label class="field">
        <span class="field-label">{t("audio.why")}</span>
        <input class="input" type="text" maxLength={200} value={text} aria-invalid={wrong} aria-describedby="audio-why" onInput={(event) => { setText(event.currentTarget.value); setWrong(false); }} />
        <span id="audio-why" class={wrong ? "field-error" : "field-help"}>{t(wrong ? "audio.whyShort" : "audio.whyHelp")}</span>
      </label>
      <button type="submit">{t("audio.open")}</button>
    </form>
  );
}

function One({ row, reason }: { row: Row; reason: string }) {
  const name = t(row.kind === "voicemail" ? "audio.title" : "audio.recording");
  if (!isHere(row)) return <p class="muted">{name}: {t(row.state === "coming" ? "audio.copying" : "audio.lost")}</p>;
  const src = `/api/v1/recordings/${row.id}${reason === "" ? "" : `?reason=${encodeURIComponent(reason)}`}`;
  return (
    <div class="recording">
      <p><strong>{name}</strong> <span class="muted">{when(row.at, minute.value)}</span></p>
      <AudioPlayer src={src} seconds={row.seconds} label={name} />
    </div>
  );
}

/** Agents hear what they spoke in; whoever supervises or audits hears all. The service decides with the same rule. */
export const mayHear = (agent: Id | null | undefined): boolean => can("recording.read") && (agent === me.value?.id || me.value?.roles.some((role) => role !== "agent") === true);

export function Recordings({ call }: { call: Id }) {
  const [reason, setReason] = useState("");
  const [every, setEvery] = useState(0);
  const read = useRead<{ rows: Row[]; needs_reason: boolean }>("recordings", { call }, every);
  const rows = read.data?.rows ?? [];
  const asks = read.data?.needs_reason === true && reason === "";
  const wanted = rows.some((row) => row.state === "coming") ? COPIED_EVERY_MS : 0;
  if (wanted !== every) setEvery(wanted);
  if (read.data === null) return read.error === null ? <Skeleton lines={1} /> : null;
  if (rows.length === 0) return null;
  return (
    <section class="recordings" aria-label={t("audio.recordings")}>
      {asks && rows.some(isHere) ? <Reason onGiven={setReason} /> : rows.map((row) => <One key={row.id} row={row} reason={reason} />)}
    </section>
  );
}
