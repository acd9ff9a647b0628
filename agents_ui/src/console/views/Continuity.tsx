/** Going on in another channel: a code to give, and the one that a person says. */
import { useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { giveCode, takeCode } from "../api";
import { loadThread } from "../desk";
import { attempt } from "../errors";
import { can } from "../store";
import { tb } from "../text/beyond";
import "../../styles/beyond.css";

const FORM = /^\s*(CC[-\s]?)?[2-9A-HJ-NP-Z]{4}[-\s]?[2-9A-HJ-NP-Z]{4}\s*$/i;

export function Continuity({ item }: { item: Item }) {
  const [code, setCode] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [told, setTold] = useState("");
  const conversation = item.conversation;
  if (conversation === null || item.state === "done" || !can("conversation.note")) return null;
  const give = async (): Promise<void> => {
    const done = await attempt(() => giveCode(conversation));
    if (done !== null) setCode(done.code);
  };
  const use = async (): Promise<void> => {
    if (!FORM.test(text)) return setTold(tb("code.form"));
    const done = await attempt(() => takeCode(conversation, text.trim()));
    if (done === null) return;
    setTold(done.found ? tb("code.good") : tb("code.bad"));
    if (done.found) {
      setText("");
      void loadThread(item.interaction);
    }
  };
  return (
    <section class="continuity">
      <h3>{tb("code.title")}</h3>
      <p class="help">{tb("code.help")}</p>
      {code === null ? <button type="button" class="small" onClick={() => void give()}>{tb("code.give")}</button> : (
        <p role="status"><strong class="tabular code">{tb("code.given", { code })}</strong> <span class="muted">{tb(item.channel === "phone" ? "code.read" : "code.said")}</span></p>
      )}
      <form class="continuity-take" onSubmit={(event) => { event.preventDefault(); void use(); }}>
        <label class="field">
          <span class="field-label">{tb("code.take")}</span>
          <input type="text" class="tabular" autocomplete="off" spellcheck={false} maxLength={16} placeholder="CC-____-____" value={text} aria-describedby="continuity-told" onInput={(event) => { setText(event.currentTarget.value.toUpperCase()); setTold(""); }} />
        </label>
        <button type="submit" class="small" disabled={text.trim() === ""}>{tb("code.use")}</button>
      </form>
      <p id="continuity-told" class="help" role="status">{told}</p>
    </section>
  );
}
