/** The console's state as signals, and the lists the screens show. Server state changes only through `apply`. */
import { computed, signal } from "@preact/signals";
import type { Event, Id, Item, Me, PersonFile, Session, Snapshot, Thread } from "../shared/protocol";
import { openId } from "./route";
import { applyEvents, fromSnapshot, type State } from "./state";

export type LinkState = "connecting" | "online" | "reconnecting" | "offline";

/** undefined: not asked yet; null: nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined);
export const state = signal<State | null>(null);
export const link = signal<LinkState>("connecting");
/** Milliseconds the service's clock is ahead of this machine's. */
export const skew = signal(0);
/** One ticker for every clock on the screen, once a second, in the service's time. */
export const now = signal(Date.now());

/** The same to the minute, for dates: what shows one is not drawn every second. */
export const minute = computed(() => Math.floor(now.value / 60_000) * 60_000);

export function tick(machine: number): void {
  now.value = machine + skew.value;
}
export function applySnapshot(snapshot: Snapshot, machine: number): void {
  skew.value = snapshot.now - machine;
  now.value = snapshot.now;
  recent = [];
  state.value = fromSnapshot(snapshot);
}
/** The last events, for a thread that was being read while they came by. */
let recent: Event[] = [];
const RECENT = 500;
export function applyFrame(events: readonly Event[], cursor: number): void {
  if (state.value === null) return;
  recent = [...recent, ...events].slice(-RECENT);
  state.value = applyEvents(state.value, events, cursor);
}
/** For the answers to writes and reads, which carry the same whole views as the events do. */
export function apply(change: (state: State) => State): void {
  if (state.value !== null) state.value = change(state.value);
}
export function putThread(thread: Thread): void {
  const missed = recent.filter((event) => event.id > thread.cursor);
  apply((before) => applyEvents({ ...before, threads: { ...before.threads, [thread.conversation.id]: thread } }, missed, 0));
}

/** Grows when a promised call changed: lists of them are read again. */
export const callbacksHeard = signal(0);

// Read beside the state: what the socket only whispers, and files that a thread points to.
export const typing = signal<Readonly<Record<Id, number>>>({});
/** Whether a citizen's chat is open, as last heard; before that, what the thread said. */
export const online = signal<Readonly<Record<Id, boolean>>>({});
export const viewers = signal<Readonly<Record<Id, readonly Id[]>>>({});
export const people = signal<Readonly<Record<Id, PersonFile>>>({});
/** What could not be read: conversation or citizen id → error code. */
export const failures = signal<Readonly<Record<Id, string>>>({});

export const me = computed<Me | null>(() => session.value?.me ?? null);
export const can = (action: string): boolean => me.value?.can.includes(action) ?? false;
export const agent = computed(() => (state.value === null || me.value === null ? null : (state.value.agents[me.value.id] ?? null)));
const items = computed<Item[]>(() => Object.values(state.value?.items ?? {}));

const isMine = (item: Item): boolean => item.owner === me.value?.id && (item.state === "held" || item.state === "wrap_up");
export const isCrisisFlag = (flag: string): boolean => flag.startsWith("crisis") || flag === "emergency";
/** Whether few may read it: its label is kept from lists. */
export const isRestricted = (item: Item): boolean => item.label === null || item.flags.includes("restricted");
export const isCrisis = (item: Item): boolean => item.flags.some(isCrisisFlag);
const RANK: Record<string, number> = { critical: 0, high: 1, normal: 2, low: 3 };

