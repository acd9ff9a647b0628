/** Over every screen: a colleague who asks for a word, and the line that is open to a call which is not mine. */
import "../../styles/phone.css";
import "../text/phone";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { announce, beep, notify } from "../alert";
import { hear, hearing, HOWS, mayListen, stopHearing } from "../listening";
import { answerAsked, asked, leaveLine, line, setMuted, type Line } from "../phone";
import { itemOf } from "../phone-legs";
import { staffName } from "../reference";
import { me, now, state } from "../store";
import { t } from "../text";
import { Clock } from "./Clock";
import { Icon } from "./Icon";
import { itemLabel } from "./InboxItem";
import { mayTakeFocus } from "./Offer";
import { PhoneIcon } from "./PhoneIcon";

const RING_EVERY_MS = 4000;
const items = (): Item[] => Object.values(state.value?.items ?? {});

function Asked() {
  const leg = asked.value;
  const item = leg === null ? null : itemOf(leg, items());
  const name = staffName(item?.owner ?? null) || t("asked.colleague");
  const yes = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (leg === null) return undefined;
    if (mayTakeFocus(yes.current)) yes.current?.focus({ preventScroll: true });
    const ring = (): void => beep("offer");
    ring();
    announce(t("asked.title", { name }));
    notify(t("asked.title", { name: t("asked.colleague") }), leg.id);
    const again = setInterval(ring, RING_EVERY_MS);
    return () => clearInterval(again);
  }, [leg?.id]);
  if (leg === null) return null;
  return (
    <section class="offer phone-asked" aria-label={t("asked.title", { name })}>
      <p class="offer-who"><Icon name="phone" size={18} /> {t("asked.title", { name })}</p>
      {item !== null && <p class="offer-why">{itemLabel(item)} {item.call?.held_since != null && <Clock since={item.call.held_since} label={t("call.onHold")} />}</p>}
      <p class="offer-words">{t("asked.help")}</p>
      <p class="offer-actions">
        <button type="button" class="primary" ref={yes} aria-keyshortcuts="Enter" onClick={() => answerAsked(true)}><Icon name="check" size={16} /> {t("asked.take")} <kbd aria-hidden="true">↵</kbd></button>
        <button type="button" aria-keyshortcuts="Escape" onClick={() => answerAsked(false)}>{t("asked.decline")} <kbd aria-hidden="true">Esc</kbd></button>
      </p>
    </section>
  );
}

/** What a supervisor is on, always in sight: with whom, how they are heard, and the way out. */
function Listening({ own, item }: { own: Line; item: Item | null }) {
  const how = hearing.value;
  const call = own.leg.call ?? "";
  const others = HOWS.filter((one) => one !== how && mayListen(one));
  return (
    <section class="phone-over" aria-label={t("listen.title")}>
      <p role="status"><PhoneIcon name="headset" /> <strong>{own.connected ? t(`listen.on.${how}`) : t("listen.wait")}</strong> {item !== null && <span>{t("listen.talking", { agent: staffName(item.owner), who: itemLabel(item) })} <Clock since={item.call?.answered_at} label={t("call.talking")} /></span>}</p>
      <p class="call-actions">
        {own.connected && others.map((one) => <button key={one} type="button" title={t(`listen.${one}Help`)} onClick={() => void hear(call, one)}>{t(`listen.${one}`)}</button>)}
        <button type="button" class="danger" onClick={() => void stopHearing(call)}><PhoneIcon name="hangUp" /> {t("listen.stop")}</button>
      </p>
    </section>
  );
}
/** A word with a colleague about a call that is still theirs. */
function Consulted({ own, item }: { own: Line; item: Item | null }) {
  const name = staffName(item?.owner ?? null) || t("asked.colleague");
  return (
    <section class="phone-over" aria-label={t("asked.talking", { name })}>
      <p role="status"><Icon name="phone" size={16} /> <strong>{t("asked.talking", { name })}</strong> {item !== null && <span>{itemLabel(item)}</span>} <Clock since={item?.call?.transfer?.answered_at ?? now.peek()} label={t("call.talking")} /></p>
      <p class="call-actions">
        <button type="button" aria-pressed={own.muted} aria-keyshortcuts="M" onClick={() => setMuted(!own.muted)}><PhoneIcon name={own.muted ? "micOff" : "mic"} /> {t(own.muted ? "line.unmute" : "line.mute")} <kbd aria-hidden="true">M</kbd></button>
        <button type="button" class="danger" aria-keyshortcuts="Shift+X" onClick={leaveLine}><PhoneIcon name="hangUp" /> {t("asked.leave")} <kbd aria-hidden="true">⇧X</kbd></button>
      </p>
    </section>
  );
}

export default function PhoneOver() {
  const own = line.value;
  const item = own === null ? null : itemOf(own.leg, items());
  const isListening = own?.as === "listening";
  const isMine = item?.owner === me.value?.id;
  return (
    <div class="phone-overs">
      {asked.value !== null && <Asked />}
      {own !== null && isListening && <Listening own={own} item={item} />}
      {own?.as === "consult" && !isMine && <Consulted own={own} item={item} />}
    </div>
  );
}
