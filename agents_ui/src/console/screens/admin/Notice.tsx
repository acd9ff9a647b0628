/** Says in plain words that the privacy notice cannot be published yet, what is missing and where to write it. */
import { blanks } from "./blanks";
import type { SettingRow } from "./types";
import { ta, taMaybe } from "./words";

export function NoticeBanner({ settings }: { settings: readonly SettingRow[] }) {
  const missing = blanks(settings);
  if (settings.length === 0) return null;
  if (missing.length === 0) return <p class="section-intro"><span class="tag tag-ok">{ta("noticeReady")}</span> {ta("noticeReadyHelp")}</p>;
  return (
    <div class="notice-blocked" role="note">
      <p><strong>{ta("noticeBlocked")}</strong> {ta("noticeBlockedHelp")}</p>
      <ul>{missing.map((key) => <li key={key}><a href={`#/admin/ajustes?campo=${key}`}>{taMaybe(`setting.${key}`, key)}</a></li>)}</ul>
    </div>
  );
}
