/** What an agent and a supervisor ask of a call at the provider, and how its state reads. Loaded with the parts that need it. */
import type { Call, Id, Item } from "../shared/protocol";
import { command, type Fields } from "./api";
import { isLive } from "./call";

const owned = (item: Item): Fields => ({ item_id: item.id, epoch: item.epoch });
export type Consult = "complete" | "return" | "three_way";
export type How = "listen" | "whisper" | "barge";
export type Recording = "start" | "pause" | "resume";
export const consultCall = (item: Item, what: Consult): Promise<Fields> => command("call.consult", { ...owned(item), what });
export const recordCall = (item: Item, what: Recording): Promise<Fields> => command("call.record", { ...owned(item), what });
export const decideOrder = (order_id: Id, what: "again" | "forget"): Promise<Fields> => command("call.order", { order_id, what });
export const listenTo = (call_id: Id, how: How): Promise<Fields> => command("call.listen", { call_id, how });
export const unlisten = (call_id: Id): Promise<Fields> => command("call.unlisten", { call_id });

/** Whether the provider has this call's line, and not an ordinary telephone. */
export const isHere = (item: Item): boolean => item.call?.mode === "browser" && isLive(item);

/** Where a call at the provider is, as its bar says it. */
export type Stage = "connecting" | "your_phone" | "calling" | "talking" | "consult_calling" | "consult_talking" | "moving" | "over";

export function stageOf(item: Item, me: Id): Stage {
  const call = item.call;
  if (call == null || !isLive(item)) return "over";
  const amIn = call.legs.some((one) => one.user === me);
  if (call.state === "dialling") return amIn ? "calling" : "your_phone";
  if (call.state === "ringing") return "connecting";
  if (call.state !== "transferring") return call.legs.some((one) => one.user !== null) ? "talking" : "connecting";
  if (call.transfer?.kind !== "warm" && call.transfer?.to_kind !== "outside") return "moving";
  return call.transfer.answered_at == null ? "consult_calling" : "consult_talking";
}

/** An order that did not go through, or whose fate nobody knows: a person decides. */
export const needsDecision = (call: Call): boolean => call.order !== null && (call.order.state === "failed" || call.order.state === "uncertain");
/** An order on its way, as a word. */
export const isPending = (call: Call): boolean => call.order !== null && (call.order.state === "queued" || call.order.state === "sent");

const WHY: Readonly<Record<string, string>> = {
  leg_failed: "leg_failed", busy: "busy", no_answer: "no_answer", no_device: "no_device",
  call_over: "gone", "20404": "gone", "21220": "gone",
  number_invalid: "number", number_abroad: "number", number_blocked: "number",
  line_invalid: "setup", provider_credentials: "setup",
  provider_busy: "provider", unreachable: "provider",
};
/** Why an order failed, as a key of the catalogue; what nobody can act on reads the same. */
export const whyOf = (error: string | null): string => WHY[error ?? ""] ?? "other";

/** What a recording may be asked to do now; null where the queue does not record. */
export function recordingDeed(call: Call): Recording | null {
  return call.recording === "on" ? "pause" : call.recording === "paused" ? "resume" : null;
}
