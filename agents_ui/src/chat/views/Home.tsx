/** The first screen: who answers, whether somebody is there now, and what one can do. */
import { recall } from "../storage";
import { locale, t } from "../text";
import type { Config } from "../types";

export type Goal = "talk" | "start" | "recado" | "call" | "folio";

const WHEN = { timeZone: "America/Hermosillo", weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", hourCycle: "h23" } as const;

export function Home({ config, onChoose }: { config: Config; onChoose: (goal: Goal) => void }) {
  const { is_open, opens_at, hours_text } = config.office;
  const wait = config.queue.wait_s;
  const first: readonly (readonly [Goal, string])[] = recall("token")
    ? [["talk", "home.continue"]]
    : is_open ? [["start", "home.start"]] : [["recado", "home.leave"], ["start", "home.write"]];
  const choices = [...first, ["folio", "home.folio"] as const, ["call", "home.call"] as const];
  return (
    <div class="page home">
      <p class="greeting">{config.texts["greeting"]}</p>
      <div class={is_open ? "hours open" : "hours"}>
        <p><b>{t(is_open ? "home.open" : "home.closed")}</b></p>
        {!is_open && opens_at !== null && <p>{t("home.opens", { when: new Intl.DateTimeFormat(locale === "es" ? "es-MX" : "en", WHEN).format(opens_at) })}</p>}
        <p class="muted">{hours_text}</p>
        {is_open && wait ? <p class="muted">{t("home.wait", { n: Math.ceil(wait / 60) })}</p> : null}
      </div>
      {recall("pending") && !recall("token") && <p class="notice" role="status">{t("home.unsent")}</p>}
      {config.notice.publishable
        ? choices.map(([goal, words], place) => (
          <button type="button" class={place === 0 ? "choice main" : "choice"} onClick={() => onChoose(goal)}>
            <b>{t(words)}</b>
            <span>{t(`${words}.help`)}</span>
          </button>
        ))
        : <p class="notice">{t("home.unpublished")}</p>}
      <p class="muted foot">{t("app.emergency")} <a href="tel:911">911</a></p>
    </div>
  );
}
