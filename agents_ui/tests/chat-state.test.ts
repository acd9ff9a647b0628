import { describe, expect, it } from "vitest";
import { apply, EMPTY, fate, know, put, stored, type Chat } from "../src/chat/state";
import type { ChatEvent, Conversation, Message } from "../src/chat/types";
import { parse } from "../src/chat/wire";

const conversation = (more: Partial<Conversation> = {}): Conversation => ({
  id: "c1", state: "queued", agent: null, last_seq: 0, agent_read_seq: 0, closed_at: null, can_write: true, survey: "no", crisis: null, ...more,
});
const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`, seq, at: 1000 + seq, text: `texto ${seq}`, attachments: [], delivery: "sent", author: { kind: "agent", name: "Ana" }, ...more,
});
const events = (cursor: number, ...list: Omit<ChatEvent, "id">[]): { type: "events"; cursor: number; events: ChatEvent[] } =>
  ({ type: "events", cursor, events: list.map((event, place) => ({ id: cursor - list.length + place + 1, ...event }) as ChatEvent) });
const added = (one: Message): Omit<ChatEvent, "id"> => ({ type: "message.added", message: one }) as Omit<ChatEvent, "id">;
const changed = (one: Conversation): Omit<ChatEvent, "id"> => ({ type: "chat.changed", conversation: one }) as Omit<ChatEvent, "id">;

const known = (messages: Message[] = [], more: Partial<Conversation> = {}): Chat =>
  apply(EMPTY, { type: "welcome", cursor: 10, state: { cursor: 10, visitor: "v", conversation: conversation(more), messages } });
const seqs = (chat: Chat): number[] => chat.messages.map((one) => one.seq);

describe("the state of the chat", () => {
  it("is known at the welcome, from what the server says", () => {
    const chat = known([message(2), message(1)]);
    expect(chat.isKnown).toBe(true);
    expect(chat.cursor).toBe(10);
    expect(seqs(chat)).toEqual([1, 2]);
  });

  it("keeps what it has when the welcome only resumes", () => {
    const chat = apply(known([message(1)]), { type: "welcome", cursor: 10 });
    expect(seqs(chat)).toEqual([1]);
    expect(chat.cursor).toBe(10);
  });

  it("shows each message once and in order, however often and in whatever order it comes", () => {
    let chat = known();
    for (const seq of [3, 1, 2, 3, 1]) chat = apply(chat, events(11, added(message(seq))));
    expect(seqs(chat)).toEqual([1, 2, 3]);
  });

  it("moves the cursor forward only", () => {
    const chat = apply(apply(known(), events(20, added(message(1)))), events(15, added(message(1))));
    expect(chat.cursor).toBe(20);
  });

  it("puts an acknowledged message of ours in its place, once, also when the event brings it too", () => {
    const entry = { id: "client-1", at: 1, body: { text: "hola", files: [] }, failed: null };
    const ack = { client_id: "client-1", conversation: "c1", seq: 2, id: "m2", at: 1002 };
    let chat = stored(known([message(1)]), ack, entry);
    chat = stored(chat, ack, undefined);
    chat = apply(chat, events(12, added(message(2, { author: { kind: "citizen", name: null }, client_id: "client-1" }))));
    expect(seqs(chat)).toEqual([1, 2]);
    expect(chat.messages[1]).toMatchObject({ client_id: "client-1", text: "texto 2" });
  });

  it("keeps the client id when a later view of the message lacks it", () => {
    const first = put([], message(1, { client_id: "client-1" }));
    expect(put(first, message(1, { delivery: "read" }))[0]).toMatchObject({ client_id: "client-1", delivery: "read" });
  });

  it("opens the conversation with the first acknowledged message", () => {
    const entry = { id: "client-1", at: 1, body: { text: "hola", files: [] }, failed: null };
    const chat = stored({ ...EMPTY, isKnown: true, cursor: 1 }, { client_id: "client-1", conversation: "c9", seq: 1, id: "m1", at: 5 }, entry);
    expect(chat.conversation).toMatchObject({ id: "c9", can_write: true });
    expect(chat.messages).toHaveLength(1);
  });

  it("starts a second conversation with its own messages only", () => {
    const entry = { id: "client-2", at: 1, body: { text: "otra vez", files: [] }, failed: null };
    let chat = known([message(1), message(2)], { state: "closed", can_write: false });
    chat = stored(chat, { client_id: "client-2", conversation: "c2", seq: 1, id: "n1", at: 9 }, entry);
    expect(chat.messages.map((one) => one.id)).toEqual(["n1"]);
    chat = apply(chat, events(30, changed(conversation({ id: "c2" })), added(message(2, { id: "n2" }))));
    expect(chat.messages.map((one) => one.id)).toEqual(["n1", "n2"]);
  });

  it("keeps what came before the view of its conversation did", () => {
    const early = { type: "message.added", message: message(2, { author: { kind: "system", name: null } }), conversation: "c1" } as Omit<ChatEvent, "id">;
    const nothing = { ...EMPTY, isKnown: true, cursor: 1 };
    for (const chat of [apply(nothing, events(5, early, changed(conversation()))), apply(nothing, events(5, added(message(2)), changed(conversation())))]) {
      expect(chat.messages).toMatchObject([{ id: "m2", conversation: "c1" }]);
    }
    const second = apply(known([message(1)], { state: "closed" }), events(12, { ...early, conversation: "c2" } as Omit<ChatEvent, "id">, changed(conversation({ id: "c2" }))));
    expect(second.messages).toMatchObject([{ id: "m2", conversation: "c2" }]);
  });

  it("remembers the place in line while waiting and forgets it when somebody answers", () => {
    let chat = apply(known(), { type: "place", position: 3, wait_s: 240 });
    chat = apply(chat, events(12, changed(conversation({ last_seq: 1 }))));
    expect(chat.conversation).toMatchObject({ position: 3, wait_s: 240 });
    chat = apply(chat, events(13, changed(conversation({ state: "active", agent: { name: "Ana", area: null } }))));
    expect(chat.conversation).toMatchObject({ position: null, wait_s: null });
  });

  it("stops saying that somebody types when their message is here", () => {
    const chat = apply(known([], { agent: { name: "Ana", area: null } }), { type: "typing", who: "Ana" });
    expect(chat.typing).toBe("Ana");
    expect(apply(chat, events(12, added(message(1)))).typing).toBeNull();
  });

  it("equals a fresh snapshot after the same events", () => {
    const last = conversation({ state: "active", agent: { name: "Ana", area: "Call Center" }, last_seq: 3 });
    const chat = apply(known(), events(13, added(message(1)), added(message(2)), changed(last), added(message(3))));
    const fresh = know({ cursor: 13, visitor: "v", conversation: { ...last, position: null, wait_s: null }, messages: [message(1), message(2), message(3)] });
    expect(chat).toEqual(fresh);
  });

  it("claims of a message only what is known", () => {
    const own = message(2, { author: { kind: "citizen", name: null }, conversation: "c1" });
    expect(fate(own, conversation({ agent_read_seq: 1 }))).toBe("sent");
    expect(fate({ ...own, delivery: "delivered" }, conversation())).toBe("delivered");
    expect(fate(own, conversation({ agent_read_seq: 2 }))).toBe("read");
    expect(fate(own, conversation({ id: "another", agent_read_seq: 9 }))).toBe("sent");
  });
});

describe("frames from the server", () => {
  it("are skipped when they are broken or unknown", () => {
    for (const text of ["", "null", "[]", "{", '{"type":"news"}', '{"type":"ack"}', '{"type":"events","cursor":"1","events":[]}']) expect(parse(text)).toBeNull();
  });

  it("lose only the events that are not understood", () => {
    const frame = parse(JSON.stringify({ type: "events", cursor: 3, events: [null, 7, { type: "weather" }, { id: 3, type: "message.added", message: message(1) }, { type: "message.added" }] }));
    expect(frame).toMatchObject({ type: "events", cursor: 3, events: [{ id: 3 }] });
  });
});
