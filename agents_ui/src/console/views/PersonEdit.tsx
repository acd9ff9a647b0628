/** The person's data, for who is in the conversation. A hidden value that is left alone is not touched. */
import { useRef, useState } from "preact/hooks";
import type { Citizen, Item } from "../../shared/protocol";
import { newId } from "../../shared/uuid";
import { ApiError, command } from "../api";
import { loadPerson, loadThread } from "../desk";
import { formDraft, setDraft } from "../drafts";
import { errorText } from "../errors";
import { choices } from "../reference";
import { t, tMaybe, type Key } from "../text";
import { Combobox } from "../ui/Combobox";
import { Field } from "../ui/Field";
import { toast } from "../ui/Toast";

const TEXTS = ["names", "first_surname", "second_surname", "phone", "email", "curp", "locality", "neighborhood", "address"] as const;
const MASKED = new Set<string>(["phone", "email", "curp", "address"]);
type Form = Record<string, string | boolean>;

/** What is wrong with what was typed, by field; empty fields are fine: nothing is required of a person. */
export function personErrors(form: Form): Record<string, string> {
  const wrong: Record<string, string> = {};
  const text = (name: string): string => String(form[name] ?? "").trim();
  if (text("phone") !== "" && text("phone").replace(/\D/g, "").length < 10) wrong["phone"] = "phone";
  if (text("email") !== "" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text("email"))) wrong["email"] = "email";
  if (text("curp") !== "" && !/^[A-Z]{4}\d{6}[HMX][A-Z]{5}[0-9A-Z]\d$/i.test(text("curp"))) wrong["curp"] = "curp";
  return wrong;
}

function startForm(citizen: Citizen | null): Form {
  const form: Form = { municipality: citizen?.municipality ?? "", language: citizen?.language ?? "", contact_preference: citizen?.contact_preference ?? "", sex: citizen?.sex ?? "", do_not_contact: citizen?.do_not_contact ?? false };
  for (const name of TEXTS) form[name] = MASKED.has(name) ? "" : (citizen?.[name] ?? "");
  return form;
}

export function PersonEdit({ item, citizen, onDone }: { item: Item; citizen: Citizen | null; onDone: () => void }) {
  const contact = item.interaction;
  const [form, setForm] = useState<Form>(() => formDraft<Form>("person", contact) ?? startForm(citizen));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState("");
  const intent = useRef(newId());
  const initial = startForm(citizen);
  const set = (name: string, value: string | boolean): void => {
    const next = { ...form, [name]: value };
    setForm(next);
    setDraft("person", contact, JSON.stringify(next));
    intent.current = newId();
  };
  const finish = (): void => {
    setDraft("person", contact, "");
    onDone();
  };
  const save = async (): Promise<void> => {
    const wrong = personErrors(form);
    setErrors(wrong);
    const first = Object.keys(wrong)[0];
    if (first !== undefined) return document.getElementById(`person-${first}`)?.focus();
    const changed = Object.fromEntries(Object.entries(form).filter(([name, value]) => value !== initial[name]).map(([name, value]) => [name, value === "" ? null : typeof value === "string" ? value.trim() : value]));
    try {
      const done = await command<{ citizen: Citizen; warnings?: Record<string, string> }>("citizen.save", {
        ...(citizen === null ? {} : { citizen_id: citizen.id, version: citizen.version }),
        ...(item.conversation === null ? {} : { conversation_id: item.conversation }), ...changed,
      }, intent.current);
      void loadThread(contact);
      void loadPerson(done.citizen.id);
      // A wrong check digit does not stop anybody: it may be the document's own mistake (DOMAIN §4).
      if (done.warnings?.["curp"] !== undefined) toast(t("person.curpDigit"), { kind: "error" });
      finish();
    } catch (error) {
      if (error instanceof ApiError) setErrors(error.fields);
      intent.current = newId();
      setFailure(errorText(error));
    }
  };
  const input = (name: (typeof TEXTS)[number], type: "text" | "tel" | "email" = "text") => (
    <Field
      key={name} id={`person-${name}`} label={t(`person.${name}` as Key)} type={type} value={String(form[name] ?? "")} maxLength={name === "address" ? 300 : 120}
      placeholder={MASKED.has(name) && citizen?.[name] ? t("person.keep", { value: citizen[name] ?? "" }) : ""}
      error={name in errors ? tMaybe(`field.${errors[name] ?? ""}`, t("field.invalid")) : undefined}
      onInput={(event) => set(name, event.currentTarget.value)} onBlur={() => setErrors(personErrors(form))}
    />
  );
  return (
    <form class="stack" aria-label={t("person.edit")} onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <h3>{t(citizen === null ? "person.add" : "person.edit")}</h3>
      {failure !== "" && <p class="form-summary" role="alert">{failure}</p>}
      {input("names")}
      <div class="pair">{input("first_surname")}{input("second_surname")}</div>
      {input("phone", "tel")}
      {input("email", "email")}
      {input("curp")}
      <Combobox label={t("person.municipality")} options={choices("municipalities")} value={String(form["municipality"] ?? "")} onChange={(next: string | null) => set("municipality", next ?? "")} />
      <div class="pair">{input("locality")}{input("neighborhood")}</div>
      {input("address")}
      <div class="pair">
        <label class="field"><span class="field-label">{t("person.sex")}</span>
          <select value={String(form["sex"] ?? "")} onChange={(event) => set("sex", event.currentTarget.value)}>
            {["", "H", "M", "X"].map((one) => <option key={one} value={one}>{t(`sex.${one === "" ? "none" : one}` as Key)}</option>)}
          </select></label>
        <label class="field"><span class="field-label">{t("person.language")}</span>
          <select value={String(form["language"] ?? "")} onChange={(event) => set("language", event.currentTarget.value)}>
            <option value="">{t("person.notSaid")}</option>
            {choices("languages").map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
          </select></label>
      </div>
      <label class="field"><span class="field-label">{t("person.preference")}</span>
        <select value={String(form["contact_preference"] ?? "")} onChange={(event) => set("contact_preference", event.currentTarget.value)}>
          <option value="">{t("person.notSaid")}</option>
          {(["voice", "message", "email"] as const).map((one) => <option key={one} value={one}>{t(`preference.${one}`)}</option>)}
        </select></label>
      <label class="check"><input type="checkbox" checked={form["do_not_contact"] === true} onChange={(event) => set("do_not_contact", event.currentTarget.checked)} /> {t("person.doNotContact")}</label>
      <div class="form-actions"><button type="submit" class="primary">{t("save")}</button><button type="button" onClick={finish}>{t("cancel")}</button></div>
    </form>
  );
}
