/** Adding to a petition's history. The text is kept while it is being written. */
import { useRef, useState } from "preact/hooks";
import { newId } from "../../../shared/uuid";
import { ApiError, command } from "../../api";
import { draft, setDraft } from "../../drafts";
import { errorText } from "../../errors";
import { Check, TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { tr } from "../parts/records";

const LONGEST = 4000;

export function FollowUpForm({ folio, onDone }: { folio: string; onDone: () => void }) {
  const key = `follow-up/${folio}`;
  const text = draft("note", key).value;
  const [visible, setVisible] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const intent = useRef(newId());
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    if (text.trim() === "") return setError(tr("followUpNeeded"));
    setBusy(true);
    try {
      await command("petition.follow_up", { folio, text: text.trim(), visible }, intent.current);
      intent.current = newId();
      setDraft("note", key, "");
      setVisible(false);
      toast(tr("followUpAdded"), { kind: "ok" });
      onDone();
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      if (!cause.isTransient) intent.current = newId();
      setError(errorText(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="follow-up-form" onSubmit={(event) => void submit(event)} noValidate>
      <TextArea label={tr("newFollowUp")} rows={3} maxLength={LONGEST} value={text} error={error} onInput={(event) => setDraft("note", key, event.currentTarget.value)} />
      <div class="follow-up-foot">
        <Check label={tr("makeVisible")} help={tr("makeVisibleHelp")} checked={visible} onChange={setVisible} />
        <button type="submit" disabled={busy}>{tr("addFollowUp")}</button>
      </div>
    </form>
  );
}
