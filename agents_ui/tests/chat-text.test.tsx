import { render } from "preact";
import { describe, expect, it } from "vitest";
import { BLACK, contrast, readable, shades, WHITE } from "../src/chat/brand";
import { call } from "../src/chat/text/call.es";
import { en } from "../src/chat/text/en";
import { es } from "../src/chat/text/es";
import { later } from "../src/chat/text/later.es";
import { talk } from "../src/chat/text/talk.es";
import { linked } from "../src/chat/views/Bubble";
import { plainName, size } from "../src/chat/views/Attached";
import { check } from "../src/chat/views/Uploads";

function shown(text: string): HTMLElement {
  const box = document.createElement("div");
  render(<p>{linked(text)}</p>, box);
  return box;
}
const links = (text: string): (string | null)[] => [...shown(text).querySelectorAll("a")].map((link) => link.getAttribute("href"));

describe("text of people", () => {
  it("is never markup", () => {
    for (const text of ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<svg/onload=fetch('//x')>", "{{7*7}} ${7*7}", "[x](javascript:alert(1))"]) {
      const box = shown(text);
      expect(box.textContent).toBe(text);
      expect(box.querySelectorAll("p *")).toHaveLength(0);
    }
  });

  it("has links only for http and https, opened apart and without a way back", () => {
    expect(links("vea https://example.com/a?b=1. y http://example.org/x, gracias")).toEqual(["https://example.com/a?b=1", "http://example.org/x"]);
    expect(links("javascript:alert(1) data:text/html,x JaVa\tScRiPt:alert(1) ftp://x //x example.com")).toEqual([]);
    const link = shown("https://example.com").querySelector("a");
    expect(link?.rel).toBe("noopener noreferrer nofollow");
    expect(link?.target).toBe("_blank");
    expect(shown("(https://example.com/a)").textContent).toBe("(https://example.com/a)");
  });

  it("shows characters that turn the reading direction instead of obeying them", () => {
    expect(shown("https://example.com/\u202eexe.fdp").textContent).toBe("https://example.com/\ufffdexe.fdp");
    expect(shown("عربي").textContent).toBe("عربي");
  });

  it("takes linear time on a long line", () => {
    expect(shown("http://".repeat(2000)).textContent).toHaveLength(14_000);
  });

  it("cannot turn the reading direction in a file's name", () => {
    expect(plainName("factura\u202egpj.exe")).toBe("facturagpj.exe");
  });
});

describe("the catalogues", () => {
  const spanish: Record<string, string> = { ...es, ...talk, ...later, ...call };
  it("say the same things in both languages, with the same blanks", () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(spanish).sort());
    const blanks = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    for (const [key, text] of Object.entries(en)) expect(blanks(text), key).toEqual(blanks(spanish[key] ?? ""));
  });
});

describe("a file before it is sent", () => {
  const uploads = { on: true, max_bytes: 1000, types: [".pdf", ".jpg"] };
  it("is refused early when the server would refuse it", () => {
    expect(check({ name: "acta.PDF", size: 10 }, uploads, 0)).toBe("");
    expect(check({ name: "shell.php.exe", size: 10 }, uploads, 0)).toBe("file_kind");
    expect(check({ name: "sin-extension", size: 10 }, uploads, 0)).toBe("file_kind");
    expect(check({ name: "a.pdf", size: 1001 }, uploads, 0)).toBe("file_too_large");
    expect(check({ name: "a.pdf", size: 0 }, uploads, 0)).toBe("file_empty");
    expect(check({ name: "a.pdf", size: 1 }, uploads, 10)).toBe("too_many_files");
    expect(check({ name: "a.pdf", size: 1 }, { ...uploads, on: false }, 0)).toBe("uploads_off");
  });
  it("has its size said in round figures", () => {
    expect([10, 2048, 3 * 1024 * 1024].map(size)).toEqual(["1 kB", "2 kB", "3.0 MB"]);
  });
});

describe("the office's colour", () => {
  it("can be read on light and dark ground, whatever it is", () => {
    for (const colour of [[255, 255, 0], [0, 0, 0], [123, 28, 59], [255, 255, 255], [128, 128, 128]] as const) {
      for (const ground of [WHITE, BLACK]) expect(contrast(readable(colour, ground), ground)).toBeGreaterThanOrEqual(4.5);
    }
  });
  it("is left as it is where it already can", () => {
    expect(shades("#7b1c3b")?.[0]).toBe("rgb(123 28 59)");
  });
  it("is ignored when it is not a colour", () => {
    for (const bad of [null, undefined, "", "red", "#fff", "url(x)", "#12345g"]) expect(shades(bad)).toBeNull();
  });
});
