/** Figures as people read them. A zero denominator is «—», never 0. */
import { locale } from "../../text";

export const NONE = "—";
const number = (value: number, digits = 0): string => value.toLocaleString(locale.value === "en" ? "en-US" : "es-MX", { maximumFractionDigits: digits });

/** A share between 0 and 1. */
export const percent = (share: number | null | undefined): string => (share === null || share === undefined ? NONE : `${number(share * 100)} %`);
export const count = (value: number | null | undefined): string => (value === null || value === undefined ? NONE : number(value));
export const decimal = (value: number | null | undefined): string => (value === null || value === undefined ? NONE : number(value, 1));

/** Seconds as `0:41`, `12:05`, `1:04 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return NONE;
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 3600) return `${Math.floor(whole / 3600)}:${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} h`;
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
