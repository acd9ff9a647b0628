/** A long list of the service, page by page: the first page is kept fresh, the next ones are added under it. */
import { useEffect, useState } from "preact/hooks";
import { ApiError, get } from "../../api";
import { toastError } from "../../errors";
import { useRead, type Query, type Read } from "./read";

export interface Page<R> { rows: R[]; next: string | null; total: number | null }
export interface List<R> { read: Read<Page<R>>; rows: R[]; total: number | null; hasMore: boolean; loadingMore: boolean; more: () => Promise<void> }

export const PAGE = 50;
const FRESH_MS = 20_000;

export function useList<R>(path: string, query: Query): List<R> {
  const read = useRead<Page<R>>(path, { ...query, limit: PAGE });
  const [rest, setRest] = useState<R[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loadingMore, setLoading] = useState(false);
  useEffect(() => {
    setRest([]);
    setNext(read.data?.next ?? null);
  }, [read.data]);
  useEffect(() => {
    // Kept fresh while only its first page is shown: more pages would move under the reader's eyes.
    if (rest.length > 0) return undefined;
    const timer = setInterval(() => (document.hidden ? undefined : void read.again()), FRESH_MS);
    return () => clearInterval(timer);
  }, [path, JSON.stringify(query), rest.length]);
  const more = async (): Promise<void> => {
    if (next === null || loadingMore) return;
    setLoading(true);
    try {
      const page = await get<Page<R>>(path, { ...query, limit: PAGE, after: next });
      setRest((before) => [...before, ...page.rows]);
      setNext(page.next);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toastError(error);
    } finally {
      setLoading(false);
    }
  };
  return { read, rows: [...(read.data?.rows ?? []), ...rest], total: read.data?.total ?? null, hasMore: next !== null, loadingMore, more };
}
