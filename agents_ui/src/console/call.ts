/** The telephone in the console: what may be said of a call, and the commands that say it. Loaded with the parts that show one. */
import type { Citizen, Id, Item, PetitionRow } from "../shared/protocol";
import { dayKey, hour } from "../shared/time";
import { signal } from "@preact/signals";
import { command, get, type Fields } from "./api";
import { dialog } from "./ui";

export type Mark =
  | "answered" | "hold" | "resume" | "ended" | "dropped" | "no_answer" | "busy" | "voicemail" | "wrong_number" | "out_of_service";
export interface Known { citizen: Citizen; petitions: PetitionRow[] }
interface Started { item: { id: Id; conversation: Id }; call: { id: Id } }

/** Whom a call is to, when it is begun from a person or a petition. The number stays masked: the service knows it. */
export interface Preset { citizen: Id; label: string; phone: string | null; folio?: string; purpose?: string }
export const preset = signal<Preset | null>(null);
/** Opens the form of a new call, to somebody or to a number still to be typed. */
export function openDial(to: Preset | null = null): void {
  preset.value = to;
  dialog.value = "call";
}

const owned = (item: Item): Fields => ({ item_id: item.id, epoch: item.epoch });
export const startCall = (fields: Fields): Promise<Started> => command("call.start", fields);
export const logCall = (fields: Fields): Promise<Started> => command("call.log", fields);
export const markCall = (item: Item, what: Mark): Promise<Started> => command("call.mark", { ...owned(item), what });
export const setNumber = (item: Item, number: string): Promise<Started> => command("call.number", { ...owned(item), number });
export const transferCall = (item: Item, fields: Fields): Promise<Started> => command("call.transfer", { ...owned(item), ...fields });
export const answerTransfer = (item: Item, answer: string): Promise<Started> => command("call.transfer_answer", { ...owned(item), answer });
export const postpone = (item: Item, due_at: number): Promise<Started> => command("callback.postpone", { ...owned(item), due_at });
export const peopleOf = (query: { number?: string; call?: string }): Promise<{ people: Known[]; kind: string | null }> => get("calls/people", query);

/** Whether the line is still in use. */
export const isLive = (item: Item): boolean =>
  item.call != null && ["ringing", "dialling", "in_progress", "transferring"].includes(item.call.state ?? "");

/** What an agent may say of a call from where it is, the likeliest first. */
export function marksOf(item: Item): Mark[] {
  const call = item.call;
  if (call == null || call.mode !== "desk") return [];
  if (call.state === "dialling") return ["answered", "no_answer", "busy", "voicemail", "wrong_number", "out_of_service"];
  if (call.state !== "in_progress") return [];
  const wrong: Mark[] = call.direction === "outbound" ? ["wrong_number"] : [];
  return [call.held_since === null ? "hold" : "resume", "ended", "dropped", ...wrong];
}

/** Digits enough to ask whose number it may be. */
export const isWhole = (number: string): boolean => number.replace(/\D/g, "").length >= 10;

/** Sonora never changes its clocks: what is typed is the office's hour, whatever the zone of the machine. */
const OFFSET = "-07:00";
/** The instant of a day and an hour typed in a form; NaN for what is none. */
export const instantOf = (day: string, time: string): number => new Date(`${day}T${time}:00${OFFSET}`).getTime();
/** The other way round: what a form's fields of day and hour show for an instant. */
export const fieldsOf = (at: number): { day: string; time: string } => ({ day: dayKey(at), time: hour(at, "en").padStart(5, "0") });
