/** The parts of the petition form that every kind has: what, where, who. */
import type { PersonPart, PetitionForm } from "../petition";
import { OUTSIDE } from "../petition";
import { choices, codeOf, labelOf, rows } from "../reference";
import { t, type Key } from "../text";
import { Combobox } from "../ui/Combobox";
import { Check, Field, Select, TextArea } from "../ui/Field";
import { fieldId } from "./PetitionForm";

export interface Part {
  form: PetitionForm;
  change: (name: string, fields: Partial<PetitionForm>) => void;
  leave: (name: string) => void;
  errorOf: (name: string) => string | undefined;
  guessOf: (name: string) => string | undefined;
  sensitive: boolean;
}

function categories() {
  return rows("categories").filter((row) => !row["closed_at"]).map((row) => ({
    value: codeOf(row), label: labelOf(row), detail: String(row["group_name"] ?? row["group"] ?? ""),
    synonyms: [codeOf(row), ...(Array.isArray(row["keywords"]) ? (row["keywords"] as string[]) : [])],
  }));
}
function municipalities() {
  const own = rows("municipalities").map((row) => ({ value: codeOf(row), label: labelOf(row), detail: String(row["region"] ?? ""), synonyms: [String(row["seat"] ?? "")] }));
  return own.some((one) => one.value === OUTSIDE) ? own : [...own, { value: OUTSIDE, label: t("petition.outside"), detail: "", synonyms: ["extranjero", "otro estado", "estados unidos"] }];
}

export function AboutFields({ form, change, leave, errorOf, guessOf, sensitive }: Part) {
  const kinds = choices("kinds").filter((one) => one.value !== "follow_up" && one.value !== "orientation");
  return (
    <>
      <Select id={fieldId("kind")} label={t("petition.kind")} options={kinds} value={form.kind} required onChange={(kind) => change("kind", { kind })} error={errorOf("kind")} help={guessOf("kind")} />
      <Combobox
        id={fieldId("category")} label={t("petition.category")} options={categories()} value={form.category} required placeholder={t("petition.categoryPlaceholder")}
        onChange={(category) => change("category", { category })} onBlur={() => leave("category")} error={errorOf("category")} help={sensitive ? t("petition.sensitive") : guessOf("category")}
      />
      <Field id={fieldId("subject")} label={t("petition.subject")} value={form.subject} required maxLength={200} onInput={(event) => change("subject", { subject: event.currentTarget.value })} onBlur={() => leave("subject")} error={errorOf("subject")} help={guessOf("subject")} />
      <TextArea id={fieldId("description")} label={t("petition.description")} value={form.description} required maxLength={8000} rows={4} onInput={(event) => change("description", { description: event.currentTarget.value })} onBlur={() => leave("description")} error={errorOf("description")} help={guessOf("description")} />
    </>
  );
}

export function PlaceFields({ form, change, leave, errorOf, guessOf }: Part) {
  return (
    <>
      <Combobox
        id={fieldId("municipality")} label={t("petition.municipality")} options={municipalities()} value={form.municipality} required placeholder={t("petition.municipalityPlaceholder")}
        onChange={(municipality) => change("municipality", { municipality })} onBlur={() => leave("municipality")} error={errorOf("municipality")} help={guessOf("municipality")}
      />
      {form.municipality === OUTSIDE ? (
        <Field id={fieldId("outside_place")} label={t("petition.outside_place")} value={form.outside_place} required maxLength={120} onInput={(event) => change("outside_place", { outside_place: event.currentTarget.value })} onBlur={() => leave("outside_place")} error={errorOf("outside_place")} />
      ) : (
        <>
          {!form.locality_pending && <Field id={fieldId("locality")} label={t("petition.locality")} value={form.locality} required maxLength={120} onInput={(event) => change("locality", { locality: event.currentTarget.value })} onBlur={() => leave("locality")} error={errorOf("locality")} help={guessOf("locality")} />}
          <Check label={t("petition.localityPending")} checked={form.locality_pending} onChange={(on) => change("locality", { locality_pending: on })} />
        </>
      )}
      <Field id={fieldId("external_reference")} label={t("petition.external_reference")} value={form.external_reference} maxLength={80} help={t("petition.external_referenceHelp")} onInput={(event) => change("external_reference", { external_reference: event.currentTarget.value })} error={errorOf("external_reference")} />
      <Field id={fieldId("location")} label={t("petition.location")} value={form.location} maxLength={300} placeholder={t("petition.locationPlaceholder")} onInput={(event) => change("location", { location: event.currentTarget.value })} help={guessOf("location")} />
    </>
  );
}

type WhoProps = Part & { who: "requester" | "beneficiary" };
function Who({ form, change, leave, errorOf, guessOf, who }: WhoProps) {
  const one = (name: keyof PersonPart, required: boolean, type: "text" | "tel" | "email" = "text") => {
    const key = `${who}.${name}`;
    return (
      <Field
        key={key} id={fieldId(key)} label={t(`person.${name}` as Key)} type={type} value={form[who][name]} required={required} maxLength={name === "address" ? 300 : 120}
        onFocus={(event) => { if (event.currentTarget.value.includes("•")) event.currentTarget.select(); }}
        onInput={(event) => change(key, { [who]: { ...form[who], [name]: event.currentTarget.value } })} onBlur={() => leave(key)} error={errorOf(key)} help={guessOf(key) ?? guessOf(name)}
      />
    );
  };
  return (
    <>
      {one("names", true)}
      <div class="pair">{one("first_surname", false)}{one("second_surname", false)}</div>
      {who === "requester" && <>{one("phone", form.kind === "support", "tel")}{one("email", false, "email")}{one("address", form.kind === "support")}</>}
    </>
  );
}

export function PeopleFields(props: Part & { mayBeAnonymous: boolean }) {
  const { form, change, leave, errorOf, mayBeAnonymous } = props;
  const isAnonymous = mayBeAnonymous && form.anonymous;
  return (
    <>
      <fieldset class="form-group">
        <legend>{t("petition.requester")}</legend>
        {mayBeAnonymous && <Check label={t("petition.anonymous")} checked={form.anonymous} onChange={(on) => change("anonymous", { anonymous: on })} />}
        {!isAnonymous && <Who {...props} who="requester" />}
      </fieldset>
      <fieldset class="form-group">
        <legend>{t("petition.beneficiary")}</legend>
        <Check label={t("petition.forOther")} checked={form.for_other} onChange={(on) => change("for_other", { for_other: on })} />
        {form.for_other && <Who {...props} who="beneficiary" />}
        <Field id={fieldId("beneficiaries")} label={t("petition.beneficiaries")} inputMode="numeric" value={form.beneficiaries} maxLength={6} onInput={(event) => change("beneficiaries", { beneficiaries: event.currentTarget.value })} onBlur={() => leave("beneficiaries")} error={errorOf("beneficiaries")} />
      </fieldset>
      <Check label={t("petition.confidential")} help={t("petition.confidentialHelp")} checked={form.confidential} onChange={(on) => change("confidential", { confidential: on })} />
    </>
  );
}

/** The person said so, aloud or in writing, for this only purpose; when and to whom is kept. */
export function ConsentField({ form, change, errorOf }: Part) {
  const error = errorOf("sensitive_consent");
  return (
    <div class="form-group" id={fieldId("sensitive_consent")} tabIndex={-1}>
      <Check label={t("petition.consent")} help={t("petition.consentHelp")} checked={form.sensitive_consent} onChange={(on) => change("sensitive_consent", { sensitive_consent: on })} />
      <p class="field-error" role="alert">{error ?? ""}</p>
    </div>
  );
}
