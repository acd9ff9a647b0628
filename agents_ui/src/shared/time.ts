/** Times as people say them, always in the office's zone, whatever the zone of the machine. Instants are milliseconds. */
const ZONE = "America/Hermosillo";
const DAY_MS = 86_400_000;

/** A duration in seconds as `m:ss`, from an hour on as `h:mm h`. Never negative. */
export function clock(s: number): string {
  const whole = Math.max(0, Math.floor(s));
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
}

/** How long ago an instant was, as a clock. */
export const since = (at: number, now: number): string => clock((now - at) / 1000);

/** The hour of an instant: `10:42`. */
export const hour = (at: number, locale: string): string => format(locale, { hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(at);

/** `hoy`, `ayer`, `lun 24 nov`; the year is said when it is another one. */
export function day(at: number, now: number, locale: string): string {
  const key = dayKey(at);
  const english = locale.startsWith("en");
  if (key === dayKey(now)) return english ? "today" : "hoy";
  if (key === dayKey(now - DAY_MS)) return english ? "yesterday" : "ayer";
  const year = key.slice(0, 4) === dayKey(now).slice(0, 4) ? {} : ({ year: "numeric" } as const);
  return format(locale, { weekday: "short", day: "numeric", month: "short", ...year }).format(at).replace(/[.,]| de(?= )/g, "");
}

/** Day and hour: `hoy 10:42`, `lun 24 nov 10:42`. */
export const dayLabel = (at: number, now: number, locale: string): string => `${day(at, now, locale)} ${hour(at, locale)}`;

/** In full, to be read on its own: `martes, 24 de noviembre, 08:00`. */
export const fullLabel = (at: number, locale: string): string =>
  format(locale, { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(at);

/** The calendar day in the office, `2026-11-24`: equal for two instants of one day. */
export const dayKey = (at: number): string => format("en-CA", { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

const two = (n: number): string => String(n).padStart(2, "0");
const made = new Map<string, Intl.DateTimeFormat>();

function format(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const one = made.get(key) ?? new Intl.DateTimeFormat(locale === "es" ? "es-MX" : locale, { ...options, timeZone: ZONE });
  made.set(key, one);
  return one;
}
