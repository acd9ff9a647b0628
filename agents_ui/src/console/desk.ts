/** What the desk does beside drawing: sign-in to live state, reading what is opened, and the actions with more than one step. */
import type { Id, Item, ServerFrame, Session } from "../shared/protocol";
import { parse } from "../shared/protocol";
import { connect, type Link } from "../shared/socket";
import * as api from "./api";
import { useDraftsOf } from "./drafts";
import { resume, settled, taken } from "./outbox";
import { fail, loadPerson, loadThread, succeed } from "./reads";
import { loadReference } from "./reference";
import { deskHash, go, openId } from "./route";
import { putItem } from "./state";
import {
  apply, applyFrame, applySnapshot, callbacksHeard, failures, link, me, mine, now, openThread, people, session, state, online, typing, viewers,
} from "./store";

let socket: Link | null = null;
const TYPING_SHOWN_MS = 5000;

function onFrame(frame: ServerFrame): void {
  switch (frame.type) {
    case "events": {
      const held = new Map(mine.value.map((item) => [item.id, item]));
      applyFrame(frame.events, frame.cursor);
      settled(frame.events.flatMap((event) => ("message" in event && event.message ? [event.message] : [])));
      for (const event of frame.events) {
        if (event.type === "reference.changed") void refreshReference();
        if (event.type === "callback.changed") callbacksHeard.value += 1;
        if (event.type === "citizen.changed" && "citizen" in event && event.citizen.id in people.value) void loadPerson(event.citizen.id);
        if ("item" in event && event.item !== null && (event.item.state === "done" || event.item.state === "gone")) leftMyHands(event.item.id, held.get(event.item.id));
        if ("message" in event && event.message.author.kind === "citizen") stopTyping(event.conversation);
      }
      return;
    }
    case "typing":
      if (frame.who === "citizen") typing.value = { ...typing.value, [frame.conversation]: now.value + TYPING_SHOWN_MS };
      return;
    case "presence":
      online.value = { ...online.value, [frame.conversation]: frame.online };
      return;
    case "viewers":
      viewers.value = { ...viewers.value, [frame.conversation]: frame.users };
      // From here on it is heard live; what was said before, or while the line was down, was not.
      if (frame.users.includes(me.value?.id ?? "")) void loadThread(frame.conversation);
      return;
    default:
  }
}

/** A contact ended, or somebody else has it: what is on the screen is read again, what is not is forgotten. */
function leftMyHands(id: Id, before: Item | undefined): void {
  const open = openThread.value?.item.id === id ? openId.value : null;
  if (open !== null) {
    if (before?.state === "held") taken.value = { ...taken.value, [open]: "" };
    void loadThread(open);
    return;
  }
  apply((state) => {
    const gone = Object.entries(state.threads).find(([, thread]) => thread.item.id === id)?.[0];
    if (gone === undefined) return state;
    const { [gone]: _, ...threads } = state.threads;
    return { ...state, threads };
  });
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
  // Rights may have changed since signing in.
  if (session.value) session.value = { ...session.value, me: fresh.me };
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

/** Sends a word that may be lost; false when there is no line. */
export const say = (frame: object): boolean => socket?.send(frame) ?? false;

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

export { loadOlder, loadPerson, loadThread } from "./reads";
export { sayTyping, watchLive } from "./follow";
