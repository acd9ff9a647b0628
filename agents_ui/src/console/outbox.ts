/** Replies and notes on their way: each keeps its client id until it is known to be stored, in order per contact, over reloads. */
import { signal } from "@preact/signals";
import type { Attachment, Id, Message } from "../shared/protocol";
import { newId } from "../shared/uuid";
import * as api from "./api";
import { giveBack } from "./drafts";
import { keep, kept } from "./shelf";
import { putThreadMessage } from "./state";
import { apply, me, state } from "./store";

export interface Outgoing {
  clientId: string; conversation: Id; kind: "reply" | "note"; text: string; files: Attachment[]; mentions: Id[];
  whisper: boolean; at: number; extra?: Readonly<Record<string, unknown>> | undefined;
  /** Why it was refused, as an error code. */
  failed: string | null;
  /** The service has it: its message id, until the message itself arrives. */
  stored: Id | null;
}

export const outbox = signal<readonly Outgoing[]>([]);
/** Why the last write to a contact was refused because somebody else has it: conversation → that person's id, or "". */
export const taken = signal<Readonly<Record<Id, string>>>({});

const running = new Set<Id>();
const store = (): string => `console.outbox/${me.value?.id ?? ""}`;

function set(next: readonly Outgoing[]): void {
  outbox.value = next;
  const unsent = next.filter((one) => one.stored === null);
  keep(store(), unsent.length === 0 ? null : JSON.stringify(unsent));
}
const change = (clientId: string, fields: Partial<Outgoing>): void =>
  set(outbox.value.map((one) => (one.clientId === clientId ? { ...one, ...fields } : one)));

export function discard(clientId: string): void {
  set(outbox.value.filter((one) => one.clientId !== clientId));
}

function stale(one: Outgoing, error: api.ApiError): void {
  const owner = error.data["owner"];
  taken.value = { ...taken.value, [one.conversation]: typeof owner === "string" ? owner : "" };
  for (const mine of outbox.value.filter((other) => other.conversation === one.conversation && other.kind === "reply" && other.stored === null).reverse()) {
    giveBack("reply", one.conversation, mine.text);
    discard(mine.clientId);
  }
}

function sendOne(one: Outgoing): Promise<{ message?: Message; id?: Id }> {
  if (one.kind === "note") return api.note(one.conversation, one.text, one.mentions, one.whisper, one.clientId);
  const epoch = Object.values(state.value?.items ?? {}).find((item) => item.conversation === one.conversation)?.epoch
    ?? state.value?.threads[one.conversation]?.item.epoch ?? 0;
  return api.reply(one.conversation, epoch, one.text, one.files.map((file) => file.id), one.clientId, one.extra);
}

/** The service stored it: shows the message if the answer holds it, else waits for its event. */
function acknowledged(one: Outgoing, answer: { message?: Message; id?: Id }): void {
  const { message } = answer;
  const id = message?.id ?? answer.id ?? "";
  if (message?.author !== undefined) apply((before) => putThreadMessage(before, one.conversation, message));
  const arrived = state.value?.threads[one.conversation]?.messages.some((other) => other.id === id) ?? true;
  if (arrived) discard(one.clientId);
  else change(one.clientId, { stored: id });
}

/** Sends what a contact has waiting, oldest first; stops at the first that fails, so that order holds. */
async function run(conversation: Id): Promise<void> {
  if (running.has(conversation)) return;
  running.add(conversation);
  try {
    for (;;) {
      const one = outbox.value.find((other) => other.conversation === conversation && other.stored === null);
      if (one === undefined || one.failed !== null) return;
      try {
        acknowledged(one, await sendOne(one));
      } catch (error) {
        if (!(error instanceof api.ApiError)) throw error;
        if (error.code === "stale_owner") return stale(one, error);
        change(one.clientId, { failed: error.code });
        return;
      }
    }
  } finally {
    running.delete(conversation);
  }
}

export function send(fields: Pick<Outgoing, "conversation" | "kind" | "text"> & Partial<Outgoing>, at: number): void {
  set([...outbox.value, { files: [], mentions: [], whisper: false, ...fields, clientId: newId(), at, failed: null, stored: null }]);
  void run(fields.conversation);
}

const unknownFate = (code: string): boolean => code === "no_answer" || code.startsWith("http_5") || code === "unavailable";

/** A person repeats a failed one. The same id when its fate is unknown, a new one when it was refused. */
export function resend(clientId: string): void {
  const one = outbox.value.find((other) => other.clientId === clientId);
  if (one === undefined) return;
  change(clientId, { failed: null, clientId: one.failed === null || unknownFate(one.failed) ? clientId : newId() });
  void run(one.conversation);
}

/** Events brought messages: bubbles of mine among them are no longer pending. */
export function settled(messages: readonly Message[]): void {
  const ids = new Set(messages.map((one) => one.id));
  const clientIds = new Set(messages.flatMap((one) => (one.client_id ? [one.client_id] : [])));
  if (outbox.value.some((one) => ids.has(one.stored ?? "") || clientIds.has(one.clientId))) {
    set(outbox.value.filter((one) => !ids.has(one.stored ?? "") && !clientIds.has(one.clientId)));
  }
}

const SAME_MS = 3000;
/** What a thread still shows as on its way. A message whose event overtook the answer to its write is not shown twice. */
export function pendingOf(conversation: Id, messages: readonly Message[], user: Id | undefined): Outgoing[] {
  const arrived = (one: Outgoing): boolean => messages.some((other) =>
    other.id === one.stored || (other.author.id === user && other.text === one.text && other.at >= one.at - SAME_MS));
  return outbox.value.filter((one) => one.conversation === conversation && (one.failed !== null || !arrived(one)));
}

/** After signing in, or when the line is back: what had no answer is sent again with its own id. */
export function resume(): void {
  if (outbox.value.length === 0) {
    try {
      outbox.value = JSON.parse(kept(store()) ?? "[]") as Outgoing[];
    } catch {
      outbox.value = [];
    }
  }
  const waits = (one: Outgoing): boolean => one.stored === null && (one.failed === null || unknownFate(one.failed));
  const again = new Set(outbox.value.filter(waits).map((one) => one.conversation));
  if (again.size > 0) set(outbox.value.map((one) => (waits(one) ? { ...one, failed: null } : one)));
  for (const conversation of again) void run(conversation);
}
