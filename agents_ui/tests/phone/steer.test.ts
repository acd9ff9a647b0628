import { describe, expect, it } from "vitest";
import { factsOf } from "../../src/console/views/CallFacts";
import { isPending, needsDecision, recordingDeed, stageOf, whyOf } from "../../src/console/call-steer";
import { loudness } from "../../src/console/sound-check";
import { es } from "../../src/console/text/es";
import { phoneEs } from "../../src/console/text/phone.es";
import type { Call, Item } from "../../src/shared/protocol";
import { item, NOW } from "../desk-data";

const withCall = (fields: Partial<Call>): Item => item("1", { kind: "call", channel: "phone", call: {
  id: "k1", direction: "inbound", mode: "browser", state: "in_progress", started_at: NOW - 60_000, queued_at: NOW - 50_000, answered_at: NOW,
  held_since: null, recording: "off", menu: null, legs: [], listeners: [], transfer: null, order: null, callback: null, ...fields } as unknown as Call });
const leg = (user: string | null) => ({ leg: `l-${user}`, user, name: user, joined_at: NOW });
const order = (state: string) => ({ id: "o1", kind: "hold", state, error: null, by: "ana" });

describe("where a call at the provider is", () => {
  it.each([
    ["over", { state: "completed" }],
    ["connecting", { state: "ringing", answered_at: null }],
    ["your_phone", { direction: "outbound", state: "dialling" }],
    ["calling", { direction: "outbound", state: "dialling", legs: [leg("ana")] }],
    ["talking", { legs: [leg("ana"), leg(null)] }],
    ["connecting", { legs: [leg(null)] }],
    ["moving", { state: "transferring", transfer: { kind: "cold", to_kind: "queue" } }],
    ["consult_calling", { state: "transferring", transfer: { kind: "warm", to_kind: "user", answered_at: null } }],
    ["consult_talking", { state: "transferring", transfer: { kind: "warm", to_kind: "user", answered_at: NOW } }],
    ["consult_calling", { state: "transferring", transfer: { kind: "cold", to_kind: "outside", answered_at: null } }],
  ])("is «%s»", (stage, fields) => {
    expect(stageOf(withCall(fields as Partial<Call>), "ana")).toBe(stage);
  });
});

describe("an order", () => {
  it("is on its way, or wants a person, or neither", () => {
    const states = (state: string): boolean[] => [isPending(withCall({ order: order(state) }).call!), needsDecision(withCall({ order: order(state) }).call!)];
    expect(["queued", "sent", "failed", "uncertain"].map(states)).toEqual([[true, false], [true, false], [false, true], [false, true]]);
    expect(needsDecision(withCall({}).call!)).toBe(false);
  });
  it("that failed says why in words that exist, whatever the provider's code", () => {
    for (const code of ["busy", "leg_failed", "21220", "number_abroad", "provider_credentials", "unreachable", "99999", null]) expect(`line.why.${whyOf(code)}` in phoneEs).toBe(true);
  });
});

describe("what is known of a caller", () => {
  it("is their choice and how long they waited", () => {
    expect(factsOf(withCall({ menu: null }))).toHaveLength(1);
    expect(factsOf(withCall({ direction: "outbound" }))).toEqual([]);
    expect(factsOf(item("2"))).toEqual([]);
  });
});

describe("a recording", () => {
  it("is paused or taken up, and nothing where the queue does not record", () => {
    expect(["off", "on", "paused"].map((recording) => recordingDeed(withCall({ recording }).call!))).toEqual([null, "pause", "resume"]);
  });
});

describe("the loudness of a microphone", () => {
  it("is nothing for silence and all for a shout", () => {
    expect(loudness(new Uint8Array(64).fill(128))).toBe(0);
    expect(loudness(new Uint8Array(64).fill(255))).toBe(1);
    expect(loudness(new Uint8Array(0))).toBe(0);
  });
});

it("the telephone's words take nothing from those of the first screen", () => {
  expect(Object.keys(phoneEs).filter((key) => key in es)).toEqual([]);
});
