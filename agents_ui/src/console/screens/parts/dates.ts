/** Dates without an hour, `2026-11-30`, as people say them. */
import { day } from "../../format";
import { now } from "../../store";

export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);
/** Noon in Sonora is that day in every zone near. */
export const dateText = (date: string): string => (isDate(date) ? day(Date.parse(`${date}T19:00:00Z`), now.peek()) : date);
