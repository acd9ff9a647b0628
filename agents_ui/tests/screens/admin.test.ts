import { describe, expect, it } from "vitest";
import { blanks } from "../../src/console/screens/admin/blanks";
import { compare, placeholdersOf, preview } from "../../src/console/screens/admin/placeholders";
import { scriptLine } from "../../src/console/screens/admin/Sites";
import type { SettingRow } from "../../src/console/screens/admin/types";
import { LOOKS, parsed, shown, unitOf } from "../../src/console/screens/admin/units";
import { weekText } from "../../src/console/screens/admin/Hours";
import { adminEs } from "../../src/console/text/admin.es";
import { adminEn } from "../../src/console/text/admin.en";
import { codesEs } from "../../src/console/text/codes.es";
import { codesEn } from "../../src/console/text/codes.en";
import { loginEs } from "../../src/console/text/login.es";
import { loginEn } from "../../src/console/text/login.en";
import { recordsEs } from "../../src/console/text/records.es";
import { recordsEn } from "../../src/console/text/records.en";
import { screensEs } from "../../src/console/text/screens.es";
import { screensEn } from "../../src/console/text/screens.en";

const setting = (key: string, value: SettingRow["value"]): SettingRow => ({ key, value, default: value, type: typeof value === "string" ? "str" : typeof value === "boolean" ? "bool" : "int" });

describe("a setting", () => {
  it("is shown in its unit and stored in the base one", () => {
    const row = setting("inactivity_notice_s", 300);
    expect([shown(row), unitOf(row), parsed(row, "7")]).toEqual(["5", "min", 420]);
    const size = setting("upload_max_bytes", 10 * 1024 * 1024);
    expect([shown(size), parsed(size, "5")]).toEqual(["10", 5 * 1024 * 1024]);
    expect(shown(setting("capture_overdue_hours", 24))).toBe("24");
  });
  it("falls back to seconds when its unit does not come out even", () => {
    const row = setting("inactivity_notice_s", 90);
    expect([shown(row), unitOf(row), parsed(row, "90")]).toEqual(["90", "s", 90]);
  });
  it("refuses what is no number", () => {
    const row = setting("long_wait_s", 300);
    for (const typed of ["", "cinco", "-1", "1e12", "NaN"]) expect(parsed(row, typed)).toBeNull();
    expect(parsed(row, "2,5")).toBe(150);
  });
  it("has a name in both languages", () => {
    for (const key of Object.keys(LOOKS)) {
      expect(adminEs).toHaveProperty([`setting.${key}`]);
      expect(adminEn).toHaveProperty([`setting.${key}`]);
    }
  });
});

describe("the privacy notice", () => {
  const filled = ["notice_address", "notice_contact", "notice_full_url", "notice_url", "notice_date"].map((key) => setting(key, "x"));
  it("is blocked by every blank the office has not filled", () => {
    expect(blanks(filled)).toEqual([]);
    expect(blanks([...filled.slice(1), setting("notice_address", "  ")])).toEqual(["notice_address"]);
  });
});

describe("the names in braces of a text", () => {
  it("are compared with those it was made with", () => {
    expect(compare(["folio", "url"], "Su folio es {folio} y {foli}")).toEqual({ missing: ["url"], unknown: ["foli"] });
    expect(compare(["folio"], ["Uno {folio}", "dos {folio}"])).toEqual({ missing: [], unknown: [] });
    expect(placeholdersOf("{{tipo_dato}} { no } {a b}")).toEqual(["tipo_dato"]);
  });
  it("are filled in the preview, and stay in sight when nobody knows them", () => {
    expect(preview("Folio {folio}, {quien_sabe}")).toBe("Folio CEAC-2026-000123, {quien_sabe}");
  });
});

describe("what is said in short", () => {
  it("joins weekdays with the same hours", () => {
    const hours: [string, string][] = [["08:00", "15:00"]];
    expect(weekText({ mon: hours, tue: hours, wed: hours, sat: [["09:00", "13:00"]] })).toBe("lun–mié 08:00–15:00 · sáb 09:00–13:00");
    expect(weekText({})).toBe("");
  });
  it("gives a site one line, from our own address", () => {
    expect(scriptLine("https://chat.example.org")).toBe('<script src="https://chat.example.org/widget.js" async></script>');
  });
});

describe("the catalogues of the screens", () => {
  it.each([["admin", adminEs, adminEn], ["codes", codesEs, codesEn], ["login", loginEs, loginEn], ["records", recordsEs, recordsEn], ["screens", screensEs, screensEn]] as const)(
    "say the same in both languages, with the same blanks: %s", (_, es: Record<string, string>, en: Record<string, string>) => {
      expect(Object.keys(en).sort()).toEqual(Object.keys(es).sort());
      for (const [key, text] of Object.entries(es)) {
        expect(text.trim(), key).not.toBe("");
        expect(placeholdersOf(en[key] ?? "").sort(), key).toEqual(placeholdersOf(text).sort());
      }
    },
  );
});
