/** One calendar: its week with as many ranges a day as wanted, what that means right now, and its own exceptions. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { can } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { Field } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { Closures } from "./Closures";
import { OpenNow } from "./Hours";
import { DAYS, spansProblem, tidySpans, tidyWeek } from "./openings";
import { Spans } from "./Spans";
import type { DayKey, HoursRow, Week } from "./types";
import { ta } from "./words";

const WORKDAYS: readonly DayKey[] = ["mon", "tue", "wed", "thu", "fri"];
const OFFICE_WEEK: Week = Object.fromEntries(WORKDAYS.map((day) => [day, [["08:00", "15:00"]]]));
/** The zones of Mexico come first; the browser knows the others. */
const NEAR = ["America/Hermosillo", "America/Mexico_City", "America/Tijuana", "America/Mazatlan", "America/Chihuahua", "America/Phoenix"];
const zones = (): { value: string; label: string }[] => [...new Set([...NEAR, ...Intl.supportedValuesOf("timeZone")])].map((one) => ({ value: one, label: one.replaceAll("_", " ") }));

interface Props { row: HoursRow | null; everyones: HoursRow | undefined; onClose: () => void; onSaved: () => void; onChanged: () => void }

export function HoursForm({ row, everyones, onClose, onSaved, onChanged }: Props) {
  const [days, setDays] = useState(false);
  const labels = { name: ta("name"), zone: ta("zone"), week: ta("week") };
  const form = useForm<{ name: string; zone: string; week: Week }>({
    name: `hours/${row?.id ?? "new"}`, initial: { name: row?.name ?? "", zone: row?.zone ?? "America/Hermosillo", week: row?.week ?? OFFICE_WEEK }, refusal: refusalOf(labels),
    check: (values) => {
      const problem = DAYS.map((day) => ({ day, code: spansProblem(tidySpans(values.week[day] ?? [])) })).find((one) => one.code !== null);
      return errorsOf({
        name: needed(labels.name, values.name), zone: needed(labels.zone, values.zone),
        week: problem === undefined ? undefined : `${ta(`day.${problem.day}`)}: ${ta(`spans.${problem.code ?? "format"}`)}`,
      });
    },
    save: async (values, clientId) => {
      await command("hours.save", { ...(row?.id ? { id: row.id } : {}), name: values.name.trim(), zone: values.zone, week: tidyWeek(values.week) }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const readOnly = !can("admin.hours");
  if (days && row !== null) return <Closures title={ta("exceptionsOf", { name: row.name ?? "" })} calendar={row.id} rows={row.closures} onClose={() => setDays(false)} onChanged={onChanged} />;
  const copyMonday = (): void => set("week", { ...values.week, ...Object.fromEntries(WORKDAYS.map((day) => [day, (values.week.mon ?? []).map((span) => [...span])])) } as Week);
  return (
    <FormPanel
      title={row?.name ?? ta("newHours")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={readOnly}
      subtitle={<OpenNow row={{ zone: values.zone, week: tidyWeek(values.week), closures: row?.closures ?? [] }} everyones={everyones} />}
      more={row === null ? undefined : <button type="button" onClick={() => setDays(true)}>{ta("exceptions")} ({row.closures.length})</button>}
    >
      <Field id={id("name")} label={labels.name} required maxLength={120} value={values.name} error={errorOf("name")} onInput={(event) => set("name", (event.target as HTMLInputElement).value)} onBlur={leave("name")} />
      <fieldset class="field group" id={id("week")} tabIndex={-1}>
        <legend class="field-label">{labels.week}</legend>
        {errorOf("week") !== null && <p class="field-error">{errorOf("week")}</p>}
        <div class="week">
          {DAYS.map((day) => (
            <div class="week-day" key={day}>
              <span class="week-name">{ta(`day.${day}`)}</span>
              <Spans label={ta(`day.${day}`)} spans={values.week[day] ?? []} disabled={readOnly} empty={ta("dayClosed")} onChange={(spans) => set("week", { ...values.week, [day]: spans })} />
            </div>
          ))}
        </div>
        {!readOnly && <button type="button" class="link" onClick={copyMonday}>{ta("copyMonday")}</button>}
        <p class="field-help">{ta("weekHelp")}</p>
      </fieldset>
      <Combobox id={id("zone")} label={labels.zone} required options={zones()} value={values.zone} error={errorOf("zone")} onChange={(value) => set("zone", value)} help={ta("zoneHelp")} />
    </FormPanel>
  );
}
