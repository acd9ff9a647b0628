import { beforeEach, describe, expect, it } from "vitest";
import { isTyping, letterKeys, press, shortcuts } from "../src/console/keys";
import { go } from "../src/console/route";
import { session, state } from "../src/console/store";
import { fromSnapshot } from "../src/console/state";
import { composerTab, dialog, petitionWanted, sideTab, wrapping } from "../src/console/ui";
import { es } from "../src/console/text/es";
import { after } from "../src/console/text/after.es";
import { later } from "../src/console/text/later.es";
import { en } from "../src/console/text/en";
import { en as afterEn } from "../src/console/text/after.en";
import { en as laterEn } from "../src/console/text/later.en";
import { callbacksEn } from "../src/console/text/callbacks.en";
import { callbacksEs } from "../src/console/text/callbacks.es";
import { item, ME, snapshot, thread } from "./desk-data";

const key = (name: string, on: Element = document.body, more: KeyboardEventInit = {}) => {
  const event = new KeyboardEvent("keydown", { key: name, code: /^\d$/.test(name) ? `Digit${name}` : "", bubbles: true, cancelable: true, ...more });
  Object.defineProperty(event, "target", { value: on });
  return press(event);
};

beforeEach(() => {
  document.body.innerHTML = "";
  dialog.value = null;
  letterKeys.value = true;
  session.value = { me: ME, csrf: "" };
  state.value = { ...fromSnapshot(snapshot({ items: [item("1", { queued_at: 1 }), item("2", { queued_at: 2 })] })), threads: { "c-1": thread("1") } };
  go("#/bandeja/c-1", true);
});

describe("a key", () => {
  it("acts on the contact in hand", () => {
    key("p");
    expect(sideTab("c-1")).toBe("petition");
    expect(petitionWanted.value).toBe("c-1");
    key("n");
    expect(composerTab("c-1")).toBe("note");
    key("w");
    expect(wrapping.value["c-1"]).toBe(true);
    key("t");
    expect(dialog.value).toBe("transfer");
  });

  it("opens the templates while one writes, where the channel has them", () => {
    expect(key("π", document.body, { altKey: true, code: "KeyP" })).toBe(false);
    document.body.innerHTML = '<section class="thread"><button aria-keyshortcuts="Alt+P"></button><textarea></textarea></section>';
    let opened = 0;
    document.querySelector("button")?.addEventListener("click", () => { opened += 1; });
    expect(key("π", document.querySelector("textarea") as HTMLElement, { altKey: true, code: "KeyP" })).toBe(true);
    expect(opened).toBe(1);
  });

  it("never fires while text is being typed", () => {
    const field = document.createElement("textarea");
    document.body.append(field);
    for (const name of ["j", "n", "p", "t", "w", "?", "/", "Escape"]) expect(key(name, field)).toBe(false);
    expect(isTyping(field)).toBe(true);
  });

  it("with Alt or Ctrl fires while typing too", () => {
    const field = document.createElement("textarea");
    document.body.append(field);
    expect(key("2", field, { altKey: true })).toBe(true);
    expect(location.hash).toBe("#/bandeja/c-2");
    expect(key("k", field, { ctrlKey: true })).toBe(true);
    expect(dialog.value).toBe("search");
  });

  it("of one letter can be switched off", () => {
    letterKeys.value = false;
    expect(key("t")).toBe(false);
    expect(key("k", document.body, { ctrlKey: true })).toBe(true);
  });

  it("does nothing under an open dialog", () => {
    dialog.value = "help";
    expect(key("t")).toBe(false);
  });

  it("declines an offer only when there is one", () => {
    expect(key("Escape")).toBe(false);
  });
});

it("every key of the table has its words, in both languages", () => {
  const words: Record<string, string> = { ...es, ...later, ...after };
  for (const one of shortcuts()) {
    expect(words[one.label], one.label).toBeTruthy();
    expect(words[one.group], one.group).toBeTruthy();
  }
});

it("the English catalogue fills the same names as the Spanish one", () => {
  const names = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  for (const [spanish, english] of [[es, en], [later, laterEn], [after, afterEn], [callbacksEs, callbacksEn]] as [Record<string, string>, Record<string, string>][]) {
    for (const [name, text] of Object.entries(spanish)) expect(names(english[name] ?? ""), name).toEqual(names(text));
  }
});
