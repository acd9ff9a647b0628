/** Texts over a telephone network: alphabets, parts, and signs that are never cut. */
import { describe, expect, it } from "vitest";
import { segments } from "../src/console/segments";
import { filled, isBad } from "../src/console/views/writing/types";

describe("segments", () => {
  it.each([
    ["", "GSM-7", 1, 0],
    ["a".repeat(160), "GSM-7", 1, 160],
    ["a".repeat(161), "GSM-7", 2, 8],
    ["€".repeat(80), "GSM-7", 1, 160],
    ["€".repeat(81), "GSM-7", 2, 10],
    ["Ñandú", "UCS-2", 1, 5],
    ["á".repeat(71), "UCS-2", 2, 4],
  ])("of %s", (text, alphabet, parts, used) => {
    expect(segments(text)).toMatchObject({ alphabet, parts, used });
  });

  it("names the sign that needs the wide alphabet", () => {
    expect(segments("Hola, ¿qué pasó?").because).toBe("ó");
    expect(segments("Hola, ¿que paso?").because).toBe("");
  });

  it("never cuts what people see as one sign", () => {
    const family = "👨‍👩‍👧‍👦";
    expect(segments("a".repeat(66) + family)).toMatchObject({ parts: 2, used: family.length });
    expect(segments("a".repeat(60) + family).parts).toBe(2);
    expect(segments("a".repeat(59) + family).parts).toBe(1);
  });
});

describe("templates", () => {
  it("fills each blank and shows the gaps", () => {
    expect(filled("Hola {{1}}, folio {{ folio }}.", { 1: "Ana" })).toBe("Hola Ana, folio ____.");
  });
  it.each([["", true], [" ", true], ["a\nb", true], ["a    b", true], ["x".repeat(301), true], ["Ana", false]])("judges %j", (value, bad) => {
    expect(isBad(value)).toBe(bad);
  });
});
