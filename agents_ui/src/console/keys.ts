/** The keys of the console in one table: what runs them, and what the help overlay lists. */
import { signal } from "@preact/signals";
import { stepContact } from "./desk";
import { planOf } from "./planning";
import { route } from "./route";
import { agent, can, mine, offers, openItem, owns } from "./store";
import type { Key } from "./text";
import { askPetition, dialog, openCanned, openPlan, setWrapping, showComposer, showSide, sideTab } from "./ui";
import { refuseOffer, takeOffer } from "./views/Offer";

export interface Shortcut {
  keys: string;
  label: Key;
  group: Key;
  match: (event: KeyboardEvent) => boolean;
  run: (event?: KeyboardEvent) => void;
  when?: () => boolean;
  /** Fires while typing too: only chords with Alt or Ctrl. */
  always?: boolean;
  /** Offered in the palette as a deed. */
  palette?: boolean;
}

const STORED = "console.keys";
/** One-letter keys can be switched off, for whoever speaks to the machine or presses by accident (WCAG 2.1.4). */
export const letterKeys = signal(localStorage.getItem(STORED) !== "off");
export function setLetterKeys(on: boolean): void {
  letterKeys.value = on;
  localStorage.setItem(STORED, on ? "on" : "off");
}

const plain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey;
export const letter = (key: string) => (event: KeyboardEvent): boolean => plain(event) && letterKeys.value && event.key.toLowerCase() === key;
/** A contact is open and in sight: a letter on another screen must not act on what nobody sees. */
export const withContact = (): boolean => openItem.value !== null && route.value.screen === "bandeja";
const withScript = (): boolean => withContact() && openItem.value?.kind === "callback";
/** Does what the open contact offers under a key. */
const keyed = (key: string): HTMLElement | null => document.querySelector<HTMLElement>(`.thread [aria-keyshortcuts="${key}"]`);
const hasKey = (key: string): boolean => keyed(key) !== null;
const clickKey = (key: string): void => keyed(key)?.click();
const contact = (): string => openItem.value?.interaction ?? "";
const hasOffer = (): boolean => offers.value.length > 0;

/** Moves the focus among the rows of the left column. */
function moveRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-list] [data-row]")];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const from = at >= 0 ? at : rows.findIndex((row) => row.getAttribute("aria-current") === "true");
  const next = rows[from < 0 ? (by > 0 ? 0 : rows.length - 1) : (from + by + rows.length) % rows.length];
  next?.focus();
  next?.scrollIntoView?.({ block: "nearest" });
}

