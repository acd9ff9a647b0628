/** What may be done with a promised call besides making it: cancel it, give it to somebody else, take its result. */
import { useState } from "preact/hooks";
import { assignTo, cancel, receive, type Brief, type Callback } from "../../callbacks";
import { tb } from "../../callbackWords";
import { attempt } from "../../errors";
import { staffName } from "../../reference";
import { Combobox } from "../../ui/Combobox";
import { Dialog } from "../../ui/Dialog";
import { Field, TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { activeStaffChoices } from "../parts/choices";
import { tf } from "../parts/formWords";

export interface DeedProps { callback: Callback; onClose: () => void; onDone: (callback: Brief) => void }
const QUEUE = "queue";

export function CancelCall({ callback, onClose, onDone }: DeedProps) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const short = reason.trim().length < 3;
  const run = async (): Promise<void> => {
    setTried(true);
    if (short) return;
    const done = await attempt(() => cancel(callback.id, reason.trim()));
    if (done === null) return;
    toast(tb("cancel.done"), { kind: "ok" });
    onDone(done.callback);
  };
  return (
    <Dialog title={tb("cancel.title")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{tb("cancel.keep")}</button><button type="button" class="danger" onClick={() => void run()}>{tb("cancel.do")}</button></>}>
      <p class="muted">{tb("cancel.help")}</p>
      <Field label={tb("cancel.reason")} required maxLength={300} value={reason} error={tried && short ? tb("cancel.short") : null} onInput={(event) => setReason((event.target as HTMLInputElement).value)} />
    </Dialog>
  );
}

export function AssignCall({ callback, onClose, onDone }: DeedProps) {
  const [owner, setOwner] = useState(callback.owner ?? QUEUE);
  const run = async (): Promise<void> => {
    const done = await attempt(() => assignTo(callback.id, owner === QUEUE ? null : owner));
    if (done === null) return;
    toast(tb("assign.done", { name: owner === QUEUE ? tb("assign.queue") : staffName(owner) }), { kind: "ok" });
    onDone(done.callback);
  };
  return (
    <Dialog title={tb("assign.title")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{tf("cancel")}</button><button type="button" class="primary" onClick={() => void run()}>{tb("assign.do")}</button></>}>
      <Combobox label={tb("assign.to")} required options={[{ value: QUEUE, label: tb("ownerQueue") }, ...activeStaffChoices()]} value={owner} onChange={(value) => setOwner(value === "" ? QUEUE : value)} />
    </Dialog>
  );
}

export function ReceiveCall({ callback, onClose, onDone }: DeedProps) {
  const [note, setNote] = useState("");
  const run = async (): Promise<void> => {
    const done = await attempt(() => receive(callback.id, note.trim()));
    if (done === null) return;
    toast(tb("receive.done"), { kind: "ok" });
    onDone(done.callback);
  };
  return (
    <Dialog title={tb("receive.title")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{tf("cancel")}</button><button type="button" class="primary" onClick={() => void run()}>{tb("receive.do")}</button></>}>
      <p class="muted">{tb("receive.help")}</p>
      <TextArea label={tb("receive.note")} rows={2} maxLength={1000} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
    </Dialog>
  );
}
