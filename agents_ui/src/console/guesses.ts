/** What the service suggests for a new petition: values from the conversation, and petitions that may be the same. */
import { signal } from "@preact/signals";
import type { Duplicate, Id } from "../shared/protocol";
import * as api from "./api";
import type { Prefill } from "./api";

export const prefills = signal<Readonly<Record<Id, Prefill>>>({});
export const duplicates = signal<Readonly<Record<Id, readonly Duplicate[]>>>({});

/** Reads the guesses for a contact. Without them the form is merely empty, so a failure is not worth a word. */
export async function loadPrefill(contact: Id): Promise<void> {
  const answer = await api.prefill(contact).catch(() => null);
  if (answer !== null) prefills.value = { ...prefills.value, [contact]: answer.fields };
}

const PAUSE_MS = 500;
let timer: ReturnType<typeof setTimeout> | undefined;
let asked = "";

/** Looks for petitions like the one being typed, once the typing pauses. Needs a category and a municipality. */
export function lookForDuplicates(contact: Id, query: { citizen: string; phone: string; category: string; municipality: string; subject: string }): void {
  clearTimeout(timer);
  if (query.category === "" || query.municipality === "") return;
  const key = `${contact}${JSON.stringify(query)}`;
  if (key === asked) return;
  timer = setTimeout(async () => {
    asked = key;
    const answer = await api.duplicates(query).catch(() => null);
    if (answer !== null && asked === key) duplicates.value = { ...duplicates.value, [contact]: answer.rows };
  }, PAUSE_MS);
}
