/** A password one may look at while typing it. */
import { useState } from "preact/hooks";
import { Field } from "../../ui/Field";
import { tl } from "./signin";

interface Props {
  label: string; id: string; value: string; onInput: (value: string) => void; autocomplete: "current-password" | "new-password";
  error?: string | null | undefined; help?: string; onBlur?: () => void; required?: boolean;
}

export function PasswordField({ label, id, value, onInput, autocomplete, error, help, onBlur, required }: Props) {
  const [seen, setSeen] = useState(false);
  return (
    <Field label={label} id={id} error={error} help={help} required={required}>
      {(control) => (
        <div class="password">
          <input class="input" {...(control as object)} {...({ type: seen ? "text" : "password" } as object)} autocomplete={autocomplete} autocapitalize="none" spellcheck={false} value={value} onInput={(event) => onInput(event.currentTarget.value)} onBlur={() => { onBlur?.(); }} />
          <button type="button" class="link" aria-pressed={seen} aria-label={tl(seen ? "hidePassword" : "showPassword")} title={tl(seen ? "hidePassword" : "showPassword")} onClick={() => setSeen(!seen)}>
            <svg class="icon" viewBox="0 0 20 20" width={18} height={18} aria-hidden="true" focusable="false">
              <path d="M2.5 10c2-3.500 4.500-5 7.500-5s5.500 1.500 7.500 5c-2 3.500-4.500 5-7.500 5s-5.500-1.500-7.500-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z" />
              {seen && <path d="M4 16 16 4" />}
            </svg>
          </button>
        </div>
      )}
    </Field>
  );
}
