/** A promised call in hand: who must answer, what to say, what to ask, how it went, and what happens next. */
import "../../styles/callbacks.css";
import { useEffect, useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { ApiError } from "../api";
import { isLive } from "../call";
import { answersOf, isOpen, tell, unanswered, type Brief, type Callback, type CallbackFile, type Outcome } from "../callbacks";
import { moment, tb, word } from "../callbackWords";
import { errorText } from "../errors";
import { when } from "../format";
import { loadThread } from "../desk";
import { useRead } from "../screens/parts/read";
import { callbacksHeard, me, minute } from "../store";
import { locale } from "../text";
import { openPlan } from "../ui";
import { toast } from "../ui/Toast";
import { CancelCall } from "../screens/callbacks/Deeds";
import { Answers } from "./script/Answers";
import { useKeeping } from "./script/Keeping";
import { Next, nextWords } from "./script/Next";

const OUTCOMES: readonly Outcome[] = ["reached", "partly", "wrong_person"];

function Head({ callback, item }: { callback: Callback; item: Item }) {
  // A call that was made is the try it was; before it, the try to come.
  const isMade = callback.standing === "trying" || item.state === "wrap_up" || isLive(item);
  const trying = Math.min(callback.max_attempts, callback.attempts + (isMade ? 0 : 1));
  return (
    <p class="script-head">
      <strong>{word("long", callback.reason)}</strong>
      {callback.folio !== null && <a class="folio num" href={`#/peticiones/${encodeURIComponent(callback.folio)}`}>{callback.folio}</a>}
      <span class="muted">{tb("script.promised", { when: moment(callback.promised_at ?? callback.due_at, minute.value, callback.not_after) })}</span>
      {isOpen(callback) && <span class="tag">{tb("script.attempt", { n: Math.max(1, trying), of: callback.max_attempts })}</span>}
      {(callback.standing === "late" || callback.standing === "broken") && <span class="tag tag-critical">{word("standing", callback.standing)}</span>}
    </p>
  );
}

function InHand({ file, item, onChanged }: { file: CallbackFile; item: Item; onChanged: (callback: Brief) => void }) {
  const { callback, script } = file;
  const keeping = useKeeping(item, onChanged);
  const [wrong, setWrong] = useState<string[]>([]);
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const values = answersOf(callback, keeping.typed.answers);
  const identity = keeping.typed.identity ?? callback.identity;
  const needsIdentity = callback.reason === "inform" || callback.reason === "ask";
  const shows = !needsIdentity || identity;
  const wasAnswered = item.call?.answered_at != null;
  const asksOutcome = wasAnswered && !isLive(item) && isOpen(callback);

  const finish = async (outcome: Outcome): Promise<void> => {
    const missing = outcome === "reached" ? unanswered(callback.questions, values) : [];
    setWrong(missing.map((one) => one.id));
    if (outcome === "reached" && needsIdentity && !identity) return setError(tb("outcome.identityNeeded"));
    if (missing.length > 0) {
      setError(tb("outcome.answersNeeded", { names: missing.map((one) => one.text).join(" · ") }));
      document.getElementById(`answer-${missing[0]?.id ?? ""}`)?.focus();
      return;
    }
    setBusy(true);
    setError("");
    try {
      const done = await tell(item, outcome, { answers: Object.fromEntries(callback.questions.map((one) => [one.id, values[one.id] ?? null])), identity });
      keeping.forget();
      onChanged(done.callback);
      const words = nextWords({ ...callback, ...done.callback, item: callback.item }, minute.peek());
      if (outcome !== "reached" && words.length > 0) toast(words.join(" "), { kind: "ok" });
      void loadThread(item.interaction);
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setWrong(Object.keys(failure.fields).map((name) => name.replace(/^answers\./, "")));
      setError(failure.fields["identity"] !== undefined ? tb("outcome.identityNeeded") : errorText(failure));
    }
    setBusy(false);
  };
  return (
    <>
      {needsIdentity && (
        <section class="script-step" aria-label={tb("script.identity")}>
          <h2>{tb("script.identity")}</h2>
          {!identity && <p class="script-say">{locale.value === "en" ? (script.identity_en ?? script.identity) : script.identity}</p>}
          <label class="check"><input type="checkbox" checked={identity} aria-keyshortcuts="I" onChange={(event) => keeping.confirm(event.currentTarget.checked)} /> <span>{tb("script.confirmed")} <kbd aria-hidden="true">I</kbd></span></label>
          {!shows && <p class="muted">{tb("script.hidden")}</p>}
        </section>
      )}
      {shows && (
        <section class="script-step" aria-label={tb("script.say")}>
          {needsIdentity && <h2>{tb("script.say")}</h2>}
          <p class="script-say">{locale.value === "en" ? (script.text_en ?? script.text) : script.text}</p>
          {script.status !== null && <p class="script-status">{tb("script.status", { status: script.status })}{script.since !== null && <span class="muted"> {tb("script.statusSince", { when: when(script.since, minute.value) })}</span>}</p>}
          {callback.note !== null && <p class="script-note"><span class="muted">{tb("script.note")}:</span> {callback.note}</p>}
        </section>
      )}
      {shows && callback.questions.length > 0 && (
        <section class="script-step" aria-label={tb("script.ask")}>
          <h2>{tb("script.ask")} <span class="script-kept muted" role="status">{keeping.kept === "clean" ? "" : tb(`script.${keeping.kept}`)}</span></h2>
          <Answers questions={callback.questions} values={values} wrong={wrong} disabled={busy} onAnswer={(question, value) => { setWrong(wrong.filter((one) => one !== question)); keeping.answer(question, value); }} />
        </section>
      )}
      {isOpen(callback) && (
        <section class="script-step script-outcome" role="group" aria-label={tb("script.outcome")}>
          {asksOutcome
            ? OUTCOMES.map((one, index) => <button key={one} type="button" class={one === "reached" ? "primary" : ""} disabled={busy} aria-keyshortcuts={String(index + 1)} title={one === "wrong_person" ? undefined : tb(`outcome.${one}Help`)} onClick={() => void finish(one)}>{tb(`outcome.${one}`)} <kbd aria-hidden="true">{index + 1}</kbd></button>)
            : <span class="muted">{tb("outcome.later")}</span>}
        </section>
      )}
      <p class="field-error" role="alert">{error}</p>
    </>
  );
}

export default function Script({ item }: { item: Item }) {
  const read = useRead<CallbackFile>(`callbacks/${item.interaction}`);
  const [cancelling, setCancelling] = useState(false);
  const told = JSON.stringify(item.call?.callback ?? null);
  // Whatever changed it, the script and what may be done with it come from the service.
  useEffect(() => {
    if (read.data !== null) void read.again();
  }, [told, callbacksHeard.value]);
  if (read.data === null) {
    return read.error === null ? <div class="call-wait" role="status" aria-label={tb("script.title")} /> : <p class="script script-failed" role="alert">{tb("script.failed")}: {errorText(read.error)} <button type="button" class="link" onClick={() => void read.again()}>↻</button></p>;
  }
  const { callback } = read.data;
  const mine = item.owner === me.value?.id && (item.state === "held" || item.state === "wrap_up");
  const put = (next: Brief): void => read.put({ ...(read.data as CallbackFile), callback: { ...callback, ...next } });
  return (
    <section class="script" aria-label={tb("script.title")} data-script>
      <Head callback={callback} item={item} />
      {mine ? <InHand file={read.data} item={item} onChanged={put} /> : (
        <>
          {callback.questions.length > 0 && <ul class="script-asks muted">{callback.questions.map((one) => <li key={one.id}>{one.text}</li>)}</ul>}
          {callback.note !== null && <p class="script-note"><span class="muted">{tb("script.note")}:</span> {callback.note}</p>}
        </>
      )}
      <Next callback={callback} />
      {(callback.can.includes("move") || callback.can.includes("cancel")) && !isLive(item) && (
        <p class="script-more">
          {callback.can.includes("move") && <button type="button" class="link" onClick={() => openPlan({ moving: callback })}>{tb("do.move")}</button>}
          {callback.can.includes("cancel") && <button type="button" class="link" onClick={() => setCancelling(true)}>{tb("do.cancel")}</button>}
        </p>
      )}
      {cancelling && <CancelCall callback={callback} onClose={() => setCancelling(false)} onDone={(done) => { setCancelling(false); put(done); void loadThread(item.interaction); }} />}
    </section>
  );
}
