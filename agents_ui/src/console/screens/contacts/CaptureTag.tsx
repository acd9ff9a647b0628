/** How far the capture of a contact is. */
import { word } from "../parts/codes";

export function CaptureTag({ state }: { state: string }) {
  const look = state === "overdue" ? "tag-overdue" : state === "pending" || state === "returned" ? "tag-warn" : "tag-ok";
  return <span class={`tag ${look}`}>{word("capture", state)}</span>;
}
