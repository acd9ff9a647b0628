import { beforeEach, describe, expect, it, vi, afterEach } from "vitest";
import type { Access, Device, DeviceEvents, Leg } from "../../src/console/device";
import type { Permission } from "../../src/console/microphone";
import type { Heard } from "../../src/console/phone-lock";
import type { Call, Item } from "../../src/shared/protocol";
import { allow, answerAsked, asked, dialFrom, expect as expectCall, GRACE_MS, hasProvider, line, phone, setMode, setMuted, setNeeds, start, stop } from "../../src/console/phone";
import { keepDialMode, keepMode } from "../../src/console/phone-choices";
import { fromSnapshot } from "../../src/console/state";
import { link, session, state } from "../../src/console/store";
import { agent, item, ME, NOW, snapshot } from "../desk-data";

const call = (id: string): Call => ({ id, mode: "browser", state: "in_progress", legs: [], listeners: [] }) as unknown as Call;
const withCall = (id: string, fields: Partial<Item> = {}): Item => item(id, { kind: "call", channel: "phone", call: call(`k-${id}`), ...fields });
const holds = (...items: Item[]): void => {
  state.value = fromSnapshot(snapshot({ items }));
};
const leg = (id: string, params: Record<string, string>): Leg => ({ id, call: params["call"] ?? null, params });

let access: Access;
let granted: Permission;
let won: boolean;
let heard: Heard;
let tell: DeviceEvents;
let opened: number;
let deeds: unknown[][];
const rung: boolean[] = [];
const device = new Proxy({}, { get: (_, name) => name === "then" ? undefined : (...facts: unknown[]) => void deeds.push([name, ...facts]) }) as Device;
const settle = (): Promise<void> => vi.advanceTimersByTimeAsync(0) as unknown as Promise<void>;
const ready = async (): Promise<void> => {
  await start();
  tell.onState("ready", null);
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  keepMode("browser");
  keepDialMode("browser");
  access = { kind: "simulator", token: "t", url: "ws://sim", expires_at: NOW + 600_000 };
  granted = "granted";
  won = true;
  opened = 0;
  rung.length = 0;
  link.value = "online";
  deeds = [];
  session.value = { me: ME, csrf: "" };
  holds();
  setNeeds({
    access: async () => access,
    open: async (_, events) => {
      opened += 1;
      tell = events;
      return device;
    },
    permission: async () => granted,
    ask: async () => granted,
    claim: async (_, ears) => {
      heard = ears;
      return won;
    },
    ready: async (on) => void rung.push(on),
    now: () => Date.now(),
  });
});
afterEach(() => {
  stop();
  vi.useRealTimers();
});

describe("becoming a telephone", () => {
  it("happens where there is a provider, the microphone is allowed and no other tab is one", async () => {
    await ready();
    expect(phone.value.state).toBe("ready");
    expect(dialFrom()).toBe("browser");
  });
  it("does not happen without a provider: the desk phone is all there is", async () => {
    access = { kind: "none", token: null, url: null, expires_at: null };
    await start();
    expect([phone.value.state, hasProvider.value, opened, dialFrom()]).toEqual(["off", false, 0, "desk"]);
  });
  it("waits for the person to allow the microphone, and says what to do when they do not", async () => {
    granted = "prompt";
    await start();
    expect(phone.value.state).toBe("permission");
    granted = "denied";
    await allow();
    expect(phone.value).toEqual({ state: "blocked", why: "denied" });
    granted = "granted";
    await allow();
    expect(opened).toBe(1);
  });
  it("wants a microphone, except of the simulator, which carries no sound", async () => {
    granted = "missing";
    await start();
    expect(opened).toBe(1);
    access = { ...access, kind: "twilio" };
    await start();
    expect(phone.value).toEqual({ state: "blocked", why: "missing" });
  });
  it("leaves it to the other tab, and takes over when that one is gone", async () => {
    won = false;
    await start();
    expect([phone.value.state, opened]).toEqual(["elsewhere", 0]);
    won = true;
    heard.free();
    await settle();
    expect(opened).toBe(1);
    heard.lost();
    expect(phone.value.state).toBe("elsewhere");
    expect(deeds.at(-1)).toEqual(["close"]);
  });
  it("is given up for the desk phone, and taken up again", async () => {
    await ready();
    setMode("desk");
    await settle();
    expect([phone.value.state, dialFrom()]).toEqual(["desk", "desk"]);
    setMode("browser");
    await settle();
    expect(opened).toBe(2);
  });
});

