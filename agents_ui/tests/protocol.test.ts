import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applyEvents, fromSnapshot, type State } from "../src/console/state";
import { parse, parseEvent, type Item, type Snapshot } from "../src/shared/protocol";
import { event, item } from "./desk-data";

const GOLDEN = "../tests/events";
const text = (value: unknown): string => JSON.stringify(value);

describe("a frame", () => {
  it.each(["", "null", "[]", "{}", "{", '"hello"', '{"type":5}', '{"type":"later"}', '{"type":"events"}', '{"type":"events","cursor":"1","events":[]}', '{"type":"welcome"}', '{"type":"viewers","conversation":"c"}'])(
    "of a broken or unknown shape is dropped: %s",
    (raw) => expect(parse(raw)).toBeNull(),
  );

  it("keeps the events it knows and skips the others, in order", () => {
    const known = [event("work.taken", { item: item("1") }), event("reference.changed", { what: "replies" })];
    const frame = parse(text({ type: "events", cursor: 77, events: [known[0], { id: 1, type: "weather.changed" }, { type: "work.taken" }, null, known[1]] }));
    expect(frame).toEqual({ type: "events", cursor: 77, events: known });
  });

  it("that only says something is passed on", () => {
    for (const frame of [{ type: "ping" }, { type: "resync", reason: "slow" }, { type: "typing", conversation: "c", who: "citizen" }]) expect(parse(text(frame))).toEqual(frame);
  });
});

describe("an event", () => {
  it.each([
    ["work.taken", {}], ["work.taken", { item: null }], ["message.added", { conversation: "c" }], ["message.added", { conversation: "c", message: { id: "m" } }],
    ["agent.changed", { agent: {} }], ["petition.changed", { petition: { id: "x" } }], ["citizen.changed", { citizen: [] }],
  ])("%s that lacks what applying it needs is dropped", (type, payload) => expect(parseEvent(event(type, payload))).toBeNull());
});

// The same files the service's own tests fold (tests/support/fold.py): a change of shape on one side fails on the other.
interface View { viewer: string; before: Snapshot; after: Snapshot; frames: { type: string; events?: unknown[] }[]; inside: string[] }
const golden = existsSync(GOLDEN) ? readdirSync(GOLDEN).filter((name) => name.endsWith(".json")) : [];

/** What a console works out by itself from items, agents and the time of day. */
const COUNTED = ["waiting", "longest_since", "agents_available", "is_open", "opens_at"];
/** What only those inside of a conversation hear. */
const LAST_WORDS = ["last_seq", "last_citizen_at", "last_agent_at"];
/** Why somebody waits is told to the floor alone. */
const FLOOR_ONLY = ["skipped"];
const without = (row: object, names: readonly string[]): object => Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
const each = (rows: object, names: (row: Item) => readonly string[]): object =>
  Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, without(row as object, names(row as Item))]));

function shown(state: State, inside: readonly string[], floor: boolean): object {
  const told = floor ? [] : FLOOR_ONLY;
  return {
    items: each(state.items, (row) => (inside.includes(row.conversation ?? "") ? told : [...LAST_WORDS, ...told])),
    queues: each(state.queues, () => COUNTED),
    agents: state.agents,
    alerts: state.alerts,
    findings: state.findings,
    mentions: Object.fromEntries(state.mentions.map((one) => [`${one.conversation}/${one.seq}`, one])),
  };
}

describe.skipIf(golden.length === 0)("the golden frames", () => {
  const views = golden.flatMap((name) =>
    (JSON.parse(readFileSync(`${GOLDEN}/${name}`, "utf8")) as { views: View[] }).views.map((view) => [name, view.viewer, view] as const));

  it.each(views)("of %s for a %s are all understood", (_name, _viewer, view) => {
    for (const raw of view.frames) {
      const frame = parse(text(raw));
      expect(frame).not.toBeNull();
      if (frame?.type === "events") expect(frame.events).toHaveLength(raw.events?.length ?? -1);
    }
  });

  it.each(views)("of %s for a %s lead from the snapshot before to the one after", (_name, _viewer, view) => {
    const frames = view.frames.map((raw) => parse(text(raw)));
    if (frames.some((frame) => frame?.type === "resync")) return;
    const folded = frames.reduce((state, frame) => (frame?.type === "events" ? applyEvents(state, frame.events, frame.cursor) : state), fromSnapshot(view.before));
    const floor = view.viewer === "supervisor";
    expect(shown(folded, view.inside, floor)).toEqual(shown(fromSnapshot(view.after), view.inside, floor));
  });
});
