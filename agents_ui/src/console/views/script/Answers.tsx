/** The questions of a call, each with the control its answer takes. */
import type { AnswerValue, Question } from "../../callbacks";
import { tb } from "../../callbackWords";
import { Field, Select, TextArea } from "../../ui/Field";
import { say } from "../../ui/words";

interface Props { questions: readonly Question[]; values: Readonly<Record<string, AnswerValue | null>>; wrong: readonly string[]; disabled: boolean; onAnswer: (question: string, value: AnswerValue | null) => void }

function One({ question, value, error, disabled, onAnswer }: { question: Question; value: AnswerValue | null; error: string | null; disabled: boolean; onAnswer: (value: AnswerValue | null) => void }) {
  const common = { label: question.text, id: `answer-${question.id}`, required: question.required, error, disabled };
  const text = value === null ? "" : String(value);
  const typed = (event: { target: EventTarget | null }): void => {
    const given = (event.target as HTMLInputElement).value;
    onAnswer(given === "" ? null : given);
  };
  switch (question.kind) {
    case "yes_no":
      return (
        <fieldset class={error === null ? "field" : "field field-bad"}>
          <legend class="field-label">{question.text}{question.required && <span class="field-required"> ({say("required")})</span>}</legend>
          <div class="segmented">
            {([true, false] as const).map((one) => <button key={String(one)} type="button" id={one ? common.id : undefined} disabled={disabled} aria-pressed={value === one} onClick={() => onAnswer(value === one ? null : one)}>{tb(one ? "script.yes" : "script.no")}</button>)}
          </div>
          {error !== null && <p class="field-error"><span aria-hidden="true">▲ </span>{error}</p>}
        </fieldset>
      );
    case "number":
      return <Field {...common} type="number" inputMode="decimal" step="any" value={text} onInput={(event) => {
        const given = (event.target as HTMLInputElement).valueAsNumber;
        onAnswer(Number.isNaN(given) ? null : given);
      }} />;
    case "date": return <Field {...common} type="date" value={text} onInput={typed} />;
    case "choice": return <Select {...common} placeholder={tb("script.choose")} options={(question.choices ?? []).map((one) => ({ value: one, label: one }))} value={text} onChange={(given) => onAnswer(given === "" ? null : given)} />;
    default: return <TextArea {...common} rows={2} maxLength={2000} value={text} onInput={typed} />;
  }
}

export function Answers({ questions, values, wrong, disabled, onAnswer }: Props) {
  return (
    <div class="script-answers">
      {questions.map((one) => <One key={one.id} question={one} value={values[one.id] ?? null} error={wrong.includes(one.id) ? tb("refusal.required") : null} disabled={disabled} onAnswer={(value) => onAnswer(one.id, value)} />)}
    </div>
  );
}
