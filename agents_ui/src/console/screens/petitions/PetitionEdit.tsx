/** Mending a petition's data. Two people at once: the second is told, and keeps what was typed. */
import type { Petition } from "../../../shared/protocol";
import { command } from "../../api";
import { OUTSIDE } from "../../petition";
import { Combobox } from "../../ui/Combobox";
import { Check, Field, TextArea } from "../../ui/Field";
import { categoryChoices, municipalityChoices } from "../parts/choices";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { tr } from "../parts/records";

const SUBJECT = [10, 200] as const;
const DESCRIPTION = [20, 8000] as const;

export function PetitionEdit({ petition, onClose, onSaved }: { petition: Petition; onClose: () => void; onSaved: () => void }) {
  const initial = {
    subject: petition.subject, description: petition.description, category: petition.category, municipality: petition.municipality,
    locality: petition.locality ?? "", outside_place: petition.outside_place ?? "", location: petition.location ?? "",
    beneficiaries: String(petition.beneficiaries), confidential: petition.confidential,
  };
  const labels: Record<string, string> = {
    subject: tr("subject"), description: tr("description"), category: tr("category"), municipality: tr("municipality"), locality: tr("locality"),
    outside_place: tr("outsidePlace"), location: tr("location"), beneficiaries: tr("beneficiaries"),
  };
  const long = (label: string, value: string, [min, max]: readonly [number, number]): string | undefined =>
    value.trim().length < min || value.trim().length > max ? tr("lengthBetween", { label, min, max }) : undefined;
  const form = useForm({
    name: `petition/${petition.folio}`, initial,
    check: (values) => errorsOf({
      subject: long(tr("subject"), values.subject, SUBJECT), description: long(tr("description"), values.description, DESCRIPTION),
      category: needed(tr("category"), values.category), municipality: needed(tr("municipality"), values.municipality),
      outside_place: values.municipality === OUTSIDE ? needed(tr("outsidePlace"), values.outside_place) : undefined,
      beneficiaries: /^[1-9]\d{0,5}$/.test(values.beneficiaries) ? undefined : tf("number", { label: tr("beneficiaries"), min: 1, max: 999_999 }),
    }),
    refusal: refusalOf(labels),
    save: async (values, clientId) => {
      const changes = Object.fromEntries(Object.entries({ ...values, beneficiaries: Number(values.beneficiaries) }).filter(([name, value]) => String(value) !== String(initial[name as keyof typeof initial])));
      await command("petition.edit", { folio: petition.folio, version: petition.version, ...changes }, clientId);
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  return (
    <FormPanel title={tr("editTitle", { folio: petition.folio })} subject={petition.folio} form={form} onSaved={onSaved} onClose={onClose}>
      <Field id={id("subject")} label={tr("subject")} required maxLength={200} value={values.subject} error={errorOf("subject")} onInput={(event) => set("subject", text(event))} onBlur={leave("subject")} />
      <TextArea id={id("description")} label={tr("description")} required rows={6} maxLength={8000} value={values.description} error={errorOf("description")} onInput={(event) => set("description", text(event))} onBlur={leave("description")} />
      <Combobox id={id("category")} label={tr("category")} required options={categoryChoices()} value={values.category} error={errorOf("category")} onChange={(value) => set("category", value)} />
      <Combobox id={id("municipality")} label={tr("municipality")} required options={[...municipalityChoices().filter((one) => one.value !== OUTSIDE), { value: OUTSIDE, label: tr("outsideSonora") }]} value={values.municipality} error={errorOf("municipality")} onChange={(value) => set("municipality", value)} />
      {values.municipality === OUTSIDE
        ? <Field id={id("outside_place")} label={tr("outsidePlace")} required maxLength={120} value={values.outside_place} error={errorOf("outside_place")} onInput={(event) => set("outside_place", text(event))} onBlur={leave("outside_place")} />
        : <Field id={id("locality")} label={tr("locality")} maxLength={120} value={values.locality} error={errorOf("locality")} onInput={(event) => set("locality", text(event))} onBlur={leave("locality")} />}
      <Field id={id("location")} label={tr("location")} maxLength={300} value={values.location} error={errorOf("location")} onInput={(event) => set("location", text(event))} onBlur={leave("location")} />
      <Field id={id("beneficiaries")} label={tr("beneficiaries")} inputMode="numeric" maxLength={6} value={values.beneficiaries} error={errorOf("beneficiaries")} onInput={(event) => set("beneficiaries", text(event))} onBlur={leave("beneficiaries")} />
      <Check label={tr("confidential")} checked={values.confidential} onChange={(on) => set("confidential", on)} />
    </FormPanel>
  );
}
