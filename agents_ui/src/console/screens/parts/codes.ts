/** A code of the service in words: the screens' own words first, then the reference tables, else the code itself. */
import { nameOf } from "../../reference";
import { catalogue } from "../../text";
import { codesEs } from "../../text/codes.es";

const tc = catalogue(codesEs, async () => (await import("../../text/codes.en")).codesEn);
export type Family =
  | "role" | "channel" | "agent" | "pause" | "item" | "kind" | "priority" | "flag" | "alert" | "capture" | "conversation" | "direction"
  | "petition" | "petitionKind" | "medium" | "move" | "origin" | "cause" | "skip";

export function word(family: Family, code: string | null | undefined): string {
  if (!code) return "";
  const key = `${family}.${code}`;
  if (key in codesEs) return tc(key as keyof typeof codesEs);
  return family === "pause" ? nameOf("pause_reasons", code) : code.replaceAll("_", " ");
}

/** Every code of a family, as choices in the order of the catalogue. */
export function wordsOf(family: Family): { value: string; label: string }[] {
  const prefix = `${family}.`;
  return Object.keys(codesEs)
    .filter((key) => key.startsWith(prefix))
    .map((key) => ({ value: key.slice(prefix.length), label: tc(key as keyof typeof codesEs) }));
}
