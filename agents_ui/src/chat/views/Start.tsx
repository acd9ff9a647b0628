/** The last step before writing: a name and a phone, both a gift. */
import { useRef, useState } from "preact/hooks";
import * as api from "../api";
import { site } from "../embed";
import { enter } from "../live";
import { Field, focusError, Title } from "../fields";
import { Failure } from "../parts";
import { locale, t } from "../text";
import type { Config } from "../types";

/** Opens a visit: the first thing that is stored. Gives the token of this browser. */
export async function openVisit(config: Config, name = "", phone = ""): Promise<void> {
  const given = { ...(name.trim() ? { name: name.trim() } : {}), ...(phone.trim() ? { phone: phone.trim() } : {}), ...(site ? { site } : {}) };
  enter((await api.visit({ notice_version: config.notice.version, locale, ...given })).token);
}

export function Start({ config, onDone, onChanged, onBack }: { config: Config; onDone: () => void; onChanged: () => void; onBack: () => void }) {
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [error, setError] = useState<api.ApiError | null>(null);
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const fields = error?.data.fields;

  async function go(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    try {
      await openVisit(config, name, phone);
      onDone();
    } catch (failed) {
      if (!(failed instanceof api.ApiError)) throw failed;
      if (failed.code === "notice_changed") return onChanged();
      setError(failed);
      setBusy(false);
      if (failed.data.fields) focusError(form.current);
    }
  }

  return (
    <form class="page" ref={form} onSubmit={go} noValidate>
      <Title onBack={onBack}>{t("start.title")}</Title>
      <p>{t("start.help")}</p>
      <Field name="name" label={t("start.name")} optional autocomplete="name" maxLength={120} value={name} onInput={setName} error={fields?.["name"] && t("error.name")} />
      <Field name="phone" label={t("start.phone")} help={t("start.phone.help")} optional type="tel" autocomplete="tel" maxLength={40} value={phone} onInput={setPhone} error={fields?.["phone"] && t("error.phone")} />
      {error && !fields && <Failure code={error.code} />}
      <div class="actions"><button class="button primary" aria-disabled={isBusy}>{t("start.go")}</button></div>
    </form>
  );
}
