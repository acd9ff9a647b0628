/** Short notices that come and go; errors stay until they are dismissed. One live region for the whole page. */
import { signal } from "@preact/signals";
import "../../styles/ui.css";
import { say } from "./words";

export type ToastKind = "info" | "ok" | "error";
export interface ToastOptions { kind?: ToastKind; action?: { label: string; run: () => void } }
interface Notice extends ToastOptions { id: number; text: string }

const SHOWN_MS = 6000;
const MOST = 4;
const notices = signal<readonly Notice[]>([]);
let last = 0;

export function dismiss(id: number): void {
  notices.value = notices.value.filter((one) => one.id !== id);
}

/** Says something. The same text again replaces itself instead of piling up. Returns the notice's id. */
export function toast(text: string, options: ToastOptions = {}): number {
  last += 1;
  const id = last;
  notices.value = [...notices.value.filter((one) => one.text !== text), { ...options, id, text }].slice(-MOST);
  // What asks for something to be done, or tells of a failure, waits for the person.
  if (options.kind !== "error" && options.action === undefined) setTimeout(() => dismiss(id), SHOWN_MS);
  return id;
}

function One({ notice }: { notice: Notice }) {
  const kind = notice.kind ?? "info";
  return (
    <li class={`toast toast-${kind}`}>
      <span class="toast-mark" aria-hidden="true">{kind === "error" ? "!" : kind === "ok" ? "✓" : "i"}</span>
      <span class="toast-text">{notice.text}</span>
      {notice.action !== undefined && (
        <button type="button" class="link" onClick={() => { dismiss(notice.id); notice.action?.run(); }}>{notice.action.label}</button>
      )}
      <button type="button" class="ghost small" aria-label={say("dismiss")} onClick={() => dismiss(notice.id)}>×</button>
    </li>
  );
}

/** The region itself: once, near the end of the page. */
export function Toasts() {
  return (
    <div class="toasts" role="region" aria-label={say("notices")}>
      <ul aria-live="polite" aria-relevant="additions">{notices.value.map((notice) => <One key={notice.id} notice={notice} />)}</ul>
    </div>
  );
}
