/** Small pieces that the screens share. */
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t, tError } from "./text";

const PATHS = {
  send: "M4 12 20 4l-5 16-4-7zM11 13l9-9",
  clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.500 8.500a1.800 1.800 0 0 1-2.500-2.500L14.500 8",
  photo: "M4 8h3.500L9 5.500h6L16.500 8H20v11H4zM12 16.500a3.300 3.300 0 1 0 0-6.600 3.300 3.300 0 0 0 0 6.600",
  close: "m6 6 12 12M18 6 6 18",
  back: "m14 6-6 6 6 6",
  down: "m6 10 6 6 6-6",
};
export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d={PATHS[name]} /></svg>
);

export const IconButton = (props: { icon: keyof typeof PATHS; label: string; onClick?: () => void; class?: string; disabled?: boolean; type?: "submit" }) => (
  <button type={props.type ?? "button"} class={`icon ${props.class ?? ""}`} aria-label={props.label} title={props.label} disabled={props.disabled} onClick={props.onClick}>
    <Icon name={props.icon} />
  </button>
);

/** The heading of a screen: takes the focus when the screen comes up, so that a screen reader says where we are. */
export function Title({ children, onBack }: { children: ComponentChildren; onBack?: (() => void) | undefined }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus(), []);
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

/** Puts the focus into the first field that has an error. */
export const focusError = (form: HTMLElement | null): void =>
  void requestAnimationFrame(() => form?.querySelector<HTMLElement>("[aria-invalid]")?.focus());

export const Failure = ({ code, onRetry }: { code: string; onRetry?: () => void }) => (
  <div class="failure" role="alert">
    <p>{tError(code)}</p>
    {onRetry && <button type="button" class="button" onClick={onRetry}>{t("app.retry")}</button>}
  </div>
);

/** A screen that is fetched when it is first shown. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let Loaded: FunctionComponent<P> | null = null;
  return (props: P) => {
    const [tried, setTried] = useState(0);
    const [isFailed, setFailed] = useState(false);
    useEffect(() => {
      if (Loaded !== null) return;
      setFailed(false);
      load().then((component) => {
        Loaded = component;
        setTried(-1);
      }, () => setFailed(true));
    }, [tried]);
    if (Loaded !== null) return <Loaded {...props} />;
    return isFailed ? <Failure code="no_answer" onRetry={() => setTried(tried + 1)} /> : <p class="muted wait" role="status">{t("app.loading")}</p>;
  };
}
