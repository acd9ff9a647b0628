import { beforeEach, describe, expect, it } from "vitest";
import { parseRoute } from "../src/console/route";
import { cut, highlight } from "../src/console/search";
import { fromSnapshot } from "../src/console/state";
import { applyFrame, mine, offers, owns, putThread, readSeq, session, setRead, state, unreadOf, waiting } from "../src/console/store";
import { urgency } from "../src/console/views/Clock";
import { together } from "../src/console/views/Log";
import { event, item, ME, message, NOW, snapshot, thread } from "./desk-data";

const free = { state: "waiting", owner: null } as const;
beforeEach(() => {
  localStorage.clear();
  readSeq.value = {};
  session.value = { me: ME, csrf: "" };
});
const load = (...items: ReturnType<typeof item>[]): void => {
  state.value = fromSnapshot(snapshot({ items }));
};

describe("the lists", () => {
  it("what waits is in order of priority, then of age", () => {
    load(item("young", { ...free, enqueued_at: 30 }), item("old", { ...free, enqueued_at: 10 }), item("crisis", { ...free, enqueued_at: 40, priority: "critical" }));
    expect(waiting.value.map((one) => one.id)).toEqual(["crisis", "old", "young"]);
  });
  it("an offer to me is no longer in the queue for me, one to a colleague still is", () => {
    const offer = (agent: string) => ({ id: `o-${agent}`, agent, expires_at: NOW + 1000 });
    load(item("1", { ...free, state: "offered", offer: offer("ana") }), item("2", { ...free, state: "offered", offer: offer("jorge") }));
    expect(offers.value.map((one) => one.id)).toEqual(["1"]);
    expect(waiting.value.map((one) => one.id)).toEqual(["2"]);
  });
  it("what I hold keeps its place when its messages change", () => {
    load(item("a", { queued_at: 1, last_citizen_at: NOW }), item("b", { queued_at: 2 }), item("x", { owner: "jorge" }));
    expect(mine.value.map((one) => one.id)).toEqual(["a", "b"]);
  });
  it("only what is held by me is mine to answer", () => {
    expect([owns(item("1")), owns(item("1", { state: "wrap_up" })), owns(item("1", { owner: "jorge" })), owns(null)]).toEqual([true, false, false, false]);
  });
});

describe("unread", () => {
  it("counts the citizen's messages after the last one seen", () => {
    load(item("1", { last_seq: 3 }));
    putThread(thread("1", { messages: [message(1), message(2), message(3)] }));
    expect(unreadOf(item("1", { last_seq: 3 }))).toBe(3);
    setRead("c-1", 2);
    expect(unreadOf(item("1", { last_seq: 3 }))).toBe(1);
    expect(setRead("c-1", 1)).toBe(false);
  });
});

it("a thread that was being read while events came by misses none of them", () => {
  load(item("1"));
  const late = event("message.added", { conversation: "c-1", message: message(3) });
  applyFrame([late], late.id);
  putThread(thread("1", { cursor: late.id - 1, messages: [message(1), message(2)] }));
  expect(state.value?.threads["c-1"]?.messages.map((one) => one.seq)).toEqual([1, 2, 3]);
});

it.each([[10, 60, "quiet"], [44, 60, "quiet"], [45, 60, "near"], [60, 60, "late"], [999, 0, "quiet"], [999, null, "quiet"]] as const)(
  "a wait of %s s against a target of %s is %s", (waited, target, said) => expect(urgency(waited, target)).toBe(said));

it("messages of one author within minutes are one turn; the system's never are", () => {
  const one = message(1, { at: NOW });
  expect(together(one, message(2, { at: NOW + 60_000 }))).toBe(true);
  expect(together(one, message(2, { at: NOW + 6 * 60_000 }))).toBe(false);
  expect(together(one, message(2, { at: NOW, author: { kind: "agent", id: "ana", name: "Ana" } }))).toBe(false);
  const system = { kind: "system", id: null, name: null } as const;
  expect(together(message(1, { author: system }), message(2, { author: system }))).toBe(false);
});

it("an address is read back as it was written, and a broken one opens the desk", () => {
  expect(parseRoute("#/peticiones/CEAC-2026-000001?estado=registered")).toMatchObject({ screen: "peticiones", rest: ["CEAC-2026-000001"] });
  expect(parseRoute("").screen).toBe("bandeja");
  expect(parseRoute("#/%E0%A4%A/x").screen).toBe("%E0%A4%A");
});

it("the match is marked without accents, and every letter of the title stays", () => {
  const title = "Petición de María en Álamos";
  const parts = cut(title, highlight(title, "maria ala"));
  expect(parts.filter((part) => part.marked).map((part) => part.text)).toEqual(["María", "Ála"]);
  expect(parts.map((part) => part.text).join("")).toBe(title);
});
