/** Small parts that the views of promised calls share, and how their lists stay fresh. */
import { useEffect } from "preact/hooks";
import { isOpen, type Callback } from "../../callbacks";
import { word } from "../../callbackWords";
import { callbacksHeard } from "../../store";

/** Reads again, a moment after anything about promised calls changed: a burst is one read. */
export function useFresh(again: () => Promise<void>, key: string): void {
  const heard = callbacksHeard.value;
  useEffect(() => {
    if (heard === 0) return undefined;
    const timer = setTimeout(() => void again(), 250);
    return () => clearTimeout(timer);
  }, [heard, key]);
}

/** Where a call stands: the state when it is over, else how it keeps its time; late ones by shape and word as well as colour. */
export function StandingTag({ row }: { row: Callback }) {
  if (!isOpen(row)) return <span class={`tag ${row.state === "exhausted" ? "tag-warn" : row.state === "cancelled" ? "" : "tag-ok"}`}>{word("state", row.state)}</span>;
  const look = row.standing === "broken" || row.standing === "late" ? "tag-overdue" : row.standing === "due" ? "tag-warn" : row.standing === "trying" ? "tag-ok" : "";
  return <span class={`tag ${look}`}>{word("standing", row.standing)}</span>;
}
export function PromiseTag({ standing }: { standing: string }) {
  const look = standing === "broken" ? "tag-overdue" : standing === "late" ? "tag-warn" : standing === "kept" ? "tag-ok" : "";
  return <span class={`tag ${look}`}>{word("promise", standing)}</span>;
}
