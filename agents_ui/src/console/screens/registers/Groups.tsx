/** A register put together by something: each line opens its rows, the foot is the whole. Two areas make a matrix. */
import { nameOf, staffName } from "../../reference";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { dateText } from "../parts/dates";
import { Loaded } from "../parts/Loaded";
import { setParams } from "../parts/query";
import { useRead, type Query } from "../parts/read";
import { labelOf, valueOf } from "./Figures";
import { groupWhere } from "./query";
import type { Definition, GroupKey, Grouping, Groups as Read } from "./types";
import { said, tg } from "./words";

type Line = Read["groups"][number];
const idOf = (key: GroupKey): string => JSON.stringify(key);

/** What a group is called. */
export function groupName(register: string, by: string, key: GroupKey): string {
  if (key === null || Array.isArray(key)) return tg("noData");
  const code = String(key);
  switch (by) {
    case "day": return dateText(code);
    case "hour": return `${code.padStart(2, "0")}:00–${code.padStart(2, "0")}:59`;
    case "agent": case "from_agent": return staffName(code);
    case "area": case "to_area": return nameOf("areas", code);
    case "topic": return nameOf("categories", code);
    case "municipality": return nameOf("municipalities", code);
    case "purpose": return said("purpose", code);
    case "reason": return nameOf("transfer_reasons", code);
    case "answer": return said("answer", code);
    case "kind": return said("request", code);
    case "result": return said(register === "calls" ? "state" : "request", code);
    default: return code;
  }
}

const openGroup = (grouping: Grouping, key: GroupKey): void => setParams({ vista: null, ver: null, ...groupWhere(grouping.key, grouping.filter, key) }, true);

export function GroupTable({ definition, grouping, query }: { definition: Definition; grouping: Grouping; query: Query }) {
  const read = useRead<Read>(`registers/${definition.key}`, { ...query, by: grouping.key });
  const shown = definition.group_figures.map((key) => definition.figures.find((one) => one.key === key) ?? { key, unit: "count" as const, label_es: tg("total"), label_en: tg("total") });
  const columns: Column<Line>[] = [
    { key: "key", label: labelOf(grouping), fixed: true, cell: (line) => <button type="button" class="link" onClick={() => openGroup(grouping, line.key)}>{groupName(definition.key, grouping.key, line.key)}</button> },
    ...shown.map((one): Column<Line> => ({ key: one.key, label: labelOf(one), kind: "number", cell: (line) => valueOf(one.unit, line.figures[one.key]) })),
  ];
  return (
    <Loaded read={read}>
      {(data) => grouping.key === "matrix" ? <Matrix data={data} grouping={grouping} /> : (
        <Table
          label={labelOf(grouping)} name={`groups-${definition.key}`} columns={columns} rows={data.groups} rowKey={(line) => idOf(line.key)} onOpen={(line) => openGroup(grouping, line.key)}
          totals={Object.fromEntries(shown.map((one) => [one.key, valueOf(one.unit, data.figures[one.key])]))} empty={<Empty title={tg("none")}><p>{tg("noneHelp")}</p></Empty>}
        />
      )}
    </Loaded>
  );
}

/** From each area (down) to each area (across): how often, and how often it was taken. */
function Matrix({ data, grouping }: { data: Read; grouping: Grouping }) {
  if (data.groups.length === 0) return <Empty title={tg("none")}><p>{tg("noneHelp")}</p></Empty>;
  const pairs = data.groups.map(({ key, figures }) => ({ from: (key as (string | null)[])[0] ?? null, to: (key as (string | null)[])[1] ?? null, n: figures["transfers"] ?? 0 }));
  const rows = [...new Set(pairs.map((one) => one.from))];
  const across = [...new Set(pairs.map((one) => one.to))];
  const sum = (list: typeof pairs): number => list.reduce((total, one) => total + one.n, 0);
  const name = (area: string | null): string => (area === null ? tg("noData") : nameOf("areas", area));
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={labelOf(grouping)}>
      <table class="table matrix">
        <thead>
          <tr><th scope="col">{tg("origin")} ↓ · {tg("destination")} →</th>{across.map((to) => <th key={to} scope="col" class="cell-number">{name(to)}</th>)}<th scope="col" class="cell-number">{tg("total")}</th></tr>
        </thead>
        <tbody>
          {rows.map((from) => (
            <tr key={from}>
              <th scope="row">{name(from)}</th>
              {across.map((to) => {
                const n = sum(pairs.filter((one) => one.from === from && one.to === to));
                return <td key={to} class="cell-number num" data-label={name(to)}>{n === 0 ? "" : <button type="button" class="link" onClick={() => openGroup(grouping, [from, to])}>{n}</button>}</td>;
              })}
              <td class="cell-number num" data-label={tg("total")}><strong>{sum(pairs.filter((one) => one.from === from))}</strong></td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr><td>{tg("total")}</td>{across.map((to) => <td key={to} class="cell-number num">{sum(pairs.filter((one) => one.to === to))}</td>)}<td class="cell-number num">{sum(pairs)}</td></tr>
        </tfoot>
      </table>
    </div>
  );
}
