/** What must not be overlooked about this contact: crisis, restriction, who else has it, the survey's word. */
import type { Item, Thread } from "../../shared/protocol";
import { taken } from "../outbox";
import { nameOf, rows, staffName, type Row } from "../reference";
import { isCrisis, isRestricted, me } from "../store";
import { t } from "../text";
import { Icon } from "./Icon";

/** Ten digits as people read them aloud. */
const spaced = (number: string): string => number.replace(/^(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3");

function Crisis({ item }: { item: Item }) {
  const violence = item.flags.includes("crisis_violence");
  const first = violence ? /mujeres|naranja/i : /vida/i;
  const rank = (row: Row): number => (row["number"] === "911" ? 0 : first.test(String(row.name)) ? 1 : 2);
  const lines = rows("emergency_lines")
    .filter((row) => ["emergencia", "crisis"].includes(String(row["kind"])) && !String(row["number"]).includes("|"))
    .sort((a, b) => rank(a) - rank(b)).slice(0, 4);
  return (
    <section class="warning warning-critical" role="alert">
      <Icon name="alert" />
      <div>
        <p class="warning-title">{t(violence ? "crisis.violence" : item.flags.includes("emergency") ? "crisis.emergency" : "crisis.life")}</p>
        <p>{t("crisis.help")}</p>
        {lines.length > 0 && <ul class="lines">{lines.map((row) => <li key={String(row["number"])}><strong>{spaced(String(row["number"]))}</strong> {String(row.name ?? "").replace(/\s*\(.*$/, "")}</li>)}</ul>}
      </div>
    </section>
  );
}

export function Warnings({ item, thread }: { item: Item; thread: Thread | null }) {
  const mine = item.owner === me.value?.id;
  const lost = taken.value[item.interaction];
  const language = item.language && item.language !== "es" && item.language !== "en" ? item.language : null;
  const survey = thread?.conversation.survey;
  return (
    <div class="warnings">
      {isCrisis(item) && <Crisis item={item} />}
      {isRestricted(item) && <p class="warning"><Icon name="lock" size={16} /> {t("warning.restricted")}</p>}
      {language !== null && <p class="warning"><Icon name="flag" size={16} /> {t("warning.language", { language: nameOf("languages", language) })}</p>}
      {lost !== undefined && !mine && (lost !== "" || item.owner !== null) && (
        <p class="warning" role="alert">
          <Icon name="transfer" size={16} /> {t("warning.lost", { name: staffName(lost === "" ? item.owner : lost) || t("warning.someone") })}
        </p>
      )}
      {thread?.citizen?.do_not_contact === true && <p class="warning"><Icon name="shield" size={16} /> {t("warning.noContact")}</p>}
      {survey?.score != null && <p class="warning warning-quiet"><Icon name="day" size={16} /> {t("warning.survey", { n: survey.score })}{survey.comment ? ` «${survey.comment}»` : ""}</p>}
    </div>
  );
}
