/**
 * Writes on their way: kept until the server has said that it stored them, over reloads and days without a line.
 *
 * The list lives in storage, which the tabs of one browser share; two tabs may both send an entry, and its client id makes
 * that one write. An entry keeps its id while its fate is unknown (no answer, 5xx) and gets a new one after a refusal (4xx).
 */
import { newId } from "./uuid";

export interface Entry<T> { id: string; at: number; body: T; failed: string | null }
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export class Pending<T> {
  readonly #key: string;
  readonly #shelf: Shelf | null;
  readonly #onChange: (isElsewhere: boolean) => void;
  #memory: readonly Entry<T>[] = [];
  #isShelved = true;

  /** `shelf` is null where storage is blocked: the list then lives as long as the page. `onChange` hears whose change it was. */
  constructor(key: string, shelf: Shelf | null, onChange: (isElsewhere: boolean) => void = () => undefined) {
    this.#key = key;
    this.#shelf = shelf;
    this.#onChange = onChange;
    globalThis.addEventListener?.("storage", (event) => {
      if ((event as StorageEvent).key === key) onChange(true);
    });
  }

  /** All entries, oldest first. */
  list(): readonly Entry<T>[] {
    if (this.#shelf === null || !this.#isShelved) return this.#memory;
    try {
      const value: unknown = JSON.parse(this.#shelf.getItem(this.#key) ?? "[]");
      return Array.isArray(value) ? (value.filter((one) => typeof one?.id === "string") as Entry<T>[]) : [];
    } catch {
      return this.#memory;
    }
  }

  /** The entry to send now: the oldest, unless it failed and waits for a person. Order is kept, so nothing overtakes it. */
  next(): Entry<T> | undefined {
    return this.list().find((one) => one.failed === null);
  }

  add(body: T, at: number): Entry<T> {
    const entry = { id: newId(at), at, body, failed: null };
    this.#write([...this.list(), entry]);
    return entry;
  }

  /** The server stored it, or a person gave it up. False when it was not here (another tab was faster). */
  settle(id: string): boolean {
    const rest = this.list().filter((one) => one.id !== id);
    if (rest.length === this.list().length) return false;
    this.#write(rest);
    return true;
  }

  /** The server refused it: it stays, visibly failed, until a person decides. */
  refuse(id: string, code: string): void {
    this.#write(this.list().map((one) => (one.id === id ? { ...one, failed: code } : one)));
  }

  /** A person tries a refused one again: a new write, at the end of the line. */
  retry(id: string, at: number): void {
    const one = this.list().find((entry) => entry.id === id);
    if (one === undefined) return;
    this.#write([...this.list().filter((entry) => entry.id !== id), { ...one, id: newId(at), at, failed: null }]);
  }

  #write(entries: readonly Entry<T>[]): void {
    this.#memory = entries;
    try {
      if (entries.length === 0) this.#shelf?.removeItem(this.#key);
      else this.#shelf?.setItem(this.#key, JSON.stringify(entries));
      this.#isShelved = true;
    } catch {
      this.#isShelved = false; // Storage is full: what is in memory still goes out.
    }
    this.#onChange(false);
  }
}
