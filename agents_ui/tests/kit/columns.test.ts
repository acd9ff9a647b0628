import { beforeEach, describe, expect, it } from "vitest";
import { moved, recall, remember, settle } from "../../src/console/ui/columns";

describe("the columns of a list", () => {
  beforeEach(() => localStorage.clear());

  it("start as the list puts them, some of them hidden", () => {
    expect(settle(null, ["a", "b", "c"], ["c"])).toEqual({ order: ["a", "b", "c"], hidden: ["c"] });
  });
  it("keep what was remembered, without columns that are gone and with those that are new", () => {
    const plan = { order: ["c", "gone", "a"], hidden: ["gone", "a"] };
    expect(settle(plan, ["a", "b", "c"], [])).toEqual({ order: ["c", "b", "a"], hidden: ["a"] });
  });
  it("move one place and stop at the ends", () => {
    const plan = { order: ["a", "b"], hidden: [] };
    expect(moved(plan, "b", -1).order).toEqual(["b", "a"]);
    expect(moved(plan, "a", -1)).toBe(plan);
    expect(moved(plan, "b", 1)).toBe(plan);
  });
  it("are remembered per list", () => {
    remember("petitions", { order: ["b", "a"], hidden: ["a"] });
    expect(recall("petitions")).toEqual({ order: ["b", "a"], hidden: ["a"] });
    expect(recall("contacts")).toBeNull();
  });
  it("start anew when what was kept cannot be read", () => {
    localStorage.setItem("console.columns/petitions", "{broken");
    expect(recall("petitions")).toBeNull();
  });
});
