/** Starting a call at one's own telephone, or entering one that is over. What is typed survives closing the dialog. */
import "../../styles/call.css";
import "../text/later";
import "../text/phone";
import { useEffect, useState } from "preact/hooks";
import { fieldsOf, instantOf, isWhole, type Known, logCall, peopleOf, preset, startCall } from "../call";
import { formDraft, setDraft } from "../drafts";
import { errorText } from "../errors";
import { ApiError } from "../api";
import { dialFrom, hasProvider, isReady } from "../phone";
import { dialMode, keepDialMode } from "../phone-choices";
import { go, deskHash } from "../route";
import { now } from "../store";
import { t, tMaybe, plural, type Key } from "../text";
import { dialog } from "../ui";
import { Dialog } from "../ui/Dialog";
import { Field, Select } from "../ui/Field";

type Way = "inbound" | "outbound" | "past";
interface Form { way: Way; number: string; purpose: string; folio: string; direction: "inbound" | "outbound"; day: string; from: string; to: string; outcome: string }

const WAYS: Way[] = ["inbound", "outbound", "past"];
const OUTCOMES = ["completed", "dropped", "no_answer", "busy", "voicemail", "wrong_number", "out_of_service"] as const;
const PURPOSES = ["attention", "inform", "request_info", "return"] as const;

function fresh(): Form {
  const { day, time } = fieldsOf(now.peek());
  return { way: "inbound", number: "", purpose: "attention", folio: "", direction: "inbound", day, from: time, to: time, outcome: "completed" };
}

function People({ number, chosen, onChoose }: { number: string; chosen: string; onChoose: (id: string) => void }) {
  const [found, setFound] = useState<{ people: Known[]; kind: string | null }>({ people: [], kind: null });
  useEffect(() => {
    setFound({ people: [], kind: null });
    if (number.trim() === "" || (!isWhole(number) && number.replace(/\D/g, "").length > 3)) return undefined;
    let asked = true; // an answer about what was typed before must not stand under what is typed now
    const timer = setTimeout(() => void peopleOf({ number }).then((answer) => { if (asked) setFound(answer); }, () => undefined), 250);
    return () => {
      asked = false;
      clearTimeout(timer);
    };
  }, [number]);
  const known = found.people;
  if (found.kind !== null && !["mexican", "foreign", "toll_free", "invalid", "short_code"].includes(found.kind)) return <p class="call-warning" role="status">{tMaybe(`call.kind.${found.kind}`, "")}</p>;
  if (known.length === 0) return <p class="muted" role="status">{isWhole(number) ? t("call.unknown") : ""}</p>;
  return (
    <fieldset class="field group">
      <legend class="field-label">{t("call.people")}</legend>
      {[...known.map((one) => ({ id: one.citizen.id, label: one.citizen.label, detail: plural(one.petitions.length, "call.petition", "call.petitions") })), { id: "", label: t("call.somebodyElse"), detail: "" }].map((one) => (
        <label key={one.id} class="call-choice"><input type="radio" name="call-person" checked={chosen === one.id} onChange={() => onChoose(one.id)} /> {one.label} <span class="muted">{one.detail}</span></label>
      ))}
    </fieldset>
  );
}

/** From where the call is made, when there is a choice. */
function From() {
  if (!hasProvider.value) return null;
  return (
    <div class="field">
      <span class="field-label" id="call-from">{t("phone.callFrom")}</span>
      <div class="call-ways" role="group" aria-labelledby="call-from">
        <button type="button" aria-pressed={dialFrom() === "browser"} disabled={!isReady.value} onClick={() => keepDialMode("browser")}>{t("phone.from.browser")}</button>
        <button type="button" aria-pressed={dialFrom() === "desk"} onClick={() => keepDialMode("desk")}>{t("phone.from.desk")}</button>
      </div>
      {!isReady.value && dialMode.value === "browser" && <p class="field-help">{t("phone.notReady")}</p>}
    </div>
  );
}

/** To whom: the number of their record, which stays masked, or another one. */
function To({ label, phone, other, onOther }: { label: string; phone: string | null; other: boolean; onOther: (on: boolean) => void }) {
  return (
    <fieldset class="field group">
      <legend class="field-label">{t("dial.to", { name: label })}</legend>
      {phone !== null && <label class="call-choice"><input type="radio" name="call-to" checked={!other} onChange={() => onOther(false)} /> <span class="num">{t("dial.number", { number: phone })}</span></label>}
      {phone !== null && <label class="call-choice"><input type="radio" name="call-to" checked={other} onChange={() => onOther(true)} /> {t("dial.other")}</label>}
      {phone === null && <p class="muted">{t("dial.noNumber")}</p>}
    </fieldset>
  );
}

function begun(): Form {
  const to = preset.peek();
  if (to === null) return { ...fresh(), ...formDraft<Partial<Form>>("call", "new") };
  return { ...fresh(), way: "outbound", purpose: to.purpose ?? "attention", folio: to.folio ?? "" };
}

