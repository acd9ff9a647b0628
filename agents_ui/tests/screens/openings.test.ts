import { describe, expect, it } from "vitest";
import { clockText, isClock, opening, openRanges, spansProblem } from "../../src/console/screens/admin/openings";
import type { ClosureRow, Week } from "../../src/console/screens/admin/types";

const ZONE = "America/Hermosillo"; // UTC−7 all year
const WEEK: Week = { mon: [["08:00", "15:00"]], tue: [["08:00", "12:00"], ["13:00", "15:00"]], fri: [["22:00", "06:00"]] };
const at = (text: string): number => Date.parse(`${text}-07:00`);
const closure = (fields: Partial<ClosureRow>): ClosureRow => ({ id: "x", calendar_id: null, kind: "holiday", name: "x", starts_on: "2026-11-23", ends_on: "2026-11-23", ranges: [], ...fields });
const said = (now: string, closures: ClosureRow[] = [], week = WEEK): string => {
  const { isOpen, until } = opening(ZONE, week, closures, at(now));
  return `${isOpen ? "open" : "shut"} ${until === null ? "for ever" : `${until.date} ${until.clock}`}`;
};

describe("what is typed as an hour", () => {
  it("is understood as people write it", () => {
    expect(["8", "08", "830", "0830", "8:5", "8.30", "15h", "24", " 9:00 "].map(clockText)).toEqual(["08:00", "08:00", "08:30", "08:30", "08:05", "08:30", "15h".replace("h", ":00"), "24:00", "09:00"]);
  });
  it("stays as it is when it is no hour", () => {
    for (const text of ["25", "8:75", "ocho", ""]) expect(clockText(text)).toBe(text);
    expect(isClock("24:01")).toBe(false);
  });
});

describe("the ranges of a day", () => {
  it("may not overlap, be empty, or be no hours", () => {
    expect(spansProblem([["08:00", "12:00"], ["11:00", "15:00"]])).toBe("overlap");
    expect(spansProblem([["08:00", "08:00"]])).toBe("empty");
    expect(spansProblem([["8", "12:00"]])).toBe("format");
    expect(spansProblem([["13:00", "15:00"], ["08:00", "13:00"]])).toBeNull();
    expect(spansProblem([["22:00", "06:00"]])).toBeNull();
  });
});

describe("open now", () => {
  it("ends when the range does, and begins with the next one of the day", () => {
    expect(said("2026-11-23T10:00")).toBe("open 2026-11-23 15:00");
    expect(said("2026-11-24T12:00")).toBe("shut 2026-11-24 13:00");
    expect(said("2026-11-23T15:00")).toBe("shut 2026-11-24 08:00");
  });
  it("goes on past midnight", () => {
    expect(said("2026-11-28T05:59")).toBe("open 2026-11-28 06:00");
    expect(said("2026-11-27T21:00")).toBe("shut 2026-11-27 22:00");
  });
  it("knows holidays, partial closures and guards", () => {
    expect(said("2026-11-23T10:00", [closure({})])).toBe("shut 2026-11-24 08:00");
    expect(said("2026-11-23T10:00", [closure({ kind: "closure", ranges: [["11:00", "12:00"]] })])).toBe("open 2026-11-23 11:00");
    expect(said("2026-11-23T11:30", [closure({ kind: "closure", ranges: [["11:00", "12:00"]] })])).toBe("shut 2026-11-23 12:00");
    expect(said("2026-11-23T08:00", [closure({}), closure({ kind: "guard", ranges: [["09:00", "10:00"]] })])).toBe("shut 2026-11-23 09:00");
  });
  it("says so when it never opens, and joins days that touch", () => {
    expect(said("2026-11-23T10:00", [], {})).toBe("shut for ever");
    const always = Object.fromEntries(["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map((day) => [day, [["00:00", "24:00"]]])) as Week;
    expect(said("2026-11-23T10:00", [], always)).toBe("open for ever");
    expect(said("2026-11-23T10:00", [closure({ starts_on: "2026-11-30", ends_on: "2026-11-30" })], always)).toBe("open 2026-11-30 00:00");
  });
  it("takes the weekday from the date, whatever the machine's zone", () => {
    const day = Date.UTC(2026, 10, 23) / 86_400_000; // a Monday
    expect(openRanges(WEEK, [], day)).toEqual([[480, 900]]);
    expect(openRanges(WEEK, [], day + 2)).toEqual([]);
  });
});
