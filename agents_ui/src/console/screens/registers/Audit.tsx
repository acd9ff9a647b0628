/** What nobody captured: calls nobody logged, contacts without a result, missed calls nobody returns; the oldest first. */
import { useEffect, useState } from "preact/hooks";
import "../../text/later";
import type { Id, Ms } from "../../../shared/protocol";
import { elapsed, when } from "../../format";
import { staffName } from "../../reference";
import { deskHash } from "../../route";
import { can, findings, me, now } from "../../store";
import { t } from "../../text";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { Assign, Justify } from "../../views/Findings";
import { ChannelIcon } from "../../views/Icon";
import { ContactPanel } from "../contacts/ContactPanel";
import { Chips } from "../parts/Chips";
import { staffChoices } from "../parts/choices";
import { word } from "../parts/codes";
import { Filters } from "../parts/Filters";
import { useList, type Page } from "../parts/list";
import { ListFoot } from "../parts/ListFoot";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import { Screen } from "../parts/Screen";
import { ts } from "../parts/words";
import { RegisterTabs } from "./RegisterTabs";
import { choicesOf, said, tg } from "./words";

interface Row {
  id: Id; kind: string; interaction: Id; agent: Id | null; opened_at: Ms; closed_at: Ms | null; closed_how: string | null; reason: string | null; channel: string; direction: string;
  started_at: Ms; label: string | null; number: string | null; extension: string | null; result: string | null;
}
interface Kind { kind: string; count: number; unassigned: number; oldest: Ms }
interface Work extends Page<Row> { kinds: Kind[] }
type Deed = { row: Row; what: "assign" | "justify" } | null;

function Deeds({ row, act }: { row: Row; act: (deed: Deed) => void }) {
  if (row.closed_at !== null) return <>{said("how", row.closed_how)}{row.reason !== null && <><br /><span class="muted">{row.reason}</span></>}</>;
  return (
    <span class="worklist-deeds">
      {row.agent === me.value?.id && <a class="button small" href={deskHash(row.interaction)}>{word("item", "wrap_up")}</a>}
      {can("work.assign") && <button type="button" class="link" onClick={() => act({ row, what: "assign" })}>{t("finding.assign")}</button>}
      {(can("work.assign") || row.agent === me.value?.id) && <button type="button" class="link" onClick={() => act({ row, what: "justify" })}>{t("finding.justify")}</button>}
    </span>
  );
}

const columns = (act: (deed: Deed) => void, closed: boolean): Column<Row>[] => [
  { key: "kind", label: tg("found"), fixed: true, cell: (row) => <><ChannelIcon channel={row.channel} label={word("channel", row.channel)} /> <strong>{said("finding", row.kind)}</strong></> },
  { key: "age", label: closed ? tg("solvedAt") : tg("since"), width: "s", kind: "number", cell: (row) => (row.closed_at !== null ? when(row.closed_at, now.peek()) : elapsed(Math.max(0, now.value - row.opened_at))) },
  { key: "person", label: tg("person"), cell: (row) => row.label ?? <span class="muted">{ts("restricted")}</span> },
  { key: "number", label: tg("phone"), width: "s", cell: (row) => <span class="num">{row.number ?? ""}{row.extension !== null && <span class="muted"> ext. {row.extension}</span>}</span> },
  { key: "started", label: tg("date"), width: "s", narrow: "hide", cell: (row) => <time class="num" dateTime={new Date(row.started_at).toISOString()}>{when(row.started_at, now.peek())}</time> },
  { key: "result", label: tg("result"), narrow: "hide", cell: (row) => <>{said("direction", row.direction)}{row.result !== null && ` · ${said("state", row.result)}`}</> },
  { key: "owner", label: tg("inListOf"), cell: (row) => (row.agent === null ? <span class="tag tag-warn">{tg("nobody")}</span> : staffName(row.agent)) },
  { key: "deeds", label: tg(closed ? "justifiedBy" : "deeds"), cell: (row) => <Deeds row={row} act={act} /> },
];

export function Audit() {
  const [deed, setDeed] = useState<Deed>(null);
  const closed = param("estado") === "resueltos";
  const opened = param("ver");
  const list = useList<Row>("registers/findings", { state: closed ? "closed" : "open", kind: param("falta"), agent: param("agente") });
  const kinds = (list.read.data as Work | null)?.kinds ?? [];
  const filters = [
    { name: "falta", label: tg("found"), options: choicesOf("finding") },
    { name: "agente", label: tg("inListOf"), options: [{ value: "none", label: tg("nobody") }, ...staffChoices()] },
  ];
  // The live list of findings changes by itself: whatever changes there is read again here.
  const live = findings.value.map((one) => one.id).join();
  useEffect(() => void list.read.again(), [live]);
  const done = (): void => {
    setDeed(null);
    void list.read.again();
  };
  const oldest = kinds.reduce<Ms | null>((first, one) => (first === null || one.oldest < first ? one.oldest : first), null);
  const filtered = filters.some((one) => param(one.name) !== "");
  return (
    <Screen
      title={tg("title")} fixed
      tools={<button type="button" class="ghost" onClick={() => void list.read.again()}>{ts("refresh")}</button>}
      bar={
        <>
          <RegisterTabs />
          <Filters filters={filters}>
            <Chips label={tg("audit")} selected={closed ? "resueltos" : ""} onSelect={(value) => setParams({ estado: value })} chips={[{ value: "", label: tg("openOnes") }, { value: "resueltos", label: tg("closedOnes") }]} />
          </Filters>
          {!closed && kinds.length > 0 && (
            <dl class="figure-line num">
              {kinds.map((one) => <div key={one.kind}><dt>{said("finding", one.kind)}</dt><dd>{one.count}</dd></div>)}
              <div><dt>{tg("unassigned")}</dt><dd>{kinds.reduce((sum, one) => sum + one.unassigned, 0)}</dd></div>
              {oldest !== null && <div><dt>{tg("oldest")}</dt><dd>{elapsed(Math.max(0, now.value - oldest))}</dd></div>}
            </dl>
          )}
        </>
      }
      panel={opened !== "" && <ContactPanel key={opened} id={opened} row={null} onClose={() => setParams({ ver: null })} />}
    >
      <Loaded read={list.read}>
        {() => (
          <>
            <Table
              label={tg("audit")} name={closed ? "findings-closed" : "findings"} columns={columns(setDeed, closed)} rows={list.rows} rowKey={(row) => row.id} opened={list.rows.find((row) => row.interaction === opened)?.id ?? null}
              onOpen={(row) => setParams({ ver: row.interaction }, true)} tools={list.total !== null && <span class="num">{ts("totalN", { n: list.total })}</span>}
              empty={<Empty title={filtered ? ts("noneWithFilters") : tg(closed ? "auditClosedNone" : "auditNone")}>{!filtered && !closed && <p>{tg("auditNoneHelp")}</p>}</Empty>}
            />
            {list.rows.length > 0 && <ListFoot list={list} />}
          </>
        )}
      </Loaded>
      {deed?.what === "assign" && <Assign finding={deed.row} onClose={done} />}
      {deed?.what === "justify" && <Justify finding={deed.row} onClose={done} />}
    </Screen>
  );
}
