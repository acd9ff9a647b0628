import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "../src/console/api";
import { draft, useDraftsOf } from "../src/console/drafts";
import { discard, outbox, pendingOf, resend, resume, send, settled, taken } from "../src/console/outbox";
import { session, state } from "../src/console/store";
import { fromSnapshot } from "../src/console/state";
import { item, ME, message, NOW, snapshot, thread } from "./desk-data";

interface Sent { client_id: string; text: string; epoch: number }
let sent: Sent[] = [];
let answers: (Response | Error)[] = [];
const ok = (result: unknown) => new Response(JSON.stringify({ result }), { status: 200 });
const refused = (status: number, code: string, data = {}) => new Response(JSON.stringify({ error: { code, message: "", ...data } }), { status });
const settle = async () => {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};

beforeEach(() => {
  sent = [];
  answers = [];
  localStorage.clear();
  outbox.value = [];
  taken.value = {};
  session.value = { me: ME, csrf: "x" };
  state.value = { ...fromSnapshot(snapshot({ items: [item("1", { epoch: 4 })] })), threads: { "c-1": thread("1") } };
  useDraftsOf("ana", NOW);
  api.setWait(() => Promise.resolve());
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    sent.push(JSON.parse(String(init.body)) as Sent);
    const next = answers.shift() ?? ok({ id: "m9", seq: 3 });
    if (next instanceof Error) throw next;
    return next;
  });
});
afterEach(() => vi.unstubAllGlobals());

const write = (text = "Con gusto") => send({ conversation: "c-1", kind: "reply", text }, NOW);

describe("a reply", () => {
  it("carries the epoch last seen, and is pending until its message arrives", async () => {
    write();
    await settle();
    expect(sent).toMatchObject([{ text: "Con gusto", epoch: 4 }]);
    expect(pendingOf("c-1", [], "ana")).toHaveLength(1);
    settled([message(3, { id: "m9" })]);
    expect(outbox.value).toEqual([]);
  });

  it("is sent again with the same id while its fate is unknown", async () => {
    answers = [new TypeError("network"), refused(503, "unavailable"), ok({ message: message(3, { author: { kind: "agent", id: "ana", name: "Ana" } }) })];
    write();
    await settle();
    expect(new Set(sent.map((one) => one.client_id)).size).toBe(1);
    expect(sent).toHaveLength(3);
    expect(state.value?.threads["c-1"]?.messages.map((one) => one.seq)).toEqual([1, 2, 3]);
    expect(outbox.value).toEqual([]);
  });

  it("that was refused says why, and its next try has a new id", async () => {
    answers = [refused(400, "bad_characters")];
    write();
    await settle();
    const first = outbox.value[0];
    expect(first?.failed).toBe("bad_characters");
    resend(first?.clientId ?? "");
    await settle();
    expect(sent[1]?.client_id).not.toBe(sent[0]?.client_id);
  });

  it("that nobody answered keeps its id over a reload", async () => {
    answers = Array.from({ length: 4 }, () => new TypeError("network"));
    write();
    await settle();
    expect(outbox.value[0]?.failed).toBe("no_answer");
    outbox.value = [];
    resume();
    await settle();
    expect(sent.at(-1)?.client_id).toBe(sent[0]?.client_id);
  });

  it("never overtakes an earlier one", async () => {
    answers = [refused(400, "bad_characters")];
    write("uno");
    write("dos");
    await settle();
    expect(sent.map((one) => one.text)).toEqual(["uno"]);
    discard(outbox.value[0]?.clientId ?? "");
  });

  it("goes back to the draft, before what was typed since, when somebody else has the contact", async () => {
    answers = [refused(409, "stale_owner", { owner: "jorge", epoch: 5 })];
    write("uno");
    await settle();
    expect(draft("reply", "c-1").value).toBe("uno");
    expect(taken.value["c-1"]).toBe("jorge");
    expect(outbox.value).toEqual([]);
  });

  it("is not shown twice when its event overtakes its answer", () => {
    outbox.value = [{ clientId: "k", conversation: "c-1", kind: "reply", text: "Con gusto", files: [], mentions: [], whisper: false, at: NOW, failed: null, stored: null }];
    const arrived = message(3, { author: { kind: "agent", id: "ana", name: "Ana" }, text: "Con gusto", at: NOW + 20 });
    expect(pendingOf("c-1", [arrived], "ana")).toEqual([]);
    expect(pendingOf("c-1", [message(3)], "ana")).toHaveLength(1);
  });
});
