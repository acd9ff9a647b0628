/** Asking to be called: the number, typed twice, then a time that the shift can keep. The same screen moves a call that was promised. */
import { useEffect, useRef, useState } from "preact/hooks";
import { dayKey } from "../../shared/time";
import { newId } from "../../shared/uuid";
import * as api from "../api";
import { Field, focusError, Title } from "../fields";
import { now, promised, watch } from "../live";
import { Failure } from "../parts";
import { learn, locale, t, tError } from "../text";
import { call } from "../text/call.es";
import { later } from "../text/later.es";
import type { ChatCallback, Config } from "../types";
import { isOpen, Promised } from "./Promised";
import { openVisit } from "./Start";

learn(later);
learn(call);

interface Time { at: number; until: number | null; words: string; words_en: string }
interface Times { zone: string; asap: { at: number; words: string; words_en?: string } | null; times: Time[] }
/** A moment chosen; `isSoon`: whenever the shift can. */
interface Moment { at: number; isSoon: boolean }
const DAYS = 6;
const DAY_MS = 86_400_000;
const digits = (text: string): string => text.replace(/\D/g, "");

function dayName(key: string, today: string): string {
  if (key === today) return locale === "en" ? "Today" : "Hoy";
  const noon = Date.parse(`${key}T12:00:00-07:00`);
  if (key === dayKey(Date.parse(`${today}T12:00:00-07:00`) + DAY_MS)) return locale === "en" ? "Tomorrow" : "Mañana";
  return new Intl.DateTimeFormat(locale === "en" ? "en" : "es-MX", { timeZone: "America/Hermosillo", weekday: "short", day: "numeric" }).format(noon);
}
const clock = (at: number, zone: string): string => new Intl.DateTimeFormat("en", { timeZone: zone, hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(at).replace(/^0/, "");

/** Which moment: as soon as possible, or an hour of a day that has room. */
function Choose({ phone, chosen, error, onChoose }: { phone: string; chosen: Moment | null; error: string | undefined; onChoose: (moment: Moment) => void }) {
  const today = dayKey(Date.now());
  const [day, setDay] = useState(today);
  // Hours of one day never stand under another: what was read before is not shown.
  const [read, setRead] = useState<{ day: string; times: Times } | null>(null);
  const times = read?.day === day ? read.times : null;
  const [failed, setFailed] = useState("");
  async function load(): Promise<void> {
    setFailed("");
    try {
      const answer = await api.request(`callbacks/times?${new URLSearchParams({ ...(phone ? { phone } : {}), ...(day === today ? {} : { day: String(Date.parse(`${day}T00:00:00-07:00`)) }) })}`, now.token);
      const found = (await answer.json()) as Times;
      setRead({ day, times: { ...found, times: found.times.filter((one) => dayKey(one.at) === day) } });
    } catch (problem) {
      setFailed(problem instanceof api.ApiError ? problem.code : "invalid");
    }
  }
  useEffect(() => void load(), [day]);
  const days = Array.from({ length: DAYS }, (_, n) => dayKey(Date.parse(`${today}T12:00:00-07:00`) + n * DAY_MS));
  const first = useRef<Times["asap"]>(null);
  if (times?.asap) first.current = times.asap;
  const soon = first.current;
  return (
    <fieldset aria-describedby={error ? "when-error" : undefined}>
      <legend>{t("call.when")}</legend>
      {error && <p class="error" id="when-error">{error}</p>}
      <div class="options">
        {soon !== null && (
          <label><input type="radio" name="when" checked={chosen?.isSoon === true} aria-invalid={error ? "true" : undefined} onChange={() => onChoose({ at: soon.at, isSoon: true })} /><span>{t("call.asap")} <span class="muted">{locale === "en" ? soon.words_en ?? "" : soon.words}</span></span></label>
        )}
      </div>
      <div class="days" role="group" aria-label={t("call.day")}>
        {days.map((key) => <button key={key} type="button" class="button" aria-pressed={key === day} onClick={() => setDay(key)}>{dayName(key, today)}</button>)}
      </div>
      {failed ? <Failure code={failed} onRetry={() => void load()} /> : times === null ? <p class="muted wait" role="status">{t("app.loading")}</p> : times.times.length === 0 ? <p class="muted" role="status">{t("call.none")}</p> : (
        <div class="options times">
          {times.times.map((one) => <label key={one.at}><input type="radio" name="when" checked={chosen?.isSoon === false && chosen.at === one.at} onChange={() => onChoose({ at: one.at, isSoon: false })} /><span>{clock(one.at, times.zone)}{one.until !== null && `–${clock(one.until, times.zone)}`}</span></label>)}
        </div>
      )}
    </fieldset>
  );
}

export function Call({ config, onBack, onTalk }: { config: Config; onBack: () => void; onTalk: () => void }) {
  const [, redraw] = useState(0);
  useEffect(() => watch(() => redraw((count) => count + 1)), []);
  const known = now.chat.callback;
  const [step, setStep] = useState<"number" | "time" | "card">(isOpen(known) ? (known.can_move ? "time" : "card") : "number");
  const [given, setGiven] = useState({ phone: "", again: "", name: "", text: "" });
  const [chosen, setChosen] = useState<Moment | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const intent = useRef(newId());
  const moving = isOpen(known) ? known : null;
  const change = (key: keyof typeof given) => (value: string): void => {
    intent.current = newId(); // Other words are another write.
    setGiven({ ...given, [key]: value });
  };
  const refuse = (found: Record<string, string>): void => {
    setErrors(found);
    if (Object.keys(found).length > 0) focusError(form.current);
  };

  async function next(event: Event): Promise<void> {
    event.preventDefault();
    setError("");
    const found: Record<string, string> = {};
    if (digits(given.phone).length < 10) found["phone"] = t("call.required");
    else if (digits(given.phone) !== digits(given.again)) found["again"] = t("call.differs");
    refuse(found);
    if (Object.keys(found).length > 0 || isBusy) return;
    setBusy(true);
    try {
      if (now.token === null) await openVisit(config, given.name, given.phone);
      setStep("time");
    } catch (failed) {
      if (!(failed instanceof api.ApiError)) throw failed;
      if (failed.data.fields?.["phone"] !== undefined) refuse({ phone: t("error.phone") });
      else setError(failed.code);
    }
    setBusy(false);
  }
  async function send(event: Event): Promise<void> {
    event.preventDefault();
    setError("");
    refuse(chosen === null ? { when: t("call.choose") } : {});
    if (chosen === null || isBusy) return;
    setBusy(true);
    try {
      const answer = moving !== null
        ? await api.write<{ callback: ChatCallback }>("callbacks/move", now.token, { client_id: intent.current, callback_id: moving.id, due_at: chosen.at })
        : await api.write<{ callback: ChatCallback }>("callbacks", now.token, { client_id: intent.current, phone: given.phone.trim(), phone_again: given.again.trim(), ...(chosen.isSoon ? {} : { due_at: chosen.at }), ...(given.text.trim() ? { text: given.text.trim() } : {}) });
      promised(answer.callback);
      setStep("card");
    } catch (failed) {
      if (!(failed instanceof api.ApiError)) throw failed;
      if (failed.status < 500 && failed.status !== 0) intent.current = newId();
      const fields = failed.data.fields ?? {};
      if (fields["phone"] !== undefined || fields["phone_again"] !== undefined) {
        setStep("number");
        refuse({ ...(fields["phone"] !== undefined ? { phone: ["other_number", "emergency", "country"].includes(fields["phone"]) ? tError(fields["phone"]) : t("error.phone") } : {}), ...(fields["phone_again"] !== undefined ? { again: t("call.differs") } : {}) });
      } else setError(failed.code);
    }
    setBusy(false);
  }

  if (step === "card" && known !== null) return (
    <div class="page">
      <Title onBack={onBack}>{t("call.title")}</Title>
      <Promised callback={known} isAlone onMove={() => setStep("time")} />
      <div class="actions">
        {!isOpen(known) && <button type="button" class="button" onClick={() => setStep("number")}>{t("call.another")}</button>}
        <button type="button" class="button primary" onClick={onTalk}>{t("call.see")}</button>
      </div>
    </div>
  );
  if (step === "time") return (
    <form class="page" ref={form} onSubmit={send} noValidate>
      <Title onBack={moving !== null ? onBack : () => setStep("number")}>{t(moving !== null ? "call.move" : "call.title")}</Title>
      {moving !== null ? <p class="muted">{t("call.done", { when: locale === "en" ? moving.words_en : moving.words })}</p>
        : <p class="muted">{t("call.to", { number: given.phone.trim() })} <button type="button" class="link" onClick={() => setStep("number")}>{t("call.change")}</button></p>}
      <Choose phone={moving !== null ? "" : given.phone.trim()} chosen={chosen} error={errors["when"]} onChoose={(moment) => {
        intent.current = newId();
        setErrors({});
        setChosen(moment);
      }} />
      {moving === null && <Field name="text" label={t("call.text")} optional rows={2} maxLength={1000} value={given.text} onInput={change("text")} />}
      {error && <Failure code={error} />}
      <div class="actions">
        <button class="button primary" aria-disabled={isBusy}>{t(moving !== null ? "call.moveSend" : "call.send")}</button>
        {moving !== null && <button type="button" class="button" onClick={() => setStep("card")}>{t("call.keep")}</button>}
      </div>
    </form>
  );
  return (
    <form class="page" ref={form} onSubmit={next} noValidate>
      <Title onBack={onBack}>{t("call.title")}</Title>
      <Field name="phone" label={t("call.phone")} help={t("call.phone.help")} type="tel" inputMode="tel" autocomplete="tel" maxLength={40} value={given.phone} onInput={change("phone")} error={errors["phone"]} />
      <Field name="again" label={t("call.again")} type="tel" inputMode="tel" autocomplete="off" maxLength={40} value={given.again} onInput={change("again")} error={errors["again"]} />
      {now.token === null && <Field name="name" label={t("start.name")} optional autocomplete="name" maxLength={120} value={given.name} onInput={change("name")} />}
      {error && <Failure code={error} />}
      <div class="actions"><button class="button primary" aria-disabled={isBusy}>{t("call.next")}</button></div>
    </form>
  );
}
