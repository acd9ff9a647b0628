import { beforeEach, describe, expect, it } from "vitest";
import { answersOf, askedOf, fullness, isOpen, timesOf, unanswered, type Callback, type Hour, type Question } from "../src/console/callbacks";
import { refusalText } from "../src/console/callbackWords";
import { arrange, daysFrom, linesOf, loose, mondayOf, slotAt, spanOf, worth } from "../src/console/screens/callbacks/days";
import { locale } from "../src/console/text";
import { nextWords } from "../src/console/views/script/Next";

const NOW = Date.parse("2026-11-24T09:12:00-07:00");
const at = (text: string): number => Date.parse(`${text}:00-07:00`);
const question = (id: string, more: Partial<Question> = {}): Question => ({ id, text: `¿${id}?`, kind: "text", required: true, ...more });
const callback = (more: Partial<Callback> = {}): Callback => ({
  id: "c1", item: "i1", epoch: 1, item_state: "scheduled", reason: "ask", state: "rescheduled", standing: "scheduled", number: "662 ••• •001", zone: "America/Hermosillo", zones: ["America/Hermosillo"],
  folio: "CEAC-2026-000001", citizen: null, label: "María E.", origin: null, owner: null, queue: "q1", area: null, requested_by: "u1", requested_area: null, source: "staff", priority: "normal",
  made_at: NOW, due_at: at("2026-11-24T15:30"), promised_at: NOW, not_after: null, words: "", words_en: "", attempts: 1, max_attempts: 3, outcome: "no_answer", questions: [], answers: [], identity: false,
  note: null, kept_at: null, closed_at: null, received_at: null, cancelled_reason: null, moves: 0, message_sent: null, can: [], ...more,
});
const hour = (start: string, more: Partial<Hour> = {}): Hour => ({ at: at(start), until: at(start) + 3_600_000, capacity: 10, promised: 0, open: true, why: null, name: null, ...more });

beforeEach(() => { locale.value = "es"; });

describe("what happens next", () => {
  it("is said with the hour and the number of the try", () => {
    expect(nextWords(callback(), NOW)).toEqual(["Se intentará de nuevo hoy a las 15:30 (intento 2 de 3)."]);
    expect(nextWords(callback({ attempts: 0, not_after: at("2026-11-24T17:00") }), NOW)).toEqual(["Programada para hoy entre las 15:30 y las 17:00."]);
  });
  it("tells of the message that was left and of who has it again", () => {
    expect(nextWords(callback({ state: "exhausted", attempts: 3, message_sent: "chat" }), NOW).join(" ")).toBe("Se agotaron los 3 intentos. Se le dejó un mensaje por chat. Vuelve a quien la pidió.");
    expect(nextWords(callback({ state: "exhausted", attempts: 3, message_sent: "none", requested_by: null }), NOW).join(" ")).toBe("Se agotaron los 3 intentos. No hay un canal para dejarle mensaje.");
  });
  it("is nothing while the call is to be made now", () => {
    expect(nextWords(callback({ state: "assigned" }), NOW)).toEqual([]);
  });
});

describe("questions", () => {
  const asked = [question("calle"), question("vive", { kind: "yes_no" }), question("nota", { required: false })];
  it("are answered by false and zero, not by spaces", () => {
    expect(unanswered(asked, { calle: "  ", vive: false }).map((one) => one.id)).toEqual(["calle"]);
    expect(unanswered([question("n", { kind: "number" })], { n: 0 })).toEqual([]);
  });
  it("keep what the service knows under what was typed since", () => {
    const known = callback({ questions: asked, answers: [{ question: "calle", value: "Ejemplo 1", at: NOW, by: null }, { question: "vive", value: true, at: NOW, by: null }] });
    expect(answersOf(known, { vive: null })).toEqual({ calle: "Ejemplo 1", vive: null });
  });
  it("are sent without blanks, with choices only where a choice is made", () => {
    expect(askedOf([{ text: " ¿Dónde? ", kind: "text", required: true, choices: ["no"] }, { text: " ", kind: "date", required: true }, { text: "¿Cuál?", kind: "choice", required: false, choices: [" A", "B ", "A", ""] }])).toEqual([
      { text: "¿Dónde?", kind: "text", required: true }, { text: "¿Cuál?", kind: "choice", required: false, choices: ["A", "B"] },
    ]);
  });
});

describe("the calendar", () => {
  it("begins its weeks on Monday, through the turn of the year", () => {
    expect(mondayOf("2026-11-24")).toBe("2026-11-23");
    expect(mondayOf("2026-11-29")).toBe("2026-11-23");
    expect(daysFrom(mondayOf("2027-01-01"), 7)).toEqual(["2026-12-28", "2026-12-29", "2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"]);
    expect(spanOf(["2026-11-24"])).toEqual({ from: at("2026-11-24T00:00"), to: at("2026-11-25T00:00") });
  });
  it("puts every call in its hour, and loses none that has no hour", () => {
    const rows = [callback({ id: "b", due_at: at("2026-11-24T10:59") }), callback({ id: "a", due_at: at("2026-11-24T10:00") }), callback({ id: "z", due_at: at("2026-11-24T21:00") }), callback({ id: "other", due_at: at("2026-11-25T10:00") })];
    const [day] = arrange(["2026-11-24"], [hour("2026-11-24T10:00"), hour("2026-11-24T11:00")], rows);
    expect(slotAt(day!, "10:00")?.rows.map((row) => row.id)).toEqual(["a", "b"]);
    expect(slotAt(day!, "11:00")?.rows).toEqual([]);
    expect(slotAt(day!, "12:00")).toBeNull();
    expect(loose(day!).map((row) => row.id)).toEqual(["z"]);
    expect(day!.rows).toHaveLength(3);
  });
  it("shows the hours from the first to the last that matter", () => {
    const shut = { open: false, capacity: 0, why: "closed" } as const;
    const days = arrange(["2026-11-24", "2026-11-25"], [hour("2026-11-24T07:00", shut), hour("2026-11-24T08:00"), hour("2026-11-24T09:00", shut), hour("2026-11-24T10:00"), hour("2026-11-25T13:00")], []);
    expect(worth(days[0]!.slots)).toHaveLength(3);
    expect(linesOf(days)).toEqual(["08:00", "09:00", "10:00", "13:00"]);
  });
  it("tells a full hour from a shut one", () => {
    expect([{}, { promised: 8 }, { promised: 10 }, { promised: 12 }, { open: false }, { capacity: 0 }].map((more) => fullness(hour("2026-11-24T10:00", more)))).toEqual(["free", "near", "full", "full", "shut", "full"]);
  });
});

it("a window is sent from its beginning to its end, a moment alone", () => {
  expect(timesOf({ from: 1, to: 2 })).toEqual({ due_at: 1, not_after: 2 });
  expect(timesOf({ from: 1, to: null })).toEqual({ due_at: 1 });
});
it("a refusal without words of its own says its code", () => {
  expect(refusalText("day_off", { name: "Navidad" })).toBe("Ese día no se llama (Navidad).");
  expect(refusalText("day_off")).toBe("Ese día no se llama.");
  expect(refusalText("moon_phase")).toContain("moon_phase");
});
it("only what is neither done nor dropped is open", () => {
  expect(["solicited", "assigned", "rescheduled", "achieved", "exhausted", "cancelled", "closed"].filter((state) => isOpen({ state }))).toEqual(["solicited", "assigned", "rescheduled"]);
});
