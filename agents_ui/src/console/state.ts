/** What the console knows, and the only function that changes it by an event. Pure: no clock, no DOM, no network. */
import type {
  Agent, Alert, Citizen, Conversation, Event, Finding, Id, Item, Me, Mention, Message, MessageEvent, PetitionRow, Queue,
  Reply, Settings, Snapshot, Thread, WorkEvent,
} from "../shared/protocol";

export type ById<T> = Readonly<Record<string, T>>;

export interface State {
  readonly cursor: number;
  readonly me: Me;
  readonly settings: Settings;
  readonly queues: ById<Queue>;
  readonly agents: ById<Agent>;
  readonly items: ById<Item>;
  readonly alerts: ById<Alert>;
  readonly findings: ById<Finding>;
  readonly replies: readonly Reply[];
  readonly mentions: readonly Mention[];
  /** Threads that were opened; the socket keeps them fresh from the cursor they were read at. */
  readonly threads: ById<Thread>;
  readonly waitingTotal: number;
}

export function byId<T extends { id: Id }>(rows: readonly T[]): ById<T> {
  return Object.fromEntries(rows.map((row) => [row.id, row]));
}

/** The state a snapshot stands for. Threads are not part of one: whoever shows one reads it again. */
export function fromSnapshot(snapshot: Snapshot): State {
  return {
    cursor: snapshot.cursor,
    me: snapshot.me,
    settings: snapshot.settings,
    queues: byId(snapshot.queues),
    // Whoever serves no queue is no agent: their snapshot has none.
    agents: byId([...snapshot.agents, ...(snapshot.agent ? [snapshot.agent] : [])]),
    items: byId(snapshot.items),
    alerts: byId(snapshot.alerts),
    findings: byId(snapshot.findings),
    replies: snapshot.replies,
    mentions: snapshot.mentions,
    threads: {},
    waitingTotal: snapshot.waiting_total,
  };
}

const put = <T extends { id: Id }>(rows: ById<T>, row: T): ById<T> => ({ ...rows, [row.id]: row });

function drop<T>(rows: ById<T>, id: Id): ById<T> {
  if (!(id in rows)) return rows;
  const { [id]: _, ...rest } = rows;
  return rest;
}

/** A row as it is now; one whose state is `gone` is no longer there for me. */
function putOrDrop<T extends { id: Id }>(rows: ById<T>, row: T): ById<T> {
  return (row as { state?: unknown }).state === "gone" ? drop(rows, row.id) : put(rows, row);
}

/** `messages` with `message` put in by its `seq`; the same message again replaces what was known of it. */
export function putMessage(messages: readonly Message[], message: Message): Message[] {
  const at = messages.findIndex((one) => one.id === message.id || one.seq === message.seq);
  if (at >= 0) return messages.map((one, index) => (index === at ? { ...one, ...message } : one));
  const after = messages.findLastIndex((one) => one.seq < message.seq);
  return [...messages.slice(0, after + 1), message, ...messages.slice(after + 1)];
}

function onThread(state: State, conversation: Id, event: number, change: (thread: Thread) => Thread): State {
  const thread = state.threads[conversation];
  // A thread may have been read after this event happened: it holds it already.
  if (thread === undefined || (event > 0 && event <= thread.cursor)) return state;
  return { ...state, threads: { ...state.threads, [conversation]: change(thread) } };
}

/** An item as it is now: into the list, and into its thread when one is open. `event` 0 means the answer to a write. */
export function putItem(state: State, item: Item, event = 0): State {
  const known = state.items[item.id];
  // The answer to a write may arrive after the events that followed it, and before those that were on their way.
  if (known !== undefined && known.epoch > item.epoch) return state;
  const next = { ...state, items: item.state === "done" || item.state === "gone" ? drop(state.items, item.id) : put(state.items, item) };
  return item.conversation === null ? next : onThread(next, item.conversation, event, (thread) => ({ ...thread, item }));
}

/** An item that is finished, or no longer mine to see. What its capture lacks, if anything, comes with the thread when it is read again. */
export function goneItem(state: State, id: Id, event = 0): State {
  const known = state.items[id];
  const next: State = { ...state, items: drop(state.items, id) };
  if (!known?.conversation) return next;
  return onThread(next, known.conversation, event, (thread) => ({ ...thread, item: { ...thread.item, state: "done", owner: null, offer: null, capture: "captured" } }));
}

