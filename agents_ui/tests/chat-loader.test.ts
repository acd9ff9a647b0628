import { beforeEach, describe, expect, it, vi } from "vitest";

const ORIGIN = "https://chat.example";
const inside = { postMessage: vi.fn() };
let roots: ShadowRoot[];

/** Runs the script as the host page does, and gives what it put there. The shadow root is closed: we see it as it is made. */
async function load(attributes: Record<string, string> = {}): Promise<void> {
  const script = document.createElement("script");
  script.type = "text/plain";
  script.src = `${ORIGIN}/widget.js`;
  Object.assign(script.dataset, attributes);
  vi.spyOn(document, "currentScript", "get").mockReturnValue(script);
  vi.resetModules();
  await import("../src/widget/loader");
}
const button = (): HTMLButtonElement => roots[0]!.querySelector("button")!;
const frame = (): HTMLIFrameElement | null => roots[0]!.querySelector("x-frame");
function hear(data: unknown, more: { origin?: string; source?: unknown } = {}): void {
  const event = new MessageEvent("message", { data });
  Object.defineProperty(event, "origin", { value: more.origin ?? ORIGIN });
  Object.defineProperty(event, "source", { value: "source" in more ? more.source : inside });
  dispatchEvent(event);
}

beforeEach(() => {
  document.body.textContent = "";
  roots = [];
  inside.postMessage.mockClear();
  // The frame is not loaded here: what counts is what is said to it, so a plain element stands in for it.
  const create = document.createElement.bind(document) as (tag: string) => HTMLElement;
  vi.spyOn(document, "createElement").mockImplementation((tag: string) =>
    tag === "iframe" ? Object.assign(create("x-frame"), { contentWindow: inside }) : create(tag));
  const attach = Element.prototype.attachShadow;
  vi.spyOn(Element.prototype, "attachShadow").mockImplementation(function (this: Element, options: ShadowRootInit) {
    expect(options.mode).toBe("closed");
    const root = attach.call(this, options);
    roots.push(root);
    return root;
  });
});

describe("the one line of a host page", () => {
  it("puts one launcher there, and loads nothing until it is opened", async () => {
    await load();
    expect(document.querySelectorAll("#contact-center-widget")).toHaveLength(1);
    expect(button().getAttribute("aria-label")).toBe("Abrir Chat Sonora");
    expect(button().getAttribute("aria-expanded")).toBe("false");
    expect(frame()).toBeNull();
    expect(roots[0]!.adoptedStyleSheets).toHaveLength(1);
    expect(roots[0]!.querySelector("style")).toBeNull();
  });

  it("is there once when the line is there twice", async () => {
    await load();
    await load();
    expect(document.querySelectorAll("#contact-center-widget")).toHaveLength(1);
  });

  it("follows the language and the side it was given, and nothing else", async () => {
    await load({ locale: "en", position: "left", accent: "#225588" });
    expect(button().style.getPropertyValue("--a")).toBe("#225588");
    expect(button().getAttribute("aria-label")).toBe("Open Chat Sonora");
    expect(document.getElementById("contact-center-widget")!.dataset["side"]).toBe("left");
  });

  it("takes only a colour for a colour", async () => {
    await load({ accent: "url(https://evil.example)" });
    expect(button().style.getPropertyValue("--a")).toBe("");
  });

  it("opens a frame of our origin that knows who holds it", async () => {
    await load();
    button().click();
    const address = new URL(frame()!.src);
    expect(address.origin).toBe(ORIGIN);
    expect(address.pathname).toBe("/chat");
    expect(address.searchParams.get("embed")).toBe("1");
    expect(address.searchParams.get("site")).toBe(location.origin);
    expect(button().getAttribute("aria-expanded")).toBe("true");
    expect(button().getAttribute("aria-label")).toBe("Cerrar el chat");
  });

  it("closes, keeps the frame, and gives the focus back", async () => {
    await load();
    button().click();
    const first = frame();
    const focus = vi.spyOn(button(), "focus");
    hear({ contactCenter: 1, close: true });
    expect(frame()!.hidden).toBe(true);
    expect(focus).toHaveBeenCalledOnce();
    button().click();
    expect(frame()).toBe(first);
    expect(frame()!.hidden).toBe(false);
  });

  it("shows how many are unread while it is closed", async () => {
    await load();
    button().click();
    button().click();
    hear({ contactCenter: 1, unread: 2 });
    expect(button().querySelector("b")!.textContent).toBe("2");
    expect(button().getAttribute("aria-label")).toBe("Abrir Chat Sonora, 2 sin leer");
    button().click();
    expect(button().querySelector("b")!.textContent).toBe("");
  });

  it("listens to nobody but its own frame, and only to what it knows", async () => {
    await load();
    button().click();
    hear({ contactCenter: 1, close: true }, { origin: "https://evil.example" });
    hear({ contactCenter: 1, close: true }, { source: window });
    hear({ contactCenter: 1, close: true }, { source: null });
    for (const data of [null, "close", { close: true }, { contactCenter: 2, close: true }, { contactCenter: 1, close: "yes" }, { contactCenter: 1, unread: -1 }, { contactCenter: 1, unread: "<b>9</b>" }]) hear(data);
    expect(frame()!.hidden).toBe(false);
    button().click();
    expect(button().querySelector("b")!.textContent).toBe("");
  });

  it("tells its frame only at our origin whether it is shown", async () => {
    await load();
    button().click();
    inside.postMessage.mockClear();
    button().click();
    expect(inside.postMessage).toHaveBeenCalledExactlyOnceWith({ contactCenter: 1, shown: false }, ORIGIN);
  });

  it("offers a window of its own when the frame never comes up", async () => {
    vi.useFakeTimers();
    await load();
    button().click();
    vi.advanceTimersByTime(15_000);
    expect(frame()).toBeNull();
    const link = roots[0]!.querySelector("a")!;
    expect(link.href).toBe(`${ORIGIN}/chat`);
    expect(link.rel).toBe("noopener");
    button().click();
    expect(link.hidden).toBe(true);
    vi.useRealTimers();
  });

  it("keeps a frame that said it is there", async () => {
    vi.useFakeTimers();
    await load();
    button().click();
    hear({ contactCenter: 1, ready: true });
    vi.advanceTimersByTime(60_000);
    expect(frame()).not.toBeNull();
    vi.useRealTimers();
  });

  it("closes with Escape", async () => {
    await load();
    button().click();
    button().dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, composed: true }));
    expect(frame()!.hidden).toBe(true);
  });
});
