import { render } from "preact";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ErrorSummary } from "../../src/console/ui/ErrorSummary";

let host: HTMLElement;
const ERRORS = [{ field: "area", text: "Área responsable: falta este dato" }];
/** One more try to save, drawn as the browser draws it: effects that come after a frame do not run before this returns. */
const attempt = (count: number): void => render(<><ErrorSummary errors={ERRORS} attempt={count} /><input id="area" /></>, host);

describe("the summary of what is wrong", () => {
  beforeEach(() => {
    host = document.body.appendChild(document.createElement("div"));
  });
  afterEach(() => {
    render(null, host);
    host.remove();
  });

  it("has the focus as soon as it is there, so that it never takes it from who mends the field already", async () => {
    attempt(1);
    expect(document.activeElement).toBe(host.querySelector("[role=alert]"));
    host.querySelector("input")?.focus();
    await new Promise((done) => setTimeout(done, 150));
    expect(document.activeElement?.id).toBe("area");
  });
  it("takes it again with each try, and leads to the field by its link", () => {
    attempt(1);
    host.querySelector<HTMLElement>(".link")?.click();
    expect(document.activeElement?.id).toBe("area");
    attempt(2);
    expect(document.activeElement).toBe(host.querySelector("[role=alert]"));
  });
});
