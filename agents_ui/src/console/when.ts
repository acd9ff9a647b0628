/** When somebody shall be called, as people say it: «hoy 16:00», «mañana por la mañana», «mié 10:30», «entre 9 y 11». Pure.

Days and hours are the office's: Sonora is at UTC−7 all year. Whether that moment is allowed is the service's to say. */
import { dayKey, hour } from "../shared/time";
import { fold } from "./format";

export interface When { from: number; to: number | null }
export type WhenError = "empty" | "unclear" | "past" | "too_far" | "backwards";

const DAY_MS = 86_400_000;
const FARTHEST_DAYS = 366;
/** Parts of a day as [from, to) in minutes after midnight. */
export const PARTS = { morning: [9 * 60, 12 * 60], midday: [12 * 60, 14 * 60], afternoon: [14 * 60, 18 * 60], evening: [18 * 60, 20 * 60], day: [9 * 60, 18 * 60] } as const;
type Part = keyof typeof PARTS;

const WEEKDAYS: readonly RegExp[] = [/^(dom|sun)/, /^(lun|mon)/, /^(mar(?!z|c)|tue)/, /^(mie|wed)/, /^(jue|thu)/, /^(vie|fri)/, /^(sab|sat)/];
const MONTHS: readonly RegExp[] = [/^(ene|jan)/, /^feb/, /^mar[zc]/, /^(abr|apr)/, /^may/, /^jun/, /^jul/, /^(ago|aug)/, /^sep/, /^oct/, /^nov/, /^(dic|dec)/];

/** The instant of an hour of an office day; null for a day that the calendar does not have. */
export function at(day: string, minutes: number): number | null {
  const start = Date.parse(`${day}T00:00:00-07:00`);
  return Number.isNaN(start) || dayKey(start) !== day ? null : start + minutes * 60_000;
}
const pad = (n: number): string => String(n).padStart(2, "0");
const isoDay = (year: number, month: number, day: number): string => `${year}-${pad(month)}-${pad(day)}`;
const weekdayOf = (day: string): number => new Date(`${day}T12:00:00Z`).getUTCDay();
export const addDays = (day: string, days: number): string => dayKey((at(day, 12 * 60) ?? 0) + days * DAY_MS);

interface Reading { text: string; day: string | null; hasYear: boolean; isWeekday: boolean }
const cut = (text: string, found: RegExpExecArray): string => `${text.slice(0, found.index)} ${text.slice(found.index + found[0].length)}`;

/** Takes the day out of the words. */
function readDay(text: string, today: string): Reading {
  const none = { text, day: null, hasYear: false, isWeekday: false };
  let found = /\b(pasado manana|pasado|day after tomorrow)\b/.exec(text);
  if (found !== null) return { ...none, text: cut(text, found), day: addDays(today, 2) };
  found = /\b(hoy|today|esta (?=manana|tarde|noche)|this (?=morning|afternoon|evening))/.exec(text);
  if (found !== null) return { ...none, text: cut(text, found), day: today };
  // «mañana» is tomorrow unless it is the morning: «por la mañana», «en la mañana», «de la mañana».
  found = /\btomorrow\b|(?<!\bla )\bmanana\b/.exec(text);
  if (found !== null) return { ...none, text: cut(text, found), day: addDays(today, 1) };
  found = /\b(\d{4})-(\d{1,2})-(\d{1,2})\b/.exec(text);
  if (found !== null) return { ...none, text: cut(text, found), day: isoDay(Number(found[1]), Number(found[2]), Number(found[3])), hasYear: true };
  found = /\b(\d{1,2})\/(\d{1,2})(?:\/(\d{4}|\d{2}))?\b/.exec(text);
  if (found !== null) return dated(none, cut(text, found), Number(found[1]), Number(found[2]), found[3], today);
  found = /\b(\d{1,2})(?: de)? ([a-z]{3,10})\b(?: (?:de |del )?(\d{4})\b)?/.exec(text) ?? null;
  if (found !== null) {
    const month = MONTHS.findIndex((one) => one.test(found?.[2] ?? "")) + 1;
    if (month > 0) return dated(none, cut(text, found), Number(found[1]), month, found[3], today);
  }
  found = /\b([a-z]{3,10}) (\d{1,2})(?!\d|:|\.\d| ?[ap]\.?m)\b(?:,? (\d{4})\b)?/.exec(text);
  if (found !== null) {
    const month = MONTHS.findIndex((one) => one.test(found?.[1] ?? "")) + 1;
    if (month > 0) return dated(none, cut(text, found), Number(found[2]), month, found[3], today);
  }
  for (const word of text.matchAll(/\b[a-z]{3,10}\b/g)) {
    const weekday = WEEKDAYS.findIndex((one) => one.test(word[0]));
    if (weekday < 0 || word[0] === "dia" || word[0] === "media") continue;
    const ahead = (weekday - weekdayOf(today) + 7) % 7;
    return { text: cut(text, word as unknown as RegExpExecArray), day: addDays(today, ahead), hasYear: false, isWeekday: true };
  }
  return none;
}
function dated(none: Reading, text: string, day: number, month: number, year: string | undefined, today: string): Reading {
  const own = Number(today.slice(0, 4));
  const named = year === undefined ? own : Number(year.length === 2 ? `20${year}` : year);
  return { ...none, text: text.replace(/\b(lun|mar|mie|jue|vie|sab|dom|mon|tue|wed|thu|fri|sat|sun)[a-z]*/, " "), day: isoDay(named, month, day), hasYear: year !== undefined };
}

