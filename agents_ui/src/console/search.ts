/** What Ctrl+K finds: places and deeds of this console at once, and what the service knows after a short pause. */
import { signal } from "@preact/signals";
import { get } from "./api";
import { fold } from "./format";
import { deskHash, go } from "./route";
import { screens } from "./places";
import { t, tMaybe } from "./text";
import { shortcuts } from "./keys";

export interface SearchRow { id: string; title: string; detail: string | null; match?: [number, number][] }
export interface SearchAnswer { groups: { kind: "petition" | "citizen" | "conversation" | "reply" | "screen"; rows: SearchRow[] }[] }
export interface Found { key: string; kind: string; title: string; detail: string; match: [number, number][]; run: () => void }

/** Where the words of a query stand in a title, so that the eye sees why it is there. */
export function highlight(title: string, query: string): [number, number][] {
  const folded = [...title].map((letter) => fold(letter) || letter).join("");
  const spans: [number, number][] = [];
  for (const word of fold(query).split(" ").filter((one) => one !== "")) {
    const at = folded.indexOf(word);
    if (at >= 0) spans.push([at, at + word.length]);
  }
  return spans.sort((a, b) => a[0] - b[0]);
}

/** A title cut into plain and marked parts. Overlapping spans count once. */
export function cut(title: string, spans: readonly [number, number][]): { text: string; marked: boolean }[] {
  const parts: { text: string; marked: boolean }[] = [];
  let from = 0;
  for (const [start, end] of spans) {
    if (start < from || end > title.length) continue;
    if (start > from) parts.push({ text: title.slice(from, start), marked: false });
    parts.push({ text: title.slice(start, end), marked: true });
    from = end;
  }
  if (from < title.length) parts.push({ text: title.slice(from), marked: false });
  return parts;
}

const RECENT = "console.recent";
export interface Recent { kind: string; id: string; title: string }
const storedRecent = (): Recent[] => {
  try {
    return JSON.parse(sessionStorage.getItem(RECENT) ?? "[]") as Recent[];
  } catch {
    return [];
  }
};
export const recent = signal<Recent[]>(storedRecent());
/** Kept for this tab only: titles may name people. */
export function remember(one: Recent): void {
  recent.value = [one, ...recent.value.filter((other) => other.id !== one.id)].slice(0, 8);
  sessionStorage.setItem(RECENT, JSON.stringify(recent.value));
}

/** Goes to what a row stands for. */
export function openFound(kind: string, id: string): void {
  if (kind === "petition") go(`#/peticiones/${encodeURIComponent(id)}`);
  else if (kind === "citizen") go(`#/atenciones?citizen=${encodeURIComponent(id)}`);
  else if (kind === "conversation") go(deskHash(id));
  else if (kind === "screen") go(id.startsWith("#") ? id : `#/${id}`);
}

/** What needs no service: screens and deeds whose words fit. */
export function local(query: string): Found[] {
  const wanted = fold(query);
  const places = screens().map((one) => ({ key: one.hash, kind: "screen", title: t(one.label), detail: "", run: () => go(one.hash) }));
  const deeds = shortcuts().filter((one) => one.palette && (one.when?.() ?? true)).map((one) => ({ key: one.label, kind: "action", title: t(one.label), detail: one.keys, run: one.run }));
  return [...places, ...deeds]
    .filter((one) => wanted === "" || fold(one.title).includes(wanted))
    .map((one) => ({ ...one, match: highlight(one.title, query) }));
}

/** What the service finds, as rows of the palette. */
export async function remote(query: string): Promise<Found[]> {
  const { groups } = await get<SearchAnswer>("search", { q: query });
  return groups.filter((group) => group.kind !== "screen" && group.kind !== "reply").flatMap((group) =>
    group.rows.map((row) => ({
      key: `${group.kind}/${row.id}`, kind: group.kind, title: row.title, detail: (row.detail ?? "").replace(/^[a-z]+(_[a-z]+)*(?= ·|$)/, (code) => tMaybe(`channel.${code}`, code)),
      match: row.match && row.match.length > 0 ? row.match : highlight(row.title, query),
      run: () => {
        remember({ kind: group.kind, id: row.id, title: row.title });
        openFound(group.kind, row.id);
      },
    })));
}
