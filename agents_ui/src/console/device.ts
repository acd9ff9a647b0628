/** A browser as a telephone: what the console needs of one, whoever the provider is. The two that exist are fetched when wanted. */

/** What `GET /api/v1/phone/device` answers: with what, and until when, this browser may be a telephone. */
export interface Access { kind: "twilio" | "simulator" | "none"; token: string | null; url: string | null; expires_at: number | null; supervision?: Readonly<Record<string, boolean>> }

/** A line to this device. `call` is the house's id of the call it belongs to; null for one that says none. */
export interface Leg { id: string; call: string | null; params: Readonly<Record<string, string>> }

export type Trouble = "token" | "network" | "microphone" | "unsupported" | "unknown";
export type DeviceState = "connecting" | "ready" | "reconnecting" | "failed";

/** What a device tells. Every leg that comes in ends with `onEnded`, once. */
export interface DeviceEvents {
  onState(state: DeviceState, trouble: Trouble | null): void;
  onIncoming(leg: Leg): void;
  onConnected(id: string): void;
  onMuted(id: string, muted: boolean): void;
  onEnded(id: string, reason: string): void;
  /** How loud it is here and there, 0 to 1; not every device knows. */
  onLevel(heard: number, said: number): void;
  /** Something about one leg that did not end it: a bad line, or a good one again (null). */
  onTrouble(id: string, trouble: Trouble | null): void;
}

/** Which microphone and which loudspeaker; empty is the browser's own choice. */
export interface AudioChoice { input: string; output: string }

/** An open device. Each deed is about a leg that is there; about one that is gone it does nothing. */
export interface Device {
  accept(id: string): void;
  reject(id: string): void;
  hangUp(id: string): void;
  mute(id: string, on: boolean): void;
  digits(id: string, digits: string): void;
  /** A new token before the old one ends; calls go on. */
  refresh(access: Access): void;
  choose(audio: AudioChoice): void;
  close(): void;
}
export type OpenDevice = (access: Access, events: DeviceEvents, audio: AudioChoice) => Promise<Device>;

/** Opens the device of a provider. Rejects when its code could not be fetched. */
export const openDevice: OpenDevice = async (access, events, audio) => {
  const { open } = access.kind === "twilio" ? await import("./device-twilio") : await import("./device-simulator");
  return open(access, events, audio);
};

const RETRY_S = [1, 2, 4, 8, 15];
/** Milliseconds until the n-th try (from 0) to come back, with jitter so that a floor does not return all at once. */
export const retryMs = (tries: number, chance: number): number => (RETRY_S[Math.min(tries, RETRY_S.length - 1)] ?? 15) * 1000 * (0.5 + chance / 2);
