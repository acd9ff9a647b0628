/** Under a list: how many of how many are shown, and the rest. */
import type { List } from "./list";
import { ts } from "./words";

export function ListFoot<R>({ list }: { list: List<R> }) {
  return (
    <div class="list-more">
      <span class="num">{ts("shownOf", { shown: list.rows.length, total: list.total ?? list.rows.length })}</span>
      {list.hasMore && <button type="button" disabled={list.loadingMore} onClick={() => void list.more()}>{ts(list.loadingMore ? "loadingMore" : "more")}</button>}
    </div>
  );
}
