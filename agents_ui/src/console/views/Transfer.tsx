/** Handing a contact to a queue, an area or a person, with the reason; and the ways back. */
import "../text/later";
import { useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { assign, flag, giveBack, takeOver, transfer } from "../api";
import { isLive } from "../call";
import { openContact, upsert } from "../desk";
import { errorText } from "../errors";
import { choices, codeOf, labelOf, nameOf, rowOf, rows } from "../reference";
import { agent, me, openItem, state } from "../store";
import { t } from "../text";
import { dialog, unflagging } from "../ui";
import { Combobox } from "../ui/Combobox";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/Toast";
import { CallTransfer } from "./CallTransfer";

interface Target { value: string; label: string; detail?: string; synonyms?: string[] }

/** How many could take something in a queue now, counted from the agents themselves: a queue is not told each time one changes. */
const freeIn = (queue: string): number =>
  Object.values(state.value?.agents ?? {}).filter((one) => one.connected && one.state === "available" && one.held < one.capacity.chat && one.queues.includes(queue)).length;

/** Everywhere a contact may go, those who can take it now first. */
function targets(item: Item): Target[] {
  const people = Object.values(state.value?.agents ?? {})
    .filter((one) => one.id !== me.value?.id && one.id !== item.owner)
    .sort((a, b) => Number(b.state === "available" && b.connected) - Number(a.state === "available" && a.connected) || a.name.localeCompare(b.name))
    .map((one) => ({
      value: `user/${one.id}`, label: one.name,
      detail: `${item.call?.mode === "browser" && one.phone !== true ? `${t("transfer.noPhone")} · ` : ""}${t(one.connected ? `agent.${one.state}` : "agent.offline")} · ${t("transfer.load", { n: one.held, max: one.capacity.chat })}`,
    }));
  const queues = rows("queues").filter((row) => codeOf(row) !== item.queue).map((row) => {
    const live = state.value?.queues[codeOf(row)];
    return { value: `queue/${codeOf(row)}`, label: labelOf(row), detail: live === undefined ? t("transfer.queue") : `${t(live.is_open ? "transfer.open" : "transfer.closed")} · ${t("transfer.free", { n: freeIn(codeOf(row)) })}` };
  });
  const areas = rows("areas").filter((row) => row["takes_transfers"] !== false).map((row) => ({ value: `area/${codeOf(row)}`, label: labelOf(row), detail: t("transfer.area") }));
  return [...people, ...queues, ...areas];
}

function Reason({ value, onChange, wrong }: { value: string; onChange: (next: string) => void; wrong: boolean }) {
  return (
    <label class="field">
      <span class="field-label">{t("transfer.reason")}</span>
      <select value={value} aria-invalid={wrong} onChange={(event) => onChange(event.currentTarget.value)}>
        <option value="">{t("choose")}</option>
        {choices("transfer_reasons").map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
      </select>
    </label>
  );
}

function close(): void {
  dialog.value = null;
}

export function Transfer({ item }: { item: Item }) {
  const [target, setTarget] = useState("");
  const [reason, setReason] = useState("");
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const [error, setError] = useState("");
  const needsNote = rowOf("transfer_reasons", reason)?.["needs_note"] === true;
  const options = targets(item);
  const send = async (): Promise<void> => {
    setTried(true);
    if (target === "" || reason === "" || (needsNote && note.trim() === "")) return;
    const cut = target.indexOf("/");
    try {
      const done = await transfer(item, { to_kind: target.slice(0, cut), to_id: target.slice(cut + 1), reason, ...(note.trim() === "" ? {} : { note: note.trim() }) });
      upsert(done.item);
      close();
      toast(t("transfer.done", { to: options.find((one) => one.value === target)?.label ?? "" }), { kind: "ok" });
      openContact(null);
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  return (
    <Dialog title={t("transfer.title")} onClose={close} actions={<button type="button" class="primary" onClick={() => void send()}>{t("transfer.send")}</button>}>
      <p class="muted">{t("transfer.help")}</p>
      <Combobox label={t("transfer.to")} options={options} value={target} onChange={(next: string | null) => setTarget(next ?? "")} placeholder={t("transfer.toPlaceholder")} required error={tried && target === "" ? t("form.required") : undefined} />
      <Reason value={reason} onChange={setReason} wrong={tried && reason === ""} />
      <label class="field">
        <span class="field-label">{t(needsNote ? "transfer.note" : "transfer.noteOptional")}</span>
        <textarea rows={3} maxLength={1000} value={note} aria-invalid={tried && needsNote && note.trim() === ""} onInput={(event) => setNote(event.currentTarget.value)} />
      </label>
      <p class="field-error" role="alert">{tried && (reason === "" || (needsNote && note.trim() === "")) ? t("transfer.missing") : error}</p>
    </Dialog>
  );
}

/** Sends a contact back, takes it from whoever has it, or gives it to somebody: each with a reason that stays visible. */
export function Hand({ item, kind }: { item: Item; kind: "giveback" | "takeover" | "assign" | "unflag" }) {
  const [reason, setReason] = useState("");
  const [person, setPerson] = useState("");
  const [tried, setTried] = useState(false);
  const [error, setError] = useState("");
  const send = async (): Promise<void> => {
    setTried(true);
    if ((kind !== "assign" && reason.trim() === "") || (kind === "assign" && person === "")) return;
    try {
      const done = kind === "giveback" ? await giveBack(item, reason) : kind === "takeover" ? await takeOver(item.id, reason.trim()) : kind === "unflag" ? await flag(item.conversation ?? "", unflagging.value, false, reason.trim()) : await assign(item.id, person, reason.trim());
      upsert(done.item);
      close();
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  const staff = Object.values(state.value?.agents ?? {}).map((one) => ({ value: one.id, label: one.name, detail: t(one.connected ? `agent.${one.state}` : "agent.offline") }));
  return (
    <Dialog title={t(`hand.${kind}`)} onClose={close} actions={<button type="button" class="primary" onClick={() => void send()}>{t(`hand.${kind}Do`)}</button>}>
      {kind === "giveback" && <p class="muted">{t("hand.givebackHelp", { name: nameOf("staff", item.from_agent) })}</p>}
      {kind === "assign" && <Combobox label={t("hand.to")} options={staff} value={person} onChange={(next: string | null) => setPerson(next ?? "")} required error={tried && person === "" ? t("form.required") : undefined} />}
      {kind === "giveback" ? <Reason value={reason} onChange={setReason} wrong={tried && reason === ""} /> : (
        <label class="field">
          <span class="field-label">{t(kind === "assign" ? "hand.reasonOptional" : "hand.reason")}</span>
          <input type="text" maxLength={300} value={reason} aria-invalid={tried && kind !== "assign" && reason.trim() === ""} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
      <p class="field-error" role="alert">{tried && kind !== "assign" && reason.trim() === "" ? t("form.required") : error}</p>
    </Dialog>
  );
}

/** Whichever of these dialogs is open, for the contact in hand. */
export default function ContactDialogs() {
  const item = openItem.value;
  const name = dialog.value;
  if (item === null || agent.value === null) return null;
  if (name === "transfer") return item.call != null && isLive(item) ? <CallTransfer item={item} targets={targets(item)} /> : <Transfer item={item} />;
  return name === "giveback" || name === "takeover" || name === "assign" || name === "unflag" ? <Hand item={item} kind={name} /> : null;
}