/** What I hold, in the order it came to me: rows never jump under the hand. */
export const mine = computed(() => items.value.filter(isMine).sort((a, b) => a.queued_at - b.queued_at || a.id.localeCompare(b.id)));
/** Offers made to me and not yet answered, the oldest deadline first. */
export const offers = computed(() =>
  items.value
    .filter((item) => item.state === "offered" && item.offer?.agent === me.value?.id)
    .sort((a, b) => (a.offer?.expires_at ?? 0) - (b.offer?.expires_at ?? 0)),
);
/** What waits where I serve: by priority, then by age. */
export const waiting = computed(() =>
  items.value
    .filter((item) => item.state === "waiting" || (item.state === "offered" && item.offer?.agent !== me.value?.id))
    .sort((a, b) => (RANK[a.priority] ?? 2) - (RANK[b.priority] ?? 2) || a.enqueued_at - b.enqueued_at),
);
export const scheduled = computed(() =>
  items.value.filter((item) => item.state === "scheduled").sort((a, b) => (a.due_at ?? a.since) - (b.due_at ?? b.since)),
);
/** What colleagues hold, for those who may see it. */
export const others = computed(() =>
  items.value.filter((item) => (item.state === "held" || item.state === "wrap_up") && !isMine(item)).sort((a, b) => a.since - b.since),
);
export const findings = computed(() =>
  Object.values(state.value?.findings ?? {})
    .filter((one) => one.agent === null || one.agent === me.value?.id || can("work.assign"))
    .sort((a, b) => a.opened_at - b.opened_at),
);
export const alerts = computed(() => {
  const rank: Record<string, number> = { critical: 0, warning: 1, info: 2 };
  return Object.values(state.value?.alerts ?? {}).sort((a, b) => (rank[a.level] ?? 3) - (rank[b.level] ?? 3) || b.at - a.at);
});

/** Up to which message I have read each conversation in this browser; the thread's own mark is newer when it is greater. */
const READ_KEY = "console.read";
function stored(): Record<Id, number> {
  try {
    return JSON.parse(localStorage.getItem(READ_KEY) ?? "{}") as Record<Id, number>;
  } catch {
    return {};
  }
}
export const readSeq = signal<Readonly<Record<Id, number>>>(stored());
export function setRead(conversation: Id, seq: number): boolean {
  if ((readSeq.value[conversation] ?? 0) >= seq) return false;
  const open = new Set(items.value.map((item) => item.conversation));
  const kept = Object.entries(readSeq.value).filter(([id]) => open.has(id));
  readSeq.value = { ...Object.fromEntries(kept), [conversation]: seq };
  localStorage.setItem(READ_KEY, JSON.stringify(readSeq.value));
  return true;
}

/** How many of the citizen's messages in an item of mine nobody has read. */
export function unreadOf(item: Item): number {
  if (item.conversation === null || item.state === "waiting") return 0;
  const thread = state.value?.threads[item.conversation];
  const seen = Math.max(readSeq.value[item.conversation] ?? 0, thread?.conversation.agent_read_seq ?? 0);
  if (thread !== undefined) {
    const later = thread.messages.filter((one) => one.seq > seen && one.author.kind === "citizen").length;
    return later > 0 || (thread.messages.at(-1)?.seq ?? 0) >= item.last_seq ? later : 1;
  }
  return (item.last_citizen_at ?? 0) > (item.last_agent_at ?? 0) && seen < item.last_seq ? 1 : 0;
}
export const unread = computed(() => mine.value.reduce((sum, item) => sum + unreadOf(item), 0));

export const openThread = computed<Thread | null>(() => (openId.value === null ? null : (state.value?.threads[openId.value] ?? null)));
export const openItem = computed<Item | null>(
  () => items.value.find((item) => item.interaction === openId.value) ?? openThread.value?.item ?? null,
);
/** The person the open contact is about; null while unknown. */
export const openPerson = computed<PersonFile | null>(() => {
  const id = openThread.value?.citizen?.id ?? openItem.value?.citizen;
  return id ? (people.value[id] ?? null) : null;
});

export const agentName = (id: Id | null | undefined): string | null => (id ? (state.value?.agents[id]?.name ?? null) : null);
export const queueName = (id: Id | null | undefined): string | null => (id ? (state.value?.queues[id]?.name ?? null) : null);
/** Whether writing to the citizen is mine to do now. */
export const owns = (item: Item | null): boolean => item !== null && item.owner === me.value?.id && item.state === "held";
