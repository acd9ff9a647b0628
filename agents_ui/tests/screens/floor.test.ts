import { describe, expect, it } from "vitest";
import type { Agent, Alert, Item, Queue } from "../../src/shared/protocol";
import { agentRows, byHarm, byNeed, dayTotals, ITEMS_CAP, lookOf, queueRows } from "../../src/console/screens/floor/model";

const NOW = 1_795_490_000_000;
const item = (id: string, fields: Partial<Item> = {}): Item => ({
  id, kind: "conversation", channel: "web_chat", direction: "inbound", interaction: id, conversation: id, queue: "q1", state: "waiting", priority: "normal",
  flags: [], label: id, language: "es", enqueued_at: NOW - 30_000, queued_at: NOW - 30_000, due_at: null, since: NOW - 30_000, owner: null, epoch: 0, offer: null,
  target_s: 60, wrap_until: null, transfers: 0, conversation_state: "queued", capture: "pending", disposition: null, petitions: [], last_citizen_at: null,
  last_agent_at: null, last_seq: 1, from_agent: null, citizen: null, ...fields,
});
const agent = (id: string, fields: Partial<Agent> = {}): Agent => ({
  id, name: id, state: "available", reason: null, since: NOW, connected: true, capacity: { chat: 2, voice: 1 }, held: 0, wrap_up: 0, queues: ["q1"], areas: [], ...fields,
});
const queue = (id: string, fields: Partial<Queue> = {}): Queue => ({
  id, name: id, area: "a", is_open: true, opens_at: null, waiting: 0, longest_since: null, target_s: 60, channels: ["web_chat"], priority: 0, ...fields,
});
const alert = (id: string, fields: Partial<Alert> = {}): Alert => ({ id, kind: "long_wait", at: NOW, item: null, level: "warning", data: {}, ...fields });

describe("how an agent stands", () => {
  it("is gone when not connected, whatever the state says", () => {
    expect(lookOf(agent("a", { connected: false }), [])).toBe("gone");
    expect(lookOf(agent("a", { connected: false, state: "paused" }), [])).toBe("gone");
  });
  it("is not alarming for somebody off shift", () => {
    expect(lookOf(agent("a", { connected: false, state: "offline" }), [])).toBe("offline");
  });
  it("is busy at capacity, and wrapping up when nothing else is in hand", () => {
    const held = item("x", { state: "held", owner: "a" });
    expect(lookOf(agent("a"), [held])).toBe("available");
    expect(lookOf(agent("a"), [held, held])).toBe("busy");
    expect(lookOf(agent("a"), [item("x", { state: "wrap_up", owner: "a" })])).toBe("wrap_up");
  });
});

describe("a queue's card", () => {
  const items = [item("new"), item("old", { enqueued_at: NOW - 90_000 }), item("offered", { state: "offered" }), item("held", { state: "held", owner: "a" }), item("other", { queue: "q2" })];
  const rows = queueRows([queue("q1"), queue("q2")], agentRows([agent("a"), agent("b", { state: "paused" }), agent("c", { state: "offline" })], items), items, NOW);
  const first = rows.find((row) => row.queue.id === "q1");

  it("counts what waits and what is offered, and the oldest by its first arrival", () => {
    expect(first?.waiting).toBe(3);
    expect(first?.longestSince).toBe(NOW - 90_000);
    expect(first?.isLate).toBe(true);
    expect(first?.held).toBe(1);
  });
  it("counts who is free among those on shift", () => {
    expect(first?.free).toBe(1);
    expect(first?.staff).toBe(2);
  });
  it("counts for calls only who has nothing in hand", () => {
    const inHand = [item("held", { state: "held", owner: "a" })];
    const rows = queueRows([queue("q1", { channels: ["phone"] })], agentRows([agent("a"), agent("b")], inHand), inHand, NOW);
    expect([rows[0]?.free, rows[0]?.staff]).toEqual([1, 2]);
  });
  it("takes the service's count when there is more than a snapshot carries", () => {
    const many = Array.from({ length: ITEMS_CAP }, (_, index) => item(`i${index}`));
    const [row] = queueRows([queue("q1", { waiting: 734, longest_since: NOW - 5000 })], [], many, NOW);
    expect(row?.waiting).toBe(734);
    expect(row?.longestSince).toBe(NOW - 5000);
  });
  it("comes first when a crisis waits in it", () => {
    const crisis = [item("c", { queue: "q2", flags: ["crisis_life"] })];
    expect(queueRows([queue("q1", { priority: 9 }), queue("q2")], [], crisis, NOW)[0]?.queue.id).toBe("q2");
  });
});

describe("the order of the floor", () => {
  it("puts a crisis before any other alert, then the level, then the oldest", () => {
    const order = byHarm([
      alert("info", { level: "info" }), alert("late", { at: NOW - 1 }), alert("later"), alert("critical", { level: "critical" }), alert("crisis", { kind: "crisis", level: "critical", at: NOW + 9 }),
    ]);
    expect(order.map((one) => one.id)).toEqual(["crisis", "critical", "late", "later", "info"]);
  });
  it("puts a waiting crisis first, then who waits longest, then what is in hand", () => {
    const order = byNeed([
      item("held", { state: "held", enqueued_at: 1 }), item("new"), item("old", { enqueued_at: NOW - 99_000 }), item("crisis", { flags: ["crisis_violence"], enqueued_at: NOW }), item("later", { state: "scheduled" }),
    ]);
    expect(order.map((one) => one.id)).toEqual(["crisis", "old", "new", "held", "later"]);
  });
});

describe("the day's totals", () => {
  it("weigh the service level by what was offered", () => {
    const totals = dayTotals([{ ...queue("a"), offered: 90, answered: 90, abandoned: 0, service_level: 1 }, { ...queue("b"), offered: 10, answered: 5, abandoned: 5, service_level: 0 }]);
    expect(totals).toEqual({ offered: 100, answered: 95, abandoned: 5, level: 0.9 });
  });
  it("have no service level when nothing was offered", () => {
    expect(dayTotals([{ ...queue("a"), offered: 0, service_level: null }]).level).toBeNull();
    expect(dayTotals([]).level).toBeNull();
  });
});
