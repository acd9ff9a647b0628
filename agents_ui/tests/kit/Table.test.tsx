import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Table, type Column } from "../../src/console/ui/Table";

interface Row { id: string; name: string; n: number }
const ROWS: Row[] = [{ id: "a", name: "Uno", n: 1 }, { id: "b", name: "Dos", n: 2 }];
const COLUMNS: Column<Row>[] = [
  { key: "name", label: "Nombre", fixed: true, cell: (row) => row.name },
  { key: "n", label: "Cuántos", kind: "number", cell: (row) => row.n },
  { key: "id", label: "Clave", hidden: true, cell: (row) => row.id },
];
let host: HTMLElement;
const opened: string[] = [];
const draw = (name?: string): void => {
  void act(() => render(<Table label="Lista" columns={COLUMNS} rows={ROWS} rowKey={(row) => row.id} onOpen={(row) => opened.push(row.id)} totals={{ n: 3 }} {...(name === undefined ? {} : { name })} />, host));
};
const heads = (): string[] => [...host.querySelectorAll("thead th")].map((one) => one.textContent ?? "");
const press = (target: EventTarget, key: string): void => void act(() => { target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })); });

describe("a list", () => {
  beforeEach(() => {
    localStorage.clear();
    opened.length = 0;
    host = document.body.appendChild(document.createElement("div"));
  });
  afterEach(() => {
    render(null, host);
    host.remove();
  });

  it("has one row in the tab order, and J and K go from row to row", () => {
    draw();
    expect(host.querySelectorAll("tbody tr[tabindex='0']")).toHaveLength(1);
    press(document.body, "j");
    expect(document.activeElement?.getAttribute("data-key")).toBe("a");
    press(document.activeElement as Element, "j");
    expect(document.activeElement?.getAttribute("data-key")).toBe("b");
    press(document.activeElement as Element, "j");
    expect(document.activeElement?.getAttribute("data-key")).toBe("b");
    press(document.activeElement as Element, "k");
    expect(document.activeElement?.getAttribute("data-key")).toBe("a");
  });
  it("opens the row that has the focus with Enter", () => {
    draw();
    press(document.body, "j");
    press(document.activeElement as Element, "Enter");
    expect(opened).toEqual(["a"]);
  });
  it("leaves the letters to whoever is typing", () => {
    draw();
    const field = host.appendChild(document.createElement("input"));
    field.focus();
    press(field, "j");
    expect(document.activeElement).toBe(field);
  });
  it("stands its totals at the foot, under their columns", () => {
    draw();
    expect([...host.querySelectorAll("tfoot td")].map((one) => one.textContent)).toEqual(["Totales", "3"]);
  });
  it("shows a hidden column when it is wanted, moves it, and remembers both", () => {
    draw("prueba");
    expect(heads()).toEqual(["Nombre", "Cuántos"]);
    void act(() => { (host.querySelector(".column-picker > button") as HTMLElement).click(); });
    const boxes = [...host.querySelectorAll<HTMLInputElement>(".column-row input")];
    expect(boxes[0]?.disabled).toBe(true);
    void act(() => { boxes[2]?.click(); });
    expect(heads()).toEqual(["Nombre", "Cuántos", "Clave"]);
    void act(() => { (host.querySelectorAll(".column-row")[2]?.querySelectorAll("button")[0] as HTMLElement).click(); });
    expect(heads()).toEqual(["Nombre", "Clave", "Cuántos"]);
    render(null, host);
    draw("prueba");
    expect(heads()).toEqual(["Nombre", "Clave", "Cuántos"]);
  });
});
