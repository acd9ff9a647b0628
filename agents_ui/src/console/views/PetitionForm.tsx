/** A new petition beside its conversation: prefilled, checked on leaving each field, and issued once whatever the line does. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Duplicate, Item, Thread } from "../../shared/protocol";
import { newId } from "../../shared/uuid";
import { ApiError, createPetition } from "../api";
import { announce } from "../alert";
import { loadPerson, loadThread } from "../desk";
import { formDraft, setDraft } from "../drafts";
import { errorText } from "../errors";
import { duplicates, loadPrefill, lookForDuplicates, prefills } from "../guesses";
import { CONFIDENTIAL, EMPTY, extraOf, MAY_BE_ANONYMOUS, petitionErrors, toFields, withPrefill, type PetitionForm as Form } from "../petition";
import { rowOf } from "../reference";
import { t, tMaybe } from "../text";
import { petitionWanted, showSide } from "../ui";
import { ErrorSummary } from "../ui/ErrorSummary";
import { toast } from "../ui/Toast";
import { DuplicateLines } from "./PetitionDuplicates";
import { AboutFields, ConsentField, PeopleFields, PlaceFields } from "./PetitionFields";
import { ExtraFields } from "./PetitionExtra";

interface Saved { form: Form; touched: string[] }

function startForm(thread: Thread): Form {
  const person = thread.citizen;
  if (person === null) return EMPTY;
  return {
    ...EMPTY, municipality: person.municipality ?? "", locality: person.locality ?? "", anonymous: false,
    requester: {
      names: person.names ?? "", first_surname: person.first_surname ?? "", second_surname: person.second_surname ?? "",
      phone: person.phone ?? "", email: person.email ?? "", address: person.address ?? "",
    },
  };
}

/** Why something is suggested: a code, a code and its words (`text: guaymas`), or the words themselves. */
function reasonText(reason: string): string {
  const [, code = "", words = ""] = /^([a-z_]+): (.+)$/.exec(reason) ?? [];
  return code === "" ? tMaybe(`guess.${reason}`, `«${reason}»`) : `${tMaybe(`guess.${code}`, code)}: «${words}»`;
}

/** The id an element of the form has, from the field's name. */
export const fieldId = (name: string): string => `petition-${name.replace(".", "-")}`;