function applyWork(state: State, event: WorkEvent): State {
  return "interaction" in event.item ? putItem(state, event.item, event.id) : goneItem(state, event.item.id, event.id);
}

/** A message as it is now, in its thread when that is open, and the counters of its item. */
export function putThreadMessage(state: State, conversation: Id, message: Message, event = 0): State {
  const next = onThread(state, conversation, event, (thread) => {
    const oldest = thread.messages[0];
    // A change to something on a page that was not read: it comes whole with that page.
    if (thread.more && oldest !== undefined && message.seq < oldest.seq) return thread;
    return { ...thread, messages: putMessage(thread.messages, message) };
  });
  const item = Object.values(next.items).find((one) => one.conversation === conversation);
  if (item === undefined || message.seq <= item.last_seq) return next;
  const times =
    message.author.kind === "citizen" ? { last_citizen_at: message.at }
    : message.author.kind === "agent" ? { last_agent_at: message.at } : {};
  return { ...next, items: put(next.items, { ...item, ...times, last_seq: message.seq }) };
}

function applyConversation(state: State, conversation: Conversation, event: number): State {
  return onThread(state, conversation.id, event, (thread) => ({ ...thread, conversation }));
}

function applyCitizen(state: State, citizen: Citizen): State {
  const holds = Object.entries(state.threads).filter(([, thread]) => thread.citizen?.id === citizen.id || thread.item.citizen === citizen.id);
  if (holds.length === 0) return state;
  return { ...state, threads: { ...state.threads, ...Object.fromEntries(holds.map(([id, thread]) => [id, { ...thread, citizen }])) } };
}

/** A petition as it is now, in every open thread that shows it, and in the one it was just linked with. */
export function putPetition(state: State, petition: PetitionRow, interaction?: Id): State {
  let threads = state.threads;
  for (const [id, thread] of Object.entries(state.threads)) {
    const at = thread.petitions.findIndex((row) => row.folio === petition.folio);
    if (at >= 0) threads = { ...threads, [id]: { ...thread, petitions: thread.petitions.map((row, index) => (index === at ? petition : row)) } };
    else if (id === interaction) threads = { ...threads, [id]: { ...thread, petitions: [...thread.petitions, petition] } };
  }
  return threads === state.threads ? state : { ...state, threads };
}

function applyOne(state: State, event: Event): State {
  if (event.type.startsWith("work.")) return applyWork(state, event as WorkEvent);
  switch (event.type) {
    case "message.added":
    case "message.changed": {
      const { conversation, message } = event as MessageEvent;
      return putThreadMessage(state, conversation, message, event.id);
    }
    case "conversation.changed":
      return applyConversation(state, (event as Event & { conversation: Conversation }).conversation, event.id);
    case "agent.changed":
      return { ...state, agents: putOrDrop(state.agents, (event as { agent: Agent }).agent) };
    case "queue.changed":
      return { ...state, queues: putOrDrop(state.queues, (event as { queue: Queue }).queue) };
    case "petition.changed": {
      const { petition, interaction } = event as { petition: PetitionRow; interaction?: Id };
      return putPetition(state, petition, interaction);
    }
    case "citizen.changed":
      return applyCitizen(state, (event as { citizen: Citizen }).citizen);
    case "alert.raised":
      return { ...state, alerts: put(state.alerts, (event as { alert: Alert }).alert) };
    case "alert.cleared":
      return { ...state, alerts: drop(state.alerts, (event as { alert: Alert }).alert.id) };
    case "finding.opened":
      return { ...state, findings: put(state.findings, (event as { finding: Finding }).finding) };
    case "finding.closed":
      return { ...state, findings: drop(state.findings, (event as { finding: Finding }).finding.id) };
    case "mention.added": {
      const { conversation, seq, at, by } = event as Mention & { at: number };
      if (state.mentions.some((one) => one.conversation === conversation && one.seq === seq)) return state;
      return { ...state, mentions: [...state.mentions, { conversation, seq, at, by }] };
    }
    default:
      return state;
  }
}

/** The state after one event. Events are whole views: applying one twice, or missing one that was overtaken, does no harm. */
export function applyEvent(state: State, event: Event): State {
  const next = applyOne(state, event);
  return event.id > next.cursor ? { ...next, cursor: event.id } : next;
}

/** The state after a whole frame. */
export function applyEvents(state: State, events: readonly Event[], cursor: number): State {
  const next = events.reduce(applyEvent, state);
  return cursor > next.cursor ? { ...next, cursor } : next;
}
