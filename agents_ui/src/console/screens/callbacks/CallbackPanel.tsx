/** One promised call, whole: when and why, what was promised, each try, the answers, and what may be done with it. */
import { useState } from "preact/hooks";
import { take } from "../../api";
import type { AnswerValue, Callback, CallbackFile } from "../../callbacks";
import { moment, tb, word } from "../../callbackWords";
import { attempt } from "../../errors";
import { when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { deskHash, go } from "../../route";
import { can, me, minute, queueName, state } from "../../store";
import { openPlan } from "../../ui";
import { SidePanel } from "../../ui/SidePanel";
import { Next } from "../../views/script/Next";
import { duration } from "../parts/figures";
import { dateText, isDate } from "../parts/dates";
import { Loaded } from "../parts/Loaded";
import { useRead } from "../parts/read";
import { AssignCall, CancelCall, ReceiveCall } from "./Deeds";
import { PromiseTag, StandingTag, useFresh } from "./parts";

const said = (value: AnswerValue | null): string =>
  value === null ? tb("panel.noAnswer") : value === true ? tb("script.yes") : value === false ? tb("script.no") : typeof value === "string" && isDate(value) ? dateText(value) : String(value);

function Facts({ file }: { file: CallbackFile }) {
  const { callback: one, script, petition } = file;
  const fact = (label: string, value: string | null | undefined) => (value ? <><dt>{label}</dt><dd>{value}</dd></> : null);
  return (
    <dl class="facts">
      {fact(tb("panel.due"), moment(one.due_at, minute.value, one.not_after))}
      {fact(tb("number"), one.number)}
      {one.folio !== null && <><dt>{tb("folio")}</dt><dd><a class="folio num" href={`#/peticiones/${encodeURIComponent(one.folio)}`}>{one.folio}</a>{petition !== null && <> {petition.subject}</>}</dd></>}
      {fact(tb("panel.status"), script.status)}
      {fact(tb("owner"), one.owner === null ? `${tb("ownerQueue")} · ${queueName(one.queue) ?? nameOf("queues", one.queue)}` : staffName(one.owner))}
      {fact(tb("panel.requested"), [staffName(one.requested_by), one.requested_by === null ? "" : nameOf("areas", one.requested_area)].filter((part) => part !== "").join(" · ") || word("source", one.source))}
      {fact(tb("panel.made"), when(one.made_at, minute.value))}
      {one.moves > 0 && fact(tb("do.move"), one.moves === 1 ? tb("panel.movesOne") : tb("panel.moves", { n: one.moves }))}
      {fact(tb("note"), one.note)}
    </dl>
  );
}

function Whole({ file }: { file: CallbackFile }) {
  const { callback, promises, tries } = file;
  return (
    <>
      <Next callback={callback} />
      <Facts file={file} />
      {callback.questions.length > 0 && (
        <>
          <h3 class="section-title">{tb("panel.answers")}</h3>
          <dl class="facts facts-long">{callback.questions.map((one) => {
            const given = callback.answers.find((answer) => answer.question === one.id)?.value ?? null;
            return <div key={one.id}><dt>{one.text}</dt><dd class={given === null ? "muted" : ""}>{said(given)}</dd></div>;
          })}</dl>
        </>
      )}
      <h3 class="section-title">{tb("panel.tries")}</h3>
      {tries.length === 0 ? <p class="muted">{tb("panel.noTries")}</p> : (
        <ol class="timeline">{tries.map((one) => <li key={one.call}><p><strong>{word("try", one.state)}</strong>{one.talk_s > 0 && <span class="muted"> · {tb("panel.talk", { time: duration(one.talk_s) })}</span>}</p><p class="timeline-time">{[when(one.at, minute.value), staffName(one.agent)].filter((part) => part !== "").join(" · ")}</p></li>)}</ol>
      )}
      <h3 class="section-title">{tb("panel.promises")}</h3>
      <ol class="timeline">{promises.map((one) => <li key={one.id}><p>{moment(one.at, minute.value)} <PromiseTag standing={one.standing} /></p><p class="timeline-time">{when(one.made_at, minute.value)} · {word("told", one.told)}</p></li>)}</ol>
    </>
  );
}

type Deed = "cancel" | "assign" | "receive";

export function CallbackPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const read = useRead<CallbackFile>(`callbacks/${id}`);
  useFresh(read.again, id);
  const [deed, setDeed] = useState<Deed | null>(null);
  const file = read.data;
  const callback = file?.callback ?? null;
  const done = (): void => {
    setDeed(null);
    void read.again();
  };
  const start = async (one: Callback): Promise<void> => {
    const item = one.item;
    if (item !== null && (await attempt(() => take(item))) !== null) go(deskHash(one.id));
  };
  const held = callback?.item != null && callback.item_state === "held" && state.value?.items[callback.item]?.owner === me.value?.id;
  const may = (action: string): boolean => callback?.can.includes(action) === true;
  const actions = callback === null ? undefined : (
    <>
      {held ? <a class="button primary" href={deskHash(callback.id)}>{tb("do.open")}</a>
        : callback.item_state === "waiting" && can("work.take") && callback.item !== null && state.value?.items[callback.item] !== undefined && <button type="button" class="primary" onClick={() => void start(callback)}>{tb("do.take")}</button>}
      {may("receive") && <button type="button" class="primary" onClick={() => setDeed("receive")}>{tb("do.receive")}</button>}
      {callback.state === "exhausted" && can("callback.plan") && <button type="button" onClick={() => openPlan({ again: callback, ...(callback.citizen === null ? {} : { citizen: callback.citizen }), ...(callback.folio === null ? {} : { folio: callback.folio }) })}>{tb("do.again")}</button>}
      {may("move") && <button type="button" onClick={() => openPlan({ moving: callback })}>{tb("do.move")}</button>}
      {may("assign") && <button type="button" onClick={() => setDeed("assign")}>{tb("do.assign")}</button>}
      {may("cancel") && <button type="button" onClick={() => setDeed("cancel")}>{tb("do.cancel")}</button>}
    </>
  );
  const props = callback === null ? null : { callback, onClose: () => setDeed(null), onDone: done };
  return (
    <SidePanel title={callback?.label ?? callback?.number ?? tb("title")} subject={id} onClose={onClose} actions={actions} subtitle={callback !== null && <><span>{word("long", callback.reason)}</span><StandingTag row={callback} />{callback.attempts > 0 && <span class="num">{tb("script.attempt", { n: callback.attempts, of: callback.max_attempts })}</span>}</>}>
      <Loaded read={read} shape="text" lines={10}>{(one) => <Whole file={one} />}</Loaded>
      {props !== null && deed === "cancel" && <CancelCall {...props} />}
      {props !== null && deed === "assign" && <AssignCall {...props} />}
      {props !== null && deed === "receive" && <ReceiveCall {...props} />}
    </SidePanel>
  );
}
