import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Call, Item } from "../src/shared/protocol";
import { fieldsOf, instantOf, isLive, marksOf } from "../src/console/call";
import { useDraftsOf } from "../src/console/drafts";
import { now } from "../src/console/store";
import CallDialog from "../src/console/views/CallDialog";
import { citizen, item, NOW, petition } from "./desk-data";

const call = (fields: Partial<Call> = {}): Call => ({
  id: "k1", direction: "inbound", purpose: "attention", mode: "desk", state: "in_progress", number: "662 ••• •001", number_kind: "mexican",
  line: null, started_at: NOW, queued_at: null, answered_at: NOW, ended_at: null, held_since: null, talk_s: 0, hold_s: 0, recording: "off",
  menu: null, folio: null, legs: [], transfer: null, order: null, callback: null, ...fields,
} as Call);
const withCall = (fields: Partial<Call> = {}): Item => item("1", { kind: "call", channel: "phone", call: call(fields) });

describe("what may be said of a call", () => {
  it("starts with how a call of ours was met, and then holds or ends it", () => {
    expect(marksOf(withCall({ direction: "outbound", state: "dialling" }))[0]).toBe("answered");
    expect(marksOf(withCall())).toEqual(["hold", "ended", "dropped"]);
    expect(marksOf(withCall({ held_since: NOW }))[0]).toBe("resume");
    expect(marksOf(withCall({ direction: "outbound" }))).toContain("wrong_number");
  });
  it("is nothing once the line is down, and nothing that only the provider knows", () => {
    expect(marksOf(withCall({ state: "completed" }))).toEqual([]);
    expect(marksOf(withCall({ mode: "browser" }))).toEqual([]);
    expect(isLive(withCall({ state: "completed" }))).toBe(false);
    expect(isLive(withCall({ state: "transferring" }))).toBe(true);
    expect(isLive(item("2"))).toBe(false);
  });
});

describe("the day and hour of a call entered late", () => {
  it("are the office's, whatever the zone of the machine", () => {
    expect(instantOf("2026-11-24", "09:12")).toBe(NOW);
    expect(fieldsOf(NOW)).toEqual({ day: "2026-11-24", time: "09:12" });
    expect(fieldsOf(Date.UTC(2026, 10, 25, 6, 5))).toEqual({ day: "2026-11-24", time: "23:05" });
  });
});

describe("the form of a new call", () => {
  const root = document.body.appendChild(document.createElement("div"));
  let sent: Record<string, unknown>[];
  const asked: string[] = [];
  const number = (): HTMLInputElement => root.querySelector("input[type=tel]") as HTMLInputElement;
  const type = (text: string): void => void act(() => {
    number().value = text;
    number().dispatchEvent(new Event("input", { bubbles: true }));
  });
  const settle = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));

  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    useDraftsOf("ana", NOW);
    now.value = NOW;
    sent = [];
    vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
      if (url.includes("/calls/people")) {
        asked.push(url);
        const slow = url.includes("6620000001");
        await new Promise((done) => setTimeout(done, slow ? 500 : 10));
        const people = slow ? [{ citizen: citizen("p1", { label: "María E." }), petitions: [petition("F-1")] }] : [];
        return new Response(JSON.stringify({ people, kind: "mexican" }), { headers: { "Content-Type": "application/json" } });
      }
      sent.push(JSON.parse(String(init.body)) as Record<string, unknown>);
      return new Response(JSON.stringify({ result: { item: { id: "i", conversation: "c" }, call: { id: "k" } } }), { headers: { "Content-Type": "application/json" } });
    });
    void act(() => render(<CallDialog />, root));
  });
  afterEach(() => {
    render(null, root);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("forgets who was chosen when the number becomes another one", async () => {
    type("6620000001");
    await settle(800);
    const choice = root.querySelector<HTMLInputElement>("input[name=call-person]");
    expect(choice?.parentElement?.textContent).toContain("María E.");
    void act(() => choice?.click());
    type("6440000002");
    await settle(300);
    void act(() => void root.querySelector("form")?.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true })));
    await settle(0);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ direction: "inbound", number: "6440000002" });
    expect(sent[0]).not.toHaveProperty("citizen_id");
  });
  it("shows nobody for an answer that came after the number was changed", async () => {
    type("6620000001");
    await settle(300);
    type("6440000002");
    await settle(1000);
    expect(asked.at(-1)).toContain("6440000002");
    expect(root.textContent).not.toContain("María E.");
  });
});
