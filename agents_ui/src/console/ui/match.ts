/** How a search field finds: without accents or case, every word anywhere, synonyms too; the best match first. Pure. */
import { fold } from "../format";

export interface Option<T extends string = string> {
  value: T;
  label: string;
  detail?: string | undefined;
  synonyms?: readonly string[] | undefined;
}
export interface Matches<T extends string> { shown: Option<T>[]; more: number }

/** The longest list drawn at once; whoever wants the rest types one more letter. */
export const WINDOW = 50;

function rank(option: Option, words: readonly string[]): number | null {
  const label = fold(option.label);
  const rest = fold(`${option.detail ?? ""} ${option.value} ${(option.synonyms ?? []).join(" ")}`);
  let worst = 0;
  for (const word of words) {
    const at = label.indexOf(word);
    const score = at === 0 ? 0 : at > 0 && label[at - 1] === " " ? 1 : at > 0 ? 2 : rest.includes(word) ? 3 : null;
    if (score === null) return null;
    worst = Math.max(worst, score);
  }
  return worst;
}

export function match<T extends string>(options: readonly Option<T>[], query: string, most = WINDOW): Matches<T> {
  const words = fold(query).split(" ").filter((word) => word !== "");
  const found = options
    .map((option, index) => ({ option, index, score: rank(option, words) }))
    .filter((one): one is { option: Option<T>; index: number; score: number } => one.score !== null)
    .sort((a, b) => a.score - b.score || a.index - b.index)
    .map((one) => one.option);
  return { shown: found.slice(0, most), more: Math.max(0, found.length - most) };
}
