/** The telephone in one's own account: where one answers, into what one speaks, and whether it can be heard. */
import "../../styles/phone.css";
import "../text/phone";
import { useEffect, useRef, useState } from "preact/hooks";
import { audioDevices, type AudioDevice } from "../microphone";
import { hasProvider, phone, setAudio, setMode } from "../phone";
import { audio, mode } from "../phone-choices";
import { meterOf, playTones } from "../sound-check";
import { t } from "../text";
import { Select } from "../ui/Field";

const choices = (all: readonly AudioDevice[], chosen: string): { value: string; label: string }[] => [
  { value: "default", label: t("phone.default") },
  ...all.map((one, index) => ({ value: one.id, label: one.label || `${index + 1}` })),
  // What was chosen and is not plugged in now keeps its place.
  ...(chosen !== "" && !all.some((one) => one.id === chosen) ? [{ value: chosen, label: t("phone.unplugged") }] : []),
];
const idOf = (value: string): string => (value === "default" ? "" : value);

function useDevices(): { inputs: AudioDevice[]; outputs: AudioDevice[] } {
  const [found, setFound] = useState<{ inputs: AudioDevice[]; outputs: AudioDevice[] }>({ inputs: [], outputs: [] });
  useEffect(() => {
    const read = (): void => void audioDevices().then(setFound, () => undefined);
    read();
    navigator.mediaDevices?.addEventListener?.("devicechange", read);
    return () => navigator.mediaDevices?.removeEventListener?.("devicechange", read);
  }, [phone.value.state]);
  return found;
}

/** Speaking into the chosen microphone moves a bar. */
function MicrophoneTest({ input }: { input: string }) {
  const [level, setLevel] = useState<number | null>(null);
  const [failed, setFailed] = useState(false);
  const stop = useRef<(() => void) | null>(null);
  const end = (): void => {
    stop.current?.();
    stop.current = null;
    setLevel(null);
  };
  useEffect(() => end, [input]);
  const begin = async (): Promise<void> => {
    setFailed(false);
    try {
      stop.current = await meterOf(input, setLevel);
      setLevel(0);
    } catch {
      setFailed(true);
    }
  };
  return (
    <p class="phone-tests">
      <button type="button" onClick={() => (level === null ? void begin() : end())}>{t(level === null ? "phone.testMic" : "phone.testStop")}</button>
      {level === null ? <span class={failed ? "field-error" : "muted"} role="status">{t(failed ? "phone.why.missing" : "phone.testMicHelp")}</span> : <meter min={0} max={1} value={level} aria-label={t("phone.level")} />}
    </p>
  );
}

export default function PhoneSettings() {
  const { inputs, outputs } = useDevices();
  if (!hasProvider.value) return <p class="muted">{t("phone.off")}</p>;
  const { input, output } = audio.value;
  const named = inputs.some((one) => one.label !== "");
  return (
    <div class="phone-settings-form">
      <Select label={t("phone.mode")} value={mode.value} options={[{ value: "browser", label: t("phone.mode.browser") }, { value: "desk", label: t("phone.mode.desk") }]} onChange={(next) => setMode(next === "desk" ? "desk" : "browser")} />
      <Select label={t("phone.input")} value={input || "default"} help={named || inputs.length === 0 ? undefined : t("phone.noNames")} options={choices(inputs, input)} onChange={(next) => setAudio({ ...audio.value, input: idOf(next) })} />
      <MicrophoneTest input={input} />
      <Select label={t("phone.output")} value={output || "default"} options={choices(outputs, output)} onChange={(next) => setAudio({ ...audio.value, output: idOf(next) })} />
      <p class="phone-tests"><button type="button" onClick={() => void playTones(output)}>{t("phone.test")}</button> <span class="muted">{t("phone.testHelp")}</span></p>
    </div>
  );
}
