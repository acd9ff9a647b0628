/** What the agent chose for the telephone in this browser: where to speak, and into what. */
import { signal } from "@preact/signals";
import type { AudioChoice } from "./device";

const AUDIO = "console.audio";
function storedAudio(): AudioChoice {
  try {
    return { input: "", output: "", ...(JSON.parse(localStorage.getItem(AUDIO) ?? "{}") as Partial<AudioChoice>) };
  } catch {
    return { input: "", output: "" };
  }
}
export const audio = signal<AudioChoice>(storedAudio());
export function keepAudio(next: AudioChoice): void {
  audio.value = next;
  localStorage.setItem(AUDIO, JSON.stringify(next));
}

const MODE = "console.phone";
export type Mode = "browser" | "desk";
export const mode = signal<Mode>(localStorage.getItem(MODE) === "desk" ? "desk" : "browser");
/** From where calls are made when both can; remembered apart from where they are answered. */
const DIAL = "console.dial";
export const dialMode = signal<Mode>(localStorage.getItem(DIAL) === "desk" ? "desk" : "browser");
export function keepDialMode(next: Mode): void {
  dialMode.value = next;
  localStorage.setItem(DIAL, next);
}
export function keepMode(next: Mode): void {
  mode.value = next;
  localStorage.setItem(MODE, next);
}
