import { render, type ComponentChild } from "preact";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { pending } from "../src/chat/live";
import { EMPTY, type Chat } from "../src/chat/state";
import type { Config, Message } from "../src/chat/types";
import { Begin } from "../src/chat/views/Begin";
import { Composer } from "../src/chat/views/Composer";
import { Crisis } from "../src/chat/views/Crisis";
import { Home } from "../src/chat/views/Home";
import { Log } from "../src/chat/views/Log";

const NOW = Date.parse("2026-11-24T17:00:00Z");
const CONFIG: Config = {
  brand: { name: "Chat Sonora" }, locale: "es", now: NOW,
  office: { is_open: true, hours_text: "lunes a viernes de 8:00 a 15:00", opens_at: null },
  notice: { version: "2026-11", summary: ["uno", "dos", "tres", "cuatro"], text: "El aviso completo.", url: "https://example.gob.mx/aviso", publishable: true },
  texts: { greeting: "Bienvenida, bienvenido" }, survey: [], uploads: { max_bytes: 1000, types: [".pdf"], on: true }, queue: { waiting: 0 }, limits: { text: 20 },
};
const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: `m${seq}`, seq, at: NOW + seq, text: `texto ${seq}`, attachments: [], delivery: "sent", author: { kind: "agent", name: "Ana" }, conversation: "c1", ...more,
});
const talking = (messages: Message[]): Chat => ({
  ...EMPTY, isKnown: true, cursor: 1, messages,
  conversation: { id: "c1", state: "active", agent: { name: "Ana", area: null }, last_seq: 9, agent_read_seq: 0, closed_at: null, can_write: true, survey: "no", crisis: null },
});

let box: HTMLElement;
async function show(what: ComponentChild): Promise<void> {
  render(what, box);
  await new Promise((done) => setTimeout(done)); // The effects run after the paint.
}
const texts = (selector: string): (string | null)[] => [...box.querySelectorAll(selector)].map((one) => one.textContent);
const press = (words: string): void => [...box.querySelectorAll("button")].find((one) => one.textContent.includes(words))!.click();

beforeEach(() => {
  localStorage.clear();
  document.body.textContent = "";
  box = document.body.appendChild(document.createElement("div"));
  box.scrollTo = () => undefined;
  vi.spyOn(HTMLElement.prototype, "scrollTo").mockImplementation(() => undefined);
});

describe("the first screen", () => {
  it("says that somebody is there, and offers to write first", async () => {
    await show(<Home config={CONFIG} onChoose={() => undefined} />);
    expect(texts(".choice b")).toEqual(["Iniciar conversación", "Consultar mi folio", "Que me llamen"]);
    expect(box.textContent).toContain("Abierto ahora");
  });

  it("offers to leave a message when the office is closed, and says when it opens", async () => {
    await show(<Home config={{ ...CONFIG, office: { ...CONFIG.office, is_open: false, opens_at: Date.parse("2026-11-25T15:00:00Z") } }} onChoose={() => undefined} />);
    expect(texts(".choice b")[0]).toBe("Dejar un mensaje");
    expect(box.textContent).toMatch(/Abrimos: miércoles.*25 de noviembre.*08:00/);
  });

  it("offers nothing that stores before the notice may be published", async () => {
    await show(<Home config={{ ...CONFIG, notice: { ...CONFIG.notice, publishable: false } }} onChoose={() => undefined} />);
    expect(texts(".choice")).toEqual([]);
    expect(box.querySelector('a[href="tel:911"]')).not.toBeNull();
  });

  it("leads back to a conversation that goes on", async () => {
    localStorage.setItem("chat.token", "t");
    await show(<Home config={CONFIG} onChoose={() => undefined} />);
    expect(texts(".choice b")[0]).toBe("Continuar la conversación");
  });
});

describe("the privacy notice", () => {
  const begin = (config = CONFIG) => <Begin config={config} isStart={false} onChanged={async () => undefined} onBack={() => undefined} onStart={() => undefined}><input name="first" /></Begin>;

  it("comes before the first field, in four lines with the whole behind them", async () => {
    await show(begin());
    expect(box.querySelector("input")).toBeNull();
    expect(texts(".summary li")).toEqual(["uno", "dos", "tres", "cuatro"]);
    expect(box.querySelector("details")?.open).toBe(false);
    press("Acepto");
    await show(begin());
    expect(box.querySelector("input")).not.toBeNull();
  });

  it("is asked once for each version", async () => {
    localStorage.setItem("chat.notice", "2026-11");
    await show(begin());
    expect(box.querySelector("input")).not.toBeNull();
    render(null, box);
    await show(begin({ ...CONFIG, notice: { ...CONFIG.notice, version: "2027-01" } }));
    expect(box.querySelector("input")).toBeNull();
    expect(box.querySelector('[role="alert"]')?.textContent).toContain("cambió");
  });
});

