/** Figures and dates as people say them, in the language of the screen and the office's time zone. */
import type { Ms } from "../shared/protocol";
import * as time from "../shared/time";
import { locale, t } from "./text";

/** A running clock: `0:41`, `12:05`, then `1:04 h`, then days. Never negative. */
export const elapsed = (ms: Ms): string => (ms >= 86_400_000 ? t("time.days", { n: Math.floor(ms / 86_400_000) }) : time.clock(ms / 1000));

/** The same, to be read aloud. */
export function spoken(ms: Ms): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return minutes < 1 ? t("time.lessMinute") : minutes < 60 ? t("time.minutes", { n: minutes }) : t("time.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export const hour = (at: Ms): string => time.hour(at, locale.value);
/** `hoy`, `ayer`, `lun 24 nov`, with the year when it is another one. */
export const day = (at: Ms, now: Ms): string => time.day(at, now, locale.value).replace(" de ", " ");
export const when = (at: Ms, now: Ms): string => `${day(at, now)} ${hour(at)}`;
export const sameDay = (a: Ms, b: Ms): boolean => time.dayKey(a) === time.dayKey(b);

export function bytes(size: number): string {
  return size < 1024 ? `${size} B` : size < 1_048_576 ? `${Math.round(size / 1024)} kB` : `${(size / 1_048_576).toFixed(1)} MB`;
}

/** For comparing what people type: no case, no accents, single spaces. */
export function fold(text: string): string {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/\s+/g, " ").trim();
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /^\p{L}/u.test(word));
  return words.slice(0, 2).map((word) => word[0]?.toUpperCase() ?? "").join("");
}
