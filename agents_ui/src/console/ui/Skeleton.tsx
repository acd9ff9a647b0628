/** Grey lines in the place of what is being read, so that the page does not jump when it arrives. */
import "../../styles/ui.css";
import { say } from "./words";

export function Skeleton({ lines = 3, shape = "text" }: { lines?: number; shape?: "text" | "rows" | "cards" }) {
  return (
    <div class={`skeleton skeleton-${shape}`} role="status" aria-label={say("loading")}>
      {Array.from({ length: lines }, (_, index) => <span key={index} class="skeleton-line" />)}
    </div>
  );
}
