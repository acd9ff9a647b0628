/** Dates without an hour, `2026-11-30`, as people say them. */
import { day } from "../../format";
import { now } from "../../store";

export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);
/** When a day of the office begins: Sonora is at UTC−7 all year. `ahead` days later when given. */
export const dayStart = (date: string, ahead = 0): number | null => (isDate(date) ? Date.parse(`${date}T00:00:00-07:00`) + ahead * 86_400_000 : null);
/** Noon in Sonora is that day in every zone near. */
export const dateText = (date: string): string => (isDate(date) ? day(Date.parse(`${date}T19:00:00Z`), now.peek()) : date);
