import { beforeEach, describe, expect, it, vi } from "vitest";
import { Pending, type Shelf } from "../src/shared/pending";

const NOW = 1_795_000_000_000;
const KEY = "chat.pending";
const ids = (pending: Pending<string>): string[] => pending.list().map((one) => one.id);

beforeEach(() => localStorage.clear());

describe("what is on its way", () => {
  it("survives a reload, a day later, with its id and its order", () => {
    const before = new Pending<string>(KEY, localStorage);
    const first = before.add("uno", NOW);
    const second = before.add("dos", NOW + 1);
    const after = new Pending<string>(KEY, localStorage);
    expect(ids(after)).toEqual([first.id, second.id]);
    expect(after.next()).toEqual({ id: first.id, at: NOW, body: "uno", failed: null });
  });

  it("keeps the id while nobody answers, and leaves when stored", () => {
    const pending = new Pending<string>(KEY, localStorage);
    const { id } = pending.add("uno", NOW);
    expect(pending.next()?.id).toBe(id);
    expect(pending.next()?.id).toBe(id);
    expect(pending.settle(id)).toBe(true);
    expect(pending.list()).toEqual([]);
    expect(localStorage.getItem(KEY)).toBeNull();
  });

  it("settles only once", () => {
    const pending = new Pending<string>(KEY, localStorage);
    const { id } = pending.add("uno", NOW);
    pending.settle(id);
    expect(pending.settle(id)).toBe(false);
  });

  it("shows a refused one as failed, lets the next pass, and tries again under a new id", () => {
    const pending = new Pending<string>(KEY, localStorage);
    const bad = pending.add("malo", NOW);
    const good = pending.add("bueno", NOW + 1);
    pending.refuse(bad.id, "text_too_long");
    expect(pending.list()[0]?.failed).toBe("text_too_long");
    expect(pending.next()?.id).toBe(good.id);
    pending.retry(bad.id, NOW + 2);
    expect(pending.list().map((one) => one.body)).toEqual(["bueno", "malo"]);
    expect(ids(pending)).not.toContain(bad.id);
    expect(pending.list()[1]?.failed).toBeNull();
  });

  it("is one list for two tabs: the same text goes out under one id", () => {
    const one = new Pending<string>(KEY, localStorage);
    const other = new Pending<string>(KEY, localStorage);
    const { id } = one.add("hola", NOW);
    expect(other.next()?.id).toBe(id);
    other.settle(id);
    expect(one.list()).toEqual([]);
  });

  it("tells a tab when another one changed the list", () => {
    const changed = vi.fn();
    new Pending<string>(KEY, localStorage, changed);
    dispatchEvent(new StorageEvent("storage", { key: KEY }));
    dispatchEvent(new StorageEvent("storage", { key: "other" }));
    expect(changed).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("works from memory where storage is blocked", () => {
    const pending = new Pending<string>(KEY, null);
    const { id } = pending.add("uno", NOW);
    expect(ids(pending)).toEqual([id]);
    pending.settle(id);
    expect(ids(pending)).toEqual([]);
  });

  it("works from memory when storage is full", () => {
    const full: Shelf = { getItem: () => null, removeItem: () => undefined, setItem: () => { throw new DOMException("full", "QuotaExceededError"); } };
    const pending = new Pending<string>(KEY, full);
    const { id } = pending.add("uno", NOW);
    expect(pending.next()?.id).toBe(id);
  });

  it("begins anew over a broken list", () => {
    localStorage.setItem(KEY, '{"not": "a list"');
    const pending = new Pending<string>(KEY, localStorage);
    expect(pending.list()).toEqual([]);
    pending.add("uno", NOW);
    expect(new Pending<string>(KEY, localStorage).list()).toHaveLength(1);
  });
});
