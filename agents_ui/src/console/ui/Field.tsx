/** A labelled control: label above, help under it, the error in words tied to the control. */
import type { ComponentChildren, InputHTMLAttributes, SelectHTMLAttributes, TextareaHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "../../styles/ui.css";
import { say } from "./words";

/** What a control must carry so that label, help and error belong to it. */
export interface ControlProps {
  id: string;
  required: boolean;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}
interface Base {
  label: string;
  help?: ComponentChildren;
  error?: string | null | undefined;
  required?: boolean | undefined;
  id?: string | undefined;
}
type Input = Omit<InputHTMLAttributes, "label" | "id" | "required" | "children">;
export type FieldProps = Base & Input & { list?: string; children?: (control: ControlProps) => ComponentChildren };

export function FieldFrame({ label, help, error, required = false, id, children }: Base & { children: (control: ControlProps) => ComponentChildren }) {
  const own = useId();
  const key = id ?? own;
  const describedBy = [error ? `${key}-error` : "", help ? `${key}-help` : ""].filter((one) => one !== "").join(" ");
  return (
    <div class={error ? "field field-bad" : "field"}>
      <label class="field-label" for={key}>
        {label}
        {required && <span class="field-required"> ({say("required")})</span>}
      </label>
      {children({ id: key, required, "aria-describedby": describedBy === "" ? undefined : describedBy, "aria-invalid": error ? true : undefined })}
      {error ? <p class="field-error" id={`${key}-error`}><span aria-hidden="true">▲ </span>{error}</p> : null}
      {help ? <div class="field-help" id={`${key}-help`}>{help}</div> : null}
    </div>
  );
}

/** An input, or whatever `children` draws with the props it is given. */
export function Field({ label, help, error, required, id, children, ...input }: FieldProps) {
  return (
    <FieldFrame label={label} help={help} error={error} required={required} id={id}>
      {(control) => (children === undefined ? <input class="input" type="text" autocomplete="off" {...(input as object)} {...control} /> : children(control))}
    </FieldFrame>
  );
}

export function TextArea({ label, help, error, required, id, ...rest }: Base & Omit<TextareaHTMLAttributes, "label" | "id" | "required">) {
  return (
    <FieldFrame label={label} help={help} error={error} required={required} id={id}>
      {(control) => <textarea class="input textarea" rows={4} {...(rest as object)} {...control} />}
    </FieldFrame>
  );
}

export interface Choice { value: string; label: string }
type SelectProps = Base & Omit<SelectHTMLAttributes, "label" | "id" | "required" | "onChange" | "value"> & {
  options: readonly Choice[]; value: string; onChange: (value: string) => void; placeholder?: string;
};
/** The browser's own list, for a handful of choices. Longer ones are a Combobox. */
export function Select({ label, help, error, required, id, options, value, onChange, placeholder, ...rest }: SelectProps) {
  return (
    <FieldFrame label={label} help={help} error={error} required={required} id={id}>
      {(control) => (
        <select class="input select" value={value} onChange={(event) => onChange(event.currentTarget.value)} {...(rest as object)} {...control}>
          {(placeholder !== undefined || value === "") && <option value="">{placeholder ?? say("choose")}</option>}
          {options.map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
        </select>
      )}
    </FieldFrame>
  );
}

interface CheckProps { label: ComponentChildren; help?: ComponentChildren; checked: boolean; onChange: (on: boolean) => void; disabled?: boolean; id?: string }
export function Check({ label, help, checked, onChange, disabled = false, id }: CheckProps) {
  const own = useId();
  const key = id ?? own;
  return (
    <div class="check">
      <input type="checkbox" id={key} checked={checked} disabled={disabled} aria-describedby={help ? `${key}-help` : undefined} onChange={(event) => onChange(event.currentTarget.checked)} />
      <label for={key}>{label}</label>
      {help ? <p class="field-help" id={`${key}-help`}>{help}</p> : null}
    </div>
  );
}

/** Several choices under one heading. */
export function CheckGroup({ label, help, error, options, values, onChange }: {
  label: string; help?: ComponentChildren; error?: string | null | undefined; options: readonly Choice[]; values: readonly string[]; onChange: (values: string[]) => void;
}) {
  const id = useId();
  const toggle = (value: string, on: boolean): void => onChange(on ? [...values, value] : values.filter((one) => one !== value));
  return (
    <fieldset class={error ? "field group field-bad" : "field group"} aria-describedby={error ? `${id}-error` : undefined}>
      <legend class="field-label">{label}</legend>
      <div class="group-options">
        {options.map((one) => <Check key={one.value} label={one.label} checked={values.includes(one.value)} onChange={(on) => toggle(one.value, on)} />)}
      </div>
      {error ? <p class="field-error" id={`${id}-error`}><span aria-hidden="true">▲ </span>{error}</p> : null}
      {help ? <div class="field-help">{help}</div> : null}
    </fieldset>
  );
}
