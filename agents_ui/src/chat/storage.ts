/** What this browser remembers for us. Where storage is blocked (some iframes), the page's own memory does. */
import type { Shelf } from "../shared/pending";

const memory = new Map<string, string>();
const inMemory: Shelf = {
  getItem: (key) => memory.get(key) ?? null,
  setItem: (key, value) => void memory.set(key, value),
  removeItem: (key) => void memory.delete(key),
};

function open(): Shelf {
  try {
    localStorage.setItem("chat.probe", "1");
    localStorage.removeItem("chat.probe");
    return localStorage;
  } catch {
    return inMemory;
  }
}

const shelf = open();
export const durable = shelf === inMemory ? null : shelf;

type Key = "token" | "draft" | "notice" | "locale" | "large" | "accent" | "pending" | "recado";
export const recall = (key: Key): string | null => shelf.getItem(`chat.${key}`);
/** Remembers a value; an empty one is forgotten. A full storage forgets, and nothing else breaks. */
export function remember(key: Key, value: string): void {
  try {
    if (value === "") shelf.removeItem(`chat.${key}`);
    else shelf.setItem(`chat.${key}`, value);
  } catch {
    memory.set(`chat.${key}`, value);
  }
}
