/** The conduct of a form: checks on leaving a field, a summary that takes the focus, one client id per intent, drafts that survive. */
import { useMemo, useRef, useState } from "preact/hooks";
import { newId } from "../../../shared/uuid";
import { ApiError } from "../../api";
import { errorText } from "../../errors";
import { me } from "../../store";
import type { FormError } from "../../ui/ErrorSummary";

export type Errors = Readonly<Record<string, string | undefined>>;
export interface FormSpec<T extends object> {
  /** Names the form's element ids, and its draft in this browser. */
  name: string;
  initial: T;
  /** What is wrong, by field, in words. */
  check: (values: T) => Errors;
  save: (values: T, clientId: string) => Promise<void>;
  /** Words for a refusal by the service, by field and code. */
  refusal: (field: string, code: string) => string;
  /** False for what must not be kept, or is not worth it. */
  keeps?: boolean;
}
export interface Form<T extends object> {
  values: T;
  set: <K extends keyof T & string>(field: K, value: T[K]) => void;
  leave: (field: string) => () => void;
  errorOf: (field: string) => string | null;
  id: (field: string) => string;
  summary: FormError[];
  attempt: number;
  busy: boolean;
  dirty: boolean;
  /** Unsaved changes of an earlier visit were put back; `changed`: what they were made from is not what is stored now. */
  restored: "no" | "yes" | "changed";
  submit: () => Promise<boolean>;
  /** Throws the changes away. */
  discard: () => void;
}
/** Only what was changed is kept, so that a draft never brings back what somebody else has changed since. */
interface Draft<T> { values: Partial<T>; base: string }

const PREFIX = "console.form";
const keyOf = (name: string): string => `${PREFIX}/${me.peek()?.id ?? ""}/${name}`;

function recall<T extends object>(name: string, initial: T): { values: T; base: string } | null {
  try {
    const draft = JSON.parse(localStorage.getItem(keyOf(name)) ?? "null") as Draft<T> | null;
    return draft === null ? null : { base: draft.base, values: { ...initial, ...draft.values } };
  } catch {
    return null;
  }
}

/** Under its own field an error need not say the field's name again. */
const unlabelled = (text: string | null): string | null => text?.replace(/^[^:.]{1,60}: (\p{L})/u, (_, letter: string) => letter.toUpperCase()) ?? null;

function changedOf<T extends object>(values: T, initial: T): Partial<T> {
  const before = initial as Record<string, unknown>;
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name]))) as Partial<T>;
}

export function useForm<T extends object>({ name, initial, check, save, refusal, keeps = true }: FormSpec<T>): Form<T> {
  const base = JSON.stringify(initial);
  const [found] = useState(() => (keeps ? recall(name, initial) : null));
  const [values, setValues] = useState<T>(found?.values ?? initial);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  const [busy, setBusy] = useState(false);
  const intent = useRef(newId());
  const own = useMemo(() => check(values), [values]);
  const dirty = JSON.stringify(values) !== base;
  const id = (field: string): string => `${name.replace(/\W+/g, "-")}-${field.replace(/\W+/g, "-")}`;
  const wrong = (field: string): string | null => own[field] ?? (field in refused ? refusal(field, refused[field] ?? "") : null);

  const put = (next: T): void => {
    setValues(next);
    if (!keeps) return;
    if (JSON.stringify(next) === base) localStorage.removeItem(keyOf(name));
    else localStorage.setItem(keyOf(name), JSON.stringify({ values: changedOf(next, initial), base } satisfies Draft<T>));
  };
  const submit = async (): Promise<boolean> => {
    setAttempt((before) => before + 1);
    setFailure(null);
    if (busy || Object.values(own).some((text) => text !== undefined)) return false;
    setBusy(true);
    try {
      await save(values, intent.current);
      if (keeps) localStorage.removeItem(keyOf(name));
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      setRefused(error.fields);
      setFailure(Object.keys(error.fields).length > 0 ? null : errorText(error));
      // Its fate is unknown after no answer or a 5xx: the same id makes a second try harmless.
      if (!error.isTransient) intent.current = newId();
      return false;
    } finally {
      setBusy(false);
    }
  };
  const shown = attempt > 0 ? [...new Set([...Object.keys(own), ...Object.keys(refused)])] : [];
  return {
    values, id, attempt, busy, dirty, submit,
    set: (field, value) => {
      const { [field]: _, ...rest } = refused;
      setRefused(rest);
      intent.current = newId();
      put({ ...values, [field]: value });
    },
    leave: (field) => () => setLeft((before) => new Set([...before, field])),
    errorOf: (field) => (attempt > 0 || left.has(field) || field in refused ? unlabelled(wrong(field)) : null),
    summary: [
      ...shown.map((field) => ({ field: id(field), text: wrong(field) ?? "" })).filter((one) => one.text !== ""),
      ...(failure === null ? [] : [{ field: null, text: failure }]),
    ],
    restored: found === null || !dirty ? "no" : found.base === base ? "yes" : "changed",
    discard: () => {
      put(initial);
      setRefused({});
      setFailure(null);
      setAttempt(0);
      setLeft(new Set());
    },
  };
}
