import { beforeEach, describe, expect, it } from "vitest";
import { hashOf, param, setParams } from "../../src/console/screens/parts/query";
import { go, route } from "../../src/console/route";
import { inOrder } from "../../src/console/screens/petitions/moves";
import { duration, percent } from "../../src/console/screens/parts/figures";

describe("the address of a view", () => {
  beforeEach(() => go("#/peticiones/CEAC-2026-000001?estado=registered&q=bache", true));

  it("holds the filters, and the same view has the same address", () => {
    expect(param("estado")).toBe("registered");
    expect(hashOf("piso", { fila: "q 1", estado: "", agente: null })).toBe("#/piso?fila=q+1");
    expect(hashOf("piso", { b: "2", a: "1" })).toBe(hashOf("piso", { a: "1", b: "2" }));
  });
  it("changes one filter and keeps the rest and the row that is open", () => {
    setParams({ estado: null, municipio: "26030" });
    expect(location.hash).toBe("#/peticiones/CEAC-2026-000001?municipio=26030&q=bache");
    expect(route.value.rest).toEqual(["CEAC-2026-000001"]);
  });
  it("survives words with accents and signs", () => {
    setParams({ q: "niñas & niños #1" });
    expect(param("q")).toBe("niñas & niños #1");
  });
});

describe("figures", () => {
  it("say nothing where there is nothing to divide by", () => {
    expect([percent(null), duration(null), percent(0), duration(0)]).toEqual(["—", "—", "0 %", "0:00"]);
  });
  it("turn to hours after an hour", () => {
    expect([duration(59), duration(60), duration(3599), duration(3660)]).toEqual(["0:59", "1:00", "59:59", "1:01 h"]);
  });
});

describe("the moves of a petition", () => {
  it("offer the usual way first and endings last", () => {
    expect(inOrder(["ask_data", "withdraw", "classify"])).toEqual(["classify", "ask_data", "withdraw"]);
    expect(inOrder(["mark_duplicate", "something_new"])).toEqual(["mark_duplicate", "something_new"]);
  });
});
