import { describe, expect, it } from "vitest";
import { match, WINDOW } from "../../src/console/ui/match";

const options = [
  { value: "SP01", label: "Bacheo y pavimentación urbana", synonyms: ["bache", "hoyo", "calle"] },
  { value: "SP02", label: "Alumbrado público", synonyms: ["lámpara", "luminaria"] },
  { value: "AG01", label: "Falta de agua potable", detail: "Agua, drenaje y energía" },
  { value: "AS01", label: "Pavimento de agua", synonyms: [] },
];
const found = (query: string): string[] => match(options, query).shown.map((one) => one.value);

describe("a search field", () => {
  it("finds without accents or capitals", () => {
    expect(found("PAVIMENTACION")).toEqual(["SP01"]);
    expect(found("publico")).toEqual(["SP02"]);
  });
  it("finds by what people call it", () => {
    expect(found("hoyo")).toEqual(["SP01"]);
    expect(found("lampara")).toEqual(["SP02"]);
  });
  it("finds by code and by the group it stands under", () => {
    expect(found("ag01")).toEqual(["AG01"]);
    expect(found("drenaje")).toEqual(["AG01"]);
  });
  it("wants every word, in any order", () => {
    expect(found("agua falta")).toEqual(["AG01"]);
    expect(found("agua bache")).toEqual([]);
  });
  it("puts what begins with the word before what holds it", () => {
    expect(found("pav")).toEqual(["AS01", "SP01"]);
  });
  it("draws no more than a window of a long list, and says how many are left", () => {
    const many = Array.from({ length: 164 }, (_, index) => ({ value: String(index), label: `Dependencia ${index}` }));
    const { shown, more } = match(many, "dependencia");
    expect(shown).toHaveLength(WINDOW);
    expect(more).toBe(164 - WINDOW);
  });
  it("shows everything in its order while nothing is typed", () => {
    expect(found("  ")).toEqual(["SP01", "SP02", "AG01", "AS01"]);
  });
});
