/** The first screen: who answers, whether somebody is there now, and what one can do. */
import { dayLabel } from "../../shared/time";
import { pending } from "../live";
import { locale, t } from "../text";
import type { Config } from "../types";

export type Goal = "start" | "recado" | "call" | "folio";

const Choice = ({ goal, words, main, onChoose }: { goal: Goal; words: string; main?: boolean; onChoose: (goal: Goal) => void }) => (
  <button type="button" class={main ? "choice main" : "choice"} onClick={() => onChoose(goal)}>
    <b>{t(words)}</b>
    <span>{t(`${words}.help`)}</span>
  </button>
);

export function Home({ config, onChoose }: { config: Config; onChoose: (goal: Goal) => void }) {
  const { office, queue, notice } = config;
  const opens = office.opens_at === null ? null : dayLabel(office.opens_at, config.now, locale);
  return (
    <div class="page home">
      <p class="greeting">{config.texts["greeting"]}</p>
      <div class={office.is_open ? "hours open" : "hours"}>
        <p><b>{t(office.is_open ? "home.open" : "home.closed")}</b>{!office.is_open && opens && <span> · {t("home.opens", { when: opens })}</span>}</p>
        <p class="muted">{office.hours_text}</p>
        {office.is_open && queue.wait_s ? <p class="muted">{t("home.wait", { n: Math.max(1, Math.round(queue.wait_s / 60)) })}</p> : null}
      </div>
      {pending.list().length > 0 && <p class="notice" role="status">{t("home.unsent")}</p>}
      {notice.publishable ? (
        <div class="choices">
          {office.is_open ? <Choice main goal="start" words="home.start" onChoose={onChoose} /> : <Choice main goal="recado" words="home.leave" onChoose={onChoose} />}
          {!office.is_open && <Choice goal="start" words="home.write" onChoose={onChoose} />}
          <Choice goal="folio" words="home.folio" onChoose={onChoose} />
          <Choice goal="call" words="home.call" onChoose={onChoose} />
        </div>
      ) : <p class="notice">{t("home.unpublished")}</p>}
      <p class="muted foot">{t("app.emergency")} <a href="tel:911">911</a></p>
    </div>
  );
}
