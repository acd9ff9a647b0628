/** Calling attention: a short sound, the number in the title, a notification when the page is hidden. All of it quiet by choice. */
import { effect, signal } from "@preact/signals";
import { alerts, offers, state, unread } from "./store";
import { t } from "./text";

const SOUND = "console.sound";
export const soundOn = signal(localStorage.getItem(SOUND) !== "off");
export function setSound(on: boolean): void {
  soundOn.value = on;
  localStorage.setItem(SOUND, on ? "on" : "off");
  if (on) beep("offer");
}

let audio: AudioContext | null = null;
const NOTES: Record<string, [number, number][]> = {
  offer: [[660, 0], [880, 0.14]],
  message: [[740, 0]],
  critical: [[880, 0], [660, 0.16], [880, 0.32]],
};

/** Two soft sine notes, made here so that no file has to load. Silent until the person has touched the page once. */
export function beep(kind: "offer" | "message" | "critical"): void {
  if (!soundOn.value || state.value?.settings.offer_sound === false || typeof AudioContext === "undefined") return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume().catch(() => undefined);
  for (const [frequency, after] of NOTES[kind] ?? []) {
    const at = audio.currentTime + after;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.22);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }
}

export const notifications = signal<NotificationPermission | "unsupported">(
  typeof Notification === "undefined" ? "unsupported" : Notification.permission,
);
/** Asks the browser, only ever from a click of the person. */
export async function askNotifications(): Promise<void> {
  if (typeof Notification !== "undefined") notifications.value = await Notification.requestPermission();
}

/** Tells somebody who looks elsewhere; never with a citizen's words or name, which a lock screen would show. */
export function notify(title: string, tag: string): void {
  if (!document.hidden || notifications.value !== "granted") return;
  const one = new Notification(title, { tag, silent: true });
  one.onclick = () => {
    window.focus();
    one.close();
  };
}

/** What was announced, for the polite live region; one sentence per thing that happened. */
export const announcement = signal("");
export function announce(text: string): void {
  announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}

/** Follows the state: title badge, and one ring per new offer or critical alert. Returns how to stop. */
export function watchAlerts(): () => void {
  const rung = new Set<string>();
  const stopTitle = effect(() => {
    const name = state.value?.settings.brand.name ?? "";
    const count = offers.value.length + unread.value;
    const head = offers.value.length > 0 ? `● ${t("title.offer")}` : t("title.desk");
    document.title = `${count > 0 ? `(${count}) ` : ""}${head}${name === "" ? "" : ` · ${name}`}`;
  });
  const stopRing = effect(() => {
    for (const item of offers.value) {
      const id = item.offer?.id ?? item.id;
      if (rung.has(id)) continue;
      rung.add(id);
      beep("offer");
      notify(t("title.offer"), id);
    }
    for (const one of alerts.value) {
      if (one.level !== "critical" || rung.has(one.id)) continue;
      rung.add(one.id);
      beep("critical");
      notify(t("title.alert"), one.id);
    }
  });
  return () => {
    stopTitle();
    stopRing();
  };
}
