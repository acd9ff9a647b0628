/** Who speaks with whom on the telephone this second, and what a supervisor may do: hear it, help in it, step in, by policy. */
import "../../../styles/phone.css";
import "../../text/phone";
import type { Item } from "../../../shared/protocol";
import { isLive } from "../../call";
import { isHere, stageOf } from "../../call-steer";
import { hear, HOWS, mayListen } from "../../listening";
import { isReady, line } from "../../phone";
import { staffName } from "../../reference";
import { agentName, can, me, state } from "../../store";
import { t } from "../../text";
import { Clock } from "../../views/Clock";
import { Icon } from "../../views/Icon";
import { setParams } from "../parts/query";
import { ts } from "../parts/words";
import { openItems } from "./live";

/** What the line does now, in one word; nothing while two people simply speak. */
export function moment(item: Item): string {
  const stage = stageOf(item, item.owner ?? "");
  if (stage === "moving" || stage === "consult_calling" || stage === "consult_talking") return t("listen.moving");
  if (item.call?.held_since != null) return t("listen.held");
  return item.call?.state === "dialling" ? t("listen.dialling") : stage === "connecting" ? t("listen.ringing") : "";
}

/** The ways into a call; nothing where the office allows none, a reason where the supervisor's own telephone is not ready. */
export function ListenDeeds({ item }: { item: Item }) {
  const allowed = HOWS.filter((one) => mayListen(one));
  if (!can("call.listen") || allowed.length === 0 || !isHere(item) || item.call?.answered_at == null || item.owner === me.value?.id) return null;
  if (line.value?.leg.call === item.call.id) return null; // what is on lies over the screen, with its way out
  if (!isReady.value) return <p class="muted">{t("listen.noDevice")}</p>;
  return (
    <span class="listen-deeds" role="group" aria-label={t("listen.title")}>
      {allowed.map((one) => <button key={one} type="button" class="small" title={t(`listen.${one}Help`)} disabled={line.value !== null} onClick={() => void hear(item.call?.id ?? "", one)}>{t(`listen.${one}`)}</button>)}
    </span>
  );
}

export function Listeners({ item }: { item: Item }) {
  return <>{(item.call?.listeners ?? []).map((one) => <span key={one.user} class="tag"><Icon name="eye" size={14} /> {t("listen.hearing", { name: staffName(one.user) })}</span>)}</>;
}

function Row({ item }: { item: Item }) {
  const call = item.call;
  if (call == null) return null;
  const now = moment(item);
  return (
    <li class="call-row">
      <button type="button" class="link call-row-who" onClick={() => setParams({ ver: item.id }, true)}>{t("listen.talking", { agent: agentName(item.owner) ?? "", who: item.label ?? ts("restricted") })}</button>
      <Clock since={call.answered_at ?? call.started_at} label={t("call.talking")} />
      {now !== "" && <span class="tag">{now}{call.held_since !== null && <> <Clock since={call.held_since} targetMs={60_000} label={t("call.onHold")} /></>}</span>}
      <Listeners item={item} />
      <ListenDeeds item={item} />
    </li>
  );
}

export function Calls() {
  const rows = openItems.value.filter((item) => item.owner !== null && isLive(item));
  if (state.value === null || rows.length === 0) return null;
  return (
    <section class="floor-calls" aria-labelledby="floor-calls">
      <h2 id="floor-calls">{t("listen.calls")} <span class="muted num">{rows.length}</span></h2>
      <ul role="list">{rows.map((item) => <Row key={item.id} item={item} />)}</ul>
    </section>
  );
}
