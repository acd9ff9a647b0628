/** A message to be answered later, or a number to be called: what one leaves when nobody is there, or one cannot wait. */
import { useRef, useState } from "preact/hooks";
import { dayKey, fullLabel } from "../../shared/time";
import { newId } from "../../shared/uuid";
import * as api from "../api";
import { Field, focusError, Title } from "../fields";
import { now } from "../live";
import { Failure } from "../parts";
import { recall, remember } from "../storage";
import { learn, locale, t } from "../text";
import { later } from "../text/later.es";
import type { Config } from "../types";
import { openVisit } from "./Start";

learn(later);

interface Left { reference: string; answer_from: number | null }
interface Props { config: Config; onBack: () => void; onTalk: () => void }

export function Recado({ config, onBack, onTalk }: Props) {
  const [given, setGiven] = useState({ text: recall("recado") ?? "", name: "", phone: "", email: "", prefer: "" });
  const [wantsCall, setWantsCall] = useState(false);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [left, setLeft] = useState<Left | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const intent = useRef(newId());
  const change = (key: keyof typeof given) => (value: string): void => {
    intent.current = newId(); // Other words are another write.
    setGiven({ ...given, [key]: value });
    if (key === "text") remember("recado", value); // A reload loses no words; names and numbers are not kept.
  };

  function look(): Record<string, string> {
    const found: Record<string, string> = {};
    if (given.text.trim() === "") found["text"] = t("recado.required");
    else if ([...given.text.trim()].length > config.limits.text) found["text"] = t("error.text_too_long");
    if (wantsCall && given.phone.replace(/\D/g, "").length < 10) found["phone"] = t("recado.phone");
    if (given.email.trim() !== "" && !/^\S+@\S+\.\S+$/.test(given.email.trim())) found["email"] = t("error.email");
    return found;
  }

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    const found = look();
    setErrors(found);
    setError("");
    if (Object.keys(found).length > 0) return focusError(form.current);
    if (isBusy) return;
    setBusy(true);
    try {
      if (now.token === null) await openVisit(config, given.name, given.phone);
      const filled = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value.trim()]).filter(([, value]) => value !== ""));
      setLeft(await api.write<Left>("recado", now.token, { client_id: intent.current, ...filled, call_me: wantsCall }));
      remember("recado", "");
    } catch (failed) {
      if (!(failed instanceof api.ApiError)) throw failed;
      const fields = failed.data.fields;
      if (failed.status < 500 && failed.status !== 0) intent.current = newId();
      if (fields) {
        setErrors(Object.fromEntries(Object.keys(fields).map((name) => [name, t(["name", "phone", "email"].includes(name) ? `error.${name}` : "error.invalid")])));
        focusError(form.current);
      } else setError(failed.code);
    }
    setBusy(false);
  }

  if (left !== null) return (
    <div class="page">
      <Title>{t(wantsCall ? "recado.call.done" : "recado.done")}</Title>
      {left.answer_from !== null && <p>{dayKey(left.answer_from) === dayKey(Date.now()) ? t("recado.soon") : t("recado.from", { when: fullLabel(left.answer_from, locale) })}</p>}
      <p class="muted"><bdi>{t("recado.reference", { reference: left.reference })}</bdi></p>
      <div class="actions"><button type="button" class="button primary" onClick={onTalk}>{t("recado.see")}</button></div>
    </div>
  );
  return (
    <form class="page" ref={form} onSubmit={send} noValidate>
      <Title onBack={onBack}>{t("recado.title")}</Title>
      {!config.office.is_open && config.office.closed_text && <p>{config.office.closed_text}</p>}
      <Field name="text" label={t("recado.text")} help={t("recado.text.help")} rows={4} value={given.text} onInput={change("text")} error={errors["text"]} />
      <p class="muted">{t("recado.reach")}</p>
      <Field name="name" label={t("start.name")} optional autocomplete="name" maxLength={120} value={given.name} onInput={change("name")} error={errors["name"]} />
      <Field name="phone" label={t("start.phone")} optional={!wantsCall} type="tel" autocomplete="tel" maxLength={40} value={given.phone} onInput={change("phone")} error={errors["phone"]} />
      <Field name="email" label={t("recado.email")} optional type="email" inputMode="email" autocomplete="email" maxLength={254} value={given.email} onInput={change("email")} error={errors["email"]} />
      <label class="check"><input type="checkbox" checked={wantsCall} onChange={(event) => setWantsCall(event.currentTarget.checked)} /> {t("recado.call")}</label>
      {wantsCall && <Field name="prefer" label={t("recado.prefer")} optional maxLength={120} value={given.prefer} onInput={change("prefer")} />}
      {error && <Failure code={error} />}
      {error === "being_served" && <button type="button" class="button" onClick={onTalk}>{t("recado.see")}</button>}
      <div class="actions"><button class="button primary" aria-disabled={isBusy}>{t("recado.send")}</button></div>
    </form>
  );
}
