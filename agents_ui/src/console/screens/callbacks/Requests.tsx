/** Calls that I or my area asked for: where each stands, what was answered, and the results waiting to be taken. */
import { isOpen, type Callback } from "../../callbacks";
import { moment, tb, word } from "../../callbackWords";
import { staffName } from "../../reference";
import { can, minute } from "../../store";
import { openPlan } from "../../ui";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { when } from "../../format";
import { Chips } from "../parts/Chips";
import { useList } from "../parts/list";
import { ListFoot } from "../parts/ListFoot";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import { StandingTag, useFresh } from "./parts";

const STATES: Record<string, string> = { "": "", abiertas: "solicited,assigned,rescheduled", resultado: "achieved,exhausted", cerradas: "closed,cancelled" };

const columns = (): Column<Callback>[] => [
  { key: "who", label: tb("who"), fixed: true, cell: (row) => <><strong>{row.label ?? row.number}</strong> <span class="muted">{word("reason", row.reason)}</span></> },
  { key: "folio", label: tb("folio"), cell: (row) => (row.folio === null ? "" : <a class="folio num" href={`#/peticiones/${encodeURIComponent(row.folio)}`}>{row.folio}</a>) },
  { key: "state", label: tb("requests.state"), cell: (row) => <><StandingTag row={row} />{(row.state === "achieved" || row.state === "exhausted") && <> <span class="tag tag-warn">{tb("requests.resultN")}</span></>}</> },
  { key: "when", label: tb("when"), cell: (row) => (isOpen(row) ? moment(row.due_at, minute.value, row.not_after) : when(row.closed_at ?? row.kept_at ?? row.due_at, minute.value)) },
  { key: "attempts", label: tb("requests.attempts"), kind: "number", cell: (row) => `${row.attempts}/${row.max_attempts}` },
  { key: "answers", label: tb("requests.answers"), kind: "number", cell: (row) => (row.questions.length === 0 ? "" : `${row.answers.filter((one) => one.value !== null).length}/${row.questions.length}`) },
  { key: "by", label: tb("panel.requested"), cell: (row) => staffName(row.requested_by), hidden: param("pidio") !== "area" },
];

export function Requests() {
  const state = param("estado") in STATES ? param("estado") : "";
  const whose = param("pidio") === "area" ? "area" : "mine";
  const list = useList<Callback>("callbacks", { requested: whose, state: STATES[state] });
  useFresh(list.read.again, `${whose}/${state}`);
  const filtered = state !== "";
  return (
    <>
      <div class="calendar-bar">
        <div class="segmented" role="group" aria-label={tb("requests.whose")}>
          {(["mine", "area"] as const).map((one) => <button key={one} type="button" aria-pressed={whose === one} onClick={() => setParams({ pidio: one === "area" ? "area" : null })}>{tb(`requests.${one}`)}</button>)}
        </div>
        <Chips label={tb("requests.state")} chips={[{ value: "", label: tb("requests.all") }, { value: "abiertas", label: tb("requests.open") }, { value: "resultado", label: tb("requests.result") }, { value: "cerradas", label: tb("requests.closed") }]} selected={state} onSelect={(value) => setParams({ estado: value })} />
      </div>
      <Loaded read={list.read}>
        {() => (
          <>
            <Table
              label={tb("view.requests")} name="call-requests" columns={columns()} rows={list.rows} rowKey={(row) => row.id} opened={param("ver")} onOpen={(row) => setParams({ ver: row.id }, true)}
              empty={<Empty title={tb(filtered ? "requests.noneHere" : "requests.none")} action={can("callback.plan") && !filtered ? <button type="button" onClick={() => openPlan()}>{tb("new")}</button> : undefined}>{!filtered && <p>{tb("requests.noneHelp")}</p>}</Empty>}
            />
            {list.rows.length > 0 && <ListFoot list={list} />}
          </>
        )}
      </Loaded>
    </>
  );
}
