/** What the desk does beside drawing: sign-in to live state, reading what is opened, and the actions with more than one step. */
import { effect, untracked } from "@preact/signals";
import type { Id, Item, ServerFrame, Session, Thread } from "../shared/protocol";
import { parse } from "../shared/protocol";
import { connect, type Link } from "../shared/socket";
import * as api from "./api";
import { useDraftsOf } from "./drafts";
import { resume, settled } from "./outbox";
import { loadReference } from "./reference";
import { deskHash, go, openId } from "./route";
import { putItem, putMessage, type State } from "./state";
import {
  apply, applyFrame, applySnapshot, can, failures, link, me, mine, now, offers, openItem, openThread, owns, people, putThread, session, setRead,
  state, tick, typing, viewers,
} from "./store";

let socket: Link | null = null;
const reading = new Set<string>();
let watched: Id | null = null;
const TYPING_SHOWN_MS = 5000;

const fail = (id: string, error: unknown): void => {
  if (!(error instanceof api.ApiError)) throw error;
  failures.value = { ...failures.value, [id]: error.code };
};
const succeed = (id: string): void => {
  if (!(id in failures.value)) return;
  const { [id]: _, ...rest } = failures.value;
  failures.value = rest;
};

/** Runs a read once at a time, with its failure kept under `id` for the view to say so. */
async function once(id: string, read: () => Promise<void>): Promise<void> {
  if (reading.has(id)) return;
  reading.add(id);
  try {
    await read();
    succeed(id);
  } catch (error) {
    fail(id, error);
  } finally {
    reading.delete(id);
  }
}

/** What stands for the work item of a conversation that never had one, or whose item is gone. */
function endedItem({ conversation, citizen, petitions }: Thread): Item {
  return {
    id: conversation.id, kind: "conversation", channel: conversation.channel, direction: "inbound", interaction: conversation.id,
    conversation: conversation.id, queue: conversation.queue, state: "done", priority: "normal", flags: conversation.flags,
    label: citizen?.label ?? null, language: "", enqueued_at: conversation.opened_at, queued_at: conversation.opened_at, due_at: null,
    since: conversation.opened_at, owner: null, epoch: 0, offer: null, target_s: 0, wrap_until: null, transfers: 0,
    conversation_state: conversation.state, capture: "captured", disposition: null, petitions: petitions.map((row) => row.folio),
    last_citizen_at: null, last_agent_at: null, last_seq: conversation.last_seq, from_agent: null, citizen: citizen?.id ?? null,
  };
}

export const loadThread = (id: Id): Promise<void> =>
  once(id, async () => {
    const fresh = await api.thread(id);
    putThread(fresh.item ? fresh : { ...fresh, item: endedItem(fresh) });
    const citizen = fresh.citizen?.id ?? fresh.item?.citizen;
    if (citizen && openId.value === id) void loadPerson(citizen);
  });

export const loadPerson = (id: Id): Promise<void> =>
  once(id, async () => {
    people.value = { ...people.value, [id]: await api.person(id) };
  });

export const loadOlder = (id: Id): Promise<void> =>
  once(`${id}/older`, async () => {
    const oldest = state.value?.threads[id]?.messages[0]?.seq;
    if (oldest === undefined) return;
    const page = await api.thread(id, oldest);
    apply((before) => {
      const thread = before.threads[id];
      if (thread === undefined) return before;
      const messages = page.messages.reduce(putMessage, thread.messages) as State["threads"][string]["messages"];
      return { ...before, threads: { ...before.threads, [id]: { ...thread, messages, more: page.more } } };
    });
  });

function onFrame(frame: ServerFrame): void {
  switch (frame.type) {
    case "events":
      applyFrame(frame.events, frame.cursor);
      settled(frame.events.flatMap((event) => ("message" in event && event.message ? [event.message] : [])));
      for (const event of frame.events) {
        if (event.type === "reference.changed") void refreshReference();
        if (event.type === "citizen.changed" && "citizen" in event && event.citizen.id in people.value) void loadPerson(event.citizen.id);
        if ("item" in event && event.item !== null && (event.item.state === "done" || event.item.state === "gone") && openItem.value?.id === event.item.id && openId.value !== null) void loadThread(openId.value);
        if ("message" in event && event.message.author.kind === "citizen") stopTyping(event.conversation);
      }
      return;
    case "typing":
      if (frame.who === "citizen") typing.value = { ...typing.value, [frame.conversation]: now.value + TYPING_SHOWN_MS };
      return;
    case "viewers":
      viewers.value = { ...viewers.value, [frame.conversation]: frame.users };
      return;
    default:
  }
}

function stopTyping(conversation: Id): void {
  const { [conversation]: _, ...rest } = typing.value;
  typing.value = rest;
}

