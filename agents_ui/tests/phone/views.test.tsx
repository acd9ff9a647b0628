import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { setWait } from "../../src/console/api";
import { line, phone } from "../../src/console/phone";
import { session, state } from "../../src/console/store";
import { fromSnapshot } from "../../src/console/state";
import { AudioPlayer } from "../../src/console/views/AudioPlayer";
import { CallControls } from "../../src/console/views/CallControls";
import PhoneStrip from "../../src/console/views/PhoneStrip";
import { Recordings } from "../../src/console/views/Recordings";
import type { Call } from "../../src/shared/protocol";
import { item, ME, NOW, snapshot } from "../desk-data";

const root = document.body.appendChild(document.createElement("div"));
const sent: { url: string; body: Record<string, unknown> | null }[] = [];
let answers: Record<string, unknown> = {};
const show = (node: preact.ComponentChild): Promise<void> => act(async () => void render(<>{node}</>, root)) as unknown as Promise<void>;
const text = (): string => root.textContent ?? "";
const button = (label: string): HTMLButtonElement => [...root.querySelectorAll("button")].find((one) => one.textContent?.includes(label)) as HTMLButtonElement;
/** Lets answers that are on their way arrive. */
const settle = (): Promise<void> => act(async () => new Promise<void>((done) => setTimeout(done, 5))) as unknown as Promise<void>;
const press = async (label: string): Promise<void> => {
  await act(async () => button(label).click());
  await settle();
};

const call = (fields: Partial<Call> = {}): Call => ({
  id: "k1", direction: "inbound", mode: "browser", state: "in_progress", started_at: NOW, queued_at: NOW, answered_at: NOW, held_since: null, recording: "off", menu: null,
  legs: [{ leg: "l1", user: "ana", name: "Ana", joined_at: NOW }], listeners: [], transfer: null, order: null, callback: null, ...fields,
}) as unknown as Call;
const held = (fields: Partial<Call> = {}) => item("1", { kind: "call", channel: "phone", call: call(fields) });

beforeEach(() => {
  sent.length = 0;
  answers = {};
  setWait(async () => undefined);
  session.value = { me: { ...ME, can: [...ME.can, "call.use", "recording.read"] }, csrf: "" };
  state.value = fromSnapshot(snapshot());
  line.value = { leg: { id: "L1", call: "k1", params: {} }, as: "mine", connected: true, muted: false, trouble: null, heard: 0, said: 0 };
  phone.value = { state: "ready", why: null };
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    sent.push({ url, body: init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : null });
    const found = Object.entries(answers).find(([part]) => url.includes(part))?.[1] ?? { result: {} };
    return new Response(JSON.stringify(found), { headers: { "Content-Type": "application/json" } });
  });
});
afterEach(() => {
  render(null, root);
  line.value = null;
  vi.unstubAllGlobals();
});

describe("the controls of a call", () => {
  it("say what failed, why, and ask for it again or forget it", async () => {
    await show(<CallControls item={held({ order: { id: "o1", kind: "hold", state: "failed", error: "21220", by: "ana" } })} />);
    expect(text()).toContain("No se pudo: poniendo en espera. La llamada ya había terminado.");
    await press("Repetir");
    expect(sent.at(-1)).toMatchObject({ url: "/api/v1/commands/call.order", body: { order_id: "o1", what: "again" } });
    await press("Quitar aviso");
    expect(sent.at(-1)?.body).toMatchObject({ what: "forget" });
  });
  it("never repeat by themselves what may have been done", async () => {
    await show(<CallControls item={held({ order: { id: "o1", kind: "consult", state: "uncertain", error: "lost", by: "ana" } })} />);
    expect(text()).toContain("No se sabe si se hizo: llamando a la otra parte");
    expect(sent).toEqual([]);
  });
  it("say when this browser is not on the line, and what to look at", async () => {
    line.value = null;
    phone.value = { state: "reconnecting", why: "network" };
    await show(<CallControls item={held()} />);
    expect(text()).toContain("Su audio no está en esta llamada.");
    expect(text()).toContain("Su teléfono no está listo");
    expect(button("Silenciar")).toBeUndefined();
    expect(button("Colgar")).toBeDefined();
  });
  it("offer what a consultation can become only once the other side is there", async () => {
    const transfer = { kind: "warm", to_kind: "user", to: "jorge", answered_at: null };
    await show(<CallControls item={held({ state: "transferring", transfer })} />);
    expect([button("Pasar la llamada"), button("Volver con la persona")?.disabled]).toEqual([undefined, false]);
    await show(<CallControls item={held({ state: "transferring", held_since: NOW, transfer: { ...transfer, answered_at: NOW } })} />);
    await press("Hablar los tres");
    expect(sent.at(-1)?.body).toMatchObject({ item_id: "1", epoch: 1, what: "three_way" });
  });
  it("show a supervisor on the line", async () => {
    await show(<CallControls item={held({ listeners: [{ user: "jorge", how: "listen" }] })} />);
    expect(text()).toContain("Supervisión escucha:");
  });
});