describe("the log", () => {
  it("announces additions politely, names who speaks, and separates days", async () => {
    await show(<Log chat={talking([message(1, { at: NOW - 86_400_000 }), message(2), message(3, { author: { kind: "citizen", name: null } })])} isOnline />);
    expect(box.querySelector('[role="log"]')?.getAttribute("aria-relevant")).toBe("additions");
    expect(texts(".day")).toHaveLength(2);
    expect(texts(".who")).toEqual(["Ana", "Ana", "Usted"]);
  });

  it("shows ours as pending until stored, and what was refused with a way out", async () => {
    const waiting = pending.add({ text: "en camino", files: [] }, NOW);
    const refused = pending.add({ text: "muy largo", files: [] }, NOW + 1);
    pending.refuse(refused.id, "text_too_long");
    await show(<Log chat={talking([])} isOnline={false} />);
    expect(texts(".pending .meta")).toEqual(["pendiente"]);
    expect(box.querySelector(".failed")?.textContent).toContain("No se pudo enviar: El mensaje es muy largo");
    await show(<Log chat={talking([message(1, { client_id: waiting.id, text: "en camino", author: { kind: "citizen", name: null } })])} isOnline />);
    expect(texts(".bubble .text")).toEqual(["en camino", "muy largo"]);
    press("Reintentar");
    expect(pending.list().find((one) => one.body.text === "muy largo")).toMatchObject({ failed: null });
    expect(pending.list().some((one) => one.id === refused.id)).toBe(false);
  });

  it("offers quick answers of the last message only, and sends them as words", async () => {
    const asks = message(1, { data: { choices: ["Sí", { text: "No" }, 7] } });
    await show(<Log chat={talking([asks])} isOnline />);
    expect(texts(".quick button")).toEqual(["Sí", "No"]);
    press("No");
    expect(pending.list().at(-1)?.body.text).toBe("No");
    await show(<Log chat={talking([asks, message(2)])} isOnline />);
    expect(texts(".quick button")).toEqual([]);
  });

  it("shows a folio as a card to copy", async () => {
    const write = vi.fn(async () => undefined);
    vi.spyOn(navigator, "clipboard", "get").mockReturnValue({ writeText: write } as unknown as Clipboard);
    await show(<Log chat={talking([message(1, { author: { kind: "system", name: null }, data: { folio: "CEAC-2026-000001" } })])} isOnline />);
    expect(texts(".folio b")).toEqual(["CEAC-2026-000001"]);
    press("Copiar");
    expect(write).toHaveBeenCalledExactlyOnceWith("CEAC-2026-000001");
  });
});

describe("the place to write", () => {
  const type = async (text: string, key?: KeyboardEventInit): Promise<HTMLTextAreaElement> => {
    const area = box.querySelector("textarea")!;
    area.value = text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise((done) => setTimeout(done));
    if (key) area.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...key }));
    await new Promise((done) => setTimeout(done));
    return area;
  };
  const onTheWay = (): string[] => pending.list().map((one) => one.body.text);

  it("sends with Enter, and breaks the line with Shift and Enter", async () => {
    await show(<Composer config={CONFIG} limit={20} />);
    await type("hola", { key: "Enter", shiftKey: true });
    expect(onTheWay()).toEqual([]);
    const area = await type("  hola  ", { key: "Enter" });
    expect(onTheWay()).toEqual(["hola"]);
    expect(area.value).toBe("");
  });

  it("keeps a draft over a reload", async () => {
    await show(<Composer config={CONFIG} limit={20} />);
    await type("a medias");
    render(null, box);
    await show(<Composer config={CONFIG} limit={20} />);
    expect(box.querySelector("textarea")?.value).toBe("a medias");
  });

  it("does not send what is empty or too long, and says by how much", async () => {
    await show(<Composer config={CONFIG} limit={20} />);
    await type("   ", { key: "Enter" });
    await type("x".repeat(23), { key: "Enter" });
    expect(onTheWay()).toEqual([]);
    expect(box.querySelector("#left")?.textContent).toContain("Sobran 3");
    await type("😀".repeat(20), { key: "Enter" });
    expect(onTheWay()).toHaveLength(1);
  });
});

describe("help in a crisis", () => {
  it("can be dialled, and says when to close the window", async () => {
    await show(<Crisis crisis="crisis_violence" />);
    expect([...box.querySelectorAll("a")].map((one) => one.getAttribute("href"))).toEqual(["tel:911", "tel:079"]);
    expect(box.textContent).toContain("cierre esta ventana");
    await show(<Crisis crisis="crisis_life" />);
    expect([...box.querySelectorAll("a")].map((one) => one.getAttribute("href"))).toEqual(["tel:911", "tel:8009112000"]);
  });
});
