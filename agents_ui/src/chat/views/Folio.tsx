/** Where a petition stands: folio and four digits. A wrong guess and a folio that does not exist read the same. */
import { useRef, useState } from "preact/hooks";
import { dayLabel } from "../../shared/time";
import * as api from "../api";
import { Field, focusError, Title } from "../fields";
import { Failure } from "../parts";
import { recall } from "../storage";
import { learn, locale, t } from "../text";
import { later } from "../text/later.es";

learn(later);

interface Found { status: string; detail: string; detail_en?: string; since: number | null; last_public: string | null }

export function Folio({ onBack }: { onBack: () => void }) {
  const [folio, setFolio] = useState("");
  const [last4, setLast4] = useState("");
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [found, setFound] = useState<Found | null>(null);
  const form = useRef<HTMLFormElement>(null);
  const noFolio = isTried && folio.trim() === "" ? t("folio.required") : undefined;
  const noDigits = isTried && !/^\d{4}$/.test(last4) ? t("folio.digits") : undefined;

  async function ask(event: Event): Promise<void> {
    event.preventDefault();
    setTried(true);
    setError("");
    if (folio.trim() === "" || !/^\d{4}$/.test(last4)) return focusError(form.current);
    if (isBusy) return;
    setBusy(true);
    try {
      const answer = await api.request("folio", recall("token"), { folio: folio.trim(), last4 });
      setFound((await answer.json()) as Found);
    } catch (failed) {
      setError(failed instanceof api.ApiError ? failed.code : "invalid");
    }
    setBusy(false);
  }

  if (found !== null) return (
    <div class="page">
      <Title onBack={onBack}>{locale === "en" ? found.detail_en ?? found.detail : found.detail}</Title>
      <p class="muted">{t("folio.number")} <bdi>{folio.trim().toUpperCase()}</bdi>{found.since !== null && ` · ${t("folio.since", { when: dayLabel(found.since, Date.now(), locale) })}`}</p>
      {found.last_public && <blockquote><bdi>{found.last_public}</bdi></blockquote>}
      <div class="actions">
        <button type="button" class="button primary" onClick={onBack}>{t("recado.home")}</button>
        <button type="button" class="button" onClick={() => {
          setFound(null);
          setTried(false);
        }}>{t("folio.another")}</button>
      </div>
    </div>
  );
  return (
    <form class="page" ref={form} onSubmit={ask} noValidate>
      <Title onBack={onBack}>{t("folio.title")}</Title>
      <Field name="folio" label={t("folio.number")} help={t("folio.example")} autocomplete="off" maxLength={60} value={folio} onInput={setFolio} error={noFolio} />
      <Field name="last4" label={t("folio.last4")} inputMode="numeric" autocomplete="off" maxLength={4} value={last4} onInput={setLast4} error={noDigits} />
      {error && <Failure code={error} />}
      <div class="actions"><button class="button primary" aria-disabled={isBusy}>{t("folio.ask")}</button></div>
    </form>
  );
}
