import { describe, expect, it } from "vitest";
import type { Event, Item } from "../src/shared/protocol";
import { applyEvent, applyEvents, fromSnapshot, putItem, type State } from "../src/console/state";
import { agent, citizen, conversation, event, finding, item, message, petition, queue, snapshot, thread } from "./desk-data";

const withThread = (state: State, id: string, fields = {}): State => ({ ...state, threads: { ...state.threads, [`c-${id}`]: thread(id, fields) } });
const without = (state: State): Omit<State, "cursor"> => {
  const { cursor: _, ...rest } = state;
  return rest;
};

describe("a snapshot and the events after it", () => {
  it("give what a fresh snapshot would give", () => {
    const held = item("1");
    const before = snapshot({ items: [item("1", { state: "waiting", owner: null, epoch: 0 }), item("2")], findings: [finding("f1")] });
    const after = snapshot({
      items: [held, item("3", { state: "waiting", owner: null })], findings: [finding("f2")],
      agents: [agent("ana", { held: 1 }), agent("jorge", { state: "paused", reason: "meal" })], agent: agent("ana", { held: 1 }),
      queues: [queue("chat", { waiting: 1 })],
    });
    const events: Event[] = [
      event("work.taken", { item: held }),
      event("work.finished", { item: { id: "2", state: "done" } }),
      event("work.queued", { item: item("3", { state: "waiting", owner: null }) }),
      event("finding.closed", { finding: finding("f1") }),
      event("finding.opened", { finding: finding("f2") }),
      event("agent.changed", { agent: agent("ana", { held: 1 }) }),
      event("agent.changed", { agent: agent("jorge", { state: "paused", reason: "meal" }) }),
      event("queue.changed", { queue: queue("chat", { waiting: 1 }) }),
    ];
    expect(without(applyEvents(fromSnapshot(before), events, 99))).toEqual(without(fromSnapshot(after)));
  });

  it("end the same when every event comes twice", () => {
    const start = withThread(fromSnapshot(snapshot({ items: [item("1")] })), "1");
    const events = [
      event("message.added", { conversation: "c-1", message: message(3) }),
      event("mention.added", { conversation: "c-1", seq: 3, by: "jorge" }),
      event("petition.changed", { petition: petition("CEAC-2026-000001"), interaction: "c-1" }),
      event("work.wrap_up", { item: item("1", { state: "wrap_up" }) }),
    ];
    const once = events.reduce(applyEvent, start);
    const twice = events.flatMap((one) => [one, one]).reduce(applyEvent, start);
    expect(twice).toEqual(once);
  });

  it("remember the cursor to resume from, which never goes back", () => {
    const state = applyEvents(fromSnapshot(snapshot({ cursor: 50 })), [], 60);
    expect(state.cursor).toBe(60);
    expect(applyEvents(state, [event("agent.changed", { agent: agent("jorge") })], 20).cursor).toBe(60);
  });
});

describe("an item", () => {
  it("leaves the list when it is done or gone, and its open thread says so", () => {
    const start = withThread(fromSnapshot(snapshot({ items: [item("1")] })), "1");
    const gone = applyEvent(start, event("work.transferred", { item: { id: "1", state: "gone" } }));
    expect(gone.items["1"]).toBeUndefined();
    expect(gone.threads["c-1"]?.item).toMatchObject({ state: "done", owner: null });
  });

  it("is not set back by the late answer to an older write", () => {
    const start = fromSnapshot(snapshot({ items: [item("1", { epoch: 3, owner: "jorge" })] }));
    expect(putItem(start, item("1", { epoch: 2 })).items["1"]?.owner).toBe("jorge");
  });

  it("counts a message it has heard of, in a thread that is not open too", () => {
    const start = fromSnapshot(snapshot({ items: [item("1")] }));
    const next = applyEvent(start, event("message.added", { conversation: "c-1", message: message(3, { at: 777 }) }));
    expect(next.items["1"]).toMatchObject({ last_seq: 3, last_citizen_at: 777 } satisfies Partial<Item>);
  });
});

describe("a thread", () => {
  it("keeps its messages in the order of their numbers, whatever order they come in", () => {
    let state = withThread(fromSnapshot(snapshot()), "1", { messages: [message(1)] });
    for (const seq of [4, 2, 3]) state = applyEvent(state, event("message.added", { conversation: "c-1", message: message(seq) }));
    expect(state.threads["c-1"]?.messages.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  it("replaces a message that changed", () => {
    const state = applyEvent(withThread(fromSnapshot(snapshot()), "1"), event("message.changed", { conversation: "c-1", message: message(2, { delivery: "failed" }) }));
    expect(state.threads["c-1"]?.messages).toHaveLength(2);
    expect(state.threads["c-1"]?.messages[1]?.delivery).toBe("failed");
  });

  it("does not take in an event that was already part of it when it was read", () => {
    const state = withThread(fromSnapshot(snapshot()), "1", { cursor: 1_000_000 });
    const next = applyEvent(state, event("conversation.changed", { conversation: conversation("c-1", { state: "queued" }) }));
    expect(next.threads["c-1"]?.conversation.state).toBe("active");
  });

  it("does not show a change on a page that was never read", () => {
    const state = withThread(fromSnapshot(snapshot()), "1", { messages: [message(8), message(9)], more: true });
    const next = applyEvent(state, event("message.changed", { conversation: "c-1", message: message(3) }));
    expect(next.threads["c-1"]?.messages.map((one) => one.seq)).toEqual([8, 9]);
  });

  it("follows its person and its petitions", () => {
    let state = withThread(fromSnapshot(snapshot()), "1", { citizen: citizen("p1"), petitions: [petition("CEAC-2026-000001")] });
    state = applyEvent(state, event("citizen.changed", { citizen: citizen("p1", { label: "Otra" }) }));
    state = applyEvent(state, event("petition.changed", { petition: petition("CEAC-2026-000001", { state: "referred" }) }));
    state = applyEvent(state, event("petition.changed", { petition: petition("CEAC-2026-000002"), interaction: "c-1" }));
    expect(state.threads["c-1"]?.citizen?.label).toBe("Otra");
    expect(state.threads["c-1"]?.petitions.map((row) => [row.folio, row.state])).toEqual([["CEAC-2026-000001", "referred"], ["CEAC-2026-000002", "registered"]]);
  });
});

it("leaves the state alone for an event it does not know", () => {
  const state = fromSnapshot(snapshot());
  expect(without(applyEvent(state, event("weather.changed", {})))).toEqual(without(state));
});
