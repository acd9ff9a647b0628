/** Passing a call on: directly, or after a word with the other side; to a colleague, a queue, an area or a number outside. */
import "../../styles/call.css";
import "../text/phone";
import { useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { ApiError } from "../api";
import { transferCall } from "../call";
import { errorText } from "../errors";
import { choices, rowOf } from "../reference";
import { t, tMaybe } from "../text";
import { dialog } from "../ui";
import { Combobox } from "../ui/Combobox";
import { Dialog } from "../ui/Dialog";
import { Field, Select, TextArea } from "../ui/Field";

interface Target { value: string; label: string; detail?: string }
const OUTSIDE = "outside/";

export function CallTransfer({ item, targets }: { item: Item; targets: readonly Target[] }) {
  const [kind, setKind] = useState<"cold" | "warm">("cold");
  const [target, setTarget] = useState("");
  const [number, setNumber] = useState("");
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const [error, setError] = useState("");
  const needsNote = rowOf("transfer_reasons", reason)?.["needs_note"] === true;
  const outside = target === OUTSIDE;
  const inBrowser = item.call?.mode === "browser";
  const missing = target === "" || reason === "" || (needsNote && note.trim() === "") || (outside && number.trim() === "");
  const need = (empty: boolean): string | undefined => (tried && empty ? t("form.required") : undefined);
  const send = async (): Promise<void> => {
    setTried(true);
    setError("");
    if (missing) return;
    const cut = target.indexOf("/");
    try {
      await transferCall(item, {
        kind, to_kind: target.slice(0, cut), reason, ...(outside ? { number } : { to_id: target.slice(cut + 1) }), ...(note.trim() === "" ? {} : { note: note.trim() }),
      });
      dialog.value = null;
    } catch (failure) {
      const fields = failure instanceof ApiError && Object.keys(failure.fields).length > 0 ? failure.fields : undefined;
      setError(fields?.["number"] === undefined ? errorText(failure) : tMaybe(`call.wrong.${fields["number"]}`, t("field.phone")));
    }
  };
  const options = [...targets, { value: OUTSIDE, label: t("call.outside"), detail: t("call.outsideHelp") }];
  return (
    <Dialog title={t("call.transfer")} onClose={() => { dialog.value = null; }} actions={<button type="button" class="primary" onClick={() => void send()}>{t(kind === "warm" ? "call.consult" : "transfer.send")}</button>}>
      <div class="call-ways" role="group" aria-label={t("call.how")}>
        {(["cold", "warm"] as const).map((one) => <button key={one} type="button" aria-pressed={kind === one} onClick={() => setKind(one)}>{t(`call.how.${one}`)}</button>)}
      </div>
      <p class="muted">{t(inBrowser ? `transfer.here.${kind}` : `call.how.${kind}Help`)}</p>
      <Combobox label={t("transfer.to")} options={options} value={target} onChange={(next: string | null) => setTarget(next ?? "")} placeholder={t("transfer.toPlaceholder")} required error={need(target === "")} />
      {outside && <Field label={t("call.number")} type="tel" value={number} required error={need(number.trim() === "")} onInput={(event) => setNumber(event.currentTarget.value)} />}
      <Select label={t("transfer.reason")} value={reason} onChange={setReason} options={choices("transfer_reasons")} error={need(reason === "")} />
      <TextArea label={t(needsNote ? "transfer.note" : "transfer.noteOptional")} maxLength={1000} rows={2} value={note} error={need(needsNote && note.trim() === "")} onInput={(event) => setNote(event.currentTarget.value)} />
      <p class="field-error" role="alert">{error}</p>
    </Dialog>
  );
}
