/** The privacy notice, before the first field (PROMISES S36): four lines, the whole behind a disclosure. */
import { Title } from "../parts";
import { t } from "../text";
import type { Config } from "../types";

export function Notice({ config, isChanged, onAccept, onBack }: { config: Config; isChanged: boolean; onAccept: () => void; onBack: () => void }) {
  const { summary, text, url } = config.notice;
  return (
    <div class="page">
      <Title onBack={onBack}>{t("notice.title")}</Title>
      {isChanged && <p class="notice" role="alert">{t("notice.changed")}</p>}
      <ul class="summary">{summary.map((line) => <li>{line}</li>)}</ul>
      <details>
        <summary>{t("notice.whole")}</summary>
        <p>{text}</p>
      </details>
      {url && /^https?:/.test(url) && <p><a href={url} target="_blank" rel="noopener noreferrer">{t("notice.link")}</a></p>}
      {config.texts["minors"] && <p class="muted">{config.texts["minors"]}</p>}
      <div class="actions"><button type="button" class="button primary" onClick={onAccept}>{t("notice.accept")}</button></div>
    </div>
  );
}
