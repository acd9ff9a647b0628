/** What the server has told this chat. Pure: a frame in, the next state out; repeats and skips do no harm. */
import type { Entry } from "../shared/pending";
import type { Ack, ChatCallback, ChatState, Conversation, Frame, Message, Outgoing } from "./types";

export interface Chat {
  /** Where to resume; null asks for everything. */
  cursor: number | null;
  conversation: Conversation | null;
  messages: readonly Message[];
  typing: string | null;
  /** The call that was promised to this visitor. */
  callback: ChatCallback | null;
  /** False until the server has said once what there is. */
  isKnown: boolean;
}

export const EMPTY: Chat = { cursor: null, conversation: null, messages: [], typing: null, callback: null, isKnown: false };

/** Puts a message in its place by `seq`; the same one again, by id or by client id, replaces what is there. */
export function put(messages: readonly Message[], message: Message): readonly Message[] {
  const isSame = (one: Message): boolean => one.id === message.id || (message.client_id != null && one.client_id === message.client_id);
  const known = messages.find(isSame);
  const next = known === undefined ? message : { ...message, client_id: message.client_id ?? known.client_id ?? null };
  return [...messages.filter((one) => !isSame(one)), next].sort((a, b) => a.seq - b.seq);
}

/** Takes a conversation's newest view. Another conversation than before starts with its own messages only; some may be here already. */
function follow(chat: Chat, fresh: Conversation): Chat {
  const before = chat.conversation?.id === fresh.id ? chat.conversation : null;
  const isWaiting = ["queued", "assigned"].includes(fresh.state);
  return {
    ...chat,
    conversation: { position: isWaiting ? before?.position ?? null : null, wait_s: isWaiting ? before?.wait_s ?? null : null, ...fresh },
    messages: before === null ? chat.messages.filter((one) => (one.conversation ?? fresh.id) === fresh.id).map((one) => ({ ...one, conversation: fresh.id })) : chat.messages,
    typing: fresh.agent === null ? null : chat.typing,
  };
}

const OPENED = { state: "started", agent: null, last_seq: 0, agent_read_seq: 0, closed_at: null, can_write: true, survey: "no", crisis: null } as const;

/** The whole state as the server sees it. */
export function know(state: ChatState): Chat {
  const id = state.conversation?.id;
  return {
    ...EMPTY,
    cursor: state.cursor,
    conversation: state.conversation,
    callback: state.callback ?? null,
    messages: state.messages.map((one) => ({ ...one, conversation: id })).sort((a, b) => a.seq - b.seq),
    isKnown: true,
  };
}

/** Our own message, stored: from here on it has a place. */
export function stored(chat: Chat, ack: Ack, entry: Entry<Outgoing> | undefined): Chat {
  const next = chat.conversation?.id === ack.conversation ? chat : follow(chat, { ...OPENED, id: ack.conversation });
  if (entry === undefined) return next;
  const message: Message = {
    id: ack.id, seq: ack.seq, at: ack.at, text: entry.body.text, attachments: entry.body.files, delivery: "sent",
    author: { kind: "citizen", name: null }, client_id: entry.id, conversation: ack.conversation,
  };
  return next.messages.some((one) => one.id === ack.id) ? next : { ...next, messages: put(next.messages, message) };
}

/** Applies a frame of the socket. Acks and refusals are not here: they need what was sent (`stored`). */
export function apply(chat: Chat, frame: Frame): Chat {
  switch (frame.type) {
    case "welcome":
      return frame.state === undefined ? { ...chat, cursor: chat.cursor ?? frame.cursor, isKnown: true } : know({ ...frame.state, cursor: frame.cursor });
    case "events": {
      let next = chat;
      for (const event of frame.events) {
        if (event.type === "chat.changed") {
          if (event.conversation !== null) next = follow(next, event.conversation);
          if (event.callback !== undefined) next = { ...next, callback: event.callback };
        }
        else {
          const message = { ...event.message, conversation: event.conversation ?? next.conversation?.id };
          next = { ...next, messages: put(next.messages, message), typing: message.author.kind === "agent" ? null : next.typing };
        }
      }
      return { ...next, cursor: Math.max(frame.cursor, chat.cursor ?? 0) };
    }
    case "typing":
      return { ...chat, typing: frame.who };
    case "place":
      return chat.conversation === null ? chat : { ...chat, conversation: { ...chat.conversation, position: frame.position, wait_s: frame.wait_s } };
    default:
      return chat;
  }
}

export type Fate = "read" | "delivered" | "sent";
/** How far one of our stored messages is known to have come. */
export function fate(message: Message, conversation: Conversation | null): Fate {
  if (message.delivery === "read" || (conversation !== null && conversation.id === message.conversation && conversation.agent_read_seq >= message.seq)) return "read";
  return message.delivery === "delivered" ? "delivered" : "sent";
}
/** The last place in the conversation that is not our own: what «read» may claim. */
export const lastSeq = (chat: Chat): number => chat.messages.at(-1)?.seq ?? 0;
