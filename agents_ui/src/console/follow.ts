/** What follows the state by itself: what is held gets read, what was read is told, who looks is written down. */
import { effect, untracked } from "@preact/signals";
import type { Id } from "../shared/protocol";
import * as api from "./api";
import { say } from "./desk";
import { loadPerson, loadThread } from "./reads";
import { openId } from "./route";
import { can, failures, link, me, mine, now, offers, openItem, openThread, owns, people, setRead, state, tick } from "./store";

let watched: Id | null = null;
const filled = new Map<Id, number>();

/** Keeps what is open and what I hold read, and tells the service what I have seen. Returns how to stop. */
export function followDesk(): () => void {
  const stops = [
    effect(() => {
      const wanted = new Set([...mine.value, ...offers.value].map((item) => item.conversation));
      if (openId.value !== null && state.value !== null) wanted.add(openId.value);
      for (const id of wanted) {
        if (id !== null && state.value?.threads[id] === undefined && failures.value[id] === undefined) void untracked(() => loadThread(id));
      }
      // What was said while somebody else had the contact never came here: the thread is read again, once for each gap.
      for (const { conversation, last_seq } of mine.value) {
        const thread = conversation === null ? undefined : state.value?.threads[conversation];
        if (conversation === null || thread === undefined || (thread.messages.at(-1)?.seq ?? 0) >= last_seq || filled.get(conversation) === last_seq) continue;
        filled.set(conversation, last_seq);
        void untracked(() => loadThread(conversation));
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
    effect(() => {
      if (link.value === "online" && watched !== null) watchLive(watched, true);
    }),
  ];
  const ticker = setInterval(() => tick(Date.now()), 1000);
  return () => {
    clearInterval(ticker);
    for (const stop of stops) stop();
  };
}

let typedAt = 0;
/** Tells the citizen that somebody is writing; at most once in two seconds. */
export function sayTyping(conversation: Id): void {
  if (now.value - typedAt < 2000) return;
  typedAt = now.value;
  say({ type: "typing", conversation });
}
export function watchLive(conversation: Id, on: boolean): void {
  say({ type: on ? "watch" : "unwatch", conversation });
}
