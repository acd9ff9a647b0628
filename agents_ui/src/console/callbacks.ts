/** Promised calls in the console: their shapes, the verbs and reads about them, and what follows from them. Loaded with the parts that show one. */
import type { Id, Item, Ms, PetitionRow, Priority } from "../shared/protocol";
import { command, get, post, type Fields } from "./api";
import type { When } from "./when";

export const REASONS = ["inform", "ask", "return", "other"] as const;
export type Reason = (typeof REASONS)[number];
export const KINDS = ["text", "yes_no", "number", "date", "choice"] as const;
export type QuestionKind = (typeof KINDS)[number];
export interface Asked { text: string; kind: QuestionKind; choices?: string[]; required: boolean }
export interface Question extends Asked { id: string }
export type AnswerValue = string | number | boolean;
export interface Answer { question: string; value: AnswerValue | null; at: Ms; by: Id | null }
export type Standing = "scheduled" | "due" | "late" | "broken" | "trying" | "done";
export type CallbackState = "solicited" | "assigned" | "rescheduled" | "achieved" | "exhausted" | "cancelled" | "closed";

export interface Callback {
  id: Id; item: Id | null; epoch: number | null; item_state: string | null; reason: Reason; state: CallbackState; standing: Standing; number: string | null;
  zone: string | null; zones: string[]; folio: string | null; citizen: Id | null; label: string | null; origin: Id | null; owner: Id | null; queue: Id;
  area: Id | null; requested_by: Id | null; requested_area: Id | null; source: "staff" | "citizen" | "line" | "rule"; priority: Priority; made_at: Ms;
  due_at: Ms; promised_at: Ms | null; not_after: Ms | null; words: string; words_en: string; attempts: number; max_attempts: number;
  outcome: string | null; questions: Question[]; answers: Answer[]; identity: boolean; note: string | null; kept_at: Ms | null; closed_at: Ms | null;
  received_at: Ms | null; cancelled_reason: string | null; moves: number; message_sent: "chat" | "sms" | "none" | null; can: string[];
}
export interface Try { call: Id; at: Ms; agent: Id | null; state: string; talk_s: number }
export interface Promised {
  id: Id; callback: Id; reason: Reason; folio: string | null; area: Id | null; agent: Id | null; at: Ms; until: Ms | null; on_time_until: Ms;
  words: string; told: string; made_at: Ms; tried_at: Ms | null; standing: string;
}
export interface Script { text: string; text_en: string | null; identity: string; identity_en?: string | null; status: string | null; since: Ms | null }
export interface CallbackFile { callback: Callback; script: Script; petition: PetitionRow | null; promises: Promised[]; tries: Try[] }
export interface Hour { at: Ms; until: Ms; capacity: number; promised: number; open: boolean; why: "holiday" | "closed" | "outside_window" | null; name: string | null }
export interface Refusal { code: string; field?: string; next_at?: Ms | null; name?: string | null }
export interface Checked { ok: boolean; refusals: Refusal[]; due_at: Ms | null; words: string; words_en: string; zones: string[]; load: Hour | null }
/** What the figure «due» is the sum of. */
export const DUE = "kept,late,broken,pending";
export const COUNTS = ["due", "kept", "late", "broken", "pending", "moved", "withdrawn"] as const;
export type Count = (typeof COUNTS)[number];
export type Figures = Record<Count, number> & { reached: number; rate_kept: number | null };
export interface Ledger { from: Ms; to: Ms; total: Figures; groups: (Figures & { key: string | null; label: string | null })[] }
export interface Overdue { rows: Callback[]; since: { started_at: Ms; count: number } | null }

/** What a verb answers; the whole view comes as an event, and is read again. */
export interface Brief { id: Id; item: Id | null; state: CallbackState; due_at: Ms; attempts: number; outcome: string | null }
type Done = Promise<{ callback: Brief }>;
export const plan = (fields: Fields, clientId: string): Done => command("callback.plan", fields, clientId);
export const move = (id: Id, fields: Fields, clientId?: string): Done => command("callback.move", { callback_id: id, ...fields }, clientId);
export const assignTo = (id: Id, owner: Id | null, queue?: Id): Done =>
  command("callback.assign", { callback_id: id, owner_id: owner, ...(queue === undefined ? {} : { queue_id: queue }) });
export const cancel = (id: Id, reason: string): Done => command("callback.cancel", { callback_id: id, reason });
export const receive = (id: Id, note?: string): Done => command("callback.receive", { callback_id: id, ...(note ? { note } : {}) });
const owned = (item: Item): Fields => ({ item_id: item.id, epoch: item.epoch });
export const save = (item: Item, answers: Fields, identity?: boolean): Done =>
  command("callback.save", { ...owned(item), answers, ...(identity === undefined ? {} : { identity }) });
export type Outcome = "reached" | "partly" | "wrong_person";
export const tell = (item: Item, outcome: Outcome, fields: Fields): Done => command("callback.outcome", { ...owned(item), outcome, ...fields });
export const calendarAddress = (): Promise<{ url: string }> => post("callbacks/calendar", {}) as Promise<{ url: string }>;
export const check = (query: Record<string, string | number | null | undefined>): Promise<Checked> => get("callbacks/check", query);

/** The times of a verb: a window is promised from its beginning to its end. */
export const timesOf = (when: When): Fields => ({ due_at: when.from, ...(when.to === null ? {} : { not_after: when.to }) });

const OPEN: readonly string[] = ["solicited", "assigned", "rescheduled"];
export const isOpen = (callback: { state: string }): boolean => OPEN.includes(callback.state);

/** How full an hour is: what is promised against what the shift can carry. */
export type Fullness = "shut" | "free" | "near" | "full";
export function fullness(hour: Hour): Fullness {
  if (!hour.open) return "shut";
  if (hour.promised >= hour.capacity) return "full";
  return hour.promised >= hour.capacity * 0.8 ? "near" : "free";
}

/** Whether a question has its answer. */
const isAnswered = (value: unknown): boolean => value !== undefined && value !== null && (typeof value !== "string" || value.trim() !== "");
/** Required questions without one: what stands between the call and «reached». */
export const unanswered = (questions: readonly Question[], values: Readonly<Record<string, unknown>>): Question[] =>
  questions.filter((one) => one.required && !isAnswered(values[one.id]));
/** The answers known to the service, under what was typed here since. */
export function answersOf(callback: Callback, typed: Readonly<Record<string, AnswerValue | null>> = {}): Record<string, AnswerValue | null> {
  return { ...Object.fromEntries(callback.answers.map((one) => [one.question, one.value])), ...typed };
}
/** What to ask, fit to be sent: empty lines are none, choices only where a choice is made. */
export function askedOf(rows: readonly (Asked & { choices?: string[] })[]): Asked[] {
  return rows.filter((one) => one.text.trim() !== "").map(({ text, kind, choices, required }) => {
    const listed = (choices ?? []).map((one) => one.trim()).filter((one) => one !== "");
    return { text: text.trim(), kind, required, ...(kind === "choice" ? { choices: [...new Set(listed)] } : {}) };
  });
}
