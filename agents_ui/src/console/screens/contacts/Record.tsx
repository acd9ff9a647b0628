/** What is kept of a contact besides its words: its calls, who had it for how long, transfers, and what was missing. */
import { useState } from "preact/hooks";
import type { Id, InteractionRow, Ms } from "../../../shared/protocol";
import { command } from "../../api";
import { attempt } from "../../errors";
import { hour, when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { can, now, queueName } from "../../store";
import "../../../styles/registers.css";
import { mayHear, Recordings } from "../../views/Recordings";
import { duration } from "../parts/figures";
import { verifyTransfer } from "../registers/verify";
import { said, tg } from "../registers/words";

interface Call {
  id: Id; direction: string; purpose: string; mode: string; state: string; number: string | null; number_kind: string; started_at: Ms; answered_at: Ms | null; ended_at: Ms | null;
  talk_s: number; hold_s: number; folio: string | null; found_late: boolean;
}
interface Part { agent: Id; queue: Id; started_at: Ms; ended_at: Ms | null; wrap_ended_at: Ms | null; how: string | null; ended_how: string | null; ring_s: number | null; talk_s: number | null; hold_s: number | null }
interface Transfer {
  id: Id; at: Ms; kind: string | null; from_agent: Id | null; to_agent: Id | null; to_queue: Id | null; to_area: Id | null; outside: boolean; reason: string; note: string | null;
  answer: string | null; answered_at: Ms | null; verified_by: Id | null; verified_at: Ms | null;
}
interface Finding { id: Id; kind: string; agent: Id | null; opened_at: Ms; closed_at: Ms | null; closed_how: string | null; reason: string | null }
export interface ContactRecord {
  row: InteractionRow; capture: { note: string | null; topic: string | null; by: Id | null; at: Ms | null }; parts: Part[]; calls: Call[]; transfers: Transfer[]; findings: Finding[];
}

/** The whole number, for whoever may see it; the service keeps who did. */
function WholeNumber({ call }: { call: Call }) {
  const [whole, setWhole] = useState<string | null>(null);
  if (call.number === null) return <span class="muted">{tg("hidden")}</span>;
  const show = async (): Promise<void> => {
    const done = await attempt(() => command<{ number: string | null }>("call.reveal", { call_id: call.id }));
    if (done !== null) setWhole(done.number ?? "");
  };
  return (
    <>
      <span class="num">{whole ?? call.number}</span>
      {whole === null && can("call.reveal") && <> <button type="button" class="link" onClick={() => void show()}>{tg("revealNumber")}</button></>}
      {whole !== null && <span class="record-more" role="status"> {tg("revealed")}</span>}
    </>
  );
}

function Calls({ calls, agent }: { calls: Call[]; agent: Id | null }) {
  return (
    <ul class="record-list" aria-label={tg("callsOf")}>
      {calls.map((one) => (
        <li key={one.id}>
          <p>{said("direction", one.direction)} · {said("purpose", one.purpose)} · <strong>{said("state", one.state)}</strong></p>
          <time class="num muted" dateTime={new Date(one.started_at).toISOString()}>{when(one.started_at, now.peek())}</time>
          <p class="record-more"><WholeNumber call={one} /></p>
          <p class="record-more num">{tg("talk")} {duration(one.talk_s)}{one.hold_s > 0 && <> · {tg("hold")} {duration(one.hold_s)}</>}{one.folio !== null && <> · {one.folio}</>}{one.found_late && <> · {tg("lateFound")}</>}</p>
          {one.mode === "browser" && mayHear(agent) && <Recordings call={one.id} />}
        </li>
      ))}
    </ul>
  );
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <ul class="record-list" aria-label={tg("partsOf")}>
      {parts.map((one, index) => (
        <li key={index}>
          <p>{staffName(one.agent)} <span class="muted">· {queueName(one.queue) ?? nameOf("queues", one.queue)}</span></p>
          <span class="num muted">{hour(one.started_at)}{one.ended_at !== null && `–${hour(one.ended_at)}`}</span>
          <p class="record-more num">
            {[
              one.ring_s === null ? "" : `${tg("ring")} ${duration(one.ring_s)}`, one.talk_s === null ? "" : `${tg("talk")} ${duration(one.talk_s)}`,
              one.hold_s ? `${tg("hold")} ${duration(one.hold_s)}` : "", one.wrap_ended_at === null || one.ended_at === null ? "" : `${tg("wrapUp")} ${duration((one.wrap_ended_at - one.ended_at) / 1000)}`,
            ].filter((text) => text !== "").join(" · ")}
          </p>
        </li>
      ))}
    </ul>
  );
}

