/** What stands in the place of something that is being read: its shape, then it, or why not and what to do. */
import type { ComponentChildren } from "preact";
import { errorText } from "../../errors";
import { Empty } from "../../ui/Empty";
import { Skeleton } from "../../ui/Skeleton";
import type { Read } from "./read";
import { ts } from "./words";

interface Props<T> { read: Read<T>; shape?: "text" | "rows" | "cards"; lines?: number; children: (data: T) => ComponentChildren }

export function Loaded<T>({ read, shape = "rows", lines = 8, children }: Props<T>) {
  if (read.data !== null) {
    return (
      <>
        {read.error !== null && (
          <p class="stale" role="status">{ts("stale")} <button type="button" class="link" onClick={() => void read.again()}>{ts("again")}</button></p>
        )}
        {children(read.data)}
      </>
    );
  }
  if (read.error !== null) {
    return (
      <Empty title={ts("notRead")} action={<button type="button" onClick={() => void read.again()}>{ts("again")}</button>}>
        <p role="alert">{errorText(read.error)}</p>
      </Empty>
    );
  }
  return <Skeleton shape={shape} lines={lines} />;
}