/** Minutes after midnight. Without «am» or «pm», 1 to 7 are of the afternoon: nobody calls at four in the morning. */
function minutesOf(hours: string, minutes: string | undefined, half: string | undefined): number | null {
  const m = Number(minutes ?? 0);
  let h = Number(hours);
  if (h > 23 || m > 59 || (half !== undefined && (h < 1 || h > 12))) return null;
  if (half?.startsWith("p") && h < 12) h += 12;
  else if (half?.startsWith("a") && h === 12) h = 0;
  else if (half === undefined && h >= 1 && h <= 7 && hours.length === 1) h += 12;
  return h * 60 + m;
}
const HOUR = String.raw`(\d{1,2})(?:[:.](\d{2}))?\s*(?:h|hrs?|horas)?\s*([ap])?(?:\.?\s?m\.?)?`;
const BETWEEN = new RegExp(String.raw`(?:\b(?:entre|de|between|from)\s+)?(?:las?\s+)?${HOUR}\s*(?:-|–|\by\b|\ba\b|\band\b|\bto\b)\s*(?:las?\s+)?${HOUR}`);
const ONE = new RegExp(String.raw`(?:\ba\s+)?(?:\blas?\s+|\bat\s+)?\b${HOUR}`);

function partOf(text: string): Part | null {
  if (/\b(manana|morning)\b/.test(text)) return "morning";
  if (/\b(mediodia|medio dia|noon|midday)\b/.test(text)) return "midday";
  if (/\b(tarde|afternoon)\b/.test(text)) return "afternoon";
  return /\b(noche|evening)\b/.test(text) ? "evening" : null;
}

/** What the words say; an error when they say nothing, or a moment that cannot be promised. */
export function parseWhen(words: string, now: number): When | WhenError {
  const text = fold(words).replace(/,/g, " ").replace(/\s+/g, " ");
  if (text === "") return "empty";
  if (/^(ya|ahora|lo antes posible|cuanto antes|now|as soon as possible|asap)$/.test(text)) return { from: now, to: null };
  const span = /\b(?:en|dentro de|in) (\d{1,3}|una?|an?|media|half an) ?(h|hrs?|horas?|hours?|min|minutos?|minutes?|dias?|days?)\b/.exec(text);
  if (span !== null) {
    const n = span[1] === "media" || span[1] === "half an" ? 0.5 : Number.isNaN(Number(span[1])) ? 1 : Number(span[1]);
    const unit = span[2]?.startsWith("h") ? 3_600_000 : span[2]?.startsWith("m") ? 60_000 : DAY_MS;
    return judged({ from: Math.ceil((now + n * unit) / 300_000) * 300_000, to: null }, now);
  }
  const today = dayKey(now);
  const read = readDay(text, today);
  const part = partOf(read.text);
  const rest = read.text.replace(/\b(?:por|en|de) la (?:manana|tarde|noche)\b/g, (said) => (/^de/.test(said) ? (said.endsWith("manana") ? " am " : " pm ") : " ")).replace(/\b(\d[\d:.]*)\s+(am|pm)\b/g, "$1$2");
  const between = BETWEEN.exec(rest);
  const one = between === null ? ONE.exec(rest) : null;
  let minutes: readonly [number | null, number | null];
  if (between !== null) {
    // «de 2 a 4 pm»: the half that is said belongs to both.
    const last = minutesOf(between[4] ?? "", between[5], between[6]);
    minutes = [minutesOf(between[1] ?? "", between[2], between[3] ?? (between[6] === "a" ? "a" : undefined)), last];
    if (minutes[0] === null || last === null) return "unclear";
  } else if (one !== null) {
    minutes = [minutesOf(one[1] ?? "", one[2], one[3]), null];
    if (minutes[0] === null) return "unclear";
  } else if (part !== null) minutes = PARTS[part];
  else if (read.day !== null) minutes = PARTS.day;
  else return "unclear";
  const make = (day: string): When | null => {
    const from = at(day, minutes[0] ?? 0);
    const to = minutes[1] === null ? null : at(day, minutes[1]);
    return from === null || (minutes[1] !== null && to === null) ? null : { from, to };
  };
  let when = make(read.day ?? today);
  if (when === null) return "unclear";
  if (when.to !== null && when.to <= when.from) return "backwards";
  // A day that has gone by and was named without its year, or a weekday, is the next one of that name.
  if ((when.to ?? when.from) < now && read.isWeekday) when = make(addDays(read.day ?? today, 7)) ?? when;
  else if ((when.to ?? when.from) < now && read.day !== null && !read.hasYear && read.day < today) when = make(`${Number(read.day.slice(0, 4)) + 1}${read.day.slice(4)}`) ?? when;
  return judged(when, now);
}
/** A window that has begun starts now. */
function judged(when: When, now: number): When | WhenError {
  if ((when.to ?? when.from) < now - 60_000) return "past";
  if (when.from > now + FARTHEST_DAYS * DAY_MS) return "too_far";
  return when.to !== null && when.from < now ? { from: now, to: when.to } : when;
}

