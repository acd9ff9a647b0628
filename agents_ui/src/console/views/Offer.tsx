/** An offer: what it is and how long is left, over the list and never over the composer. Enter takes it, Esc declines. */
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { newId } from "../../shared/uuid";
import { acceptOffer, declineOffer } from "../api";
import { announce } from "../alert";
import { openContact, upsert } from "../desk";
import { attempt } from "../errors";
import { when } from "../format";
import { staffName } from "../reference";
import { isCrisis, minute, now, offers, people, queueName, state } from "../store";
import { t } from "../text";
import { Clock } from "./Clock";
import { ChannelIcon, Icon } from "./Icon";
import { channelName, Flags, itemLabel } from "./InboxItem";
import { Lazy } from "./Lazy";

const RADIUS = 15;
const AROUND = 2 * Math.PI * RADIUS;
let busy = "";

/** Takes the offer in front; a second press while the first is on its way does nothing. */
export async function takeOffer(item: Item | undefined = offers.value[0]): Promise<void> {
  const offer = item?.offer?.id;
  if (item === undefined || offer === undefined || busy === offer) return;
  busy = offer;
  const done = await attempt(() => acceptOffer(offer, newId()));
  busy = "";
  if (done === null) return;
  upsert(done.item);
  openContact(item);
}
export async function refuseOffer(item: Item | undefined = offers.value[0]): Promise<void> {
  const offer = item?.offer?.id;
  if (offer === undefined || busy === offer) return;
  busy = offer;
  await attempt(() => declineOffer(offer));
  busy = "";
}

/** Why it came to me, in one line. */
function reason(item: Item): string {
  if (isCrisis(item)) return t("offer.crisis");
  if (item.from_agent) return t("offer.from", { name: staffName(item.from_agent) });
  if (item.kind === "message") return t("offer.message");
  if (item.kind === "callback") return t("offer.callback");
  return t("offer.queue", { queue: queueName(item.queue) ?? "" });
}

function lastContact(item: Item): string {
  const file = item.citizen === null ? undefined : people.value[item.citizen];
  const last = file?.contacts.find((one) => one.item !== item.id);
  if (last !== undefined) return t("offer.last", { when: when(last.started_at, minute.value) });
  const thread = item.conversation === null ? undefined : state.value?.threads[item.conversation];
  return thread?.conversation.previous ? t("offer.back") : "";
}

function Ring({ until, start }: { until: number; start: number }) {
  const left = Math.max(0, until - now.value);
  const part = Math.min(1, left / Math.max(1, until - start));
  return (
    <span class="ring" role="timer" aria-label={t("offer.left", { n: Math.ceil(left / 1000) })}>
      <svg viewBox="0 0 36 36" width={40} height={40} aria-hidden="true">
        <circle class="ring-track" cx="18" cy="18" r={RADIUS} />
        <circle class="ring-left" cx="18" cy="18" r={RADIUS} stroke-dasharray={AROUND} stroke-dashoffset={AROUND * (1 - part)} transform="rotate(-90 18 18)" />
      </svg>
      <span aria-hidden="true">{Math.ceil(left / 1000)}</span>
    </span>
  );
}

/** Whether giving the focus to the offer interrupts nobody: it is in view, and nothing has it, or the list or the log has. */
export function mayTakeFocus(button: HTMLElement | null): boolean {
  const active = document.activeElement;
  const box = button?.getBoundingClientRect();
  if (box === undefined || box.left < 0 || box.left >= innerWidth) return false;
  return active === null || active === document.body || (active.closest(".list, [role=log]") !== null && active.closest(".popover-panel") === null);
}

export function Offer() {
  const item = offers.value[0];
  const button = useRef<HTMLButtonElement>(null);
  // Before it is seen: an Enter pressed the moment it shows is meant for it.
  useLayoutEffect(() => {
    if (item === undefined) return undefined;
    announce(t("offer.announce", { channel: channelName(item.channel), who: itemLabel(item) }));
    const before = document.activeElement as HTMLElement | null;
    if (!mayTakeFocus(button.current)) return undefined;
    button.current?.focus({ preventScroll: true });
    return () => {
      if (document.activeElement === document.body || document.activeElement === null) before?.focus();
    };
  }, [item?.offer?.id]);
  if (item === undefined || item.offer === null) return null;
  const thread = item.conversation === null ? undefined : state.value?.threads[item.conversation];
  const words = thread?.messages.findLast((one) => one.author.kind === "citizen")?.text ?? "";
  const last = lastContact(item);
  return (
    <section class={`offer${isCrisis(item) ? " offer-critical" : ""}`} aria-label={t("offer.title")}>
      <div class="offer-head">
        <div>
          <p class="offer-over">{t("offer.title")}</p>
          <p class="offer-who"><ChannelIcon channel={item.channel} label={channelName(item.channel)} /> {itemLabel(item)}</p>
        </div>
        <Ring until={item.offer.expires_at} start={item.since} />
      </div>
      <p class="offer-why">{reason(item)}</p>
      {item.call != null && <Lazy file="./OfferCall.tsx" fallback={<p class="offer-call" />} />}
      {words !== "" && <p class="offer-words">{words}</p>}
      <p class="offer-meta">
        <span><Clock since={item.enqueued_at} targetMs={item.target_s * 1000} label={t("clock.queued")} /> {t("offer.waiting")}</span>
        {last !== "" && <span>{last}</span>}
        <Flags item={item} />
      </p>
      <div class="offer-actions">
        <button type="button" class="primary" ref={button} onClick={() => void takeOffer(item)}>
          <Icon name="check" size={16} /> {t("offer.take")} <kbd aria-hidden="true">↵</kbd>
        </button>
        <button type="button" onClick={() => void refuseOffer(item)}>{t("offer.decline")} <kbd aria-hidden="true">Esc</kbd></button>
        {offers.value.length > 1 && <span class="muted">{t("offer.more", { n: offers.value.length - 1 })}</span>}
      </div>
    </section>
  );
}

/** The same, as one line, where the list is not in view: over the panes, never over the composer. */
export function OfferStrip() {
  const item = offers.value[0];
  if (item === undefined || item.offer === null) return null;
  return (
    <div class={`offer-strip${isCrisis(item) ? " offer-critical" : ""}`} role="group" aria-label={t("offer.title")}>
      <span class="offer-strip-who"><ChannelIcon channel={item.channel} label={channelName(item.channel)} /> <strong>{itemLabel(item)}</strong> <Clock until={item.offer.expires_at} label={t("offer.title")} /></span>
      <button type="button" class="primary" onClick={() => void takeOffer(item)}>{t("offer.take")}</button>
      <button type="button" onClick={() => void refuseOffer(item)}>{t("offer.decline")}</button>
    </div>
  );
}
