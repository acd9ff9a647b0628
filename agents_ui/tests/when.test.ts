import { describe, expect, it } from "vitest";
import { dayKey, hour } from "../src/shared/time";
import { offers, parseWhen, sayWhen, type When } from "../src/console/when";

/** Tuesday 24 November 2026, 09:12 in Hermosillo. */
const NOW = Date.parse("2026-11-24T09:12:00-07:00");
const clock = (instant: number): string => hour(instant, "en").replace(/^0/, "");
const said = (when: When): string => `${dayKey(when.from)} ${clock(when.from)}${when.to === null ? "" : `-${clock(when.to)}`}`;
const read = (words: string, now = NOW): string => {
  const when = parseWhen(words, now);
  return typeof when === "string" ? when : said(when);
};

describe("a moment in words", () => {
  it.each([
    ["hoy 16:00", "2026-11-24 16:00"],
    ["16:00", "2026-11-24 16:00"],
    ["hoy a las 4", "2026-11-24 16:00"],
    ["hoy 4:30 pm", "2026-11-24 16:30"],
    ["mañana a las 10:30", "2026-11-25 10:30"],
    ["mañana", "2026-11-25 9:00-18:00"],
    ["mañana por la mañana", "2026-11-25 9:00-12:00"],
    ["mañana en la tarde", "2026-11-25 14:00-18:00"],
    ["mañana a las 9 de la mañana", "2026-11-25 9:00"],
    ["pasado mañana 11", "2026-11-26 11:00"],
    ["viernes 10:30", "2026-11-27 10:30"],
    ["mié por la tarde", "2026-11-25 14:00-18:00"],
    ["martes 9:00", "2026-12-01 9:00"],
    ["martes 11:00", "2026-11-24 11:00"],
    ["lunes 7 de diciembre 10:00", "2026-12-07 10:00"],
    ["7/12 10:00", "2026-12-07 10:00"],
    ["2026-12-07 8:30", "2026-12-07 8:30"],
    ["2 ene 12:00", "2027-01-02 12:00"],
    ["mañana entre las 9 y las 11", "2026-11-25 9:00-11:00"],
    ["hoy de 2 a 4 pm", "2026-11-24 14:00-16:00"],
    ["mañana 10-12", "2026-11-25 10:00-12:00"],
    ["en 2 horas", "2026-11-24 11:15"],
    ["dentro de media hora", "2026-11-24 9:45"],
    ["tomorrow morning", "2026-11-25 9:00-12:00"],
    ["monday at 3pm", "2026-11-30 15:00"],
    ["dec 7 10:00", "2026-12-07 10:00"],
    ["tomorrow between 9 and 11", "2026-11-25 9:00-11:00"],
    ["lo antes posible", "2026-11-24 9:12"],
    ["hoy por la mañana", "2026-11-24 9:12-12:00"],
  ])("%s", (words, wanted) => {
    expect(read(words)).toBe(wanted);
  });

  it.each([
    ["", "empty"],
    ["cuando pueda", "unclear"],
    ["31/02 10:00", "unclear"],
    ["29/02/2027 10:00", "unclear"],
    ["hoy 25:00", "unclear"],
    ["mañana 10:75", "unclear"],
    ["hoy 8:00", "past"],
    ["2020-01-01 10:00", "past"],
    ["2027-12-24 10:00", "too_far"],
    ["31/12/9999 10:00", "too_far"],
    ["mañana entre las 11 y las 9", "backwards"],
  ])("%s is refused", (words, why) => {
    expect(read(words)).toBe(why);
  });

  it("takes the leap day of a year that has one", () => {
    expect(read("29/02/2028 10:00", Date.parse("2028-02-01T10:00:00-07:00"))).toBe("2028-02-29 10:00");
  });

  it("is said as people say it", () => {
    const say = (words: string, locale = "es"): string => sayWhen(parseWhen(words, NOW) as When, NOW, locale);
    expect(say("hoy 16:00")).toBe("hoy a las 16:00");
    expect(say("mañana por la mañana")).toBe("mañana entre las 9:00 y las 12:00");
    expect(say("7/12 10:00")).toBe("lunes 7 de diciembre a las 10:00");
    expect(say("2 ene 10:00")).toMatch(/^sábado 2 de enero de 2027 a las 10:00$/);
    expect(say("tomorrow 10:30", "en")).toBe("tomorrow at 10:30");
  });

  it("offers moments to come, on working days only", () => {
    expect(offers(NOW).map((one) => `${one.key} ${said(one.when)}`)).toEqual([
      "soon 2026-11-24 10:00", "todayAfternoon 2026-11-24 14:00-18:00", "tomorrowMorning 2026-11-25 9:00-12:00",
      "tomorrowAfternoon 2026-11-25 14:00-18:00", "mondayMorning 2026-11-30 9:00-12:00",
    ]);
    const friday = Date.parse("2026-11-27T19:50:00-07:00");
    expect(offers(friday).map((one) => one.key)).toEqual(["mondayMorning"]);
  });
});
