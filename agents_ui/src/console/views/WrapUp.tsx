/** The row that ends a contact: its result, its folio or the reason why none, and the clock of the wrap-up. */
import "../text/later";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { newId } from "../../shared/uuid";
import { ApiError, finish, saveCapture, type Capture } from "../api";
import { loadThread, openContact, upsert } from "../desk";
import { formDraft, setDraft } from "../drafts";
import { errorText } from "../errors";
import { rowOf, rows, labelOf, codeOf } from "../reference";
import { goneItem } from "../state";
import { apply, mine, offers, openThread, waiting } from "../store";
import { t, tMaybe } from "../text";
import { setWrapping, showSide } from "../ui";
import { Combobox } from "../ui/Combobox";
import { Clock } from "./Clock";
import { Icon } from "./Icon";
import { takeOffer } from "./Offer";
import { takeItem } from "./Thread";

/** Ways of closing that already are a result. */
const SAID_BY_CLOSING: Readonly<Record<string, string>> = { closed_spam: "spam", closed_abuse: "abuse" };

/** Results in which nothing was asked. */
const QUIET = new Set(["spam", "abuse", "test", "wrong_number", "not_reached", "call_abandoned", "abandoned", "duplicate", "crisis_attended"]);

interface Form { disposition: string; reason: string; note: string; topic: string }

/** What is still missing before the contact may be left, as fields; the service decides with the same rule. */
export function missing(form: Form, row: Readonly<Record<string, unknown>> | null, folios: number, reasonNeedsNote: boolean): string[] {
  if (form.disposition === "") return ["disposition"];
  const wants: string[] = [];
  if (folios === 0 && row?.["needs_petition"] === true) wants.push("petition");
  if (folios === 0 && row?.["needs_reason"] === true && form.reason === "") wants.push("reason");
  if (folios === 0 && form.reason !== "" && reasonNeedsNote && form.note.trim() === "") wants.push("note");
  return wants;
}

/** After one contact, the next: what is offered, else what I hold and is unanswered, else what waits first. */
async function next(): Promise<void> {
  if (offers.value.length > 0) return takeOffer();
  const held = mine.value[0];
  if (held !== undefined) return openContact(held);
  const first = waiting.value.find((item) => item.state === "waiting");
  return first === undefined ? openContact(null) : takeItem(first);
}

