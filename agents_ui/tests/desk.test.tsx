import { render, type ComponentChild } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Item, Thread } from "../src/shared/protocol";
import * as api from "../src/console/api";
import { draft, useDraftsOf } from "../src/console/drafts";
import { outbox } from "../src/console/outbox";
import { reference } from "../src/console/reference";
import { go } from "../src/console/route";
import { fromSnapshot } from "../src/console/state";
import { now, session, state } from "../src/console/store";
import "../src/console/text/later";
import { wrapping } from "../src/console/ui";
import { Composer } from "../src/console/views/Composer";
import { Inbox } from "../src/console/views/Inbox";
import { Log } from "../src/console/views/Log";
import { PetitionTab } from "../src/console/views/PetitionTab";
import WrapUp, { missing } from "../src/console/views/WrapUp";
import { item, ME, message, NOW, snapshot, thread } from "./desk-data";

const root = document.createElement("div");
const show = (what: ComponentChild) => act(() => render(what, root));
const find = <E extends HTMLElement>(selector: string): E => {
  const found = root.querySelector<E>(selector);
  if (found === null) throw new Error(`nothing is ${selector}`);
  return found;
};
const type = (field: HTMLTextAreaElement | HTMLInputElement, text: string) => act(() => {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
const key = (field: HTMLElement, name: string, more: KeyboardEventInit = {}) => act(() => void field.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true, ...more })));
const calls: [string, Record<string, unknown>][] = [];

function open(one: Item, fields: Partial<Thread> = {}, others: Item[] = []): void {
  state.value = { ...fromSnapshot(snapshot({ items: [one, ...others] })), threads: { [one.interaction]: thread(one.id, { item: one, ...fields }) } };
  go(`#/bandeja/${one.interaction}`, true);
}

beforeEach(() => {
  document.body.append(root);
  localStorage.clear();
  calls.length = 0;
  outbox.value = [];
  wrapping.value = {};
  now.value = NOW;
  session.value = { me: ME, csrf: "x" };
  useDraftsOf("ana", NOW);
  reference.value = null;
  api.setWait(() => Promise.resolve());
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    calls.push([url, init.body ? (JSON.parse(String(init.body)) as Record<string, unknown>) : {}]);
    return new Response(JSON.stringify({ result: {}, fields: {}, rows: [] }), { status: 200 });
  });
});
afterEach(() => {
  render(null, root);
  vi.unstubAllGlobals();
});

describe("the inbox", () => {
  it("marks what is late by a word as well as a colour", () => {
    open(item("1", { last_citizen_at: NOW - 70_000, last_agent_at: NOW - 80_000 }));
    show(<Inbox />);
    const clock = find(".clock-late");
    expect(clock.textContent).toContain("1:10");
    expect(clock.textContent).toContain("tarde");
  });
  it("keeps what I hold apart from what waits, and says how many of how many", () => {
    open(item("1"), {}, [item("2", { state: "waiting", owner: null })]);
    show(<Inbox />);
    const [mine, queue] = [...root.querySelectorAll(".list-section")];
    expect(mine?.getAttribute("aria-label")).toBe("En mano 1/3");
    expect(queue?.querySelectorAll("[data-row]")).toHaveLength(1);
  });
  it("does not name a restricted contact", () => {
    open(item("1"), {}, [item("2", { state: "waiting", owner: null, label: null, flags: ["restricted", "crisis_life"], priority: "critical" })]);
    show(<Inbox />);
    expect(root.textContent).toContain("Contacto reservado");
    expect(root.textContent).toContain("Crisis: vida");
  });
});

