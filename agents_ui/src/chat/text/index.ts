/** Words by key. Spanish is here from the start; English, and the words of screens opened later, come with them. */
import type { Locale } from "../types";
import { recall, remember } from "../storage";
import { es, type Words } from "./es";

let words: Words = es;
let extra: Words = {};
export let locale: Locale = "es";

/** The word for a key with its `{names}` filled; Spanish where English lacks it. */
export function t(key: string, values: Record<string, string | number> = {}): string {
  const text = words[key] ?? extra[key] ?? (es as Words)[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
/** Words for a failure; a code without words gets the general ones. */
export const tError = (code: string): string => {
  const key = `error.${code}`;
  return t(key) === key ? t("error.invalid") : t(key);
};
/** Adds the Spanish words of a screen that is loaded later. */
export const learn = (more: Words): void => void (extra = { ...extra, ...more });

export async function speak(next: Locale): Promise<void> {
  words = next === "en" ? (await import("./en")).en : es;
  locale = next;
  remember("locale", next);
  document.documentElement.lang = next === "en" ? "en" : "es-MX";
}
/** The language this browser chose before, else the one the host page asked for, else Spanish. */
export const preferred = (): Locale => ((recall("locale") ?? new URLSearchParams(location.search).get("locale")) === "en" ? "en" : "es");
