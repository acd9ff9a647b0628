/** The running chat: token, socket, what is on its way. The screens read `now` and call the verbs. */
import { Pending, type Entry } from "../shared/pending";
import { connect, type Link, type LinkState } from "../shared/socket";
import * as api from "./api";
import { apply, EMPTY, know, stored, type Chat } from "./state";
import { durable, recall, remember } from "./storage";
import type { Ack, ChatCallback, Frame, Outgoing } from "./types";
import { parse } from "./wire";

const ANSWER_MS = 15_000;
const FALLBACK_MS = 8_000;
const TYPING_MS = 6_000;
const TYPING_EVERY_MS = 3_000;

export interface Live {
  chat: Chat; link: LinkState; token: string | null;
  /** The last conversation is over and put away: the next message opens another. */
  isPutAway: string | null;
}

export let now: Live = { chat: EMPTY, link: "connecting", token: recall("token"), isPutAway: null };
const watchers = new Set<() => void>();
const set = (part: Partial<Live>): void => {
  now = { ...now, ...part };
  for (const watcher of watchers) watcher();
};
export const watch = (watcher: () => void): (() => void) => {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
};

export const pending = new Pending<Outgoing>("chat.pending", durable, (isElsewhere) => {
  set({});
  if (!isElsewhere) flush(); // What another tab wrote, that tab sends.
});

let link: Link | null = null;
let inFlight: string | null = null;
/** What this tab has sent: another one may take it off the shared list before our answer comes. */
const sent = new Map<string, Entry<Outgoing>>();
let timer: ReturnType<typeof setTimeout> | undefined;
let quiet: ReturnType<typeof setTimeout> | undefined;
let typedAt = 0;

/** Goes live with the token of this browser, if there is one. */
function start(): void {
  const token = now.token;
  if (token === null || link !== null) return;
  link = connect<Frame>({
    path: "/api/v1/chat/socket",
    parse,
    hello: () => ({ type: "hello", token, cursor: now.chat.cursor }),
    onFrame: take,
    onResync: () => set({ chat: { ...now.chat, cursor: null } }),
    onState: (state) => {
      if (state !== "online") inFlight = null;
      set({ link: state });
      flush();
    },
    onRefused: forget,
  });
}

export function enter(token: string): void {
  remember("token", token);
  set({ token });
  start();
}

/** The server does not know us any more: begin anew. What was typed stays and goes out with the next visit. */
export function forget(): void {
  link?.close();
  link = null;
  inFlight = null;
  remember("token", "");
  set({ token: null, chat: EMPTY, link: "connecting" });
}

// Another tab came in, or was told to leave: it is the same person.
addEventListener("storage", (event) => {
  if (event.key !== "chat.token" || event.newValue === now.token) return;
  link?.close();
  link = null;
  set({ token: event.newValue, chat: EMPTY, link: "connecting" });
  start();
});
start();
addEventListener("online", () => flush());

function take(frame: Frame): void {
  if (frame.type === "ack") return settle(frame);
  if (frame.type === "refused") return refused(frame.client_id, frame.code, frame.status ?? 400, frame.retry_after_s);
  set({ chat: apply(now.chat, frame) });
  if (frame.type === "events") {
    for (const event of frame.events) if ("message" in event && event.message.client_id) pending.settle(event.message.client_id);
  }
  if (frame.type === "typing") {
    clearTimeout(quiet);
    quiet = setTimeout(() => set({ chat: { ...now.chat, typing: null } }), TYPING_MS);
  }
  flush();
}

function settle(ack: Ack): void {
  const entry = sent.get(ack.client_id);
  sent.delete(ack.client_id);
  if (inFlight === ack.client_id) inFlight = null;
  set({ chat: stored(now.chat, ack, entry) });
  pending.settle(ack.client_id);
  flush();
}

function refused(id: string, code: string, status: number, retryAfter?: number): void {
  inFlight = null;
  clearTimeout(timer);
  // Too many, or the service is resting: the same words again, later. Anything else is for the person to decide.
  if (status === 429 || status >= 500) timer = setTimeout(flush, 1000 * (retryAfter ?? 5));
  else pending.refuse(id, code);
}

/** Sends the oldest that waits, one at a time so that order holds: by socket, or by HTTP when the socket will not come up. */
function flush(): void {
  const entry = pending.next();
  if (entry === undefined || now.token === null || inFlight === entry.id) return;
  if (inFlight !== null && pending.list().some((one) => one.id === inFlight)) return;
  const body = { client_id: entry.id, text: entry.body.text, attachment_ids: entry.body.files.map((file) => file.id) };
  clearTimeout(timer);
  sent.set(entry.id, entry);
  if (link?.send({ type: "send", ...body }) === true) {
    inFlight = entry.id;
    timer = setTimeout(() => {
      inFlight = null;
      flush();
    }, ANSWER_MS);
  } else timer = setTimeout(() => void post(now.token, body), FALLBACK_MS);
}

async function post(token: string | null, body: { client_id: string; text: string; attachment_ids: string[] }): Promise<void> {
  if (token === null || now.link === "online") return flush();
  inFlight = body.client_id;
  try {
    settle(await api.message(token, body));
    if ((now.link as LinkState) !== "online") set({ chat: know(await api.state(token)) });
  } catch (error) {
    inFlight = null;
    if (!(error instanceof api.ApiError)) throw error;
    if (error.status === 401) forget();
    else refused(body.client_id, error.code, error.status || 503, error.data.retry_after_s ?? FALLBACK_MS / 1000);
  }
}

export const say = (text: string, files: Outgoing["files"] = []): void => void pending.add({ text, files }, Date.now());

/** Tells that somebody is writing; at most once in three seconds. */
export function sayTyping(): void {
  if (Date.now() - typedAt < TYPING_EVERY_MS || now.chat.conversation?.agent == null) return;
  typedAt = Date.now();
  link?.send({ type: "typing" });
}

let readSeq = "";
/** Tells how far the person has read. Only called while the chat is on the screen. */
export function sayRead(seq: number): void {
  const key = `${now.chat.conversation?.id}/${seq}`;
  if (seq > 0 && key !== readSeq && link?.send({ type: "read", seq }) === true) readSeq = key;
}

/** What an answer said of the promised call; the socket says it too. */
export const promised = (callback: ChatCallback): void => set({ chat: { ...now.chat, callback } });

/** Puts a finished conversation away and offers an empty one. */
export const again = (): void => set({ isPutAway: now.chat.conversation?.id ?? null });