describe("the line under the state", () => {
  it.each([
    ["permission", null, "Activar micrófono"], ["blocked", "denied", "bloqueado el micrófono"], ["blocked", "missing", "No se encuentra"], ["blocked", "insecure", "https"],
    ["failed", "token", "no se aceptó"], ["failed", "unsupported", "no puede hacer llamadas"], ["elsewhere", null, "Usarlo aquí"], ["desk", null, "Usar el navegador"],
    ["reconnecting", "network", "reconectando"], ["ready", null, "Teléfono listo"],
  ] as const)("says what is so and what to do: %s, %s", async (now, why, words) => {
    phone.value = { state: now, why };
    await show(<PhoneStrip />);
    expect(text()).toContain(words);
  });
});

describe("what was recorded", () => {
  const rows = [{ id: "r1", kind: "voicemail", state: "stored", seconds: 75, at: NOW }, { id: "r2", kind: "recording", state: "expired", seconds: 9, at: NOW }];
  it("is heard from the player, and what is gone says so", async () => {
    answers = { "recordings?call=k-plain": { rows, needs_reason: false } };
    await show(<Recordings call="k-plain" />);
    await settle();
    expect(root.querySelector("audio")?.getAttribute("src")).toBe("/api/v1/recordings/r1");
    expect(text()).toContain("0:00 de 1:15");
    expect(text()).toContain("el audio ya no existe");
  });
  it("wants a reason first where it is restricted, and sends it along", async () => {
    answers = { "recordings?call=k-kept": { rows, needs_reason: true } };
    await show(<Recordings call="k-kept" />);
    await settle();
    expect(root.querySelector("audio")).toBeNull();
    await press("Escuchar");
    expect(text()).toContain("al menos cinco letras");
    const field = root.querySelector("input") as HTMLInputElement;
    await act(async () => {
      field.value = "Queja por el trato";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    await press("Escuchar");
    expect(root.querySelector("audio")?.getAttribute("src")).toBe("/api/v1/recordings/r1?reason=Queja%20por%20el%20trato");
  });
});

describe("the player", () => {
  it("says when a sound cannot be opened, and tries again when asked", async () => {
    await show(<AudioPlayer src="/a" seconds={30} label="Recado" />);
    const audio = root.querySelector("audio") as HTMLAudioElement;
    audio.play = vi.fn(async () => undefined);
    audio.load = vi.fn();
    const play = root.querySelector(".player-play") as HTMLButtonElement;
    await act(async () => play.click());
    expect(text()).toContain("Cargando el audio");
    await act(async () => void audio.dispatchEvent(new Event("error")));
    expect(text()).toContain("no se pudo abrir");
    await act(async () => play.click());
    expect([vi.mocked(audio.load).mock.calls.length, vi.mocked(audio.play).mock.calls.length]).toEqual([1, 2]);
  });
  it("moves by ten seconds and never past its ends", async () => {
    await show(<AudioPlayer src="/a" seconds={15} label="Recado" />);
    const bar = root.querySelector<HTMLInputElement>("input[type=range]") as HTMLInputElement;
    await press("+10");
    expect(bar.value).toBe("10");
    await press("+10");
    expect(bar.value).toBe("15");
    await press("−10");
    await press("−10");
    expect(bar.value).toBe("0");
  });
});
