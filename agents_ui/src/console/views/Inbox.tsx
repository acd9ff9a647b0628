/** The left column: my state, what I hold, what waits, and what still lacks its capture. */
import type { ComponentChildren } from "preact";
import { openContact, start } from "../desk";
import { elapsed } from "../format";
import { agent, alerts, can, failures, findings, mine, now, offers, others, scheduled, state, waiting } from "../store";
import { t, tMaybe } from "../text";
import { dialog, hasPhone } from "../ui";
import { Icon } from "./Icon";
import { InboxItem } from "./InboxItem";
import { Lazy } from "./Lazy";
import { Mentions } from "./Mentions";
import { Offer } from "./Offer";
import { Status } from "./Status";

const SHOWN = 60;

function Section({ title, count, children, empty }: { title: string; count: string; children: ComponentChildren; empty?: string | undefined }) {
  return (
    <section class="list-section" aria-label={`${title} ${count}`}>
      <h2>{title} <span class="count">{count}</span></h2>
      {empty === undefined ? <ul class="rows">{children}</ul> : <p class="list-empty">{empty}</p>}
    </section>
  );
}

function Alerts() {
  if (alerts.value.length === 0) return null;
  return (
    <ul class="alerts" aria-label={t("alerts.title")}>
      {alerts.value.slice(0, 4).map((one) => {
        const item = one.item === null ? undefined : state.value?.items[one.item];
        return (
          <li key={one.id} class={`alert alert-${one.level}`}>
            <Icon name={one.level === "info" ? "bell" : "alert"} size={16} />
            <span>{tMaybe(`alert.${one.kind}`, one.kind)} <span class="muted">{elapsed(now.value - one.at)}</span></span>
            {item !== undefined && <button type="button" class="link" onClick={() => openContact(item)}>{t("alert.open")}</button>}
          </li>
        );
      })}
    </ul>
  );
}

function Loading() {
  const failed = failures.value["desk"];
  if (failed === undefined) {
    return <div class="list-loading" role="status" aria-label={t("loading")}>{[1, 2, 3, 4].map((one) => <div key={one} class="skeleton-row" />)}</div>;
  }
  return (
    <div class="list-empty" role="alert">
      <p>{tMaybe(`error.${failed}`, t("error.server"))}</p>
      <button type="button" onClick={() => void start()}>{t("retry")}</button>
    </div>
  );
}

export function Inbox() {
  const capacity = agent.value?.capacity.chat ?? 0;
  const open = state.value !== null;
  return (
    <div class="list">
      <Status />
      <div class="list-phone">
        {can("call.use") && <button type="button" class="ghost call-new" aria-keyshortcuts="L" onClick={() => { dialog.value = "call"; }}><Icon name="phone" size={16} /> {t("inbox.call")} <kbd aria-hidden="true">L</kbd></button>}
        {hasPhone.value && <Lazy file="./PhoneStrip.tsx" fallback={null} />}
      </div>
      <div class="list-over"><Offer key={offers.value[0]?.offer?.id ?? "none"} /></div>
      <div class="list-scroll" data-list>
        {!open && <Loading />}
        <Alerts />
        {open && (
          <Section title={t("inbox.mine")} count={`${mine.value.length}/${capacity}`} empty={mine.value.length > 0 ? undefined : agent.value?.state === "available" ? t("inbox.mineEmpty") : t("inbox.minePaused")}>
            {mine.value.map((item, index) => <InboxItem key={item.id} item={item} index={index} isMine onOpen={() => openContact(item)} />)}
          </Section>
        )}
        <Mentions />
        {findings.value.length > 0 && <Lazy file="./Findings.tsx" fallback={null} />}
        {open && (
          <Section title={t("inbox.queue")} count={String(waiting.value.length)} empty={waiting.value.length > 0 ? undefined : t("inbox.queueEmpty")}>
            {waiting.value.slice(0, SHOWN).map((item) => <InboxItem key={item.id} item={item} isMine={false} onOpen={() => openContact(item)} />)}
          </Section>
        )}
        {scheduled.value.length > 0 && (
          <Section title={t("inbox.scheduled")} count={String(scheduled.value.length)}>
            {scheduled.value.slice(0, SHOWN).map((item) => <InboxItem key={item.id} item={item} isMine={false} onOpen={() => openContact(item)} />)}
          </Section>
        )}
        {others.value.length > 0 && can("conversation.watch") && (
          <Section title={t("inbox.others")} count={String(others.value.length)}>
            {others.value.slice(0, SHOWN).map((item) => <InboxItem key={item.id} item={item} isMine={false} onOpen={() => openContact(item)} />)}
          </Section>
        )}
      </div>
    </div>
  );
}
