/** Words on the screen: catalogues by key, Spanish first; English is fetched when somebody chooses it. */
import { signal } from "@preact/signals";
import type { Locale } from "../../shared/protocol";
import type { after } from "./after.es";
import { es } from "./es";
import type { later } from "./later.es";
import type { phoneEs } from "./phone.es";

export type Words<K extends string = string> = Readonly<Record<K, string>>;
export type Vars = Readonly<Record<string, string | number | null | undefined>>;

const STORED = "console.locale";

/** The language in use. Change it with `setLocale`, which also fetches the words. */
export const locale = signal<Locale>(localStorage.getItem(STORED) === "en" ? "en" : "es");
const loaders: (() => Promise<void>)[] = [];

/** Fills `{name}` with `vars.name`; a name without a value stays as it is, so that a mistake shows. */
export function fill(text: string, vars: Vars = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (vars[name] === undefined || vars[name] === null ? whole : String(vars[name])));
}

/** A lookup over one catalogue, reading the language as a signal: a component that calls it follows the language. */
export function catalogue<K extends string>(spanish: Words<K>, english: () => Promise<Words<K>>): (key: K, vars?: Vars) => string {
  const other = signal<Words<K> | null>(null);
  const load = async (): Promise<void> => {
    if (other.value === null) other.value = await english();
  };
  loaders.push(load);
  if (locale.value === "en") void load();
  return (key, vars) => fill((locale.value === "en" ? other.value?.[key] : undefined) ?? spanish[key] ?? key, vars);
}

/** Switches language; resolves when the words are there. Screens loaded later fetch their own. */
export async function setLocale(next: Locale): Promise<void> {
  localStorage.setItem(STORED, next);
  if (next === "en") await Promise.all(loaders.map((load) => load()));
  locale.value = next;
  document.documentElement.lang = next === "en" ? "en" : "es-MX";
}

export type Key = keyof typeof es | keyof typeof later | keyof typeof after | keyof typeof phoneEs;
/** Grows when a part brought words, so that what waited for them shows them. */
const grown = signal(0);
const spanish: Record<string, string> = { ...es };
const english = signal<Readonly<Record<string, string>>>({});

/** Adds words that come with a part of the console which is loaded later. */
export function extend(words: Words, inEnglish: () => Promise<Words>): void {
  Object.assign(spanish, words);
  grown.value += 1;
  const load = async (): Promise<void> => {
    const fetched = await inEnglish();
    english.value = { ...english.value, ...fetched };
  };
  loaders.push(load);
  if (locale.value === "en") void load();
}
extend({}, async () => (await import("./en")).en);

/** The words for a key in the language in use. */
export const t = (key: Key, vars?: Vars): string => fill((locale.value === "en" ? english.value[key] : undefined) ?? spanish[key] ?? key, vars);

/** `one` or `many` by the number, which fills `{n}`. */
export function plural(n: number, one: Key, many: Key): string {
  return t(n === 1 ? one : many, { n });
}

/** A key made at run time, such as `error.` + code; `fallback` when the catalogue does not have it. */
export function tMaybe(key: string, fallback: string, vars?: Vars): string {
  return grown.value > 0 && key in spanish ? t(key as Key, vars) : fallback;
}
