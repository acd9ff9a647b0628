/** What was typed and not yet sent, per person signed in and contact. It survives reload, transfer and conflict. */
import { signal, type Signal } from "@preact/signals";
import { keep, kept } from "./shelf";

export type DraftKind = "reply" | "note" | "petition" | "capture" | "person" | "call" | "answers";
const PREFIX = "console.draft";
const KEEP_MS = 14 * 24 * 3600 * 1000;

let user = "";
const open = new Map<string, Signal<string>>();

const keyOf = (kind: DraftKind, contact: string): string => `${PREFIX}/${user}/${kind}/${contact}`;

function read(key: string): string {
  try {
    return (JSON.parse(kept(key) ?? "null") as { text?: string } | null)?.text ?? "";
  } catch {
    return "";
  }
}

/** Whose drafts are in use; drafts of others stay where they are and out of sight. Old ones are thrown away. */
export function useDraftsOf(id: string, at: number): void {
  user = id;
  open.clear();
  for (const key of Object.keys(localStorage)) {
    if (!key.startsWith(`${PREFIX}/`)) continue;
    let written = 0;
    try {
      written = (JSON.parse(localStorage.getItem(key) ?? "{}") as { at?: number }).at ?? 0;
    } catch {
      written = 0;
    }
    if (at - written > KEEP_MS) localStorage.removeItem(key);
  }
}

/** The draft as a signal; write it with `setDraft`. */
export function draft(kind: DraftKind, contact: string): Signal<string> {
  const key = keyOf(kind, contact);
  let one = open.get(key);
  if (one === undefined) {
    one = signal(read(key));
    open.set(key, one);
  }
  return one;
}

export function setDraft(kind: DraftKind, contact: string, text: string, at: number = Date.now()): void {
  draft(kind, contact).value = text;
  const key = keyOf(kind, contact);
  keep(key, text === "" ? null : JSON.stringify({ text, at }));
}

/** Puts back what could not be sent, in front of whatever was typed since. */
export function giveBack(kind: DraftKind, contact: string, text: string): void {
  const since = draft(kind, contact).value;
  setDraft(kind, contact, since === "" ? text : `${text}\n${since}`);
}

/** A form's draft, kept as JSON. */
export function formDraft<T>(kind: DraftKind, contact: string): T | null {
  const text = draft(kind, contact).value;
  if (text === "") return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