describe("the house", () => {
  it("hears when this browser can be rung, when it cannot, and again when it thinks otherwise", async () => {
    await ready();
    tell.onState("reconnecting", "network");
    tell.onState("ready", null);
    expect(rung).toEqual([true, false, true]);
    await settle();
    state.value = { ...state.value!, agents: { ana: agent("ana", { phone: true }) } };
    expect(rung).toHaveLength(3);
    state.value = { ...state.value!, agents: { ana: agent("ana", { phone: false }) } };
    expect(rung).toEqual([true, false, true, true]);
    stop();
    expect(rung.at(-1)).toBe(false);
  });
  it("is told nothing by somebody who has signed out", async () => {
    await ready();
    session.value = null;
    stop();
    expect(rung).toEqual([true]);
  });
});

describe("the token", () => {
  it("is renewed a minute before it ends, while a call goes on", async () => {
    holds(withCall("1"));
    await ready();
    tell.onIncoming(leg("CA1", { call: "k-1" }));
    access = { ...access, token: "next", expires_at: NOW + 1_200_000 };
    await vi.advanceTimersByTimeAsync(539_000);
    expect(deeds.some(([name]) => name === "refresh")).toBe(false);
    await vi.advanceTimersByTimeAsync(2000);
    expect(deeds.find(([name]) => name === "refresh")).toEqual(["refresh", access]);
    expect(line.value?.leg.id).toBe("CA1");
  });
  it("that is refused is asked for again a few times, and then said", async () => {
    await start();
    for (let tries = 0; tries < 3; tries += 1) {
      tell.onState("failed", "token");
      await vi.advanceTimersByTimeAsync(20_000);
    }
    expect(opened).toBe(4);
    tell.onState("failed", "token");
    expect(phone.value).toEqual({ state: "failed", why: "token" });
  });
});

describe("a line that comes in", () => {
  it("is answered by itself when it is the call of what I hold", async () => {
    holds(withCall("1"));
    await ready();
    tell.onIncoming(leg("CA1", { call: "k-1" }));
    expect(deeds.at(-1)).toEqual(["accept", "CA1"]);
    tell.onConnected("CA1");
    setMuted(true);
    tell.onMuted("CA1", true);
    expect([line.value?.connected, line.value?.muted]).toEqual([true, true]);
    tell.onEnded("CA1", "completed");
    expect(line.value).toBeNull();
  });
  it("waits a moment for the event that says it is mine", async () => {
    await ready();
    tell.onIncoming(leg("CA1", { call: "k-1" }));
    await vi.advanceTimersByTimeAsync(GRACE_MS - 1);
    expect(deeds.some(([name]) => name === "accept" || name === "reject")).toBe(false);
    holds(withCall("1"));
    expect(deeds.at(-1)).toEqual(["accept", "CA1"]);
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect(deeds.some(([name]) => name === "reject")).toBe(false);
  });
  it.each([
    ["belongs to nothing", {}],
    ["belongs to a colleague's call", { call: "k-1" }],
    ["is to listen to what I never asked to hear", { call: "k-1", how: "listen" }],
  ])("is refused when it %s", async (_, params) => {
    holds(withCall("1", { owner: "jorge" }));
    await ready();
    tell.onIncoming(leg("CA1", params as unknown as Record<string, string>));
    await vi.advanceTimersByTimeAsync(GRACE_MS);
    expect(deeds.at(-1)).toEqual(["reject", "CA1"]);
    expect(line.value).toBeNull();
  });
  it("is refused while another call is on, and taken when that one has just ended", async () => {
    holds(withCall("1"), withCall("2"));
    await ready();
    tell.onIncoming(leg("CA1", { call: "k-1" }));
    tell.onIncoming(leg("CA2", { call: "k-2" }));
    expect(deeds.filter(([name]) => name === "accept")).toEqual([["accept", "CA1"]]);
    tell.onEnded("CA1", "completed");
    expect(deeds.at(-1)).toEqual(["accept", "CA2"]);
  });
  it("rings for a colleague's word, until I take it, decline it, or they give up", async () => {
    holds(withCall("1", { owner: "jorge", call: { ...call("k-1"), state: "transferring", transfer: { kind: "warm", to_kind: "user", to: "ana" } } }));
    await ready();
    const consult = leg("CA1", { call: "k-1" });
    tell.onIncoming(consult);
    expect(asked.value).toEqual(consult);
    answerAsked(false);
    expect(deeds.at(-1)).toEqual(["reject", "CA1"]);
    tell.onIncoming({ ...consult, id: "CA2" });
    answerAsked(true);
    expect([deeds.at(-1), line.value?.leg.id, asked.value]).toEqual([["accept", "CA2"], "CA2", null]);
    tell.onEnded("CA2", "completed");
    tell.onIncoming({ ...consult, id: "CA3" });
    tell.onEnded("CA3", "canceled");
    expect(asked.value).toBeNull();
  });
  it("is taken for a call that I, a supervisor, asked to hear", async () => {
    holds(withCall("1", { owner: "jorge" }));
    await ready();
    expectCall("k-1");
    tell.onIncoming(leg("CA1", { call: "k-1", how: "listen" }));
    expect(deeds.at(-1)).toEqual(["accept", "CA1"]);
  });
});
