/** What a kind of petition asks besides: an act and its record, facts and place, dependants and support. */
import { extraOf } from "../petition";
import { codeOf, labelOf, nameOf, rows } from "../reference";
import { t, tMaybe } from "../text";
import { Combobox } from "../ui/Combobox";
import { Field, Select, TextArea } from "../ui/Field";
import type { Part } from "./PetitionFields";
import { fieldId } from "./PetitionForm";

export function ExtraFields({ form, change, leave, errorOf, guessOf }: Part) {
  const set = (name: string, value: string): void => change(`extra.${name}`, { extra: { ...form.extra, [name]: value } });
  return (
    <fieldset class="form-group">
      <legend>{t("petition.extra", { kind: nameOf("kinds", form.kind) })}</legend>
      {extraOf(form.kind).map((field) => {
        const key = `extra.${field.name}`;
        const common = { id: fieldId(key), label: tMaybe(key, field.name), required: field.required, error: errorOf(key), help: guessOf(key) };
        const value = form.extra[field.name] ?? "";
        if (field.type === "select") {
          return <Select key={key} {...common} value={value} options={(field.options ?? []).map((one) => ({ value: one, label: tMaybe(`extra.${field.name}.${one}`, one) }))} onChange={(next) => set(field.name, next)} />;
        }
        if (field.type === "textarea") return <TextArea key={key} {...common} value={value} rows={3} maxLength={500} onInput={(event) => set(field.name, event.currentTarget.value)} onBlur={() => leave(key)} />;
        return <Field key={key} {...common} type={field.type} value={value} maxLength={200} onInput={(event) => set(field.name, event.currentTarget.value)} onBlur={() => leave(key)} />;
      })}
      {form.kind === "complaint" && (
        <Combobox
          id={fieldId("accused_dependency")} label={t("petition.accused_dependency")} help={t("petition.accusedHelp")} error={errorOf("accused_dependency")} value={form.accused_dependency}
          options={rows("dependencies").map((row) => ({ value: codeOf(row), label: labelOf(row), synonyms: [String(row["acronym"] ?? ""), String(row["topics"] ?? "")] }))}
          onChange={(accused_dependency) => change("accused_dependency", { accused_dependency })}
        />
      )}
    </fieldset>
  );
}
