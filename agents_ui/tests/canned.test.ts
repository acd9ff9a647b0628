import { describe, expect, it } from "vitest";
import { askAt, fillReply, matchPeople, matchReplies, replaceAsk, unfilled } from "../src/console/canned";
import { agent } from "./desk-data";

const reply = (shortcut: string, language = "es") => ({ id: shortcut + language, shortcut, title: `Título ${shortcut}`, text: `texto de ${shortcut}`, language });

describe("while typing", () => {
  it.each([["/", "", 0], ["/sal", "sal", 0], ["Hola /fo", "fo", 5], ["Hola\n/fo", "fo", 5]])("%j asks for a canned reply", (text, query, from) =>
    expect(askAt(text, text.length, false)).toEqual({ kind: "reply", from, query }));
  it.each(["24/11", "http://x", "/saludo ya"])("%j asks for nothing", (text) => expect(askAt(text, text.length, false)).toBeNull());
  it("@ asks for a colleague in notes only", () => {
    expect(askAt("pregunta a @jo", 14, true)).toEqual({ kind: "mention", from: 11, query: "jo" });
    expect(askAt("pregunta a @jo", 14, false)).toBeNull();
  });
});

it("finds replies by shortcut first, in the citizen's language first", () => {
  const found = matchReplies([reply("cierre"), reply("saludo", "en"), reply("saludo"), reply("folio")], "sal", "es");
  expect(found.map((one) => one.id)).toEqual(["saludoes", "saludoen"]);
});

it("finds people by any of their names, without accents, and never oneself", () => {
  const people = [agent("1", { name: "José Ejemplo" }), agent("2", { name: "Ana Prueba" }), agent("3", { name: "Luz Jose" })];
  expect(matchPeople(people, "jose", "2").map((one) => one.id).sort()).toEqual(["1", "3"]);
  expect(matchPeople(people, "", "2").some((one) => one.id === "2")).toBe(false);
});

it("puts the text where it was asked for and leaves the rest", () => {
  expect(replaceAsk("Hola /sal y más", 9, { kind: "reply", from: 5, query: "sal" }, "buenos días")).toEqual({ text: "Hola buenos días y más", caret: 16 });
});

it("fills what is known and points at what is not", () => {
  const text = fillReply("Soy {nombre_agente}, folio {folio}", { nombre_agente: "Ana", folio: null });
  expect(text).toBe("Soy Ana, folio {folio}");
  expect(unfilled(text)).toEqual(["{folio}"]);
});
