import { describe, expect, it } from "vitest";
import { clock, day, dayKey, dayLabel, since } from "../src/shared/time";
import { newId } from "../src/shared/uuid";

const at = (iso: string): number => Date.parse(iso);

describe("times as people say them", () => {
  it("counts minutes and seconds, then hours and minutes, and never below zero", () => {
    expect([0, 5, 59.9, 60, 605, 3600, 3900, -3].map(clock)).toEqual(["0:00", "0:05", "0:59", "1:00", "10:05", "1:00 h", "1:05 h", "0:00"]);
    expect(since(1000, 62_000)).toBe("1:01");
  });

  it("uses the office's day wherever the machine is", () => {
    // 05:30 UTC is still the day before in Hermosillo (UTC−7).
    expect(dayKey(at("2026-11-24T05:30:00Z"))).toBe("2026-11-23");
    expect(dayLabel(at("2026-11-24T05:30:00Z"), at("2026-11-24T06:00:00Z"), "es")).toBe("hoy 22:30");
    expect(dayLabel(at("2026-11-24T05:30:00Z"), at("2026-11-24T17:00:00Z"), "es")).toBe("ayer 22:30");
  });

  it("says the weekday and date of older days, and the year of another year", () => {
    const now = at("2026-11-24T17:00:00Z");
    expect(day(at("2026-11-19T17:00:00Z"), now, "es")).toBe("jue 19 nov");
    expect(day(at("2025-11-19T17:00:00Z"), now, "es")).toContain("2025");
    expect(day(now, now, "en")).toBe("today");
  });
});

describe("ids", () => {
  it("are UUIDv7 and sort by the time they were made", () => {
    const ids = [1, 2, 3].map((ms) => newId(1_795_000_000_000 + ms));
    for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(ids).toEqual([...ids].sort());
    expect(parseInt(newId(1_795_000_000_123).replaceAll("-", "").slice(0, 12), 16)).toBe(1_795_000_000_123);
  });

  it("do not repeat within one millisecond", () => {
    expect(new Set(Array.from({ length: 2000 }, () => newId(1))).size).toBe(2000);
  });
});
