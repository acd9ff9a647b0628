/** The petition form without its drawing: its fields, what each kind asks besides, what is wrong, and what is sent. Pure. */
import type { Fields, Prefill } from "./api";

export const OUTSIDE = "00000";
export interface PersonPart { names: string; first_surname: string; second_surname: string; phone: string; email: string; address: string }
export interface PetitionForm {
  kind: string; category: string; municipality: string; outside_place: string; locality: string; locality_pending: boolean;
  location: string; subject: string; description: string; requester: PersonPart; for_other: boolean; beneficiary: PersonPart;
  beneficiaries: string; confidential: boolean; anonymous: boolean; extra: Record<string, string>;
  /** Number that another body gave the same matter. */
  external_reference: string;
  /** The body a complaint is about, when it is in the directory: it never gets it. */
  accused_dependency: string;
  /** Said by the person, before sensitive data are kept. */
  sensitive_consent: boolean;
}
export interface ExtraField { name: string; type: "text" | "date" | "textarea" | "select" | "number"; required: boolean; options?: string[] }

const NOBODY: PersonPart = { names: "", first_surname: "", second_surname: "", phone: "", email: "", address: "" };
export const EMPTY: PetitionForm = {
  kind: "petition", category: "", municipality: "", outside_place: "", locality: "", locality_pending: false, location: "",
  subject: "", description: "", requester: NOBODY, for_other: false, beneficiary: NOBODY, beneficiaries: "1",
  confidential: false, anonymous: false, extra: {}, external_reference: "", accused_dependency: "", sensitive_consent: false,
};

const text = (name: string, required = true): ExtraField => ({ name, type: "text", required });
/** What each kind asks besides (DOMAIN §2.1 «Extra required fields by kind»). */
export const EXTRA: Record<string, ExtraField[]> = {
  civil_registry: [
    { name: "act", type: "select", required: true, options: ["birth", "marriage", "death", "divorce", "annotation"] },
    text("name_on_record"), { name: "record_date", type: "date", required: true }, text("record_place"),
  ],
  no_criminal_record: [text("full_name"), text("curp", false), { name: "birth_date", type: "date", required: false }, text("birth_place", false), text("purpose")],
  complaint: [
    { name: "facts", type: "textarea", required: true }, text("place"), { name: "date", type: "date", required: true },
    text("dependency"), text("accused", false),
  ],
  support: [{ name: "dependants", type: "number", required: true }, text("support_type")],
  legal_advice: [text("matter"), text("counterpart")],
};
export const extraOf = (kind: string): ExtraField[] => EXTRA[kind] ?? [];

/** Kinds that somebody may ask for without giving a name (DOMAIN §2.1 «Citizen»). */
export const MAY_BE_ANONYMOUS = new Set(["orientation", "complaint", "suggestion", "congratulation"]);
/** Kinds whose words only few may read. */
export const CONFIDENTIAL = new Set(["complaint", "legal_advice"]);

const length = (value: string): number => value.trim().length;

/** What is wrong, as field → code of the catalogue (`field.<code>`), in the order of the form. */
/** `sensitive`: the category deals with data that are kept only with the express consent of whoever gives a name. */
export function petitionErrors(form: PetitionForm, sensitive = false): Record<string, string> {
  const wrong: Record<string, string> = {};
  if (form.kind === "") wrong["kind"] = "required";
  if (form.category === "") wrong["category"] = "required";
  if (form.municipality === "") wrong["municipality"] = "required";
  if (form.municipality === OUTSIDE && length(form.outside_place) === 0) wrong["outside_place"] = "required";
  if (form.municipality !== OUTSIDE && !form.locality_pending && length(form.locality) === 0) wrong["locality"] = "locality";
  if (length(form.subject) < 10 || length(form.subject) > 200) wrong["subject"] = "subject";
  if (length(form.description) < 20 || length(form.description) > 8000) wrong["description"] = "description";
  for (const field of extraOf(form.kind)) if (field.required && length(form.extra[field.name] ?? "") === 0) wrong[`extra.${field.name}`] = "required";
  if (form.kind === "no_criminal_record" && length(form.extra["curp"] ?? "") === 0 && (length(form.extra["birth_date"] ?? "") === 0 || length(form.extra["birth_place"] ?? "") === 0)) wrong["extra.curp"] = "curpOrBirth";
  if (!form.anonymous || !MAY_BE_ANONYMOUS.has(form.kind)) {
    const { names, phone, email, address } = form.requester;
    if (length(names) === 0) wrong["requester.names"] = "required";
    if (form.kind === "support" && length(phone) === 0 && length(email) === 0) wrong["requester.phone"] = "phoneOrEmail";
    else if (form.kind !== "congratulation" && form.kind !== "suggestion" && length(phone) + length(email) + length(address) === 0) wrong["requester.phone"] = "contact";
    if (length(phone) > 0 && !phone.includes("•") && phone.replace(/\D/g, "").length < 10) wrong["requester.phone"] = "phone";
    if (length(email) > 0 && !email.includes("•") && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim())) wrong["requester.email"] = "email";
    if (form.kind === "support" && length(address) === 0) wrong["requester.address"] = "required";
  }
  if (sensitive && !form.sensitive_consent && !(form.anonymous && MAY_BE_ANONYMOUS.has(form.kind))) wrong["sensitive_consent"] = "consent";
  if (form.for_other && length(form.beneficiary.names) === 0) wrong["beneficiary.names"] = "required";
  if (!/^[1-9]\d{0,5}$/.test(form.beneficiaries)) wrong["beneficiaries"] = "beneficiaries";
  return wrong;
}

