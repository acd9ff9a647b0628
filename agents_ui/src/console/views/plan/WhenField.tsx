/** When to call, in words, with what they mean said under them; or by day and hour for whoever prefers to pick. */
import { useState } from "preact/hooks";
import { dayKey, hour } from "../../../shared/time";
import { tb } from "../../callbackWords";
import { minute } from "../../store";
import { locale } from "../../text";
import { Field, FieldFrame } from "../../ui/Field";
import { offers, parseWhen, sayWhen, type When, type WhenError } from "../../when";

/** The words' meaning, or what is wrong with them. */
export const meaning = (words: string): When | WhenError => parseWhen(words, minute.value);
export const whenProblem = (words: string): string | undefined => {
  const when = meaning(words);
  return typeof when === "string" ? tb(`when.${when}`) : undefined;
};
type Offer = "soon" | "todayAfternoon" | "tomorrowMorning" | "tomorrowAfternoon" | "mondayMorning";

/** What a picked moment is called in the field, so that words and fields are one value. */
const written = (day: string, from: string, to: string): string => `${day} ${from}${to === "" ? "" : ` - ${to}`}`;

interface Props { id: string; value: string; error: string | null; onChange: (words: string) => void; onLeave: () => void }

export function WhenField({ id, value, error, onChange, onLeave }: Props) {
  const when = meaning(value);
  const known = typeof when === "string" ? null : when;
  const [picking, setPicking] = useState(false);
  const first = known?.from ?? minute.peek() + 86_400_000;
  const parts = { day: dayKey(first), from: hour(first, "en").padStart(5, "0"), to: known?.to ? hour(known.to, "en").padStart(5, "0") : "" };
  const pick = (change: Partial<typeof parts>): void => {
    const next = { ...parts, ...change };
    if (next.day !== "" && next.from !== "") onChange(written(next.day, next.from, next.to));
  };
  return (
    <div class="plan-when">
      <FieldFrame label={tb("when")} id={id} required error={error} help={tb("when.help")}>
        {(control) => <input class="input" type="text" autocomplete="off" spellcheck={false} maxLength={80} value={value} {...control} onInput={(event) => onChange(event.currentTarget.value)} onBlur={onLeave} />}
      </FieldFrame>
      <div class="chips" role="group" aria-label={tb("when.offers")}>
        {offers(minute.value).map((one) => {
          const label = one.key === "soon" ? sayWhen(one.when, minute.value, locale.value) : tb(`when.${one.key as Offer}`);
          return <button key={one.key} type="button" class={value === label ? "chip chip-on" : "chip"} aria-pressed={value === label} onClick={() => onChange(label)}>{label}</button>;
        })}
        <button type="button" class={picking ? "chip chip-on" : "chip"} aria-expanded={picking} onClick={() => setPicking(!picking)}>{tb("when.exact")}</button>
      </div>
      {picking && (
        <div class="plan-times">
          <Field label={tb("when.day")} type="date" value={parts.day} min={dayKey(minute.value)} onChange={(event: { currentTarget: EventTarget }) => pick({ day: (event.currentTarget as HTMLInputElement).value })} />
          <Field label={tb("when.from")} type="time" value={parts.from} onChange={(event: { currentTarget: EventTarget }) => pick({ from: (event.currentTarget as HTMLInputElement).value })} />
          <Field label={tb("when.to")} type="time" value={parts.to} onChange={(event: { currentTarget: EventTarget }) => pick({ to: (event.currentTarget as HTMLInputElement).value })} />
        </div>
      )}
    </div>
  );
}