export default function WrapUp({ item, late }: { item: Item; late: boolean }) {
  const contact = item.interaction;
  const saved = openThread.value?.draft_capture as Partial<Record<string, string>> | null | undefined;
  const [form, setForm] = useState<Form>(() => formDraft<Form>("capture", contact) ?? {
    disposition: item.disposition ?? saved?.["disposition"] ?? SAID_BY_CLOSING[item.conversation_state ?? ""] ?? "", reason: saved?.["no_petition_reason"] ?? "", note: saved?.["note"] ?? "", topic: saved?.["topic"] ?? "",
  });
  const [wrong, setWrong] = useState<string[]>([]);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const intent = useRef(newId());
  const first = useRef<HTMLSelectElement>(null);
  useLayoutEffect(() => first.current?.focus(), []);

  const change = (fields: Partial<Form>): void => {
    const after = { ...form, ...fields };
    setForm(after);
    setDraft("capture", contact, JSON.stringify(after));
    setWrong([]);
    intent.current = newId();
  };
  const folios = item.petitions;
  const row = rowOf("dispositions", form.disposition);
  const asksReason = row?.["needs_reason"] === true && folios.length === 0;
  // Without a folio the topic is all that says what was asked; a competent body's name is what one gives.
  const asksTopic = folios.length === 0 && form.disposition !== "" && !QUIET.has(form.disposition);
  const body = rowOf("dependencies", String(rowOf("categories", form.topic)?.["dependency"] ?? ""));
  const reasonRow = rowOf("no_petition_reasons", form.reason);
  const results = rows("dispositions").filter((one) => !Array.isArray(one["channels"]) || one["channels"].includes(item.channel));

  const save = async (andNext: boolean): Promise<void> => {
    const wants = missing(form, row, folios.length, asksReason && reasonRow?.["needs_note"] === true);
    if (wants.length > 0) return setWrong(wants);
    const capture: Capture = {
      disposition: form.disposition,
      ...(asksReason ? { no_petition_reason: form.reason } : {}),
      ...(form.note.trim() === "" ? {} : { note: form.note.trim() }),
      ...(asksTopic && form.topic ? { topic: form.topic } : {}),
    };
    setBusy(true);
    setError("");
    try {
      const done = late ? await saveCapture(item, capture) : await finish(item, capture, intent.current);
      setDraft("capture", contact, "");
      setWrapping(contact, false);
      if (late) upsert(done.item);
      else apply((before) => goneItem(before, item.id));
      if (late) void loadThread(contact);
      else if (andNext) await next();
    } catch (failure) {
      if (failure instanceof ApiError && failure.code === "capture_incomplete") setWrong(Object.entries(failure.fields).map(([field, code]) => (code === "petition_required" ? "petition" : field)));
      intent.current = newId();
      setError(errorText(failure));
    } finally {
      setBusy(false);
    }
  };
  const needsPetition = wrong.includes("petition") || wrong.includes("petitions") || wrong.includes("folio");
  return (
    <form class="wrap-up" aria-label={t("wrap.title")} onSubmit={(event) => { event.preventDefault(); void save(!late); }}>
      <div class="wrap-head">
        <strong>{t(late ? "wrap.late" : "wrap.title")}</strong>
        {item.state === "wrap_up" && (item.wrap_until ? <Clock until={item.wrap_until} label={t("clock.wrap")} /> : <Clock since={item.since} label={t("clock.wrapping")} />)}
        {item.state === "held" && <button type="button" class="ghost small" onClick={() => setWrapping(contact, false)}><Icon name="close" size={16} /> {t("wrap.notYet")}</button>}
      </div>
      <div class="wrap-fields">
        <label class="field">
          <span class="field-label">{t("wrap.disposition")}</span>
          <select ref={first} value={form.disposition} aria-invalid={wrong.includes("disposition")} onChange={(event) => change({ disposition: event.currentTarget.value })}>
            <option value="">{t("choose")}</option>
            {results.map((one) => <option key={codeOf(one)} value={codeOf(one)}>{labelOf(one)}</option>)}
          </select>
        </label>
        <div class="field field-folios">
          <span class="field-label">{t("wrap.petition")}</span>
          <span class="wrap-folios">
            {folios.map((folio) => <span key={folio} class="tag tag-folio">{folio}</span>)}
            <button type="button" class={needsPetition ? "small invalid" : "small"} onClick={() => showSide(contact, "petition")}>
              <Icon name="plus" size={14} /> {t(folios.length === 0 ? "wrap.addPetition" : "wrap.anotherPetition")}
            </button>
          </span>
        </div>
        {asksReason && (
          <label class="field">
            <span class="field-label">{t("wrap.reason")}</span>
            <select value={form.reason} aria-invalid={wrong.includes("reason") || wrong.includes("no_petition_reason")} onChange={(event) => change({ reason: event.currentTarget.value })}>
              <option value="">{t("choose")}</option>
              {rows("no_petition_reasons").map((one) => <option key={codeOf(one)} value={codeOf(one)}>{labelOf(one)}</option>)}
            </select>
          </label>
        )}
        {asksTopic && (
          <Combobox
            label={t("wrap.topic")} value={form.topic ?? ""} onChange={(topic) => change({ topic })} help={body === null ? undefined : t("wrap.orient", { name: labelOf(body) })}
            options={rows("categories").map((one) => ({ value: codeOf(one), label: labelOf(one), synonyms: [codeOf(one), ...(Array.isArray(one["keywords"]) ? (one["keywords"] as string[]) : [])] }))}
          />
        )}
        <label class="field field-grow">
          <span class="field-label">{t("wrap.note")}</span>
          <input type="text" value={form.note} maxLength={500} aria-invalid={wrong.includes("note")} onInput={(event) => change({ note: event.currentTarget.value })} />
        </label>
        <div class="wrap-actions">
          {!late && <button type="button" disabled={busy} onClick={() => void save(false)}>{t("wrap.close")}</button>}
          <button type="submit" class="primary" disabled={busy} data-wrap-save>{t(late ? "wrap.save" : "wrap.closeNext")}</button>
        </div>
      </div>
      <p class="field-error" role="alert">{wrong.length > 0 ? wrong.map((one) => tMaybe(`wrap.missing.${one}`, t("wrap.missing.disposition"))).join(" ") : error}</p>
    </form>
  );
}
