import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect, type Link, type LinkOptions, type LinkState } from "../src/shared/socket";

interface Frame { type: string; [more: string]: unknown }

class FakeSocket {
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: Frame[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text) as Frame);
  }
  close(): void {
    this.readyState = 3;
  }
  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  say(frame: Frame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.open();
    this.say({ type: "welcome", cursor: 7 });
  }
  die(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
const last = (): FakeSocket => FakeSocket.all.at(-1)!;

let states: LinkState[];
let frames: Frame[];
let link: Link;
let isOnline: boolean;
let cursor: number | null;

function start(more: Partial<LinkOptions<Frame>> = {}): void {
  link = connect<Frame>({
    path: "/api/v1/chat/socket",
    parse: (text) => JSON.parse(text) as Frame,
    hello: () => ({ type: "hello", cursor }),
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    random: () => 0.5,
    WebSocket: FakeSocket as unknown as new (url: string) => WebSocket,
    ...more,
  });
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_795_000_000_000 });
  FakeSocket.all = [];
  states = [];
  frames = [];
  isOnline = true;
  cursor = null;
  vi.spyOn(navigator, "onLine", "get").mockImplementation(() => isOnline);
});
afterEach(() => {
  link.close();
  vi.useRealTimers();
});

describe("the live socket", () => {
  it("says hello first and is online at the welcome", () => {
    start();
    expect(last().url).toMatch(/^ws:\/\/.*\/api\/v1\/chat\/socket$/);
    expect(link.send({ type: "typing" })).toBe(false);
    last().open();
    expect(last().sent).toEqual([{ type: "hello", cursor: null }]);
    expect(link.send({ type: "typing" })).toBe(false);
    last().say({ type: "welcome", cursor: 7 });
    expect(states).toEqual(["connecting", "online"]);
    expect(link.send({ type: "typing" })).toBe(true);
    expect(last().sent.at(-1)).toEqual({ type: "typing" });
  });

  it("answers a ping and keeps it to itself", () => {
    start();
    last().welcome();
    last().say({ type: "ping" });
    expect(last().sent.at(-1)).toEqual({ type: "pong" });
    expect(frames.map((frame) => frame.type)).toEqual(["welcome"]);
  });

  it("comes back by itself with the cursor of then", () => {
    start();
    last().welcome();
    cursor = 42;
    last().die();
    expect(states.at(-1)).toBe("reconnecting");
    vi.advanceTimersByTime(30_000);
    expect(FakeSocket.all).toHaveLength(2);
    last().open();
    expect(last().sent).toEqual([{ type: "hello", cursor: 42 }]);
  });

  it("waits longer after each failure, between 1 and 30 s, and never the same for everybody", () => {
    const waits: number[] = [];
    for (const dice of [0, 0.999]) {
      FakeSocket.all = [];
      start({ random: () => dice });
      for (let failure = 0; failure < 7; failure += 1) {
        const before = Date.now();
        const count = FakeSocket.all.length;
        last().die();
        while (FakeSocket.all.length === count) vi.advanceTimersByTime(100);
        waits.push(Date.now() - before);
      }
      link.close();
    }
    const [least, most] = [waits.slice(0, 7), waits.slice(7)];
    expect(Math.max(...least)).toBe(1000);
    expect(most).toEqual([...most].sort((a, b) => a - b));
    expect(most.at(-1)).toBeGreaterThan(29_000);
    expect(most.at(-1)).toBeLessThanOrEqual(30_000);
    start();
  });

  it("spreads its return over 15 s when the service restarts", () => {
    start({ random: () => 0.9 });
    last().welcome();
    last().die(1012);
    vi.advanceTimersByTime(13_400);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(200);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("gives up a line that was silent for 45 s, and does not listen to it any more", () => {
    start();
    const old = last();
    old.welcome();
    vi.advanceTimersByTime(44_000);
    old.say({ type: "ping" });
    vi.advanceTimersByTime(44_000);
    expect(states.at(-1)).toBe("online");
    vi.advanceTimersByTime(1_500);
    expect(states.at(-1)).toBe("reconnecting");
    expect(old.readyState).toBe(3);
    old.say({ type: "typing", who: "Ana" });
    expect(frames.map((frame) => frame.type)).toEqual(["welcome"]);
  });

  it("does not try while the machine has no line, and tries at once when it is back", () => {
    start();
    last().welcome();
    isOnline = false;
    dispatchEvent(new Event("offline"));
    expect(states.at(-1)).toBe("offline");
    vi.advanceTimersByTime(24 * 3_600_000);
    expect(FakeSocket.all).toHaveLength(1);
    isOnline = true;
    dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(2);
    last().welcome();
    expect(states.at(-1)).toBe("online");
  });

  it("fetches what it needs before it says hello again after a resync", async () => {
    let give: (value: void) => void = () => undefined;
    start({ onResync: () => new Promise<void>((done) => (give = done)) });
    last().welcome();
    last().say({ type: "resync", reason: "too_old" });
    expect(last().sent.filter((frame) => frame.type === "hello")).toHaveLength(1);
    cursor = 900;
    give();
    await vi.advanceTimersByTimeAsync(0);
    expect(last().sent.at(-1)).toEqual({ type: "hello", cursor: 900 });
  });

  it("starts over when what a resync needs cannot be fetched", async () => {
    start({ onResync: () => Promise.reject(new Error("no line")) });
    last().welcome();
    last().say({ type: "resync" });
    await vi.advanceTimersByTimeAsync(0);
    expect(states.at(-1)).toBe("reconnecting");
  });

  it("stays away when the server will not have us", () => {
    const refused = vi.fn();
    start({ onRefused: refused });
    last().welcome();
    last().die(4401);
    vi.advanceTimersByTime(120_000);
    expect(refused).toHaveBeenCalledExactlyOnceWith(4401);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("skips frames of a shape it does not know", () => {
    start({ parse: () => null });
    last().open();
    last().say({ type: "welcome" });
    expect(frames).toEqual([]);
    expect(states).toEqual(["connecting"]);
  });

  it("is quiet for ever once closed", () => {
    start();
    last().welcome();
    link.close();
    dispatchEvent(new Event("online"));
    vi.advanceTimersByTime(120_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(link.send({ type: "typing" })).toBe(false);
  });
});