describe("the log", () => {
  it("shows what a citizen wrote as text, whatever it looks like", () => {
    const text = "<img src=x onerror=alert(1)> <b>hola</b> {{7*7}}";
    open(item("1"), { messages: [message(1, { text })] });
    show(<Log thread={state.value!.threads["c-1"]!} />);
    expect(find(".message-text").textContent).toBe(text);
    expect(root.querySelector("img, b")).toBeNull();
  });
  it("says what failed, why and what to do, and lets one try again", async () => {
    const words = { author: { kind: "agent", id: "ana", name: "Ana" }, delivery: "failed", delivery_reason: "blocked" } as const;
    open(item("1"), { messages: [message(1, words)] });
    show(<Log thread={state.value!.threads["c-1"]!} />);
    expect(find(".delivery-failed").textContent).toContain("No se entregó");
    await vi.waitFor(() => expect(find(".undelivered").textContent).toContain("bloqueó a la oficina"));
    expect(find(".undelivered").textContent).toContain("otro medio");
    expect(find(".undelivered button").textContent).toBe("Enviar otra vez");
  });
  it("shows corrections, reactions and files on their way for what they are", async () => {
    const data = { edited_at: 1, before: "hay un <b>bache</b>", reactions: ["👍"], media: [{ id: "f", kind: "document", name: "acta.exe", state: "refused", why: "kind" }] };
    open(item("1"), { messages: [message(1, { text: "hay un bachezote", data })] });
    show(<Log thread={state.value!.threads["c-1"]!} />);
    await vi.waitFor(() => expect(find(".beyond").textContent).toContain("Corregido"));
    expect(find(".beyond-before").textContent).toBe("hay un <b>bache</b>");
    expect(find(".coming").textContent).toContain("no se admite este tipo");
    expect(find(".beyond-reactions").textContent).toBe("👍");
  });
  it("sets a note apart and says that only staff see it", () => {
    open(item("1"), { messages: [message(1, { author: { kind: "note", id: "jorge", name: "Jorge" }, whisper: true })] });
    show(<Log thread={state.value!.threads["c-1"]!} />);
    expect(find(".note").textContent).toContain("Sólo la ve el personal");
  });
});

describe("the composer", () => {
  it("sends on Enter and breaks the line on Shift+Enter", () => {
    open(item("1"));
    show(<Composer item={state.value!.items["1"]!} />);
    const field = find<HTMLTextAreaElement>("textarea");
    type(field, "Con gusto");
    key(field, "Enter", { shiftKey: true });
    expect(outbox.value).toHaveLength(0);
    key(field, "Enter");
    expect(outbox.value[0]?.text).toBe("Con gusto");
    expect(field.value).toBe("");
  });
  it("keeps the draft of each contact, over closing it", () => {
    open(item("1"));
    show(<Composer item={state.value!.items["1"]!} />);
    type(find<HTMLTextAreaElement>("textarea"), "a medias");
    render(null, root);
    useDraftsOf("ana", NOW);
    expect(draft("reply", "c-1").value).toBe("a medias");
    useDraftsOf("jorge", NOW);
    expect(draft("reply", "c-1").value).toBe("");
  });
  it("says who has the contact and keeps the draft in view when it is not mine", () => {
    open(item("1", { owner: "jorge" }));
    draft("reply", "c-1").value = "a medias";
    show(<Composer item={state.value!.items["1"]!} />);
    expect(root.textContent).toContain("Lo atiende jorge.");
    expect(find<HTMLTextAreaElement>("textarea").readOnly).toBe(true);
    expect(find<HTMLTextAreaElement>("textarea").value).toBe("a medias");
    expect(root.querySelector("button[type=submit]")).toBeNull();
  });
  it("points at what a canned reply leaves open", () => {
    open(item("1"));
    show(<Composer item={state.value!.items["1"]!} />);
    type(find<HTMLTextAreaElement>("textarea"), "Su folio es {folio}");
    expect(find(".composer-hint").textContent).toContain("{folio}");
  });
});

describe("wrapping up", () => {
  const form = { disposition: "oriented", reason: "", note: "", topic: "" };
  it("asks for what the chosen result needs", () => {
    expect(missing({ ...form, disposition: "" }, null, 0, false)).toEqual(["disposition"]);
    expect(missing(form, { needs_petition: true }, 0, false)).toEqual(["petition"]);
    expect(missing(form, { needs_petition: true }, 1, false)).toEqual([]);
    expect(missing(form, { needs_reason: true }, 0, false)).toEqual(["reason"]);
    expect(missing({ ...form, reason: "other" }, { needs_reason: true }, 0, true)).toEqual(["note"]);
  });
  it("does not leave without a result, and says what is missing", () => {
    open(item("1", { state: "wrap_up" }));
    show(<WrapUp item={state.value!.items["1"]!} late={false} />);
    act(() => find<HTMLButtonElement>("[data-wrap-save]").click());
    expect(find("[role=alert]").textContent).toContain("Elija un resultado.");
    expect(calls.filter(([url]) => url.includes("work."))).toEqual([]);
  });
});

describe("the petition form", () => {
  it("names every missing field at its top and sends nothing", () => {
    open(item("1"));
    show(<PetitionTab item={state.value!.items["1"]!} />);
    act(() => find<HTMLButtonElement>("[data-petition-save]").click());
    expect(root.querySelectorAll(".error-summary li").length).toBeGreaterThan(4);
    expect(calls.filter(([url]) => url.includes("petition.create"))).toEqual([]);
  });
});
