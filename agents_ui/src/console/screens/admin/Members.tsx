/** Who serves what, and at which level: 1 is asked first, higher numbers are reserves. */
import { useState } from "preact/hooks";
import { Combobox } from "../../ui/Combobox";
import type { Option } from "../../ui/match";
import { ta } from "./words";

export interface Place { id: string; level: number }
interface Props { label: string; add: string; help?: string; options: readonly Option[]; value: readonly Place[]; onChange: (value: Place[]) => void; error?: string | null | undefined; disabled?: boolean }

const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

export function Members({ label, add, help, options, value, onChange, error, disabled = false }: Props) {
  const [pick, setPick] = useState("");
  const named = (id: string): string => options.find((one) => one.value === id)?.label ?? id;
  const free = options.filter((one) => !value.some((place) => place.id === one.value));
  const put = (id: string): void => {
    setPick("");
    if (id !== "") onChange([...value, { id, level: 1 }]);
  };
  return (
    <fieldset class="field group">
      <legend class="field-label">{label}</legend>
      {error ? <p class="field-error">{error}</p> : null}
      {value.length > 0 && (
        <ul class="members">
          {value.map((one) => (
            <li key={one.id}>
              <span>{named(one.id)}</span>
              <label class="member-level">{ta("level")}
                <select value={String(one.level)} disabled={disabled} onChange={(event) => onChange(value.map((place) => (place.id === one.id ? { ...place, level: Number(event.currentTarget.value) } : place)))}>
                  {LEVELS.map((level) => <option key={level} value={String(level)}>{level}</option>)}
                </select>
              </label>
              <button type="button" class="ghost icon-button" disabled={disabled} aria-label={ta("removeOne", { name: named(one.id) })} onClick={() => onChange(value.filter((place) => place.id !== one.id))}>×</button>
            </li>
          ))}
        </ul>
      )}
      {!disabled && <Combobox label={add} options={free} value={pick} onChange={put} help={help} placeholder={ta("typeToFind")} />}
    </fieldset>
  );
}
