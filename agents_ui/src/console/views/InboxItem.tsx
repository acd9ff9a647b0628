/** One row of the left column: who, through what, the last words, and the clock that matters now. */
import type { Item } from "../../shared/protocol";
import { elapsed } from "../format";
import { isCrisis, isRestricted, me, now, queueName, state, unreadOf } from "../store";
import { staffName } from "../reference";
import { openId } from "../route";
import { t, tMaybe, type Key } from "../text";
import { Clock } from "./Clock";
import { ChannelIcon, Icon } from "./Icon";

export const channelName = (channel: string): string => tMaybe(`channel.${channel}`, channel);
/** What to call a contact that has no name, or whose name I may not see. */
export const itemLabel = (item: Item): string => item.label ?? t("item.restricted");

/** The words of the last message that is not the system's. */
function preview(item: Item): string {
  const thread = item.conversation === null ? undefined : state.value?.threads[item.conversation];
  const last = thread?.messages.findLast((one) => one.author.kind === "citizen" || one.author.kind === "agent");
  if (last === undefined) return "";
  const text = last.text === "" ? t("thread.attachment") : last.text;
  if (last.author.kind !== "agent") return text;
  return last.author.id === me.value?.id ? t("item.you", { text }) : `${last.author.name ?? staffName(last.author.id)}: ${text}`;
}

function MineClock({ item }: { item: Item }) {
  if (item.state === "wrap_up") {
    return item.wrap_until ? <Clock until={item.wrap_until} label={t("clock.wrap")} /> : <Clock since={item.since} label={t("clock.wrapping")} />;
  }
  const waits = (item.last_citizen_at ?? 0) > (item.last_agent_at ?? 0);
  return waits
    ? <Clock since={item.last_citizen_at} targetMs={item.target_s * 1000} label={t("clock.waitsForUs")} />
    : <Clock since={item.last_agent_at ?? item.since} label={t("clock.waitsForCitizen")} />;
}

function ItemClock({ item, isMine }: { item: Item; isMine: boolean }) {
  if (isMine) return <MineClock item={item} />;
  if (item.state === "scheduled" && item.due_at) {
    const left = item.due_at - now.value;
    return left > 0
      ? <span class="clock clock-quiet">{t("clock.in", { time: elapsed(left) })}</span>
      : <Clock since={item.due_at} targetMs={60_000} label={t("clock.due")} />;
  }
  if (item.state === "held" || item.state === "wrap_up") return <Clock since={item.since} label={t("clock.held")} />;
  return <Clock since={item.enqueued_at} targetMs={item.target_s * 1000} label={t("clock.queued")} />;
}

export function Flags({ item }: { item: Item }) {
  const flags = item.flags.filter((flag) => flag !== "restricted");
  return (
    <>
      {isRestricted(item) && <span class="mark" title={t("flag.restricted")}><Icon name="lock" size={14} /><span class="sr-only">{t("flag.restricted")}</span></span>}
      {flags.map((flag) => {
        const crisis = flag.startsWith("crisis") || flag === "emergency";
        return <span key={flag} class={crisis ? "tag tag-critical" : "tag"}>{crisis && <Icon name="alert" size={14} />}{tMaybe(`flag.${flag}`, flag)}</span>;
      })}
      {item.priority !== "normal" && !isCrisis(item) && <span class={`tag tag-${item.priority}`}>{t(`priority.${item.priority}` as Key)}</span>}
    </>
  );
}

/** Where it comes from, for a row whose words I do not have. */
function origin(item: Item, isMine: boolean): string {
  if (item.owner !== null && !isMine) return staffName(item.owner);
  if (item.from_agent) return t("item.from", { name: staffName(item.from_agent) });
  return `${t(`kind.${item.kind}` as Key)} · ${queueName(item.queue) ?? ""}`;
}

interface Props { item: Item; isMine: boolean; index?: number; onOpen: () => void }

export function InboxItem({ item, isMine, index, onOpen }: Props) {
  const unread = isMine ? unreadOf(item) : 0;
  const text = isMine ? preview(item) : "";
  const second = item.state === "wrap_up" && isMine ? t("item.capture") : text === "" ? origin(item, isMine) : text;
  return (
    <li>
      <button type="button" class={`row${unread > 0 ? " row-unread" : ""}`} data-row={item.id} aria-current={openId.value === item.interaction ? "true" : undefined} onClick={onOpen}>
        <ChannelIcon channel={item.channel} label={channelName(item.channel)} />
        <span class="row-main">
          <span class="row-top">
            <span class="row-name">{itemLabel(item)}</span>
            <ItemClock item={item} isMine={isMine} />
          </span>
          <span class="row-bottom">
            <span class="row-text">{second}</span>
            {unread > 0 && <span class="badge"><span aria-hidden="true">{unread}</span><span class="sr-only">{t("item.unread", { n: unread })}</span></span>}
            {unread === 0 && index !== undefined && index < 9 && <kbd class="row-key" aria-hidden="true">{`Alt ${index + 1}`}</kbd>}
          </span>
          {(item.flags.length > 0 || item.label === null || item.priority !== "normal") && <span class="row-flags"><Flags item={item} /></span>}
        </span>
      </button>
    </li>
  );
}