const made = new Map<string, Intl.DateTimeFormat>();
function long(locale: string, withYear: boolean): Intl.DateTimeFormat {
  const key = `${locale}${withYear}`;
  const one = made.get(key) ?? new Intl.DateTimeFormat(locale === "en" ? "en" : "es-MX", { timeZone: "America/Hermosillo", weekday: "long", day: "numeric", month: "long", ...(withYear ? { year: "numeric" } : {}) });
  made.set(key, one);
  return one;
}
/** The day of an instant as people say it: `hoy`, `mañana`, `lunes 7 de diciembre`. */
export function dayAhead(instant: number, now: number, locale: string): string {
  const [key, today] = [dayKey(instant), dayKey(now)];
  if (key === today) return locale === "en" ? "today" : "hoy";
  if (key === addDays(today, -1)) return locale === "en" ? "yesterday" : "ayer";
  if (key === addDays(today, 1)) return locale === "en" ? "tomorrow" : "mañana";
  return long(locale, key.slice(0, 4) !== today.slice(0, 4)).format(instant).replace(",", "");
}
/** A moment in words: `mañana a las 10:30`, `hoy entre las 14:00 y las 18:00`. */
export function sayWhen({ from, to }: When, now: number, locale: string): string {
  const day = dayAhead(from, now, locale);
  const clock = (instant: number): string => hour(instant, locale).replace(/^0/, "");
  const [start, end] = [clock(from), to === null ? "" : clock(to)];
  if (locale === "en") return to === null ? `${day} at ${start}` : `${day} between ${start} and ${end}`;
  const las = (time: string): string => (time.startsWith("1:") ? `la ${time}` : `las ${time}`);
  return to === null ? `${day} a ${las(start)}` : `${day} entre ${las(start)} y ${las(end)}`;
}

/** Moments to offer at one key each: what people promise most, never one that has gone by. */
export function offers(now: number): { key: string; when: When }[] {
  const today = dayKey(now);
  const next = Math.ceil((now + 30 * 60_000) / 1_800_000) * 1_800_000;
  const weekday = weekdayOf(today);
  const monday = addDays(today, (8 - weekday) % 7 || 7);
  const all: { key: string; day: string; part: Part }[] = [
    { key: "todayAfternoon", day: today, part: "afternoon" },
    { key: "tomorrowMorning", day: addDays(today, 1), part: "morning" },
    { key: "tomorrowAfternoon", day: addDays(today, 1), part: "afternoon" },
    { key: "mondayMorning", day: monday, part: "morning" },
  ];
  const isWorkday = (day: string): boolean => weekdayOf(day) % 6 !== 0;
  const parts = all.filter(({ day, key }) => isWorkday(day) && (key !== "mondayMorning" || addDays(today, 1) !== monday)).flatMap(({ key, day, part }) => {
    const [from, to] = PARTS[part].map((minutes) => at(day, minutes) ?? 0) as [number, number];
    return to - now > 1_800_000 ? [{ key, when: { from: Math.max(from, now), to } }] : [];
  });
  return [...(dayKey(next) === today && isWorkday(today) && next < (at(today, 20 * 60) ?? 0) && next >= (at(today, 8 * 60) ?? 0) ? [{ key: "soon", when: { from: next, to: null } }] : []), ...parts];
}
