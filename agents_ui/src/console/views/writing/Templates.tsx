/** One of the provider's approved templates, its blanks filled: the only words a closed window lets through. */
import { useLayoutEffect, useState } from "preact/hooks";
import type { Item } from "../../../shared/protocol";
import { send } from "../../outbox";
import { now } from "../../store";
import { Field, Select } from "../../ui/Field";
import { filled, isBad, type Template } from "./types";
import { tw } from "./words";

export function Templates({ item, templates, onDone }: { item: Item; templates: readonly Template[]; onDone: () => void }) {
  const [chosen, setChosen] = useState(templates[0]?.id ?? "");
  const [values, setValues] = useState<Record<string, string>>({});
  const [checked, setChecked] = useState(false);
  useLayoutEffect(() => document.getElementById("template-choice")?.focus(), []);
  const template = templates.find((one) => one.id === chosen) ?? templates[0];
  if (template === undefined) return <p class="writing-note" role="status">{tw("templateNone")}</p>;
  const submit = (): void => {
    setChecked(true);
    if (item.conversation === null || template.blanks.some((name) => isBad(values[name] ?? ""))) return;
    const variables = Object.fromEntries(template.blanks.map((name) => [name, (values[name] ?? "").trim()]));
    send({ conversation: item.conversation, kind: "reply", text: filled(template.body, variables), extra: { template: { id: template.id, variables } } }, now.value);
    onDone();
  };
  return (
    <div class="template" onKeyDown={(event) => { if (event.key === "Escape") onDone(); }}>
      <Select
        id="template-choice" label={tw("templateChoose")} value={template.id} options={templates.map((one) => ({ value: one.id, label: `${one.name} · ${one.language}` }))}
        onChange={(value) => { setChosen(value); setValues({}); setChecked(false); }}
      />
      {template.blanks.map((name) => (
        <Field
          key={`${template.id}/${name}`} id={`template-${name}`} label={tw("templateBlank", { name })} required maxLength={300} value={values[name] ?? ""}
          error={checked && isBad(values[name] ?? "") ? tw("templateMissing") : undefined}
          onInput={(event) => setValues({ ...values, [name]: (event.target as HTMLInputElement).value })}
          onKeyDown={(event) => { if (event.key === "Enter") { event.preventDefault(); submit(); } }}
        />
      ))}
      <figure class="template-preview">
        <figcaption class="muted">{tw("templatePreview")}</figcaption>
        <blockquote>{filled(template.body, values)}</blockquote>
      </figure>
      <div class="template-actions">
        <button type="button" class="ghost" onClick={onDone}>{tw("templateCancel")}</button>
        <button type="button" class="primary" onClick={submit}>{tw("templateSend")}</button>
      </div>
    </div>
  );
}
