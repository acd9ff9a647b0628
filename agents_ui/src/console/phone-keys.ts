/** The keys of the telephone, beside those of the desk: each presses the button that says it. */
import { addKeys, letter, withContact } from "./keys";
import { answerAsked, asked } from "./phone";
import "./text/phone";

/** The button in sight that carries a key, if any may be pressed now. */
const button = (key: string): HTMLElement | null => document.querySelector<HTMLElement>(`[aria-keyshortcuts="${key}"]:not(:disabled), [data-key="${key}"]`);
const press = (key: string) => (): void => (button(key)?.closest("button") ?? button(key))?.click();
const there = (key: string) => (): boolean => button(key) !== null;
const isAsked = (): boolean => asked.value !== null;
const bare = (key: string) => (event: KeyboardEvent): boolean => event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey;

addKeys([
  { keys: "Enter", label: "key.asked", group: "keys.line", when: isAsked, match: (e) => bare("Enter")(e) && (document.activeElement === document.body || document.activeElement === null), run: () => answerAsked(true) },
  { keys: "Esc", label: "key.askedNo", group: "keys.line", when: isAsked, match: bare("Escape"), run: () => answerAsked(false) },
  { keys: "M", label: "key.mute", group: "keys.line", when: there("M"), match: letter("m"), run: press("M") },
  // With Shift: one letter by accident must not hang up on a citizen.
  { keys: "Shift X", label: "key.hangUp", group: "keys.line", when: there("Shift+X"), match: (e) => e.shiftKey && letter("x")(e), run: press("Shift+X") },
  { keys: "#", label: "key.keypad", group: "keys.line", when: () => withContact() && there("#")(), match: bare("#"), run: press("#") },
  { keys: "G", label: "key.record", group: "keys.line", when: there("G"), match: letter("g"), run: press("G") },
  { keys: "C", label: "key.complete", group: "keys.line", when: there("C"), match: letter("c"), run: press("C") },
  { keys: "U", label: "key.three", group: "keys.line", when: there("U"), match: letter("u"), run: press("U") },
  { keys: "V", label: "key.return", group: "keys.line", when: there("V"), match: letter("v"), run: press("V") },
]);
