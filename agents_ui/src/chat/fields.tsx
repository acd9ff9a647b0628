/** What forms are made of. */
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "./icons";
import { learn, t } from "./text";
import { talk } from "./text/talk.es";
import "../styles/talk.css";

learn(talk);

/** The heading of a screen: takes the focus when the screen comes up, so that a screen reader says where we are. */
export function Title({ children, onBack }: { children: ComponentChildren; onBack?: (() => void) | undefined }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => ref.current?.focus(), []);
  return (
    <div class="title">
      {onBack && <IconButton icon="back" label={t("app.back")} onClick={onBack} />}
      <h2 ref={ref} tabIndex={-1}>{children}</h2>
    </div>
  );
}

export interface FieldProps {
  name: string; label: string; help?: string; error?: string | undefined; optional?: boolean; rows?: number;
  value: string; onInput: (value: string) => void; type?: string; autocomplete?: string; inputMode?: "numeric" | "tel" | "email"; maxLength?: number;
}
/** A labelled field with its help and its error, tied together for screen readers. */
export function Field(props: FieldProps) {
  const { name, label, help, error, optional, value, onInput, rows, ...rest } = props;
  const id = `f-${name}`;
  const common = {
    ...rest, id, name, value, class: "input", "aria-invalid": error ? ("true" as const) : undefined,
    "aria-describedby": [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined,
    onInput: (event: { currentTarget: { value: string } }) => onInput(event.currentTarget.value),
  };
  return (
    <div class="field">
      <label for={id}>{label}{optional && <span class="muted"> {t("start.optional")}</span>}</label>
      {help && <p class="muted" id={`${id}-help`}>{help}</p>}
      {rows ? <textarea {...common} rows={rows} /> : <input {...(common as object)} />}
      {error && <p class="error" id={`${id}-error`}>{error}</p>}
    </div>
  );
}

/** Puts the focus into the first field that has an error, as soon as what was just set is drawn: before the next key. */
export const focusError = (form: HTMLElement | null): void =>
  queueMicrotask(() => form?.querySelector<HTMLElement>("[aria-invalid]")?.focus());
