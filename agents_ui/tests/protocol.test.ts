import { describe, expect, it } from "vitest";
import { parse, parseEvent } from "../src/shared/protocol";
import { event, item } from "./desk-data";

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
