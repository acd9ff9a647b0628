/** What an agent does with a call in the browser: voice, hold, keypad, passing on with a word before, recording, hanging up. */
import "../../styles/phone.css";
import "../text/phone";
import { useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import type { Call, Item } from "../../shared/protocol";
import { markCall } from "../call";
import { consultCall, decideOrder, isPending, needsDecision, recordCall, recordingDeed, stageOf, whyOf, type Consult } from "../call-steer";
import { attempt } from "../errors";
import { isReady, line, setMuted } from "../phone";
import { staffName } from "../reference";
import { can, me } from "../store";
import { t, tMaybe } from "../text";
import { dialog } from "../ui";
import { Icon } from "./Icon";
import { Keypad } from "./Keypad";
import { PhoneIcon } from "./PhoneIcon";

interface DeedProps { hint: string; shown?: string; label: string; icon: ComponentChildren; run: () => void; primary?: boolean; danger?: boolean; pressed?: boolean; disabled?: boolean }
function Deed({ hint, shown = hint, label, icon, run, primary = false, danger = false, pressed, disabled = false }: DeedProps) {
  return (
    <button type="button" class={`call-deed${primary ? " primary" : danger ? " danger" : ""}`} aria-keyshortcuts={hint} aria-pressed={pressed} disabled={disabled} onClick={run}>
      {icon} {label}<kbd aria-hidden="true">{shown}</kbd>
    </button>
  );
}

/** Runs one deed at a time; a second press while the first is on its way does nothing. */
function useDeed(): [boolean, (deed: () => Promise<unknown>) => () => void] {
  const [busy, setBusy] = useState(false);
  return [busy, (deed) => () => {
    if (busy) return;
    setBusy(true);
    void attempt(deed).then(() => setBusy(false));
  }];
}

const sideName = (call: Call): string => call.transfer?.name ?? (call.transfer?.to ? staffName(call.transfer.to) : "") ?? "";

function Consulting({ item, call, answered }: { item: Item; call: Call; answered: boolean }) {
  const [busy, run] = useDeed();
  const name = sideName(call) || t("line.otherSide");
  const together = answered && call.held_since === null;
  const deed = (what: Consult): (() => void) => run(() => consultCall(item, what));
  return (
    <div class="call-consult" role="group" aria-label={t("line.consulting", { name })}>
      <p role="status">{t(!answered ? "line.consultCalling" : together ? "line.consultThree" : "line.consultTalking", { name })}</p>
      <p class="call-actions">
        {answered && <Deed hint="C" primary label={t("line.complete")} icon={<Icon name="transfer" size={16} />} disabled={busy} run={deed("complete")} />}
        {answered && !together && <Deed hint="U" label={t("line.threeWay")} icon={<PhoneIcon name="join" />} disabled={busy} run={deed("three_way")} />}
        <Deed hint="V" label={t("line.return")} icon={<Icon name="back" size={16} />} disabled={busy} run={deed("return")} />
      </p>
    </div>
  );
}

/** What was asked and did not go through: what it was, why, and what a person can do about it. */
function Undone({ call }: { call: Call }) {
  const [busy, run] = useDeed();
  const order = call.order;
  if (order === null) return null;
  const what = tMaybe(`line.order.${order.kind}`, order.kind).toLowerCase();
  const isUnsure = order.state === "uncertain";
  return (
    <div class="call-undone" role="alert">
      <Icon name="alert" size={16} />
      <span>{isUnsure ? t("line.uncertain", { what }) : t("line.failed", { what, why: tMaybe(`line.why.${whyOf(order.error)}`, t("line.why.other")) })}</span>
      <button type="button" disabled={busy} onClick={run(() => decideOrder(order.id, "again"))}>{t("line.again")}</button>
      <button type="button" class="link" disabled={busy} onClick={run(() => decideOrder(order.id, "forget"))}>{t("line.dismiss")}</button>
    </div>
  );
}

function Level({ heard, said }: { heard: number; said: number }) {
  if (heard === 0 && said === 0) return null;
  return <span class="call-level" aria-hidden="true"><meter min={0} max={1} value={said} /><meter min={0} max={1} value={heard} /></span>;
}

function Talking({ item, call }: { item: Item; call: Call }) {
  const [busy, run] = useDeed();
  const own = line.value?.leg.call === call.id ? line.value : null;
  const isHeld = call.held_since !== null;
  const recording = can("call.record") ? recordingDeed(call) : null;
  return (
    <>
      {own !== null && (
        <Deed hint="M" pressed={own.muted} label={t(own.muted ? "line.unmute" : "line.mute")} icon={<PhoneIcon name={own.muted ? "micOff" : "mic"} />} run={() => setMuted(!own.muted)} />
      )}
      <Deed hint="H" pressed={isHeld} label={t(isHeld ? "line.resume" : "line.hold")} icon={<PhoneIcon name={isHeld ? "play" : "pause"} />} disabled={busy} run={run(() => markCall(item, isHeld ? "resume" : "hold"))} />
      {own !== null && <Keypad />}
      {can("work.transfer") && <Deed hint="T" label={t("line.transfer")} icon={<Icon name="transfer" size={16} />} run={() => { dialog.value = "transfer"; }} />}
      {recording !== null && <Deed hint="G" label={t(recording === "pause" ? "line.recordPause" : "line.recordResume")} icon={<PhoneIcon name={recording === "pause" ? "pause" : "record"} />} disabled={busy} run={run(() => recordCall(item, recording))} />}
      {own !== null && <Level heard={own.heard} said={own.said} />}
    </>
  );
}

/** Who else is on the line: a colleague in a three-way call, a supervisor where the office says so. */
function Others({ call }: { call: Call }) {
  return (
    <>
      {(call.listeners ?? []).map((one) => (
        <span key={one.user} class="tag call-listener"><Icon name="eye" size={14} /> {t(one.how === "barge" ? "line.supervisorBarge" : "line.supervisor", { name: staffName(one.user) })}</span>
      ))}
    </>
  );
}

const DOING: Readonly<Record<string, "line.connecting" | "line.yourPhone" | "line.calling">> = { connecting: "line.connecting", your_phone: "line.yourPhone", calling: "line.calling" };

/** What was asked of the provider and is on its way. */
export function Pending({ call }: { call: Call }) {
  return <span class="call-pending" role="status">{isPending(call) && call.order !== null ? `${tMaybe(`line.order.${call.order.kind}`, "")}…` : ""}</span>;
}

/** The controls of a call whose line the provider has. */
export function CallControls({ item }: { item: Item }) {
  const [busy, run] = useDeed();
  const call = item.call;
  if (call == null) return null;
  const own = line.value?.leg.call === call.id ? line.value : null;
  const stage = stageOf(item, me.value?.id ?? "");
  const doing = DOING[stage];
  const consults = stage === "consult_calling" || stage === "consult_talking";
  const isIn = stage === "talking" || consults;
  return (
    <div class="call-controls" role="group" aria-label={t("line.controls")}>
      {doing !== undefined && <p class="call-doing" role="status">{t(doing)}</p>}
      {isIn && own === null && <p class="call-undone" role="status"><Icon name="alert" size={16} /> {t("line.away")} {!isReady.value && t("line.deviceGone")}</p>}
      {own?.trouble != null && <p class="call-undone" role="status"><Icon name="alert" size={16} /> {t("line.badLine")}</p>}
      {own?.muted === true && <p class="call-muted" role="status"><PhoneIcon name="micOff" /> {t("line.muted")}</p>}
      {needsDecision(call) && <Undone call={call} />}
      {consults && <Consulting item={item} call={call} answered={stage === "consult_talking"} />}
      <p class="call-actions">
        {stage === "talking" && <Talking item={item} call={call} />}
        {consults && own !== null && <Deed hint="M" pressed={own.muted} label={t(own.muted ? "line.unmute" : "line.mute")} icon={<PhoneIcon name={own.muted ? "micOff" : "mic"} />} run={() => setMuted(!own.muted)} />}
        {!consults && <Deed hint="Shift+X" shown="⇧X" danger label={t("line.hangUp")} icon={<PhoneIcon name="hangUp" />} disabled={busy} run={run(() => markCall(item, "ended"))} />}
        <Others call={call} />
      </p>
    </div>
  );
}
