/** Reads of the screens: what was last read is shown at once and read again behind it; an answer that is overtaken is dropped. */
import { signal, type Signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ApiError, get } from "../../api";

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>;
interface Entry<T> { data: Signal<T | null>; error: Signal<ApiError | null>; loading: Signal<boolean>; turn: number; used: number }
export interface Read<T> {
  data: T | null;
  error: ApiError | null;
  loading: boolean;
  again: () => Promise<void>;
  /** Puts something in the place of what was read: the answer to a write. */
  put: (data: T) => void;
}

const KEPT = 40;
const entries = new Map<string, Entry<unknown>>();
let uses = 0;

/** Forgets everything: another person signed in. */
export function forgetReads(): void {
  entries.clear();
}

function entryOf<T>(key: string): Entry<T> {
  let one = entries.get(key) as Entry<T> | undefined;
  if (one === undefined) {
    one = { data: signal<T | null>(null), error: signal<ApiError | null>(null), loading: signal(false), turn: 0, used: 0 };
    entries.set(key, one as Entry<unknown>);
    if (entries.size > KEPT) {
      const oldest = [...entries].sort((a, b) => a[1].used - b[1].used)[0];
      if (oldest !== undefined) entries.delete(oldest[0]);
    }
  }
  uses += 1;
  one.used = uses;
  return one;
}

async function load<T>(entry: Entry<T>, path: string, query: Query): Promise<void> {
  entry.turn += 1;
  const turn = entry.turn;
  entry.loading.value = true;
  try {
    const data = await get<T>(path, query);
    if (turn !== entry.turn) return;
    entry.data.value = data;
    entry.error.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (turn === entry.turn) entry.error.value = error;
  } finally {
    if (turn === entry.turn) entry.loading.value = false;
  }
}

/** `path` null: nothing is read. `everyMs`: read again that often while the page is in sight. */
export function useRead<T>(path: string | null, query: Query = {}, everyMs = 0): Read<T> {
  const key = `${path ?? ""}?${JSON.stringify(query)}`;
  const entry = useMemo(() => entryOf<T>(key), [key]);
  useEffect(() => {
    if (path === null) return undefined;
    void load(entry, path, query);
    if (everyMs <= 0) return undefined;
    const timer = setInterval(() => (document.hidden ? undefined : void load(entry, path, query)), everyMs);
    return () => clearInterval(timer);
  }, [entry]);
  return {
    data: entry.data.value,
    error: entry.error.value,
    loading: entry.loading.value,
    again: () => (path === null ? Promise.resolve() : load(entry, path, query)),
    put: (data) => {
      entry.turn += 1;
      entry.data.value = data;
    },
  };
}