function Transfers({ transfers, again }: { transfers: Transfer[]; again: () => void }) {
  const to = (one: Transfer): string =>
    one.outside ? tg("outside") : one.to_agent !== null ? staffName(one.to_agent) : one.to_queue !== null ? (queueName(one.to_queue) ?? nameOf("queues", one.to_queue)) : nameOf("areas", one.to_area);
  return (
    <ul class="record-list" aria-label={tg("transfersOf")}>
      {transfers.map((one) => (
        <li key={one.id}>
          <p>{staffName(one.from_agent)} → {to(one)} · <strong>{said("answer", one.answer ?? "pending")}</strong></p>
          <time class="num muted" dateTime={new Date(one.at).toISOString()}>{when(one.at, now.peek())}</time>
          <p class="record-more">{[said("kind", one.kind), nameOf("transfer_reasons", one.reason), one.note ?? ""].filter((text) => text !== "").join(" · ")}</p>
          <p class="record-more">{one.verified_by !== null ? `✓ ${tg("verified")}: ${staffName(one.verified_by)}` : can("call.verify") && !one.outside ? <button type="button" class="small" onClick={async () => { if (await verifyTransfer(one.id)) again(); }}>{tg("verify")}</button> : tg("toVerify")}</p>
        </li>
      ))}
    </ul>
  );
}

function Findings({ findings }: { findings: Finding[] }) {
  return (
    <ul class="record-list" aria-label={tg("findingsOf")}>
      {findings.map((one) => (
        <li key={one.id}>
          <p>{said("finding", one.kind)}</p>
          <time class="num muted" dateTime={new Date(one.opened_at).toISOString()}>{when(one.opened_at, now.peek())}</time>
          <p class="record-more">{[one.agent === null ? tg("nobody") : staffName(one.agent), one.closed_at === null ? "" : tg("closedHow", { how: said("how", one.closed_how) }), one.reason ?? ""].filter((text) => text !== "").join(" · ")}</p>
        </li>
      ))}
    </ul>
  );
}

export function Record({ record, again }: { record: ContactRecord; again: () => void }) {
  const { capture, calls, parts, transfers, findings } = record;
  return (
    <>
      {(capture.note !== null || capture.topic !== null || capture.by !== null) && (
        <dl class="facts">
          {capture.topic !== null && <><dt>{tg("topic")}</dt><dd>{nameOf("categories", capture.topic)}</dd></>}
          {capture.note !== null && <><dt>{tg("note")}</dt><dd>{capture.note}</dd></>}
          {capture.by !== null && <><dt>{tg("capturedBy")}</dt><dd>{staffName(capture.by)}{capture.at !== null && ` · ${when(capture.at, now.peek())}`}</dd></>}
        </dl>
      )}
      {calls.length > 0 && <><h3 class="section-title">{tg("callsOf")}</h3><Calls calls={calls} agent={record.row.agent} /></>}
      {parts.length > 0 && <><h3 class="section-title">{tg("partsOf")}</h3><Parts parts={parts} /></>}
      {transfers.length > 0 && <><h3 class="section-title">{tg("transfersOf")}</h3><Transfers transfers={transfers} again={again} /></>}
      {findings.length > 0 && <><h3 class="section-title">{tg("findingsOf")}</h3><Findings findings={findings} /></>}
    </>
  );
}
