/** Canned replies and mentions while typing: what is being asked for at the caret, what fits, and the text it becomes. Pure. */
import type { Agent, Reply } from "../shared/protocol";
import { fold } from "./format";
import { fill } from "./text";

export interface Ask { kind: "reply" | "mention"; from: number; query: string }

/** What the word under the caret asks for: `/…` a canned reply, `@…` a colleague (in notes). */
export function askAt(text: string, caret: number, notes: boolean): Ask | null {
  const before = text.slice(0, caret);
  const slash = /(?:^|\s)\/([\p{L}\p{N}_-]*)$/u.exec(before);
  if (slash !== null && !notes) return { kind: "reply", from: caret - (slash[1] ?? "").length - 1, query: slash[1] ?? "" };
  const at = /(?:^|\s)@([\p{L}\p{N}_.-]*)$/u.exec(before);
  if (at !== null && notes) return { kind: "mention", from: caret - (at[1] ?? "").length - 1, query: at[1] ?? "" };
  return null;
}

/** Replies in the citizen's language first; by shortcut, then by title and text. */
export function matchReplies(replies: readonly Reply[], query: string, language: string): Reply[] {
  const wanted = fold(query);
  const rank = (one: Reply): number => {
    if (wanted === "") return 1;
    if (fold(one.shortcut).replace(/^\//, "").startsWith(wanted)) return 0;
    if (fold(one.title).includes(wanted)) return 1;
    return fold(one.text).includes(wanted) ? 2 : 9;
  };
  return replies
    .map((one) => ({ one, rank: rank(one) + (one.language === language ? 0 : 0.5) }))
    .filter((row) => row.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.one.shortcut.localeCompare(b.one.shortcut))
    .slice(0, 8)
    .map((row) => row.one);
}

export function matchPeople(agents: readonly Agent[], query: string, except: string): Agent[] {
  const wanted = fold(query);
  return agents
    .filter((one) => one.id !== except && fold(one.name).split(" ").some((word) => word.startsWith(wanted)))
    .sort((a, b) => Number(b.connected) - Number(a.connected) || a.name.localeCompare(b.name))
    .slice(0, 8);
}

/** Puts `insert` in the place of what was asked; answers the new text and caret. */
export function replaceAsk(text: string, caret: number, ask: Ask, insert: string): { text: string; caret: number } {
  const head = text.slice(0, ask.from);
  const tail = text.slice(caret);
  const gap = tail === "" || tail.startsWith(" ") || insert.endsWith("\n") ? "" : " ";
  return { text: `${head}${insert}${gap}${tail}`, caret: head.length + insert.length + gap.length };
}

/** A reply's text with what is known filled in. What is not known stays as `{name}` and is pointed at before sending. */
export function fillReply(text: string, known: Record<string, string | null | undefined>): string {
  return fill(text, Object.fromEntries(Object.entries(known).filter(([, value]) => value !== "" && value !== null)));
}
export const unfilled = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[0]);
