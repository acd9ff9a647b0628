/** What comes before the first field (PROMISES S36): the privacy notice, shown and accepted once for each version. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Title } from "../fields";
import { recall, remember } from "../storage";
import { t } from "../text";
import type { Config } from "../types";
import { Start } from "./Start";

interface Props {
  config: Config; isStart: boolean; children: ComponentChildren;
  /** The notice is another one than the config says: fetch it anew. */
  onChanged: () => Promise<void>;
  onBack: () => void; onStart: () => void;
}

export function Begin({ config, isStart, children, onChanged, onBack, onStart }: Props) {
  const { version, summary, text, url } = config.notice;
  const [accepted, setAccepted] = useState(recall("notice"));
  if (accepted === version) return isStart ? <Start config={config} onDone={onStart} onBack={onBack} onChanged={() => {
    remember("notice", "");
    void onChanged().then(() => setAccepted("another"));
  }} /> : <>{children}</>;
  return (
    <div class="page">
      <Title onBack={onBack}>{t("notice.title")}</Title>
      {accepted !== null && <p class="notice" role="alert">{t("notice.changed")}</p>}
      <ul class="summary">{(summary.length > 0 ? summary : [1, 2, 3, 4].map((n) => t(`notice.${n}`))).map((line) => <li>{line}</li>)}</ul>
      <details>
        <summary>{t("notice.whole")}</summary>
        <p>{text}</p>
      </details>
      {url && /^https?:/.test(url) && <p><a href={url} target="_blank" rel="noopener noreferrer">{t("notice.link")}</a></p>}
      {config.texts["minors"] && <p class="muted">{config.texts["minors"]}</p>}
      <div class="actions">
        <button type="button" class="button primary" onClick={() => {
          remember("notice", version);
          setAccepted(version);
        }}>{t("notice.accept")}</button>
      </div>
    </div>
  );
}