async function refreshReference(): Promise<void> {
  await loadReference().catch(() => undefined);
  const fresh = await api.snapshot().catch(() => null);
  if (fresh !== null) apply((before) => ({ ...before, replies: fresh.replies, settings: fresh.settings }));
}

async function readSnapshot(): Promise<number> {
  const fresh = await api.snapshot();
  applySnapshot(fresh, Date.now());
  failures.value = {};
  if (openId.value !== null) void loadThread(openId.value);
  return fresh.cursor;
}

/** From a session to a live desk: snapshot, then the socket from its cursor. */
export async function goLive(): Promise<void> {
  const me = session.value?.me;
  if (me === undefined || me.must_change_password || me.must_enrol_totp) return;
  useDraftsOf(me.id, Date.now());
  try {
    await readSnapshot();
  } catch (error) {
    fail("desk", error);
    return;
  }
  succeed("desk");
  resume();
  socket?.close();
  socket = connect({
    path: "/api/v1/console/socket",
    parse,
    hello: () => ({ type: "hello", cursor: state.value?.cursor ?? null }),
    onFrame,
    onResync: async () => {
      await readSnapshot();
    },
    onState: (next) => {
      link.value = next;
      if (next === "online") resume();
    },
    onRefused: () => void signedOut(),
  });
  void loadReference().catch(() => undefined);
}

/** Somebody signed in, or finished the steps of signing in: keeps the session and starts the desk when nothing is left to do. */
export async function enter(next: Session): Promise<void> {
  session.value = next;
  await goLive();
}

/** First thing on the page: who is here. */
export async function start(): Promise<void> {
  api.onUnauthorized(() => void signedOut());
  try {
    session.value = await api.session();
    await goLive();
  } catch (error) {
    if (error instanceof api.ApiError && error.status === 401) session.value = null;
    else fail("desk", error);
  }
}

function signedOut(): void {
  socket?.close();
  socket = null;
  state.value = null;
  people.value = {};
  session.value = null;
}
export async function leave(): Promise<void> {
  await api.signOut().catch(() => undefined);
  signedOut();
}

/** Keeps what is open and what I hold read, and tells the service what I have seen. Returns how to stop. */
export function followDesk(): () => void {
  const stops = [
    effect(() => {
      const wanted = new Set([...mine.value, ...offers.value].map((item) => item.conversation));
      if (openId.value !== null && state.value !== null) wanted.add(openId.value);
      for (const id of wanted) {
        if (id !== null && state.value?.threads[id] === undefined && failures.value[id] === undefined) void untracked(() => loadThread(id));
      }
    }),
    effect(() => {
      const citizen = openThread.value?.citizen?.id;
      if (citizen && untracked(() => people.value[citizen]) === undefined) void loadPerson(citizen);
    }),
    effect(() => {
      const thread = openThread.value;
      const item = openItem.value;
      const last = thread?.messages.at(-1)?.seq ?? 0;
      if (thread === null || item === null || !owns(item) || last === 0 || now.value < 0 || document.hidden) return;
      untracked(() => {
        if (setRead(thread.conversation.id, last)) void api.markRead(thread.conversation.id, last).catch(() => undefined);
      });
    }),
    effect(() => {
      const item = openItem.value;
      const looked = item !== null && item.conversation !== null && item.owner !== null && item.owner !== me.value?.id && can("conversation.watch") ? item.conversation : null;
      if (looked === watched) return;
      if (watched !== null) watchLive(watched, false);
      watched = looked;
      // The service writes down who looked before it shows anything.
      if (looked !== null) void api.watch(looked).then(() => watchLive(looked, true), () => undefined);
    }),
  ];
  const ticker = setInterval(() => tick(Date.now()), 1000);
  return () => {
    clearInterval(ticker);
    for (const stop of stops) stop();
  };
}

export const openContact = (item: Item | null): void => go(deskHash(item?.interaction ?? null));
/** Puts the answer to a write into the state when it carries the whole view; otherwise its event will. */
export function upsert(item: Item | null | undefined): void {
  if (item != null && "interaction" in item && "state" in item) apply((before) => putItem(before, item));
}

/** Moves to another contact of mine: the next in the list, or the first; nothing when there is none. */
export function stepContact(by: 1 | -1, list: readonly Item[]): void {
  if (list.length === 0) return;
  const at = list.findIndex((item) => item.interaction === openId.value);
  const next = list[at < 0 ? (by > 0 ? 0 : list.length - 1) : (at + by + list.length) % list.length];
  if (next !== undefined) openContact(next);
}

let typedAt = 0;
/** Tells the citizen that somebody is writing; at most once in two seconds. */
export function sayTyping(conversation: Id): void {
  if (now.value - typedAt < 2000) return;
  typedAt = now.value;
  socket?.send({ type: "typing", conversation });
}
export function watchLive(conversation: Id, on: boolean): void {
  socket?.send({ type: on ? "watch" : "unwatch", conversation });
}
