import { render } from "preact";
import { act } from "preact/test-utils";
import { useState } from "preact/hooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Combobox } from "../../src/console/ui/Combobox";

const OPTIONS = [
  { value: "26030", label: "Hermosillo", synonyms: ["capital"] },
  { value: "26018", label: "Cajeme", synonyms: ["Obregón"] },
  { value: "26043", label: "Nogales" },
];
let host: HTMLElement;
let chosen: string[];

function Box({ start = "", required = false }: { start?: string; required?: boolean }) {
  const [value, setValue] = useState(start);
  return <Combobox label="Municipio" required={required} error={null} options={OPTIONS} value={value} onChange={(next) => { chosen.push(next); setValue(next); }} />;
}
const input = (): HTMLInputElement => host.querySelector("input") as HTMLInputElement;
const type = (text: string): void => act(() => { input().value = text; input().dispatchEvent(new Event("input", { bubbles: true })); }) as unknown as void;
const key = (name: string): boolean => {
  const event = new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
  void act(() => { input().dispatchEvent(event); });
  return event.defaultPrevented;
};
const shown = (): string[] => [...host.querySelectorAll("[role=option]")].map((one) => one.firstElementChild?.textContent ?? one.textContent ?? "");

describe("the search field", () => {
  beforeEach(() => {
    chosen = [];
    host = document.body.appendChild(document.createElement("div"));
  });
  afterEach(() => {
    render(null, host);
    host.remove();
  });

  it("says what it is, and ties label and list to the field", () => {
    void act(() => render(<Box required />, host));
    expect(input().getAttribute("role")).toBe("combobox");
    expect(host.querySelector("label")?.htmlFor).toBe(input().id);
    expect(input().required).toBe(true);
    expect(input().getAttribute("aria-expanded")).toBe("false");
  });
  it("is used by keyboard alone: type, move, enter", () => {
    void act(() => render(<Box />, host));
    type("obregon");
    expect(shown()).toEqual(["Cajeme"]);
    expect(host.querySelector("[role=status]")?.textContent).not.toBe("");
    key("Enter");
    expect(chosen).toEqual(["26018"]);
    expect(input().value).toBe("Cajeme");
    expect(input().getAttribute("aria-expanded")).toBe("false");
  });
  it("takes what was typed, not what was last drawn, when Enter comes before the next drawing", () => {
    void act(() => render(<Box />, host));
    type("her");
    void act(() => {
      input().value = "obregon";
      input().dispatchEvent(new Event("input", { bubbles: true }));
      input().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    });
    expect(chosen).toEqual(["26018"]);
  });
  it("takes a name typed and left at once with Enter, before the list was ever drawn", () => {
    void act(() => render(<Box />, host));
    void act(() => {
      input().value = "nog";
      input().dispatchEvent(new Event("input", { bubbles: true }));
      input().dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    });
    expect(chosen).toEqual(["26043"]);
  });
  it("moves round the list and points at the option that Enter would take", () => {
    void act(() => render(<Box />, host));
    key("ArrowDown");
    key("ArrowUp");
    const active = input().getAttribute("aria-activedescendant") ?? "";
    expect(document.getElementById(active)?.textContent).toContain("Nogales");
    key("ArrowDown");
    key("Enter");
    expect(chosen).toEqual(["26030"]);
  });
  it("gives back what was chosen when Escape is pressed, and keeps the key from the dialog around it", () => {
    void act(() => render(<Box start="26043" />, host));
    type("her");
    expect(key("Escape")).toBe(true);
    expect(input().value).toBe("Nogales");
    expect(chosen).toEqual([]);
  });
  it("leaves Escape to others while it is closed", () => {
    void act(() => render(<Box start="26043" />, host));
    expect(key("Escape")).toBe(false);
  });
  it("takes an exact name and refuses anything else when it is left", () => {
    void act(() => render(<Box />, host));
    type("CAJEME");
    void act(() => { input().dispatchEvent(new Event("blur")); });
    expect(chosen).toEqual(["26018"]);
    type("ninguno");
    void act(() => { input().dispatchEvent(new Event("blur")); });
    expect(chosen).toEqual(["26018"]);
    expect(input().value).toBe("Cajeme");
  });
  it("is empty again when its text is taken away", () => {
    void act(() => render(<Box start="26043" />, host));
    type("");
    void act(() => { input().dispatchEvent(new Event("blur")); });
    expect(chosen).toEqual([""]);
  });
  it("says when nothing fits", () => {
    void act(() => render(<Box />, host));
    type("zzz");
    expect(host.querySelector("[aria-disabled=true]")).not.toBeNull();
    key("Enter");
    expect(chosen).toEqual([]);
  });
});
