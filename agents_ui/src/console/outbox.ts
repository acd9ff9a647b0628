/** Replies and notes on their way: each keeps its client id until it is known to be stored, in order per contact, over reloads. */
import { signal } from "@preact/signals";
import type { Attachment, Id, Message } from "../shared/protocol";
import { newId } from "../shared/uuid";
import * as api from "./api";
import { giveBack } from "./drafts";
import { putThreadMessage } from "./state";
import { apply, me, state } from "./store";

export interface Outgoing {
  clientId: string; conversation: Id; kind: "reply" | "note"; text: string; files: Attachment[]; mentions: Id[];
  whisper: boolean; at: number; failed: string | null;
}

export const outbox = signal<readonly Outgoing[]>([]);
/** Why the last write to a contact was refused because somebody else has it: interaction id → that person's id, or "". */
export const taken = signal<Readonly<Record<Id, string>>>({});

const running = new Set<Id>();
const store = (): string => `console.outbox/${me.value?.id ?? ""}`;

function set(next: readonly Outgoing[]): void {
  outbox.value = next;
  if (next.length === 0) localStorage.removeItem(store());
  else localStorage.setItem(store(), JSON.stringify(next));
}
const change = (clientId: string, fields: Partial<Outgoing>): void =>
  set(outbox.value.map((one) => (one.clientId === clientId ? { ...one, ...fields } : one)));

export function discard(clientId: string): void {
  set(outbox.value.filter((one) => one.clientId !== clientId));
}

function stale(one: Outgoing, error: api.ApiError): void {
  const owner = error.data["owner"];
  taken.value = { ...taken.value, [one.conversation]: typeof owner === "string" ? owner : "" };
  for (const mine of outbox.value.filter((other) => other.conversation === one.conversation && other.kind === "reply").reverse()) {
    giveBack("reply", one.conversation, mine.text);
    discard(mine.clientId);
  }
}

function sendOne(one: Outgoing): Promise<{ message: Message }> {
  if (one.kind === "note") return api.note(one.conversation, one.text, one.mentions, one.whisper, one.clientId);
  const epoch = Object.values(state.value?.items ?? {}).find((item) => item.conversation === one.conversation)?.epoch
    ?? state.value?.threads[one.conversation]?.item.epoch ?? 0;
  return api.reply(one.conversation, epoch, one.text, one.files.map((file) => file.id), one.clientId);
}

/** Sends what a contact has waiting, oldest first; stops at the first that fails, so that order holds. */
async function run(conversation: Id): Promise<void> {
  if (running.has(conversation)) return;
  running.add(conversation);
  try {
    for (;;) {
      const one = outbox.value.find((other) => other.conversation === conversation);
      if (one === undefined || one.failed !== null) return;
      try {
        const { message } = await sendOne(one);
        apply((before) => putThreadMessage(before, conversation, message));
        discard(one.clientId);
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
  set([...outbox.value, { files: [], mentions: [], whisper: false, ...fields, clientId: newId(), at, failed: null }]);
  void run(fields.conversation);
}

/** A person repeats a failed one. The same id when its fate is unknown, a new one when it was refused. */
export function resend(clientId: string): void {
  const one = outbox.value.find((other) => other.clientId === clientId);
  if (one === undefined) return;
  const unknown = one.failed === null || one.failed === "no_answer" || one.failed.startsWith("http_5") || one.failed === "try_later";
  change(clientId, { failed: null, clientId: unknown ? clientId : newId() });
  void run(one.conversation);
}

/** An event brought a message of mine: its bubble is no longer pending. */
export function settled(messages: readonly Message[]): void {
  const ids = new Set(messages.map((one) => one.client_id));
  if (outbox.value.some((one) => ids.has(one.clientId))) set(outbox.value.filter((one) => !ids.has(one.clientId)));
}

/** After signing in, or when the line is back: what had no answer is sent again with its own id. */
export function resume(): void {
  if (outbox.value.length === 0) {
    try {
      outbox.value = JSON.parse(localStorage.getItem(store()) ?? "[]") as Outgoing[];
    } catch {
      outbox.value = [];
    }
  }
  const again = new Set(outbox.value.filter((one) => one.failed === null || one.failed === "no_answer").map((one) => one.conversation));
  if (again.size > 0) set(outbox.value.map((one) => (one.failed === "no_answer" ? { ...one, failed: null } : one)));
  for (const conversation of again) void run(conversation);
}
