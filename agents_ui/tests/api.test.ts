import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as api from "../src/console/api";
import { ME } from "./desk-data";

interface Call { url: string; method: string; headers: Record<string, string>; body: Record<string, unknown> | null }
let calls: Call[] = [];
let answers: (() => Response)[] = [];
const json = (status: number, body: unknown, headers = {}) => () => new Response(JSON.stringify(body), { status, headers });

beforeEach(() => {
  calls = [];
  answers = [];
  api.setWait(() => Promise.resolve());
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    calls.push({ url, method: init.method ?? "GET", headers: init.headers as Record<string, string>, body: init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : null });
    return (answers.shift() ?? json(200, { result: {} }))();
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  api.onUnauthorized(() => undefined);
});

describe("a write", () => {
  it("carries the session's token and a client id of its own", async () => {
    answers = [json(200, { me: ME, csrf: "token-1" })];
    await api.session();
    await api.take("i1");
    await api.take("i1");
    expect(calls[1]).toMatchObject({ url: "/api/v1/commands/work.take", method: "POST", body: { item_id: "i1" } });
    expect(calls[1]?.headers["X-CSRF-Token"]).toBe("token-1");
    expect(calls[1]?.body?.["client_id"]).not.toBe(calls[2]?.body?.["client_id"]);
  });

  it("that is refused is not repeated, and its refusal keeps the service's data", async () => {
    answers = [json(409, { error: { code: "stale_owner", message: "x", owner: "jorge", epoch: 7 } })];
    const error = await api.take("i1").catch((one: unknown) => one);
    expect(error).toBeInstanceOf(api.ApiError);
    expect(error).toMatchObject({ status: 409, code: "stale_owner", data: { owner: "jorge", epoch: 7 }, isTransient: false });
    expect(calls).toHaveLength(1);
  });

  it("that the service could not take is repeated with the same id, three times at most", async () => {
    answers = Array.from({ length: 4 }, () => json(503, { error: { code: "unavailable", message: "" } }));
    await expect(api.take("i1")).rejects.toMatchObject({ status: 503, isTransient: true });
    expect(calls).toHaveLength(4);
    expect(new Set(calls.map((call) => call.body?.["client_id"])).size).toBe(1);
  });

  it("says which fields are wrong, however the service lists them", async () => {
    answers = [json(400, { error: { code: "fields", message: "", fields: { subject: "too_short" } } }), json(400, { error: { code: "capture_incomplete", message: "", fields: ["petition_required"] } })];
    await expect(api.take("a")).rejects.toMatchObject({ fields: { subject: "too_short" } });
    await expect(api.take("a")).rejects.toMatchObject({ fields: { petition_required: "" } });
  });
});

it("an ended session is told once to whoever listens", async () => {
  const ended = vi.fn();
  api.onUnauthorized(ended);
  answers = [json(401, { error: { code: "not_signed_in", message: "" } })];
  await api.snapshot().catch(() => undefined);
  expect(ended).toHaveBeenCalledTimes(1);
});

it("a wrong password is not an ended session", async () => {
  const ended = vi.fn();
  api.onUnauthorized(ended);
  answers = [json(401, { error: { code: "bad_credentials", message: "" } })];
  await expect(api.signIn("ana", "x")).rejects.toMatchObject({ code: "bad_credentials" });
  expect(ended).not.toHaveBeenCalled();
});

it("a read leaves empty filters out of its address", async () => {
  answers = [json(200, { rows: [] })];
  await api.duplicates({ citizen: "", category: "SP01", municipality: "26030", subject: "calle & cruce" });
  expect(calls[0]?.url).toBe("/api/v1/petitions/duplicates?category=SP01&municipality=26030&subject=calle+%26+cruce");
});
