/** The board to catch up: every call whose time has passed, the oldest first, and who makes it. */
import { useState } from "preact/hooks";
import type { Callback, Overdue } from "../../callbacks";
import { moment, tb, word } from "../../callbackWords";
import { when } from "../../format";
import { staffName } from "../../reference";
import { minute } from "../../store";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { Clock } from "../../views/Clock";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import { useRead } from "../parts/read";
import { AssignCall } from "./Deeds";
import { StandingTag, useFresh } from "./parts";

const EVERY_MS = 30_000;

export function OverdueBoard() {
  const read = useRead<Overdue>("callbacks/overdue", {}, EVERY_MS);
  useFresh(read.again, "overdue");
  const [assigning, setAssigning] = useState<Callback | null>(null);
  const columns: Column<Callback>[] = [
    { key: "who", label: tb("who"), fixed: true, cell: (row) => <><strong>{row.label ?? row.number}</strong> <span class="muted">{word("reason", row.reason)}</span></> },
    { key: "age", label: tb("overdue.age"), kind: "number", cell: (row) => <Clock since={row.promised_at ?? row.due_at} targetMs={60_000} label={tb("overdue.age")} /> },
    { key: "at", label: tb("ledger.at"), cell: (row) => when(row.promised_at ?? row.due_at, minute.value) },
    { key: "standing", label: tb("ledger.standing"), cell: (row) => <StandingTag row={row} /> },
    { key: "folio", label: tb("folio"), cell: (row) => row.folio ?? "" },
    { key: "attempts", label: tb("requests.attempts"), kind: "number", cell: (row) => `${row.attempts}/${row.max_attempts}` },
    { key: "owner", label: tb("owner"), cell: (row) => (row.owner === null ? tb("ownerQueue") : staffName(row.owner)) },
    { key: "deed", label: tb("do.assign"), cell: (row) => row.can.includes("assign") && <button type="button" class="small" onClick={(event) => { event.stopPropagation(); setAssigning(row); }}>{tb("do.assign")}</button> },
  ];
  return (
    <Loaded read={read}>
      {({ rows, since }) => (
        <>
          {since !== null && since.count > 0 && rows.length > 0 && <p class="notice" role="status">{tb("overdue.since", { when: moment(since.started_at, minute.value), n: since.count })}</p>}
          <Table
            label={tb("view.overdue")} name="overdue-calls" columns={columns} rows={rows} rowKey={(row) => row.id} opened={param("ver")} onOpen={(row) => setParams({ ver: row.id }, true)}
            tools={rows.length > 0 && <span class="num">{tb("overdue.n", { n: rows.length })}</span>} empty={<Empty title={tb("overdue.none")}><p>{tb("overdue.noneHelp")}</p></Empty>}
          />
          {assigning !== null && <AssignCall callback={assigning} onClose={() => setAssigning(null)} onDone={() => { setAssigning(null); void read.again(); }} />}
        </>
      )}
    </Loaded>
  );
}
