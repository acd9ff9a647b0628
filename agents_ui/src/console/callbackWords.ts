/** The words of promised calls, with the codes of the service said in them. */
import { callbacksEs } from "./text/callbacks.es";
import { catalogue, locale, type Vars } from "./text";
import { sayWhen } from "./when";

export const tb = catalogue(callbacksEs, async () => (await import("./text/callbacks.en")).callbacksEn);
type Key = keyof typeof callbacksEs;
/** A word made at run time from a family and a code; `otherwise` when there is none. */
export function word(family: string, code: string | null | undefined, otherwise?: string): string {
  if (!code) return otherwise ?? "";
  const key = `${family}.${code}`;
  return key in callbacksEs ? tb(key as Key) : (otherwise ?? code.replaceAll("_", " "));
}
/** A refusal in words, with what day off it is. */
export function refusalText(code: string, vars: Vars = {}): string {
  const name = vars["name"] ? ` (${vars["name"]})` : "";
  const key = `refusal.${code}`;
  return key in callbacksEs ? tb(key as Key, { ...vars, name }) : tb("refusal.other", { code });
}
/** An instant to come: `mañana a las 10:30`. */
export const moment = (at: number, now: number, until: number | null = null): string => sayWhen({ from: at, to: until }, now, locale.value);