export default function CallDialog() {
  const to = preset.value;
  const [form, setForm] = useState<Form>(begun);
  const [person, setPerson] = useState(to?.citizen ?? "");
  const [other, setOther] = useState(to?.phone == null);
  const close = (): void => {
    dialog.value = null;
    preset.value = null;
  };
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (fields: Partial<Form>): void => {
    const after = { ...form, ...fields };
    setForm(after);
    if (to === null) setDraft("call", "new", JSON.stringify(after));
    setWrong({});
    setError("");
  };
  const past = form.way === "past";
  const direction = past ? form.direction : form.way === "outbound" ? "outbound" : "inbound";
  const needsFolio = direction === "outbound" && (form.purpose === "inform" || form.purpose === "request_info");
  const send = async (): Promise<void> => {
    if (busy) return;
    const about = {
      direction, ...(to !== null && !other ? {} : { number: form.number }), ...(direction === "outbound" ? { purpose: form.purpose } : {}),
      ...(direction === "outbound" && form.folio.trim() !== "" ? { folio: form.folio.trim() } : {}), ...(person === "" ? {} : { citizen_id: person }),
    };
    setBusy(true);
    try {
      const reached = form.outcome === "completed" || form.outcome === "dropped";
      const done = await (past ? logCall({ ...about, started_at: instantOf(form.day, form.from), ended_at: instantOf(form.day, form.to), outcome: form.outcome, answered: reached }) : startCall({ ...about, ...(direction === "outbound" ? { mode: dialFrom() } : {}) }));
      if (to === null) setDraft("call", "new", "");
      close();
      go(deskHash(done.item.conversation));
    } catch (failure) {
      const fields = failure instanceof ApiError && Object.keys(failure.fields).length > 0 ? failure.fields : undefined;
      setWrong(fields ?? {});
      setError(fields === undefined ? errorText(failure) : t("call.fix"));
    }
    setBusy(false);
  };
  const why = (name: string): string | undefined => (wrong[name] === undefined ? undefined : tMaybe(`call.wrong.${wrong[name]}`, t("field.invalid")));
  return (
    <Dialog title={t("call.title")} onClose={close} actions={<button type="submit" form="call-form" class="primary" disabled={busy}>{t(`call.do.${form.way}`)}</button>}>
      <form id="call-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        {to !== null ? <To label={to.label} phone={to.phone} other={other} onOther={setOther} /> : <div class="call-ways" role="group" aria-label={t("call.what")}>
          {WAYS.map((one) => <button key={one} type="button" aria-pressed={form.way === one} onClick={() => set({ way: one })}>{t(`call.way.${one}`)}</button>)}
        </div>}
        {past && <Select label={t("call.direction")} value={form.direction} onChange={(value) => set({ direction: value === "outbound" ? "outbound" : "inbound" })} options={[{ value: "inbound", label: t("call.inbound") }, { value: "outbound", label: t("call.outbound") }]} />}
        {other && <Field label={t("call.number")} type="tel" maxLength={40} value={form.number} help={t(direction === "inbound" ? "call.numberHelp" : "call.numberOut")} error={why("number")} onInput={(event) => { if (to === null) setPerson(""); set({ number: event.currentTarget.value }); }} />}
        {!other && why("number") !== undefined && <p class="field-error">{why("number")}</p>}
        {to === null && <People number={form.number} chosen={person} onChoose={setPerson} />}
        {direction === "outbound" && <Select label={t("call.purpose")} value={form.purpose} onChange={(value) => set({ purpose: value })} options={PURPOSES.map((one) => ({ value: one, label: t(`call.purpose.${one}` as Key) }))} />}
        {needsFolio && <Field label={t("call.folio")} value={form.folio} required maxLength={40} error={why("folio")} onInput={(event) => set({ folio: event.currentTarget.value })} />}
        {form.way === "outbound" && <From />}
        {past && (
          <div class="call-times">
            <Field label={t("call.day")} type="date" value={form.day} error={why("started_at")} onInput={(event) => set({ day: event.currentTarget.value })} />
            <Field label={t("call.from")} type="time" value={form.from} onInput={(event) => set({ from: event.currentTarget.value })} />
            <Field label={t("call.to")} type="time" value={form.to} error={why("ended_at")} onInput={(event) => set({ to: event.currentTarget.value })} />
          </div>
        )}
        {past && <Select label={t("call.outcome")} value={form.outcome} onChange={(value) => set({ outcome: value })} options={OUTCOMES.filter((one) => form.direction === "outbound" || one === "completed" || one === "dropped").map((one) => ({ value: one, label: t(`call.state.${one}` as Key) }))} />}
        <p class="field-error" role="alert">{error}</p>
      </form>
    </Dialog>
  );
}