export function PetitionForm({ item, thread, onDone }: { item: Item; thread: Thread; onDone: () => void }) {
  const contact = item.interaction;
  const [saved, setSaved] = useState<Saved>(() => {
    const draft = formDraft<Saved>("petition", contact);
    // A draft of an earlier version lacks the fields that came since.
    return draft === null ? { form: startForm(thread), touched: [] } : { ...draft, form: { ...EMPTY, ...draft.form } };
  });
  const [checked, setChecked] = useState<Set<string>>(new Set());
  const [refused, setRefused] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState("");
  const [tries, setTries] = useState(0);
  const [busy, setBusy] = useState(false);
  const [despite, setDespite] = useState<Duplicate[] | null>(null);
  const intent = useRef(newId());
  useEffect(() => void loadPrefill(contact), [contact]);
  useLayoutEffect(() => {
    if (petitionWanted.value !== contact) return;
    petitionWanted.value = "";
    document.getElementById(fieldId("kind"))?.focus();
  }, [petitionWanted.value, contact]);

  const guesses = prefills.value[contact] ?? {};
  const touched = new Set(saved.touched);
  const form = withPrefill(saved.form, guesses, touched);
  const sensitive = rowOf("categories", form.category)?.["sensitive"] === true;
  const own = petitionErrors(form, sensitive);
  const errors: Record<string, string> = { ...Object.fromEntries(Object.entries(own).filter(([name]) => checked.has(name) || tries > 0)), ...refused };
  const found = despite ?? duplicates.value[contact] ?? [];
  useEffect(() => lookForDuplicates(contact, {
    citizen: thread.citizen?.id ?? "", phone: form.requester.phone.includes("•") ? "" : form.requester.phone,
    category: form.category, municipality: form.municipality, subject: form.subject,
  }), [form.category, form.municipality, form.subject, form.requester.phone, thread.citizen?.id]);

  const change = (name: string, fields: Partial<Form>): void => {
    const next = { form: { ...form, ...fields }, touched: [...new Set([...saved.touched, name])] };
    if (name === "category" && !touched.has("kind")) {
      const kind = rowOf("categories", fields.category)?.["kind"];
      if (typeof kind === "string") next.form.kind = kind;
    }
    if (name === "kind" || name === "category") next.form.confidential = CONFIDENTIAL.has(next.form.kind) || next.form.confidential;
    setSaved(next);
    setDraft("petition", contact, JSON.stringify(next));
    const { [name]: _, ...rest } = refused;
    setRefused(rest);
    setDespite(null);
    intent.current = newId();
  };
  const leave = (name: string): void => setChecked(new Set([...checked, name]));
  const errorOf = (name: string): string | undefined => (name in errors ? tMaybe(`field.${errors[name] ?? ""}`, t("field.invalid")) : undefined);
  const guessOf = (name: string): string | undefined => {
    const guess = guesses[name];
    return guess === undefined || touched.has(name) ? undefined : t("petition.guess", { reason: reasonText(guess.reason) });
  };

  const save = async (anyway: boolean): Promise<void> => {
    setTries(tries + 1);
    setFailure("");
    if (Object.keys(own).length > 0 || busy) return;
    setBusy(true);
    try {
      const fields = { interaction_id: contact, ...toFields(form), ...(thread.citizen === null ? {} : { citizen_id: thread.citizen.id }) };
      const { petition } = await createPetition(anyway || (found.length > 0 && despite === null && duplicates.value[contact] !== undefined) ? { ...fields, despite_duplicates: true } : fields, intent.current);
      setDraft("petition", contact, "");
      const said = t("petition.done", { folio: petition.folio });
      toast(said, { kind: "ok", action: { label: t("petition.copy"), run: () => void navigator.clipboard?.writeText(petition.folio) } });
      announce(said);
      void loadThread(contact);
      if (thread.citizen !== null) void loadPerson(thread.citizen.id);
      showSide(contact, "petition");
      onDone();
    } catch (error) {
      if (error instanceof ApiError && error.code === "possible_duplicates") {
        setDespite((error.data["rows"] ?? error.data["duplicates"] ?? []) as Duplicate[]);
      } else if (error instanceof ApiError) {
        setRefused(error.fields);
        setFailure(Object.keys(error.fields).length > 0 ? "" : errorText(error));
      }
      intent.current = newId();
    } finally {
      setBusy(false);
    }
  };
  const part = { form, change, leave, errorOf, guessOf, sensitive };
  const summary = tries === 0 && failure === "" ? [] : [
    ...Object.keys(errors).map((name) => ({ field: fieldId(name), text: `${tMaybe(`petition.${name}`, tMaybe(`extra.${name.replace(/^extra\./, "")}`, name))}: ${errorOf(name) ?? ""}` })),
    ...(failure === "" ? [] : [{ field: null, text: failure }]),
  ];
  return (
    <form class="stack petition-form" noValidate aria-label={t("petition.new")} onSubmit={(event) => { event.preventDefault(); void save(despite !== null); }}>
      <ErrorSummary errors={summary} attempt={tries} />
      <AboutFields {...part} />
      <PlaceFields {...part} />
      {extraOf(form.kind).length > 0 && <ExtraFields {...part} />}
      <PeopleFields {...part} mayBeAnonymous={MAY_BE_ANONYMOUS.has(form.kind)} />
      {sensitive && <ConsentField {...part} />}
      <div class="petition-foot">
        <DuplicateLines rows={found} item={item} onLinked={onDone} asked={despite !== null} />
        <button type="submit" class="primary wide" disabled={busy} data-petition-save>{t(busy ? "petition.saving" : despite !== null && found.length > 0 ? "petition.saveAnyway" : "petition.save")}</button>
      </div>
    </form>
  );
}
