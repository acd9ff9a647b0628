/** The days and hours of the calendar, worked out of what the service says. Pure. */
import { dayKey, hour } from "../../../shared/time";
import type { Callback, Hour } from "../../callbacks";
import { addDays, at } from "../../when";

export interface Slot { hour: Hour; rows: Callback[] }
export interface Day { key: string; slots: Slot[]; rows: Callback[] }

const startOf = (key: string): number => at(key, 0) ?? 0;
/** The Monday of a day's week. */
export function mondayOf(key: string): string {
  const weekday = new Date(`${key}T12:00:00Z`).getUTCDay();
  return addDays(key, -((weekday + 6) % 7));
}
export const daysFrom = (first: string, count: number): string[] => Array.from({ length: count }, (_, n) => addDays(first, n));
export const spanOf = (keys: readonly string[]): { from: number; to: number } => ({ from: startOf(keys[0] ?? ""), to: startOf(addDays(keys.at(-1) ?? "", 1)) });
/** An hour of the day as people name it: `9:00`. */
export const hourOf = (instant: number): string => hour(instant, "en").replace(/^0/, "");

const written = new Map<string, Intl.DateTimeFormat>();
function style(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const one = written.get(key) ?? new Intl.DateTimeFormat(locale === "en" ? "en" : "es-MX", { ...options, timeZone: "America/Hermosillo" });
  written.set(key, one);
  return one;
}
const noonOf = (key: string): number => at(key, 720) ?? 0;
/** The days shown, as a heading: `23–29 de noviembre de 2026`, or one day with its weekday. */
export function headingOf(keys: readonly string[], locale: string): string {
  const [first, last] = [noonOf(keys[0] ?? ""), noonOf(keys.at(-1) ?? "")];
  return keys.length === 1 ? style(locale, { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(first) : style(locale, { day: "numeric", month: "long", year: "numeric" }).formatRange(first, last);
}
/** A column's name: `mar 24`. */
export const columnOf = (key: string, locale: string): string => style(locale, { weekday: "short", day: "numeric" }).format(noonOf(key));

/** Every call in the hour it is due; one outside every hour that the house told of stands with its day only. */
export function arrange(keys: readonly string[], hours: readonly Hour[], rows: readonly Callback[]): Day[] {
  return keys.map((key) => {
    const own = rows.filter((row) => dayKey(row.due_at) === key).sort((a, b) => a.due_at - b.due_at);
    const slots = hours.filter((one) => dayKey(one.at) === key).sort((a, b) => a.at - b.at).map((one) => ({ hour: one, rows: own.filter((row) => row.due_at >= one.at && row.due_at < one.until) }));
    return { key, slots, rows: own };
  });
}
/** The hours of a day that are worth a line: from the first to the last that is open or holds a call. */
export function worth(slots: readonly Slot[]): Slot[] {
  const first = slots.findIndex((one) => one.hour.open || one.rows.length > 0);
  const last = slots.findLastIndex((one) => one.hour.open || one.rows.length > 0);
  return first < 0 ? [] : slots.slice(first, last + 1);
}
/** The hours of the day that any of the days needs, in order. */
export function linesOf(days: readonly Day[]): string[] {
  const all = new Set(days.flatMap((day) => worth(day.slots).map((one) => hour(one.hour.at, "en").padStart(5, "0"))));
  return [...all].sort();
}
export const slotAt = (day: Day, line: string): Slot | null => day.slots.find((one) => hour(one.hour.at, "en").padStart(5, "0") === line) ?? null;
/** Calls of a day that stand in none of its hours. */
export const loose = (day: Day): Callback[] => day.rows.filter((row) => !day.slots.some((one) => one.rows.includes(row)));
