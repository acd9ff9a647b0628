/** Opening hours as the editor needs them: reading what is typed, and a preview of «open now» by the wall clock of a zone. Pure. */
import type { ClosureRow, DayKey, Span, Week } from "./types";

export const DAYS: readonly DayKey[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const DAY_MIN = 1440;
const SEARCH_DAYS = 400;

/** «8», «8:5», «830», «0830» as «08:00», «08:05», «08:30»; anything else as it was. */
export function clockText(typed: string): string {
  const text = typed.trim().replace(/[.h]/, ":");
  const match = /^(\d{1,2}):?(\d{2})?$/.exec(text) ?? /^(\d{1,2}):(\d{1,2})$/.exec(text);
  if (match === null) return typed.trim();
  const clock = `${(match[1] ?? "").padStart(2, "0")}:${(match[2] ?? "00").padStart(2, "0")}`;
  return isClock(clock) ? clock : typed.trim();
}
export const isClock = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text) || text === "24:00";
const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Ranges as they are stored, whatever way they were typed. */
export const tidySpans = (spans: readonly Span[]): Span[] => spans.map(([from, to]) => [clockText(from), clockText(to)]);
export const tidyWeek = (week: Week): Week => Object.fromEntries(Object.entries(week).map(([day, spans]) => [day, tidySpans(spans)]));

/** What is wrong with the ranges of one day: `format`, `empty`, `overlap`, or null. A range may pass midnight. */
export function spansProblem(spans: readonly Span[]): "format" | "empty" | "overlap" | null {
  if (spans.some(([start, end]) => !isClock(start) || !isClock(end))) return "format";
  if (spans.some(([start, end]) => start === end)) return "empty";
  const sorted = spans.map(toRange).sort((a, b) => a[0] - b[0]);
  return sorted.some((one, index) => index > 0 && one[0] < (sorted[index - 1]?.[1] ?? 0)) ? "overlap" : null;
}
type Range = [number, number];
const toRange = ([start, end]: Span): Range => {
  const [from, to] = [minutes(start), minutes(end)];
  return [from, to <= from ? to + DAY_MIN : to];
};

function minus(ranges: readonly Range[], away: readonly Range[]): Range[] {
  return away.reduce<Range[]>((left, [from, to]) => left.flatMap(([start, end]): Range[] => {
    if (to <= start || from >= end) return [[start, end]];
    return [...(from > start ? [[start, from] as Range] : []), ...(to < end ? [[to, end] as Range] : [])];
  }), [...ranges]);
}

const dayText = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** The open minutes of a day, from its midnight: closures take time away, guards give it back. */
export function openRanges(week: Week, closures: readonly ClosureRow[], day: number): Range[] {
  const date = dayText(day);
  const key = DAYS[(day + 3) % 7] ?? "mon"; // 1970-01-01 was a Thursday
  const today = closures.filter((one) => one.starts_on <= date && date <= one.ends_on);
  const away = today.filter((one) => one.kind !== "guard").flatMap((one): Range[] => (one.ranges.length === 0 ? [[0, 2 * DAY_MIN]] : one.ranges.filter(([a, b]) => isClock(a) && isClock(b)).map(toRange)));
  const guards = today.filter((one) => one.kind === "guard").flatMap((one): Range[] => (one.ranges.length === 0 ? [[0, DAY_MIN]] : one.ranges.filter(([a, b]) => isClock(a) && isClock(b)).map(toRange)));
  const usual = (week[key] ?? []).filter(([a, b]) => isClock(a) && isClock(b)).map(toRange);
  return [...minus(usual, away), ...guards].sort((a, b) => a[0] - b[0]);
}

/** The wall clock of a zone: days since 1970 and minutes since midnight. */
export function wall(zone: string, now: number): { day: number; minute: number } {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).formatToParts(now);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value ?? 0);
  return { day: Math.floor(Date.UTC(part("year"), part("month") - 1, part("day")) / 86_400_000), minute: part("hour") * 60 + part("minute") };
}

export interface Opening { isOpen: boolean; /** When that ends: days from today, and the clock; null: never within a year. */ until: { days: number; clock: string; date: string } | null }

export function opening(zone: string, week: Week, closures: readonly ClosureRow[], now: number): Opening {
  const { day, minute } = wall(zone, now);
  const spans = Array.from({ length: SEARCH_DAYS + 1 }, (_, index) => index - 1)
    .flatMap((offset) => openRanges(week, closures, day + offset).map(([from, to]): Range => [from + offset * DAY_MIN, to + offset * DAY_MIN]));
  const merged = spans.sort((a, b) => a[0] - b[0]).reduce<Range[]>((all, [from, to]) => {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else all.push([from, to]);
    return all;
  }, []);
  const at = (total: number): Opening["until"] => {
    const days = Math.floor(total / DAY_MIN);
    const rest = total - days * DAY_MIN;
    return { days, clock: `${String(Math.floor(rest / 60)).padStart(2, "0")}:${String(rest % 60).padStart(2, "0")}`, date: dayText(day + days) };
  };
  const current = merged.find(([from, to]) => from <= minute && minute < to);
  if (current !== undefined) return { isOpen: true, until: current[1] > SEARCH_DAYS * DAY_MIN - DAY_MIN ? null : at(current[1]) };
  const next = merged.find(([from]) => from > minute);
  return { isOpen: false, until: next === undefined ? null : at(next[0]) };
}
