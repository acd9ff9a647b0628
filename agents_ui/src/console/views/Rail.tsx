/** The way between screens, the search, and who is signed in. */
import { leave } from "../desk";
import { initials } from "../format";
import { route } from "../route";
import { screens } from "../places";
import { findings, me, offers, unread } from "../store";
import { t } from "../text";
import { dialog } from "../ui";
import { Icon } from "./Icon";
import { Lazy } from "./Lazy";
import { Popover } from "./Popover";

export function Rail() {
  const count = unread.value + offers.value.length + findings.value.length;
  return (
    <nav class="rail" aria-label={t("nav.title")}>
      <ul>
        {screens().map((one) => {
          const here = one.hash.slice(2).split("/")[0] === route.value.screen;
          return (
            <li key={one.hash}>
              <a href={one.hash} class="rail-item" aria-current={here ? "page" : undefined}>
                <Icon name={one.icon} />
                <span>{t(one.label)}</span>
                {one.hash === "#/bandeja" && count > 0 && <span class="rail-badge"><span aria-hidden="true">{count}</span><span class="sr-only">{t("nav.pending", { n: count })}</span></span>}
              </a>
            </li>
          );
        })}
      </ul>
      <div class="rail-foot">
        <button type="button" class="rail-item" aria-keyshortcuts="Control+K" onClick={() => { dialog.value = "search"; }}><Icon name="search" /><span>{t("nav.search")}</span></button>
        <button type="button" class="rail-item rail-help" aria-keyshortcuts="?" onClick={() => { dialog.value = "help"; }}><Icon name="help" /><span>{t("nav.help")}</span></button>
        {me.value !== null && (
          <Popover label={t("nav.me", { name: me.value.name })} buttonClass="rail-item rail-me" up named button={<><span class="avatar" data-initials={initials(me.value.name)} /><span>{t("nav.account")}</span></>}>
            {(close) => (
              <div class="pop-menu account">
                <p class="account-name">{me.value?.name}</p>
                <Lazy file="./Preferences.tsx" />
                <hr />
                <a href="#/cuenta" onClick={close}><Icon name="lock" size={16} /> {t("nav.security")}</a>
                <button type="button" onClick={() => void leave()}><Icon name="exit" size={16} /> {t("nav.leave")}</button>
              </div>
            )}
          </Popover>
        )}
      </div>
    </nav>
  );
}
