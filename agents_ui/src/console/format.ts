/** Figures and dates as people say them, in the office's time zone whatever this machine's is. */
import type { Ms } from "../shared/protocol";
import { locale, t } from "./text";

const ZONE = "America/Hermosillo";
const made = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value}${JSON.stringify(options)}`;
  let one = made.get(key);
  if (one === undefined) {
    one = new Intl.DateTimeFormat(locale.value === "en" ? "en-US" : "es-MX", { timeZone: ZONE, ...options });
    made.set(key, one);
  }
  return one;
}

/** A running clock: `0:41`, `12:05`, then hours and minutes `1:04 h`. Never negative. */
export function elapsed(ms: Ms): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds >= 86_400) return t("time.days", { n: Math.floor(seconds / 86_400) });
  if (seconds >= 3600) return `${Math.floor(seconds / 3600)}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} h`;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The same, to be read aloud. */
export function spoken(ms: Ms): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  return minutes < 1 ? t("time.lessMinute") : minutes < 60 ? t("time.minutes", { n: minutes }) : t("time.hours", { h: Math.floor(minutes / 60), m: minutes % 60 });
}

export const hour = (at: Ms): string => formatter({ hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(at);
const dayKey = (at: Ms): string => formatter({ year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** `hoy`, `ayer`, `lun 24 nov`, with the year when it is another one. */
export function day(at: Ms, now: Ms): string {
  if (dayKey(at) === dayKey(now)) return t("time.today");
  if (dayKey(at) === dayKey(now - 86_400_000)) return t("time.yesterday");
  const year = (ms: Ms): string => formatter({ year: "numeric" }).format(ms);
  const parts: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };
  return formatter(year(at) === year(now) ? parts : { ...parts, year: "numeric" }).format(at).replace(/[.,]/g, "");
}
export const when = (at: Ms, now: Ms): string => `${day(at, now)} ${hour(at)}`;
export const sameDay = (a: Ms, b: Ms): boolean => dayKey(a) === dayKey(b);

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
