/** A line for whoever has the conversation; the citizen never sees it. */
import { send } from "../../outbox";
import { draft, setDraft } from "../../drafts";
import { now } from "../../store";
import { ts } from "../parts/words";

export function Whisper({ conversation, to }: { conversation: string; to: string }) {
  const key = `whisper/${conversation}`;
  const text = draft("note", key).value;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    send({ conversation, kind: "note", text: text.trim(), whisper: true }, now.peek());
    setDraft("note", key, "");
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  };
  return (
    <form class="whisper" onSubmit={submit}>
      <label class="field-label" for="whisper">{ts("whisperTo", { name: to })}</label>
      <textarea class="input" id="whisper" rows={2} maxLength={2000} value={text} aria-describedby="whisper-help" onInput={(event) => setDraft("note", key, event.currentTarget.value)} onKeyDown={onKey} />
      <div class="whisper-foot">
        <span class="field-help" id="whisper-help">{ts("whisperHelp")}</span>
        <button type="submit" disabled={text.trim() === ""}>{ts("whisper")}</button>
      </div>
    </form>
  );
}
