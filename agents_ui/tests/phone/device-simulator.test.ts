import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { open } from "../../src/console/device-simulator";
import type { Access, Device, DeviceEvents } from "../../src/console/device";

/** The simulator's end of the socket, by hand. */
class Line {
  static all: Line[] = [];
  static readonly OPEN = 1;
  readyState = 1;
  sent: Record<string, unknown>[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  constructor(readonly url: string) {
    Line.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}
const ACCESS: Access = { kind: "simulator", token: "t 1", url: "ws://sim/device", expires_at: null };
const told: unknown[][] = [];
const events = new Proxy({}, { get: (_, name) => (...facts: unknown[]) => void told.push([name, ...facts]) }) as DeviceEvents;
const last = (): Line => Line.all.at(-1) as Line;
const ring = (id = "CA1", call: string | null = "k1"): void => last().say({ type: "incoming", call_sid: id, custom_parameters: call === null ? {} : { call } });
let device: Device;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Line);
  Line.all = [];
  told.length = 0;
  device = await open(ACCESS, events);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the simulator's telephone", () => {
  it("shows its token and is ready when the provider says so", () => {
    expect(last().url).toBe("ws://sim/device?token=t%201");
    expect(told).toEqual([["onState", "connecting", null]]);
    last().say({ type: "ready", identity: "ana" });
    expect(told.at(-1)).toEqual(["onState", "ready", null]);
  });

  it("names the call of a line, and speaks only of lines that are there", () => {
    ring();
    expect(told.at(-1)).toEqual(["onIncoming", { id: "CA1", call: "k1", params: { call: "k1" } }]);
    device.accept("CA1");
    device.mute("CA1", true);
    device.digits("CA1", "12#");
    device.hangUp("CA9");
    expect(last().sent).toEqual([{ type: "accept", call_sid: "CA1" }, { type: "mute", muted: true, call_sid: "CA1" }, { type: "digits", digits: "12#", call_sid: "CA1" }]);
  });

  it("ends every line exactly once, also when the socket is lost, and comes back", async () => {
    ring();
    ring("CA2", null);
    last().say({ type: "disconnected", call_sid: "CA1", reason: "completed" });
    last().say({ type: "disconnected", call_sid: "CA1", reason: "completed" });
    last().close();
    expect(told.filter(([name]) => name === "onEnded")).toEqual([["onEnded", "CA1", "completed"], ["onEnded", "CA2", "lost"]]);
    expect(told.at(-1)).toEqual(["onState", "reconnecting", "network"]);
    device.refresh({ ...ACCESS, token: "newer" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(last().url).toContain("token=newer");
    last().say({ type: "ready", identity: "ana" });
    expect(told.at(-1)).toEqual(["onState", "ready", null]);
  });

  it("asks for another token where the old one is of no use, and does not try again with it", async () => {
    last().say({ type: "error", code: 20104, message: "Access token expired" });
    expect(told.at(-1)).toEqual(["onState", "failed", "token"]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.all).toHaveLength(1);
  });

  it("stays down once it is closed, and forgives what it cannot read", async () => {
    last().onmessage?.({ data: "{" });
    last().say({ nothing: true });
    device.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(Line.all).toHaveLength(1);
    expect(told.filter(([name]) => name === "onState")).toHaveLength(1);
  });
});