const clean = (part: PersonPart): Fields =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value.trim() !== "" && !value.includes("•")).map(([name, value]) => [name, value.trim()]));

/** What `petition.create` is sent. Hidden («•») values are left out: the service knows them. */
export function toFields(form: PetitionForm): Fields {
  const outside = form.municipality === OUTSIDE;
  const isAnonymous = form.anonymous && MAY_BE_ANONYMOUS.has(form.kind);
  const extra = Object.fromEntries(extraOf(form.kind).map(({ name }) => [name, (form.extra[name] ?? "").trim()]).filter(([, value]) => value !== ""));
  return {
    kind: form.kind, category: form.category, municipality: form.municipality, subject: form.subject.trim(),
    description: form.description.trim(), requester: isAnonymous ? { anonymous: true } : clean(form.requester),
    beneficiary: form.for_other ? clean(form.beneficiary) : null, beneficiaries: Number(form.beneficiaries),
    confidential: form.confidential, extra,
    ...(outside ? { outside_place: form.outside_place.trim() } : form.locality_pending ? {} : { locality: form.locality.trim() }),
    ...(form.location.trim() === "" ? {} : { location: form.location.trim() }),
    ...(form.external_reference.trim() === "" ? {} : { external_reference: form.external_reference.trim() }),
    ...(form.kind === "complaint" && form.accused_dependency !== "" ? { accused_dependency: form.accused_dependency } : {}),
    ...(form.sensitive_consent ? { sensitive_consent: true } : {}),
  };
}

/** A Mexican number as people write it: ten digits. */
const localPhone = (phone: string): string => phone.replace(/^\+52(\d{10})$/, "$1");

export interface Guess { value: unknown; reason: string }
/** The form with what the conversation suggests put into fields that are still untouched. */
export function withPrefill(form: PetitionForm, guesses: Prefill, touched: ReadonlySet<string>): PetitionForm {
  const next: PetitionForm = { ...form, requester: { ...form.requester }, extra: { ...form.extra } };
  for (const [name, { value }] of Object.entries(guesses)) {
    if (touched.has(name) || value === null || value === undefined) continue;
    if (name === "requester" && typeof value === "object") {
      for (const [part, said] of Object.entries(value)) if (part in NOBODY && !touched.has(`requester.${part}`) && said) next.requester[part as keyof PersonPart] = part === "phone" ? localPhone(String(said)) : String(said);
    } else if (name.startsWith("requester.") && name.slice(10) in NOBODY) next.requester[name.slice(10) as keyof PersonPart] = name === "requester.phone" ? localPhone(String(value)) : String(value);
    else if (name.startsWith("extra.")) next.extra[name.slice(6)] = String(value);
    else if (["names", "first_surname", "second_surname", "phone", "email", "address"].includes(name)) next.requester[name as keyof PersonPart] = name === "phone" ? localPhone(String(value)) : String(value);
    else if (name in EMPTY && typeof next[name as keyof PetitionForm] === typeof value) (next as unknown as Record<string, unknown>)[name] = value;
    else if (name === "beneficiaries") next.beneficiaries = String(value);
  }
  return next;
}
