/**
 * The one script line of a host page: a launcher, and a frame of our own origin. Nothing of the page is read but this
 * script's own attributes: `data-locale` (es, en), `data-position` (right, left) and `data-accent` (#rrggbb, dark enough
 * for white text).
 *
 * It lives in a closed shadow root with a constructed stylesheet: no style of the page reaches it, and a strict policy of
 * the page (`style-src 'self'`) does not stop it; as a popover it is in the top layer, where no transform of the page
 * bends it. Messages are taken only from our frame at our origin.
 */
/** How long the frame may take to say that it is there, before the chat is offered in a window of its own. */
const PATIENCE_MS = 15_000;
const script = document.currentScript as HTMLScriptElement | null;
const ID = "contact-center-widget";

const WORDS = {
  es: { open: "Abrir Chat Sonora", close: "Cerrar el chat", label: "Chat", title: "Chat Sonora", unread: "sin leer", apart: "Abrir el chat en otra ventana" },
  en: { open: "Open Chat Sonora", close: "Close the chat", label: "Chat", title: "Chat Sonora", unread: "unread", apart: "Open the chat in another window" },
};

const STYLE = `
:host{all:initial!important;position:fixed!important;z-index:2147483000!important;inset:auto 16px 16px auto!important;display:block!important;color-scheme:light dark}
:host([data-side=left]){inset:auto auto 16px 16px!important}
*{box-sizing:border-box}
button{all:unset;box-sizing:border-box;display:flex;align-items:center;gap:8px;min-height:56px;padding:0 20px;border-radius:28px;background:var(--a,#7b1c3b);color:#fff;font:600 16px/24px system-ui,sans-serif;cursor:pointer;box-shadow:0 2px 12px rgb(0 0 0/28%)}
button:hover{filter:brightness(1.15)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px var(--a,#7b1c3b)}
svg{width:24px;height:24px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linejoin:round}
b{min-width:24px;padding:0 6px;border-radius:12px;background:#fff;color:var(--a,#7b1c3b);text-align:center;font-size:14px}
b:empty,[hidden]{display:none!important}
iframe{position:absolute;bottom:72px;right:0;width:400px;height:min(680px,calc(100vh - 104px));border:1px solid rgb(128 128 128/40%);border-radius:16px;background:Canvas;box-shadow:0 12px 40px rgb(0 0 0/30%);color-scheme:light dark}
:host([data-side=left]) iframe{right:auto;left:0}
@media(max-width:480px),(max-height:480px){iframe{position:fixed;inset:0!important;width:100%;height:100%;border:0;border-radius:0}:host([data-open]) button{display:none}}
a{position:absolute;bottom:72px;right:0;padding:16px 20px;border-radius:16px;background:#fff;color:#1d2024;font:600 16px/24px system-ui,sans-serif;white-space:nowrap;box-shadow:0 12px 40px rgb(0 0 0/30%)}
:host([data-side=left]) a{right:auto;left:0}
@media print{:host{display:none!important}}
@media(forced-colors:active){button{border:1px solid}}`;

function mount(source: HTMLScriptElement): void {
  if (document.getElementById(ID) !== null) return; // The line is on the page twice.
  const origin = new URL(source.src).origin;
  const locale = source.dataset["locale"] === "en" ? "en" : "es";
  const words = WORDS[locale];
  const host = document.createElement("div");
  host.id = ID;
  host.dataset["side"] = source.dataset["position"] === "left" ? "left" : "right";
  host.lang = locale;
  host.popover = "manual";
  const root = host.attachShadow({ mode: "closed" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const button = document.createElement("button");
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 5h16v11H10l-5 4v-4H4z");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(path);
  const badge = document.createElement("b");
  button.type = "button";
  button.append(drawing, words.label, badge);
  button.setAttribute("aria-expanded", "false");
  let frame: HTMLIFrameElement | null = null;
  let isOpen = false;
  let isReady = false;
  let unread = 0;

  function say(): void {
    button.setAttribute("aria-label", isOpen ? words.close : unread > 0 ? `${words.open}, ${unread} ${words.unread}` : words.open);
    badge.textContent = unread > 0 && !isOpen ? String(Math.min(unread, 99)) : "";
  }
  // The page may not be registered, or something on the way keeps frames out.
  const apart = document.createElement("a");
  apart.href = `${origin}/chat`;
  apart.target = "_blank";
  apart.rel = "noopener";
  apart.textContent = words.apart;
  function giveUp(): void {
    if (isReady || frame === null) return;
    frame.replaceWith(apart);
    host.removeAttribute("data-open");
  }
  const tell = (): void => frame?.contentWindow?.postMessage({ contactCenter: 1, shown: isOpen }, origin);

  function show(next: boolean): void {
    isOpen = next;
    if (frame === null) {
      frame = document.createElement("iframe");
      frame.title = words.title;
      frame.allow = `clipboard-write ${origin}`;
      frame.referrerPolicy = "no-referrer";
      frame.src = `${origin}/chat?embed=1&locale=${locale}&site=${encodeURIComponent(location.origin)}`;
      frame.addEventListener("load", tell);
      root.prepend(frame);
      setTimeout(giveUp, PATIENCE_MS);
    }
    frame.hidden = apart.hidden = !isOpen;
    host.toggleAttribute("data-open", isOpen && !apart.isConnected);
    button.setAttribute("aria-expanded", String(isOpen));
    tell();
    if (isOpen) frame.focus();
    else button.focus();
    say();
  }

  button.addEventListener("click", () => show(!isOpen));
  root.addEventListener("keydown", (event) => {
    if ((event as KeyboardEvent).key === "Escape" && isOpen) show(false);
  });
  addEventListener("message", (event) => {
    if (frame === null || event.source === null || event.source !== frame.contentWindow || event.origin !== origin) return;
    const data: unknown = event.data;
    if (typeof data !== "object" || data === null || !("contactCenter" in data) || data.contactCenter !== 1) return;
    if ("ready" in data && data.ready === true) isReady = true;
    if ("close" in data && data.close === true && isOpen) show(false);
    if ("unread" in data && Number.isInteger(data.unread) && (data.unread as number) >= 0) {
      unread = data.unread as number;
      say();
    }
  });

  say();
  root.append(button);
  const accent = source.dataset["accent"] ?? "";
  if (/^#[\da-f]{6}$/i.test(accent)) button.style.setProperty("--a", accent);
  document.body.append(host);
  (host as Partial<HTMLElement>).showPopover?.();
}

export {}; // A module, so that its names are its own; the build makes it one function.

if (script !== null) {
  if (document.body === null) addEventListener("DOMContentLoaded", () => mount(script));
  else mount(script);
}
