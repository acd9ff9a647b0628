/** What the screen itself remembers: which dialog, which tab per contact, which pane on a narrow screen. Nothing of the server. */
import { effect, signal } from "@preact/signals";
import type { Callback, Reason } from "./callbacks";
import { openId } from "./route";

export type DialogName = "transfer" | "search" | "help" | "takeover" | "giveback" | "assign" | "unflag" | "call" | "plan" | null;
export const dialog = signal<DialogName>(null);

/** What a call is being promised about; `moving` and `again` name one that there is. */
export interface Planned {
  interaction?: string; citizen?: string | null; folio?: string; folios?: readonly string[]; label?: string | null; reason?: Reason; moving?: Callback; again?: Callback;
}
export const planning = signal<Planned>({});
export function openPlan(about: Planned = {}): void {
  planning.value = about;
  dialog.value = "plan";
}

/** Whether a provider's telephone is there to be shown; its parts are loaded then. */
export const hasPhone = signal(false);

/** The crisis mark that a supervisor is about to take away, with a reason. */
export const unflagging = signal("");

export type SideTab = "person" | "petition" | "history";
const tabs = signal<Readonly<Record<string, SideTab>>>({});
export const sideTab = (contact: string): SideTab => tabs.value[contact] ?? "person";
export function showSide(contact: string, tab: SideTab): void {
  tabs.value = { ...tabs.value, [contact]: tab };
  pane.value = "side";
}

/** The contact whose petition form should take the focus, as soon as it is there; it may still have to be fetched. */
export const petitionWanted = signal("");
export function askPetition(contact: string): void {
  showSide(contact, "petition");
  petitionWanted.value = contact;
}

export type ComposerTab = "reply" | "note";
const composers = signal<Readonly<Record<string, ComposerTab>>>({});
export const composerTab = (contact: string): ComposerTab => composers.value[contact] ?? "reply";
export function showComposer(contact: string, tab: ComposerTab): void {
  composers.value = { ...composers.value, [contact]: tab };
  pane.value = "thread";
  focusComposer.value += 1;
}
/** Grows when the composer should take the focus. */
export const focusComposer = signal(0);
/** Grows when canned replies should open. */
export const openCanned = signal(0);
/** Whether the agent asked for the wrap-up row before the conversation was closed: contact → open. */
export const wrapping = signal<Readonly<Record<string, boolean>>>({});
export const setWrapping = (contact: string, on: boolean): void => {
  wrapping.value = { ...wrapping.value, [contact]: on };
};

/** What the channel of a contact allows, as the part that reads it found: contact → why it is closed, longest text, files, what goes along. */
export interface Way { closed: string; limit: number; files: boolean; extra: Readonly<Record<string, unknown>> }
export const ways = signal<Readonly<Record<string, Way>>>({});
export const setWay = (contact: string, way: Way): void => {
  ways.value = { ...ways.value, [contact]: way };
};

export type Pane = "list" | "thread" | "side";
export const pane = signal<Pane>("list");
// Opening a contact brings its thread into view where only one pane fits.
effect(() => {
  pane.value = openId.value === null ? "list" : "thread";
});

export type Theme = "auto" | "light" | "dark";
const THEME = "console.theme";
const stored = localStorage.getItem(THEME);
export const theme = signal<Theme>(stored === "light" || stored === "dark" ? stored : "auto");
const dark = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(dark.matches);
dark.addEventListener("change", (event) => {
  systemDark.value = event.matches;
});
effect(() => {
  const isDark = theme.value === "dark" || (theme.value === "auto" && systemDark.value);
  document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  localStorage.setItem(THEME, theme.value);
});
