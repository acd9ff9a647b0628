/** How promises were kept: figures, groups, and under them the very rows that make a figure. */
import { dayKey } from "../../../shared/time";
import { COUNTS, DUE, type Count, type Figures, type Ledger as Sums, type Promised } from "../../callbacks";
import { tb, word } from "../../callbackWords";
import { when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { minute, now } from "../../store";
import { addDays } from "../../when";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { dateText, dayStart } from "../parts/dates";
import { count, NONE, percent } from "../parts/figures";
import { useList } from "../parts/list";
import { ListFoot } from "../parts/ListFoot";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import { useRead } from "../parts/read";
import { PromiseTag, useFresh } from "./parts";

const BY = ["area", "agent", "reason", "day"] as const;
type By = (typeof BY)[number];
const PERIODS = [["hoy", 0], ["semana", 6], ["mes", 29]] as const;
const FIGURES: readonly Count[] = ["due", "kept", "late", "broken", "pending"];
const HOW: Partial<Record<Count, Parameters<typeof tb>[0]>> = { due: "ledger.dueHow", kept: "ledger.keptHow", late: "ledger.lateHow", broken: "ledger.brokenHow", pending: "ledger.pendingHow" };

/** The period in the address: named, or from a day to a day; seven days until somebody chooses. */
function period(): { name: string; from: string; to: string } {
  const today = dayKey(minute.value);
  if (param("desde") !== "" && param("hasta") !== "") return { name: "rango", from: param("desde"), to: param("hasta") };
  const [name, back] = PERIODS.find(([one]) => one === param("periodo")) ?? PERIODS[1];
  return { name, from: addDays(today, -back), to: today };
}
const choose = (change: Record<string, string | null>): void => setParams({ ver: null, ...change }, true);

function groupName(by: By, key: string | null, label: string | null): string {
  if (key === null) return by === "agent" ? tb("ownerQueue") : NONE;
  if (by === "reason") return word("reason", key);
  if (by === "area") return label ?? nameOf("areas", key);
  return by === "agent" ? staffName(key) || (label ?? key) : dateText(key);
}

/** A figure that opens its rows. Zero opens nothing. */
function Cell({ n, standing, group }: { n: number; standing: Count; group: string | null }) {
  if (n === 0 || group === null) return <>{count(n)}</>;
  return <button type="button" class="link num figure-link" aria-label={tb("ledger.see", { n })} onClick={() => choose({ cuales: standing, grupo: group })}>{count(n)}</button>;
}

function Strip({ total }: { total: Figures }) {
  return (
    <dl class="figures ledger-figures">
      <div class="figure"><dt>{tb("ledger.rate")}</dt><dd class="figure-value num">{percent(total.rate_kept)}</dd><dd class="figure-formula">{tb("ledger.rateHow")}</dd></div>
      {FIGURES.map((one) => (
        <div class="figure" key={one}>
          <dt>{tb(`ledger.${one}`)}</dt>
          <dd class="figure-value num">{total[one] === 0 ? count(0) : <button type="button" class="link figure-link" aria-label={`${tb(`ledger.${one}`)}: ${tb("ledger.see", { n: total[one] })}`} onClick={() => choose({ cuales: one, grupo: null })}>{count(total[one])}</button>}</dd>
          <dd class="figure-formula">{HOW[one] === undefined ? "" : tb(HOW[one])}</dd>
        </div>
      ))}
    </dl>
  );
}

type Group = Sums["groups"][number];
const groupColumns = (by: By): Column<Group>[] => [
  { key: "name", label: tb(`ledger.by.${by}`), fixed: true, cell: (row) => groupName(by, row.key, row.label) },
  ...COUNTS.map((one): Column<Group> => ({ key: one, label: tb(`ledger.${one}`), kind: "number", cell: (row) => <Cell n={row[one]} standing={one} group={row.key} /> })),
  { key: "rate", label: tb("ledger.rate"), kind: "number", cell: (row) => percent(row.rate_kept) },
];
const promiseColumns = (): Column<Promised>[] => [
  { key: "at", label: tb("ledger.at"), fixed: true, cell: (row) => <time class="num" dateTime={new Date(row.at).toISOString()}>{when(row.at, now.peek())}</time> },
  { key: "standing", label: tb("ledger.standing"), cell: (row) => <PromiseTag standing={row.standing} /> },
  { key: "reason", label: tb("reasonLabel"), cell: (row) => word("reason", row.reason) },
  { key: "folio", label: tb("folio"), cell: (row) => (row.folio === null ? "" : <a class="folio num" href={`#/peticiones/${encodeURIComponent(row.folio)}`}>{row.folio}</a>) },
  { key: "tried", label: tb("ledger.triedAt"), cell: (row) => (row.tried_at === null ? "—" : when(row.tried_at, now.peek())) },
  { key: "agent", label: tb("ledger.agent"), cell: (row) => staffName(row.agent) || tb("ownerQueue") },
  { key: "area", label: tb("ledger.area"), cell: (row) => nameOf("areas", row.area), hidden: true },
  { key: "told", label: tb("ledger.told"), cell: (row) => word("told", row.told) },
];

function Rows({ from, to, by }: { from: number; to: number; by: By }) {
  const [which, group] = [param("cuales"), param("grupo")];
  const narrowed = group === "" ? {} : by === "day" ? { from: dayStart(group) ?? from, to: dayStart(group, 1) ?? to } : { [by]: group };
  const list = useList<Promised>("callbacks/promises", { from, to, standing: which === "due" ? DUE : which, ...narrowed });
  useFresh(list.read.again, `${from}/${to}/${which}/${group}`);
  const what = `${tb(`ledger.${which as Count}`)}${group === "" ? "" : ` · ${groupName(by, group, null)}`}`;
  return (
    <section class="ledger-rows" aria-label={tb("ledger.rows", { what })}>
      <header><h2>{tb("ledger.rows", { what })}{list.total !== null && <span class="count num"> {list.total}</span>}</h2><button type="button" class="ghost" onClick={() => choose({ cuales: null, grupo: null })}>{tb("ledger.close")}</button></header>
      <Loaded read={list.read}>
        {() => (
          <>
            <Table label={tb("view.promises")} name="promises" columns={promiseColumns()} rows={list.rows} rowKey={(row) => row.id} opened={param("ver")} onOpen={(row) => setParams({ ver: row.callback }, true)} empty={<Empty title={tb("ledger.none")} />} />
            {list.rows.length > 0 && <ListFoot list={list} />}
          </>
        )}
      </Loaded>
    </section>
  );
}

export function Ledger() {
  const { name, from, to } = period();
  const by = BY.find((one) => one === param("por")) ?? "area";
  const bounds = { from: dayStart(from) ?? 0, to: dayStart(to, 1) ?? 0 };
  const read = useRead<Sums>("callbacks/ledger", { ...bounds, by });
  useFresh(read.again, `${from}/${to}/${by}`);
  return (
    <div class="ledger">
      <div class="calendar-bar">
        <div class="segmented" role="group" aria-label={tb("ledger.period")}>
          {PERIODS.map(([one]) => <button key={one} type="button" aria-pressed={name === one} onClick={() => choose({ periodo: one, desde: null, hasta: null, cuales: null, grupo: null })}>{tb(one === "hoy" ? "ledger.today" : one === "semana" ? "ledger.week" : "ledger.month")}</button>)}
        </div>
        <label class="ledger-day">{tb("ledger.from")} <input class="input" type="date" value={from} max={to} onChange={(event) => choose({ desde: event.currentTarget.value, hasta: to, periodo: null, cuales: null, grupo: null })} /></label>
        <label class="ledger-day">{tb("ledger.to")} <input class="input" type="date" value={to} min={from} onChange={(event) => choose({ desde: from, hasta: event.currentTarget.value, periodo: null, cuales: null, grupo: null })} /></label>
        <div class="segmented" role="group" aria-label={tb("ledger.by")}>
          {BY.map((one) => <button key={one} type="button" aria-pressed={by === one} onClick={() => choose({ por: one, cuales: null, grupo: null })}>{tb(`ledger.by.${one}`)}</button>)}
        </div>
      </div>
      <Loaded read={read} shape="cards" lines={5}>
        {(sums) => sums.groups.length === 0 ? <Empty title={tb("ledger.none")} /> : (
          <>
            <Strip total={sums.total} />
            <Table
              label={tb("ledger.by") + " " + tb(`ledger.by.${by}`).toLowerCase()} columns={groupColumns(by)} rows={sums.groups} rowKey={(row) => row.key ?? ""}
              totals={{ name: tb("ledger.total"), ...Object.fromEntries(COUNTS.map((one) => [one, count(sums.total[one])])), rate: percent(sums.total.rate_kept) }}
            />
          </>
        )}
      </Loaded>
      {param("cuales") !== "" && <Rows {...bounds} by={by} />}
    </div>
  );
}