const TABLE: Shortcut[] = [
  { keys: "Ctrl K", label: "key.search", group: "keys.everywhere", always: true, match: (e) => (e.ctrlKey || e.metaKey) && !e.altKey && e.key.toLowerCase() === "k", run: () => { dialog.value = dialog.value === "search" ? null : "search"; } },
  { keys: "Alt 1…9", label: "key.switch", group: "keys.everywhere", always: true, match: (e) => e.altKey && !e.ctrlKey && /^Digit[1-9]$/.test(e.code), run: (e) => { const item = mine.value[Number(e?.code.slice(5)) - 1]; if (item !== undefined) location.hash = `#/bandeja/${item.interaction}`; } },
  { keys: "Alt ↑ ↓", label: "key.step", group: "keys.everywhere", always: true, match: (e) => e.altKey && (e.key === "ArrowDown" || e.key === "ArrowUp"), run: (e) => stepContact(e?.key === "ArrowUp" ? -1 : 1, mine.value) },
  { keys: "?", label: "key.help", group: "keys.everywhere", match: (e) => !e.ctrlKey && !e.altKey && e.key === "?", run: () => { dialog.value = "help"; }, palette: true },
  { keys: "Enter", label: "key.take", group: "keys.offer", when: hasOffer, match: (e) => e.key === "Enter" && plain(e) && (document.activeElement === document.body || document.activeElement === null), run: () => void takeOffer() },
  { keys: "Alt Enter", label: "key.takeTyping", group: "keys.offer", always: true, when: hasOffer, match: (e) => e.altKey && e.key === "Enter", run: () => void takeOffer() },
  { keys: "Esc", label: "key.decline", group: "keys.offer", when: hasOffer, match: (e) => e.key === "Escape" && plain(e), run: () => void refuseOffer() },
  { keys: "L", label: "key.call", group: "keys.list", when: () => can("call.use"), match: letter("l"), run: () => { dialog.value = "call"; }, palette: true },
  { keys: "A", label: "key.plan", group: "keys.list", when: () => can("callback.plan"), match: letter("a"), run: () => openPlan(planOf()), palette: true },
  { keys: "J", label: "key.next", group: "keys.list", match: letter("j"), run: () => moveRow(1) },
  { keys: "K", label: "key.previous", group: "keys.list", match: letter("k"), run: () => moveRow(-1) },
  { keys: "R", label: "key.reply", group: "keys.contact", when: withContact, match: letter("r"), run: () => showComposer(contact(), "reply"), palette: true },
  { keys: "N", label: "key.note", group: "keys.contact", when: () => withContact() && can("conversation.note"), match: letter("n"), run: () => showComposer(contact(), "note"), palette: true },
  { keys: "/", label: "key.canned", group: "keys.contact", when: () => withContact() && owns(openItem.value), match: (e) => !e.ctrlKey && !e.altKey && e.key === "/", run: () => { showComposer(contact(), "reply"); openCanned.value += 1; } },
  { keys: "H", label: "key.hold", group: "keys.contact", when: withContact, match: letter("h"), run: () => clickKey("H") },
  { keys: "I", label: "key.identity", group: "keys.contact", when: withScript, match: letter("i"), run: () => clickKey("I") },
  { keys: "1…9", label: "key.outcome", group: "keys.contact", when: withContact, match: (e) => plain(e) && letterKeys.value && /^[1-9]$/.test(e.key), run: (e) => clickKey(e?.key ?? "") },
  { keys: "Alt P", label: "key.templates", group: "keys.contact", always: true, when: () => withContact() && hasKey("Alt+P"), match: (e) => e.altKey && !e.ctrlKey && e.code === "KeyP", run: () => clickKey("Alt+P"), palette: true },
  { keys: "T", label: "key.transfer", group: "keys.contact", when: () => withContact() && (owns(openItem.value) || can("work.assign")), match: letter("t"), run: () => { dialog.value = "transfer"; }, palette: true },
  { keys: "P", label: "key.petition", group: "keys.contact", when: withContact, match: letter("p"), run: () => askPetition(contact()), palette: true },
  { keys: "W", label: "key.wrap", group: "keys.contact", when: () => openItem.value?.owner === agent.value?.id && withContact(), match: letter("w"), run: () => setWrapping(contact(), true), palette: true },
  { keys: "D", label: "key.side", group: "keys.contact", when: withContact, match: letter("d"), run: () => { const order = ["person", "petition", "history"] as const; showSide(contact(), order[(order.indexOf(sideTab(contact())) + 1) % 3] ?? "person"); } },
];

/** Keys that come with a part which is loaded later. */
export function addKeys(more: readonly Shortcut[]): void {
  TABLE.push(...more);
}
export const shortcuts = (): readonly Shortcut[] => TABLE;

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [contenteditable=true]";
/** Whether a key belongs to the text being typed, or to an open dialog or menu. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && (target.matches(TYPING) || target.closest("dialog, [role=menu], [role=listbox], .popover-panel") !== null);
}

/** Runs the first shortcut that fits; answers whether one did. */
export function press(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const typing = isTyping(event.target);
  const found = TABLE.find((one) => (!typing || one.always === true) && (dialog.value === null || one.keys === "Ctrl K") && one.match(event) && (one.when?.() ?? true));
  if (found === undefined) return false;
  event.preventDefault();
  found.run(event);
  return true;
}

/** Listens on the page. Returns how to stop. */
export function listen(): () => void {
  const on = (event: KeyboardEvent): void => void press(event);
  document.addEventListener("keydown", on);
  return () => document.removeEventListener("keydown", on);
}
