/** Giving an item to somebody, or taking it oneself; both leave a reason that stays in its history. */
import { useState } from "preact/hooks";
import type { Item } from "../../../shared/protocol";
import { ApiError, assign, takeOver } from "../../api";
import { errorText } from "../../errors";
import { state } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { Dialog } from "../../ui/Dialog";
import { TextArea } from "../../ui/Field";
import { word } from "../parts/codes";
import { ts } from "../parts/words";
import { floorAgents } from "./live";

/** The item as it is now comes by the socket, as to everybody; `onDone` only says that it was stored. */
interface Props { item: Item; onClose: () => void; onDone: () => void }

function useWrite(write: () => Promise<unknown>, onDone: () => void) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const run = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await write();
      onDone();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(errorText(cause));
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}

export function Reassign({ item, onClose, onDone }: Props) {
  const [to, setTo] = useState("");
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useWrite(() => assign(item.id, to, reason.trim()), onDone);
  const options = floorAgents.value
    .filter((row) => row.agent.id !== item.owner)
    .map((row) => ({
      value: row.agent.id, label: row.agent.name, synonyms: row.agent.queues.map((queue) => state.value?.queues[queue]?.name ?? ""),
      detail: `${row.look === "gone" ? word("agent", "gone") : word("agent", row.agent.state)} · ${row.held.length}/${row.agent.capacity.chat}`,
    }));
  const submit = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    if (to !== "") void run();
  };
  return (
    <Dialog title={ts(item.owner === null ? "assign" : "reassign")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{ts("cancel")}</button><button type="submit" form="reassign" class="primary" disabled={busy}>{ts("assign")}</button></>}>
      <form id="reassign" onSubmit={submit} noValidate>
        {error !== null && <p class="form-error" role="alert">{error}</p>}
        <Combobox label={ts("assignTo")} required options={options} value={to} onChange={setTo} error={tried && to === "" ? ts("assignToNeeded") : null} help={ts("assignHelp")} />
        <TextArea label={ts("reasonOptional")} rows={2} maxLength={300} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </form>
    </Dialog>
  );
}

export function TakeOver({ item, onClose, onDone }: Props) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const { busy, error, run } = useWrite(() => takeOver(item.id, reason.trim()), onDone);
  const submit = (event: Event): void => {
    event.preventDefault();
    setTried(true);
    if (reason.trim() !== "") void run();
  };
  return (
    <Dialog title={ts("takeOver")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{ts("cancel")}</button><button type="submit" form="takeover" class="primary" disabled={busy}>{ts("takeOver")}</button></>}>
      <form id="takeover" onSubmit={submit} noValidate>
        {error !== null && <p class="form-error" role="alert">{error}</p>}
        <p class="dialog-lead">{ts("takeOverHelp")}</p>
        <TextArea label={ts("reason")} required rows={3} maxLength={300} value={reason} error={tried && reason.trim() === "" ? ts("reasonNeeded") : null} onInput={(event) => setReason(event.currentTarget.value)} />
      </form>
    </Dialog>
  );
}
