/** One contact of the register, read only: its figures, its capture, and the words that were said. */
import { useEffect } from "preact/hooks";
import type { InteractionRow } from "../../../shared/protocol";
import { loadThread } from "../../desk";
import { errorText } from "../../errors";
import { ApiError } from "../../api";
import { when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { deskHash } from "../../route";
import { can, failures, me, now, queueName, state } from "../../store";
import { Empty } from "../../ui/Empty";
import { SidePanel } from "../../ui/SidePanel";
import { Skeleton } from "../../ui/Skeleton";
import { Log } from "../../views/Log";
import { CaptureTag } from "./CaptureTag";
import { Record, type ContactRecord } from "./Record";
import { word } from "../parts/codes";
import { duration } from "../parts/figures";
import { useRead } from "../parts/read";
import { tr } from "../parts/records";
import { ts } from "../parts/words";

function Figures({ row }: { row: InteractionRow }) {
  return (
    <dl class="facts">
      <dt>{tr("capture")}</dt><dd><CaptureTag state={row.capture} /></dd>
      <dt>{tr("result")}</dt><dd>{nameOf("dispositions", row.disposition) || tr("notYet")}</dd>
      {row.no_petition_reason !== null && <><dt>{tr("noPetition")}</dt><dd>{nameOf("no_petition_reasons", row.no_petition_reason)}</dd></>}
      {row.petitions.length > 0 && <><dt>{tr("folio")}</dt><dd>{row.petitions.map((folio) => <div key={folio}><a class="folio num" href={`#/peticiones/${encodeURIComponent(folio)}`}>{folio}</a></div>)}</dd></>}
      <dt>{tr("agent")}</dt><dd>{staffName(row.agent) || "—"}</dd>
      <dt>{ts("queue")}</dt><dd>{queueName(row.queue) ?? nameOf("queues", row.queue)}</dd>
      <dt>{tr("wait")}</dt><dd class="num">{duration(row.wait_s)}</dd>
      <dt>{tr("duration")}</dt><dd class="num">{duration(row.duration_s)}</dd>
      {row.transfers > 0 && <><dt>{ts("transfersColumn")}</dt><dd class="num">{row.transfers}</dd></>}
      {row.survey_score !== null && <><dt>{tr("survey")}</dt><dd class="num">{row.survey_score} / 5</dd></>}
    </dl>
  );
}

export function ContactPanel({ id, row: listed, onClose }: { id: string; row: InteractionRow | null; onClose: () => void }) {
  const thread = state.value?.threads[id] ?? null;
  const failed = failures.value[id];
  useEffect(() => void loadThread(id), [id]);
  const record = useRead<ContactRecord>(`interactions/${encodeURIComponent(id)}`);
  const row = record.data?.row ?? listed;
  const item = thread?.item ?? null;
  const isOpen = item !== null && item.state !== "done" && item.state !== "gone";
  const toDesk = isOpen && (item.owner === me.value?.id || item.state === "waiting");
  const lacksCapture = row !== null && ["pending", "returned", "overdue"].includes(row.capture) && row.agent === me.value?.id;
  const actions = (
    <>
      {(toDesk || lacksCapture) && <a class="button primary" href={deskHash(id)}>{tr(toDesk ? "openOnDesk" : "capture_now")}</a>}
      {isOpen && !toDesk && can("floor.read") && <a class="button" href={`#/piso?ver=${item.id}`}>{tr("openOnFloor")}</a>}
      {thread !== null && <a class="button" href={`/api/v1/conversations/${id}/transcript`} target="_blank" rel="noreferrer">{tr("transcript")}</a>}
    </>
  );
  const title = row?.label ?? thread?.item.label ?? ts("restricted");
  return (
    <SidePanel title={title} subject={id} onClose={onClose} actions={actions} subtitle={row !== null && <><span>{word("channel", row.channel)}</span><span>{when(row.started_at, now.peek())}</span><span>{word("conversation", row.state)}</span></>}>
      {row !== null && <Figures row={row} />}
      {record.data !== null && <Record record={record.data} again={() => void record.again()} />}
      <h3 class="section-title">{ts("conversation")}</h3>
      {thread !== null ? <div class="watch-thread"><Log thread={thread} /></div> : failed === undefined ? <Skeleton lines={8} /> : (
        <Empty title={ts("notRead")}><p role="alert">{errorText(new ApiError(failed === "no_answer" ? 0 : 404, failed, ""))}</p></Empty>
      )}
    </SidePanel>
  );
}
