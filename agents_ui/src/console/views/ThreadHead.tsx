/** Who this is and since when, who else looks at it, and the actions with their keys. */
import type { Item, Thread } from "../../shared/protocol";
import { close as closeConversation, flag, release, warnAbuse } from "../api";
import { upsert } from "../desk";
import { attempt } from "../errors";
import { staffName } from "../reference";
import { can, isCrisis, isCrisisFlag, me, owns, queueName, online, viewers } from "../store";
import { t, tMaybe } from "../text";
import { planOf } from "../planning";
import { dialog, openPlan, setWrapping, showComposer, showSide, unflagging } from "../ui";
import { Clock } from "./Clock";
import { ChannelIcon, Icon, type IconName } from "./Icon";
import { channelName, Flags, itemLabel } from "./InboxItem";
import { Popover } from "./Popover";

function Action({ icon, label, hint, onClick }: { icon: IconName; label: string; hint: string; onClick: () => void }) {
  return (
    <button type="button" class="ghost head-action" onClick={onClick} aria-keyshortcuts={hint} title={`${label} (${hint})`}>
      <Icon name={icon} size={18} />
      <span class="head-label">{label}</span>
      <kbd aria-hidden="true">{hint}</kbd>
    </button>
  );
}

async function write(run: () => Promise<{ item?: Item }>): Promise<void> {
  const done = await attempt(run);
  if (done?.item !== undefined) upsert(done.item);
}

const MANUAL_FLAGS = ["crisis_life", "crisis_violence", "emergency", "language", "interpreter", "minor", "older_adult", "vulnerable_group", "document_pending"];

function More({ item, close }: { item: Item; close: () => void }) {
  const run = (action: () => Promise<{ item?: Item }>) => () => {
    close();
    void write(action);
  };
  const mine = owns(item) && item.channel !== "phone";
  const conversation = item.conversation;
  // Ending for abuse takes a warning first; a crisis never ends as abuse or spam.
  const warned = item.flags.includes("abuse");
  return (
    <div class="pop-menu">
      {mine && item.from_agent !== null && <button type="button" onClick={() => { close(); dialog.value = "giveback"; }}>{t("head.giveBack")}</button>}
      {mine && <button type="button" onClick={run(() => release(item))}>{t("head.release")}</button>}
      {mine && conversation !== null && !warned && <button type="button" onClick={run(() => warnAbuse(item) as Promise<{ item?: Item }>)}>{t("head.warnAbuse")}</button>}
      {mine && conversation !== null && warned && !isCrisis(item) && <button type="button" onClick={run(() => closeConversation(item, "abuse"))}>{t("head.closeAbuse")}</button>}
      {mine && conversation !== null && !isCrisis(item) && <button type="button" onClick={run(() => closeConversation(item, "spam"))}>{t("head.closeSpam")}</button>}
      {can("work.take_over") && item.owner !== null && item.owner !== me.value?.id && <button type="button" onClick={() => { close(); dialog.value = "takeover"; }}>{t("head.takeOver")}</button>}
      {can("work.assign") && item.state !== "done" && <button type="button" onClick={() => { close(); dialog.value = "assign"; }}>{t("head.assign")}</button>}
      {can("callback.plan") && item.kind !== "callback" && <button type="button" onClick={() => { close(); openPlan(planOf()); }}><Icon name="calendar" size={16} /> {tMaybe("key.plan", "")}</button>}
      {conversation !== null && (owns(item) || can("work.assign")) && (
        <>
          <p class="pop-title">{t("head.flags")}</p>
          {MANUAL_FLAGS.filter((name) => !(isCrisisFlag(name) && item.flags.includes(name)) || can("work.assign")).map((name) => {
            const on = item.flags.includes(name);
            return <button type="button" key={name} aria-pressed={on} onClick={on && isCrisisFlag(name) ? () => { close(); unflagging.value = name; dialog.value = "unflag"; } : run(() => flag(conversation, name, !on))}><Icon name={on ? "check" : "flag"} size={16} /> {tMaybe(`flag.${name}`, name)}</button>;
          })}
        </>
      )}
      {conversation !== null && (
        <>
          <hr />
          <a href={`/api/v1/conversations/${conversation}/transcript`} target="_blank" rel="noopener" onClick={close}><Icon name="download" size={16} /> {t("head.transcript")}</a>
        </>
      )}
    </div>
  );
}

export function ThreadHead({ item, thread }: { item: Item; thread: Thread | null }) {
  const mine = owns(item);
  const seen = (viewers.value[item.conversation ?? ""] ?? []).filter((id) => id !== me.value?.id && id !== item.owner);
  const place = item.state === "held" || item.state === "wrap_up" ? (item.owner === me.value?.id ? "" : t("head.with", { name: staffName(item.owner) })) : item.state === "done" ? t("head.closed") : t("head.inQueue");
  return (
    <header class="thread-head">
      <h1>{itemLabel(item)}</h1>
      <p class="thread-meta">
          <ChannelIcon channel={item.channel} label={channelName(item.channel)} />
          <span>{channelName(item.channel)}</span>
          {queueName(item.queue) !== channelName(item.channel) && <span>{queueName(item.queue)}</span>}
          {item.state !== "done" && <Clock since={item.enqueued_at} label={t("clock.total")} />}
          {(online.value[item.conversation ?? ""] ?? thread?.conversation.visitor_online) === true && <span class="online"><span class="dot dot-available" aria-hidden="true" />{t("head.online")}</span>}
          {item.transfers > 0 && <span>{t("head.transfers", { n: item.transfers })}</span>}
          {place !== "" && <span class="tag">{place}</span>}
          <Flags item={item} />
          {seen.length > 0 && <span class="viewers"><Icon name="eye" size={16} /> {t("head.viewers", { names: seen.map(staffName).join(", ") })}</span>}
      </p>
      <div class="thread-actions">
        {(mine || can("work.assign")) && item.state === "held" && <Action icon="transfer" label={t("head.transfer")} hint="T" onClick={() => { dialog.value = "transfer"; }} />}
        <Action icon="note" label={t("head.note")} hint="N" onClick={() => showComposer(item.interaction, "note")} />
        <Action icon="folder" label={t("head.petition")} hint="P" onClick={() => showSide(item.interaction, "petition")} />
        {mine && <Action icon="wrap" label={t("head.wrap")} hint="W" onClick={() => setWrapping(item.interaction, true)} />}
        <Popover label={t("head.more")} align="end" button={<Icon name="down" size={18} />}>{(close) => <More item={item} close={close} />}</Popover>
      </div>
    </header>
  );
}
