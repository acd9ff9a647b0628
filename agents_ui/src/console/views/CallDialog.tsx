/** Starting a call at one's own telephone, or entering one that is over. What is typed survives closing the dialog. */
import "../../styles/call.css";
import "../text/later";
import { useEffect, useState } from "preact/hooks";
import { fieldsOf, instantOf, isWhole, type Known, logCall, peopleOf, startCall } from "../call";
import { formDraft, setDraft } from "../drafts";
import { errorText } from "../errors";
import { ApiError } from "../api";
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

export default function CallDialog() {
  const [form, setForm] = useState<Form>(() => ({ ...fresh(), ...formDraft<Partial<Form>>("call", "new") }));
  const [person, setPerson] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const set = (fields: Partial<Form>): void => {
    const after = { ...form, ...fields };
    setForm(after);
    setDraft("call", "new", JSON.stringify(after));
    setWrong({});
    setError("");
  };
  const past = form.way === "past";
  const direction = past ? form.direction : form.way === "outbound" ? "outbound" : "inbound";
  const needsFolio = direction === "outbound" && (form.purpose === "inform" || form.purpose === "request_info");
  const send = async (): Promise<void> => {
    if (busy) return;
    const about = {
      direction, number: form.number, ...(direction === "outbound" ? { purpose: form.purpose } : {}),
      ...(direction === "outbound" && form.folio.trim() !== "" ? { folio: form.folio.trim() } : {}), ...(person === "" ? {} : { citizen_id: person }),
    };
    setBusy(true);
    try {
      const reached = form.outcome === "completed" || form.outcome === "dropped";
      const done = await (past ? logCall({ ...about, started_at: instantOf(form.day, form.from), ended_at: instantOf(form.day, form.to), outcome: form.outcome, answered: reached }) : startCall(about));
      setDraft("call", "new", "");
      dialog.value = null;
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
    <Dialog title={t("call.title")} onClose={() => { dialog.value = null; }} actions={<button type="submit" form="call-form" class="primary" disabled={busy}>{t(`call.do.${form.way}`)}</button>}>
      <form id="call-form" onSubmit={(event) => { event.preventDefault(); void send(); }}>
        <div class="call-ways" role="group" aria-label={t("call.what")}>
          {WAYS.map((one) => <button key={one} type="button" aria-pressed={form.way === one} onClick={() => set({ way: one })}>{t(`call.way.${one}`)}</button>)}
        </div>
        {past && <Select label={t("call.direction")} value={form.direction} onChange={(value) => set({ direction: value === "outbound" ? "outbound" : "inbound" })} options={[{ value: "inbound", label: t("call.inbound") }, { value: "outbound", label: t("call.outbound") }]} />}
        <Field label={t("call.number")} type="tel" maxLength={40} value={form.number} help={t(direction === "inbound" ? "call.numberHelp" : "call.numberOut")} error={why("number")} onInput={(event) => { setPerson(""); set({ number: event.currentTarget.value }); }} />
        <People number={form.number} chosen={person} onChoose={setPerson} />
        {direction === "outbound" && <Select label={t("call.purpose")} value={form.purpose} onChange={(value) => set({ purpose: value })} options={PURPOSES.map((one) => ({ value: one, label: t(`call.purpose.${one}` as Key) }))} />}
        {needsFolio && <Field label={t("call.folio")} value={form.folio} required maxLength={40} error={why("folio")} onInput={(event) => set({ folio: event.currentTarget.value })} />}
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
