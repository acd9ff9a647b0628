/** Keeping what is typed in a call: at once in this browser, a moment later with the service, and again when the line is back. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../../../shared/protocol";
import { ApiError } from "../../api";
import { save, type AnswerValue, type Brief } from "../../callbacks";
import { formDraft, setDraft } from "../../drafts";
import { toastError } from "../../errors";

export interface Typed { answers: Record<string, AnswerValue | null>; identity?: boolean }
export type Kept = "clean" | "saving" | "saved" | "unsaved";
export interface Keeping { typed: Typed; kept: Kept; answer: (question: string, value: AnswerValue | null) => void; confirm: (on: boolean) => void; forget: () => void }

const PAUSE_MS = 700;
const AGAIN_MS = 5_000;

export function useKeeping(item: Item, onSaved: (callback: Brief) => void): Keeping {
  const [typed, setTyped] = useState<Typed>(() => formDraft<Typed>("answers", item.interaction) ?? { answers: {} });
  const [kept, setKept] = useState<Kept>("clean");
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const now = useRef(item);
  now.current = item;
  const push = async (next: Typed): Promise<void> => {
    setKept("saving");
    try {
      const done = await save(now.current, next.answers, next.identity);
      setKept("saved");
      onSaved(done.callback);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setKept("unsaved");
      // Without a line it goes out later; anything else is for the person to read.
      if (error.isTransient) timer.current = setTimeout(() => void push(next), AGAIN_MS);
      else toastError(error);
    }
  };
  const change = (next: Typed): void => {
    setTyped(next);
    setDraft("answers", item.interaction, JSON.stringify(next));
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void push(next), PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    typed, kept,
    answer: (question, value) => change({ ...typed, answers: { ...typed.answers, [question]: value } }),
    confirm: (on) => change({ ...typed, identity: on }),
    forget: () => {
      clearTimeout(timer.current);
      setDraft("answers", item.interaction, "");
    },
  };
}
