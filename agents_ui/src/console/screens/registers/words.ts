/** The words of the registers of calls, loaded with them. */
import { catalogue } from "../../text";
import { registersEs } from "../../text/registers.es";

export const tg = catalogue(registersEs, async () => (await import("../../text/registers.en")).registersEn);

/** A code of the registers in words; the code itself when it is unknown. */
export function said(family: "purpose" | "direction" | "outcome" | "state" | "kind" | "answer" | "request" | "finding" | "how", code: string | null | undefined): string {
  if (!code) return "";
  const key = `${family}.${code}`;
  return key in registersEs ? tg(key as keyof typeof registersEs) : code.replaceAll("_", " ");
}

/** Every code of a family, as choices in the order of the catalogue. */
export function choicesOf(family: "purpose" | "direction" | "outcome" | "state" | "kind" | "answer" | "request" | "finding"): { value: string; label: string }[] {
  const prefix = `${family}.`;
  return Object.keys(registersEs).filter((key) => key.startsWith(prefix)).map((key) => ({ value: key.slice(prefix.length), label: tg(key as keyof typeof registersEs) }));
}
