/** One holiday, closure or guard. */
import { command } from "../../api";
import { Field, Select } from "../../ui/Field";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf } from "../parts/formWords";
import { spansProblem, tidySpans } from "./openings";
import { Spans } from "./Spans";
import type { ClosureKind, ClosureRow, Span } from "./types";
import { ta } from "./words";

interface Values { kind: ClosureKind; name: string; starts_on: string; ends_on: string; ranges: Span[] }
const KINDS: readonly ClosureKind[] = ["holiday", "closure", "guard"];
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text);

export function ClosureForm({ row, calendar, onClose, onSaved }: { row: ClosureRow | null; calendar: string | null; onClose: () => void; onSaved: () => void }) {
  const labels = { kind: ta("kind"), name: ta("name"), starts_on: ta("startsOn"), ends_on: ta("endsOn"), ranges: ta("ranges") };
  const form = useForm<Values>({
    name: `closure/${row?.id ?? `new/${calendar ?? "all"}`}`,
    initial: row === null ? { kind: "holiday", name: "", starts_on: "", ends_on: "", ranges: [] } : { kind: row.kind, name: row.name, starts_on: row.starts_on, ends_on: row.ends_on, ranges: row.ranges },
    refusal: refusalOf(labels),
    check: (values) => {
      const end = values.ends_on === "" ? values.starts_on : values.ends_on;
      const spans = spansProblem(tidySpans(values.ranges));
      return errorsOf({
        name: needed(labels.name, values.name), starts_on: isDay(values.starts_on) ? undefined : ta("dayNeeded"),
        ends_on: isDay(values.starts_on) && end < values.starts_on ? ta("datesReversed") : undefined,
        ranges: spans !== null ? ta(`spans.${spans}`) : values.kind === "guard" && values.ranges.length === 0 ? ta("guardNeedsHours") : undefined,
      });
    },
    save: async (values, clientId) => {
      await command("closure.save", {
        ...(row === null ? {} : { id: row.id }), calendar_id: calendar, kind: values.kind, name: values.name.trim(), starts_on: values.starts_on,
        ends_on: values.ends_on === "" ? values.starts_on : values.ends_on, ranges: tidySpans(values.ranges),
      }, clientId);
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  return (
    <FormPanel title={row?.name ?? ta("newClosure")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved}>
      <Select id={id("kind")} label={labels.kind} required value={values.kind} options={KINDS.map((one) => ({ value: one, label: ta(`closure.${one}`) }))} onChange={(value) => set("kind", value as ClosureKind)} help={ta(`closureHelp.${values.kind}`)} />
      <Field id={id("name")} label={labels.name} required maxLength={160} value={values.name} error={errorOf("name")} onInput={(event) => set("name", text(event))} onBlur={leave("name")} />
      <div class="pair">
        <Field id={id("starts_on")} type="date" label={labels.starts_on} required value={values.starts_on} error={errorOf("starts_on")} onInput={(event) => set("starts_on", text(event))} onBlur={leave("starts_on")} />
        <Field id={id("ends_on")} type="date" label={labels.ends_on} help={ta("endsOnHelp")} value={values.ends_on} error={errorOf("ends_on")} onInput={(event) => set("ends_on", text(event))} onBlur={leave("ends_on")} />
      </div>
      <fieldset class="field group" id={id("ranges")} tabIndex={-1}>
        <legend class="field-label">{labels.ranges}</legend>
        {errorOf("ranges") !== null && <p class="field-error">{errorOf("ranges")}</p>}
        <Spans label={labels.ranges} spans={values.ranges} empty={ta("wholeDay")} onChange={(spans) => set("ranges", spans)} />
      </fieldset>
    </FormPanel>
  );
}
