/** The call in hand: its state in words, its clocks, whose number it may be, and what can be said of it. */
import "../../styles/call.css";
import "../text/later";
import "../text/phone";
import { useEffect, useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { identify } from "../api";
import { answerTransfer, isLive, type Known, marksOf, markCall, peopleOf, postpone, setNumber, startCall } from "../call";
import { isHere } from "../call-steer";
import { loadThread } from "../desk";
import { attempt } from "../errors";
import { me, now, openItem } from "../store";
import { dialFrom } from "../phone";
import { plural, t, tMaybe, type Key } from "../text";
import { CallControls, Pending } from "./CallControls";
import { CallFacts } from "./CallFacts";
import { Clock } from "./Clock";
import { Icon } from "./Icon";
import { mayHear, Recordings } from "./Recordings";

const LATER_MS = 2 * 3_600_000;

/** People who gave this number: a person says whether it is one of them. */
function Recognised({ item }: { item: Item }) {
  const [people, setPeople] = useState<Known[]>([]);
  const call = item.call?.id ?? "";
  useEffect(() => {
    let asked = true;
    setPeople([]);
    if (call !== "" && item.citizen === null && item.call?.number !== null) {
      void peopleOf({ call }).then((found) => { if (asked) setPeople(found.people); }, () => undefined);
    }
    return () => { asked = false; };
  }, [call, item.citizen, item.call?.number]);
  if (people.length === 0 || item.conversation === null) return null;
  const choose = async (one: Known): Promise<void> => {
    const id = item.conversation ?? "";
    if ((await attempt(() => identify(id, one.citizen.id))) !== null) void loadThread(id);
  };
  return (
    <ul class="call-people" aria-label={t("call.people")}>
      {people.map((one) => (
        <li key={one.citizen.id}>
          <span>{t("call.maybe", { name: one.citizen.label })} <span class="muted">{plural(one.petitions.length, "call.petition", "call.petitions")}</span></span>
          <button type="button" onClick={() => void choose(one)}>{t("call.isThem")}</button>
        </li>
      ))}
    </ul>
  );
}

/** The number as said on the phone, for a call that was logged without one. */
function NumberField({ item }: { item: Item }) {
  const [typed, setTyped] = useState("");
  const save = async (): Promise<void> => {
    if (typed.trim() !== "" && (await attempt(() => setNumber(item, typed))) !== null) setTyped("");
  };
  return (
    <form class="call-number" onSubmit={(event) => { event.preventDefault(); void save(); }}>
      <input class="input" type="tel" value={typed} maxLength={40} aria-label={t("call.number")} placeholder={t("call.number")} onInput={(event) => setTyped(event.currentTarget.value)} />
      <button type="submit">{t("call.saveNumber")}</button>
    </form>
  );
}

function Actions({ item }: { item: Item }) {
  const call = item.call;
  const [busy, setBusy] = useState(false);
  const run = (act: () => Promise<unknown>) => async (): Promise<void> => {
    setBusy(true);
    await attempt(act);
    setBusy(false);
  };
  if (call == null) return null;
  if (call.state === "transferring" && call.mode === "desk" && call.transfer?.kind === "warm") {
    return (
      <div class="call-actions" role="group" aria-label={t("call.otherSide")}>
        <span>{t("call.otherSide")}</span>
        {(["accepted", "refused", "no_answer"] as const).map((one) => <button key={one} type="button" class={one === "accepted" ? "primary" : ""} disabled={busy} onClick={() => void run(() => answerTransfer(item, one))()}>{t(`call.side.${one}`)}</button>)}
      </div>
    );
  }
  if (!isLive(item) && item.kind === "callback" && item.state === "held") {
    return (
      <div class="call-actions" role="group" aria-label={t("call.callback")}>
        <button type="button" class="primary" disabled={busy} onClick={() => void run(() => startCall({ direction: "outbound", item_id: item.id, mode: dialFrom() }))()}><Icon name="phone" size={16} /> {t(call.id == null ? "call.callNow" : "call.callAgain")}</button>
        <button type="button" disabled={busy} onClick={() => void run(() => postpone(item, now.value + LATER_MS))()}>{t("call.later")}</button>
      </div>
    );
  }
  if (call.mode === "browser") return isLive(item) ? <CallControls item={item} /> : null;
  return (
    <div class="call-actions" role="group" aria-label={t("call.marks")}>
      {marksOf(item).map((what, index) => (
        <button key={what} type="button" class={what === "answered" || what === "ended" ? "primary" : ""} disabled={busy} aria-keyshortcuts={what === "hold" || what === "resume" ? "H" : String(index + 1)} onClick={() => void run(() => markCall(item, what))()}>
          {t(`call.mark.${what}` as Key)} <kbd aria-hidden="true">{what === "hold" || what === "resume" ? "H" : index + 1}</kbd>
        </button>
      ))}
    </div>
  );
}

function Clocks({ item }: { item: Item }) {
  const call = item.call;
  if (call == null || call.started_at === null) return null;
  if (!isLive(item)) return call.talk_s > 0 ? <span class="muted">{t("call.talked", { n: Math.max(1, Math.round(call.talk_s / 60)) })}</span> : null;
  return (
    <>
      <Clock since={call.answered_at ?? call.started_at} label={t(call.answered_at === null ? "call.ringing" : "call.talking")} />
      {call.held_since !== null && <span class="tag call-held"><Icon name="clock" size={14} /> {t("call.onHold")} <Clock since={call.held_since} targetMs={60_000} label={t("call.onHold")} /></span>}
    </>
  );
}

export default function CallBar() {
  const item = openItem.value;
  const call = item?.call;
  if (item === null || call == null) return null;
  const mine = item.owner === me.value?.id;
  const word = call.state === null ? t("call.toMake") : tMaybe(`call.state.${call.state}`, call.state);
  return (
    <section class={`call-bar${isLive(item) ? " call-live" : ""}`} aria-label={t("call.title")}>
      <p class="call-line">
        <Icon name="phone" size={18} />
        <strong role="status">{word}</strong>
        <Clocks item={item} />
        <span class="call-digits">{call.number ?? t("call.noNumber")}</span>
        {call.direction !== null && <span class="muted">{t(call.direction === "inbound" ? "call.inbound" : "call.outbound")}</span>}
        {mine && isHere(item) && <Pending call={call} />}
        {call.callback !== null && <span class="tag">{t("call.reason." + call.callback.reason as Key)} · {plural(call.callback.attempts, "call.attempt", "call.attempts")}</span>}
      </p>
      <CallFacts item={item} />
      {call.callback?.note && <p class="call-note">{call.callback.note}</p>}
      {mine && item.state === "held" && <Actions item={item} />}
      {mine && call.mode === "desk" && call.number === null && item.state !== "done" && <NumberField item={item} />}
      {mine && <Recognised item={item} />}
      {call.id !== null && call.mode === "browser" && !isLive(item) && mayHear(item.owner) && <Recordings key={call.id} call={call.id} />}
    </section>
  );
}
