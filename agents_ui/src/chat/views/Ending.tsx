/** After the end, in the same flow: keep the conversation, say how it was, or write again. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { dayKey } from "../../shared/time";
import { newId } from "../../shared/uuid";
import * as api from "../api";
import { Field } from "../fields";
import { again } from "../live";
import { Failure } from "../parts";
import { learn, t } from "../text";
import { later } from "../text/later.es";
import type { Config, Conversation } from "../types";
import { save } from "./Attached";

learn(later);

interface Props { conversation: Conversation; config: Config | null; token: string }
type Answers = Partial<{ score: number; resolved: "yes" | "partly" | "no"; respectful: boolean; comment: string }>;

function Options<V extends string | number | boolean>(props: { name: string; question: string; options: readonly (readonly [V, string])[]; value: V | undefined; onPick: (value: V) => void }) {
  return (
    <fieldset>
      <legend>{props.question}</legend>
      <div class="options">
        {props.options.map(([value, words]) => (
          <label key={words}>
            <input type="radio" name={props.name} checked={props.value === value} onChange={() => props.onPick(value)} />
            <span>{typeof value === "number" && <b aria-hidden="true">{value}</b>}{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Survey({ config, token, onDone }: { config: Config; token: string; onDone: (isAnswered: boolean) => void }) {
  const [answers, setAnswers] = useState<Answers>({});
  const [error, setError] = useState("");
  const intent = useRef(newId());
  // The scale is on the answers; the office's text repeats it in brackets.
  const question = (place: number, otherwise: string): string => config.survey[place]?.replace(/\s*\([^)]*\)\s*$/, "") ?? t(otherwise);

  async function send(event: Event | null): Promise<void> {
    event?.preventDefault();
    const isDeclined = event === null || Object.keys(answers).length === 0;
    try {
      await api.write("survey", token, { client_id: intent.current, ...(isDeclined ? { declined: true } : answers) });
      onDone(!isDeclined);
    } catch (failed) {
      if (isDeclined) onDone(false);
      intent.current = newId();
      setError(failed instanceof api.ApiError ? failed.code : "invalid");
    }
  }
  const pick = (part: Answers): void => setAnswers({ ...answers, ...part });

  return (
    <form class="survey" onSubmit={send}>
      <h3>{t("survey.title")}</h3>
      <p class="muted">{config.texts["survey_intro"] ?? t("survey.intro")}</p>
      <Options name="score" question={question(0, "survey.score")} value={answers.score} onPick={(score) => pick({ score })} options={[1, 2, 3, 4, 5].map((n) => [n, t(`survey.score.${n}`)] as const)} />
      <Options name="resolved" question={question(1, "survey.resolved")} value={answers.resolved} onPick={(resolved) => pick({ resolved })} options={[["yes", t("survey.yes")], ["partly", t("survey.partly")], ["no", t("survey.no")]]} />
      <Options name="respectful" question={question(2, "survey.respectful")} value={answers.respectful} onPick={(respectful) => pick({ respectful })} options={[[true, t("survey.yes")], [false, t("survey.no")]]} />
      <Field name="comment" label={question(3, "survey.comment")} optional rows={2} maxLength={2000} value={answers.comment ?? ""} onInput={(comment) => pick({ comment })} />
      {error && <Failure code={error} />}
      <div class="actions">
        <button class="button primary">{t("survey.send")}</button>
        <button type="button" class="button" onClick={() => void send(null)}>{t("survey.skip")}</button>
      </div>
    </form>
  );
}

export function Ending({ conversation, config, token }: Props) {
  const [error, setError] = useState("");
  const [isSaved, setSaved] = useState(false);
  const [answered, setAnswered] = useState<boolean | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const thanks = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => title.current?.focus(), []);
  useLayoutEffect(() => thanks.current?.focus(), [answered]);

  async function keep(): Promise<void> {
    try {
      const page = await (await api.request("transcript", token)).blob();
      save(page, `chat-${dayKey(Date.now())}.html`);
      setSaved(true);
      setError("");
    } catch (failed) {
      setError(failed instanceof api.ApiError ? failed.code : "invalid");
    }
  }

  return (
    <section class="ending" aria-labelledby="ending">
      <h2 id="ending" ref={title} tabIndex={-1}>{t("end.title")}</h2>
      <div class="actions">
        <button type="button" class="button" onClick={keep}>{t("end.save")}</button>
        <button type="button" class="button" onClick={() => print()}>{t("end.print")}</button>
        <button type="button" class="button primary" onClick={again}>{t("end.again")}</button>
      </div>
      <p class="muted" role="status">{isSaved && t("end.saved")}</p>
      {error && <Failure code={error} onRetry={keep} />}
      {answered === true && <p ref={thanks} tabIndex={-1} class="notice">{t("survey.thanks")}</p>}
      {answered === null && conversation.survey === "due" && config !== null && config.survey.length > 0 && <Survey config={config} token={token} onDone={setAnswered} />}
    </section>
  );
}
