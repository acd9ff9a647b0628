/** Help lines that stay in view for as long as the conversation does. They work without a line to the service. */
import { t } from "../text";

const LINES: Record<string, readonly (readonly [words: string, shown: string, dialled: string])[]> = {
  crisis_life: [["crisis.emergency", "911", "911"], ["crisis.life", "800 911 2000", "8009112000"]],
  crisis_violence: [["crisis.emergency", "911", "911"], ["crisis.women", "079", "079"]],
  emergency: [["crisis.emergency", "911", "911"], ["crisis.report", "089", "089"]],
};

export const Crisis = ({ crisis }: { crisis: string | string[] }) => (
  <section class="crisis" aria-label={t("crisis.title")}>
    <h2>{t("crisis.title")}</h2>
    <ul>
      {typeof crisis === "string"
        ? (LINES[crisis] ?? LINES["crisis_life"]!).map(([words, shown, dialled]) => <li><span>{t(words)}</span> <a href={`tel:${dialled}`}>{shown}</a></li>)
        : crisis.map((line) => <li>{line}</li>)}
    </ul>
    {crisis === "crisis_violence" && <p>{t("crisis.safe")}</p>}
  </section>
);
