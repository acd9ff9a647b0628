/** What shall be asked in the call, with the kind of answer each question takes. Enter adds the next one. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { KINDS, type Asked, type QuestionKind } from "../../callbacks";
import { tb } from "../../callbackWords";
import { Icon } from "../Icon";

export const BLANK: Asked = { text: "", kind: "text", required: true, choices: [] };
const MOST = 20;

/** What is wrong with the questions, in words. */
export function questionsProblem(rows: readonly Asked[]): string | undefined {
  if (rows.every((one) => one.text.trim() === "")) return tb("questionNeeded");
  return rows.some((one) => one.text.trim() !== "" && one.kind === "choice" && new Set((one.choices ?? []).map((word) => word.trim()).filter((word) => word !== "")).size < 2) ? tb("question.choicesNeeded") : undefined;
}

export function Questions({ id, rows, error, onChange }: { id: string; rows: readonly Asked[]; error: string | null; onChange: (rows: Asked[]) => void }) {
  const adding = useRef(false);
  const change = (at: number, part: Partial<Asked>): void => onChange(rows.map((one, index) => (index === at ? { ...one, ...part } : one)));
  const add = (): void => {
    if (rows.length >= MOST) return;
    adding.current = true;
    onChange([...rows, BLANK]);
  };
  // At once, not at the next frame: quick hands are typing the next question already.
  useLayoutEffect(() => {
    if (adding.current) document.getElementById(`${id}-${rows.length - 1}`)?.focus();
    adding.current = false;
  }, [rows.length]);
  return (
    <fieldset class="field group questions">
      <legend class="field-label">{tb("questions")}</legend>
      <p class="field-help">{tb("questionsHelp")}</p>
      {error !== null && <p class="field-error"><span aria-hidden="true">▲ </span>{error}</p>}
      <ol>
        {rows.map((one, index) => {
          const n = index + 1;
          return (
            <li key={index}>
              <div class="question-row">
                <input
                  class="input" type="text" id={index === 0 ? id : `${id}-${index}`} maxLength={300} value={one.text} aria-label={tb("question", { n })} aria-invalid={error !== null && index === 0 ? true : undefined}
                  onInput={(event) => change(index, { text: event.currentTarget.value })}
                  onKeyDown={(event) => {
                    if (event.key !== "Enter") return;
                    event.preventDefault();
                    if (one.text.trim() !== "") add();
                  }}
                />
                <select class="input select" value={one.kind} aria-label={tb("question.kind", { n })} onChange={(event) => change(index, { kind: event.currentTarget.value as QuestionKind })}>
                  {KINDS.map((kind) => <option key={kind} value={kind}>{tb(`question.${kind}`)}</option>)}
                </select>
                <label class="question-needed"><input type="checkbox" checked={one.required} onChange={(event) => change(index, { required: event.currentTarget.checked })} /> {tb("question.required")}</label>
                {rows.length > 1 && <button type="button" class="ghost icon-button" aria-label={tb("question.remove", { n })} title={tb("question.remove", { n })} onClick={() => onChange(rows.filter((_, at) => at !== index))}><Icon name="close" size={16} /></button>}
              </div>
              {one.kind === "choice" && <input class="input" type="text" maxLength={300} value={(one.choices ?? []).join(", ")} aria-label={tb("question.choices", { n })} placeholder={tb("question.choices", { n })} onChange={(event) => change(index, { choices: event.currentTarget.value.split(",").map((word) => word.trim()) })} />}
            </li>
          );
        })}
      </ol>
      {rows.length < MOST && <button type="button" class="small" onClick={add}><Icon name="plus" size={14} /> {tb("question.add")}</button>}
    </fieldset>
  );
}
