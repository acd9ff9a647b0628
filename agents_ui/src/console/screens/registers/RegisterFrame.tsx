/** One register: its period and filters in the address, its figures, its rows or groups, and the row that is open beside it. */
import type { ComponentChildren } from "preact";
import { locale } from "../../text";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { ContactPanel } from "../contacts/ContactPanel";
import { Filters, type Filter } from "../parts/Filters";
import { useList } from "../parts/list";
import { ListFoot } from "../parts/ListFoot";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import { useRead, type Read } from "../parts/read";
import { Screen } from "../parts/Screen";
import { ts } from "../parts/words";
import { AllFigures, FigureLine, labelOf, valueOf } from "./Figures";
import { GroupTable } from "./Groups";
import { PeriodPicker } from "./Period";
import { orderOf, orderParam, queryOf } from "./query";
import { RegisterTabs } from "./RegisterTabs";
import type { Definition, RegisterName, RegisterPage } from "./types";
import { tg } from "./words";

export interface Row { id: string; interaction: string; restricted: boolean }
interface Props<R extends Row> {
  name: RegisterName;
  /** Columns; one that can be sorted by has the service's key for it in `sorts`. */
  columns: (again: () => void) => Column<R>[];
  sorts: Readonly<Record<string, string>>;
  firstSort: string;
  filters: Filter[];
  /** Names of the filters as the service knows them. */
  names: readonly string[];
  main: readonly string[];
  /** Which figure stands under which column. */
  feet: Readonly<Record<string, string>>;
  search?: string;
}

export function useDefinition(name: RegisterName): Read<{ registers: Definition[] }> & { definition: Definition | null } {
  const read = useRead<{ registers: Definition[] }>("registers");
  return { ...read, definition: read.data?.registers.find((one) => one.key === name) ?? null };
}

export function RegisterFrame<R extends Row>(props: Props<R>) {
  const described = useDefinition(props.name);
  return described.definition === null ? <Screen title={tg("title")} bar={<RegisterTabs />}><Loaded read={described}>{() => null}</Loaded></Screen> : <Described {...props} definition={described.definition} />;
}

function Described<R extends Row>({ name, columns, sorts, firstSort, filters, names, main, feet, search, definition }: Props<R> & { definition: Definition }) {
  const view = param("vista");
  const grouping = definition.groupings.find((one) => one.key === view);
  const order = orderOf(firstSort, Object.values(sorts));
  const query = queryOf(names);
  const list = useList<R>(`registers/${name}`, { ...query, sort: order.key, descending: order.descending ? "1" : "0" });
  const page = list.read.data as RegisterPage<R> | null;
  const opened = param("ver");
  const sortKey = Object.keys(sorts).find((key) => sorts[key] === order.key);
  const filtered = filters.some((one) => param(one.name) !== "") || param("q") !== "";
  const figures = page?.figures ?? {};
  const unitOf = (key: string) => definition.figures.find((one) => one.key === key)?.unit ?? "count";
  const foot = (key: string, first: boolean): string => {
    const unit = unitOf(key);
    const value = valueOf(unit, figures[key]);
    return first ? `${tg("total")}: ${value}` : unit === "seconds" || unit === "days" ? tg("mean", { value }) : value;
  };
  const body = (): ComponentChildren => {
    if (grouping !== undefined) return <GroupTable key={grouping.key} definition={definition} grouping={grouping} query={query} />;
    if (view === "cifras") return <AllFigures definition={definition} values={figures} balances={page?.balances ?? true} />;
    return (
      <>
        <Table
          label={labelOf({ label_es: definition.title_es, label_en: definition.title_en })} name={`register-${name}`} columns={columns(() => void list.read.again())} rows={list.rows} rowKey={(row) => row.id}
          opened={list.rows.find((row) => row.interaction === opened)?.id ?? null} onOpen={(row) => setParams({ ver: row.interaction }, true)}
          sort={sortKey === undefined ? null : { key: sortKey, descending: order.descending }} onSort={({ key, descending }) => setParams({ orden: orderParam({ key: sorts[key] ?? firstSort, descending }) })}
          totals={Object.fromEntries(Object.entries(feet).map(([column, key], index) => [column, foot(key, index === 0)]))}
          tools={list.total !== null && <span class="num">{ts("totalN", { n: list.total })}</span>}
          empty={<Empty title={tg("none")}><p>{filtered ? ts("noneWithFilters") : tg("noneHelp")}</p></Empty>}
        />
        {list.rows.length > 0 && <ListFoot list={list} />}
      </>
    );
  };
  return (
    <Screen
      title={tg("title")} fixed={view !== "cifras"}
      tools={<button type="button" class="ghost" onClick={() => void list.read.again()}>{ts("refresh")}</button>}
      bar={
        <>
          <RegisterTabs />
          <PeriodPicker first={page?.first ?? null} last={page?.last ?? null} />
          <Filters search={search} filters={filters}>
            <select class="input group-by" aria-label={tg("view")} value={view} onChange={(event) => setParams({ vista: event.currentTarget.value, ver: null })}>
              <option value="">{tg("list")}</option>
              <option value="cifras">{tg("figures")}</option>
              <optgroup label={tg("groupBy")}>{definition.groupings.map((one) => <option key={one.key} value={one.key}>{locale.value === "en" ? one.label_en : one.label_es}</option>)}</optgroup>
            </select>
          </Filters>
          {view !== "cifras" && <FigureLine definition={definition} keys={main} values={figures} />}
          {page?.balances === false && <p class="form-error" role="alert">{tg("unbalanced")}</p>}
        </>
      }
      panel={opened !== "" && <ContactPanel key={opened} id={opened} row={null} onClose={() => setParams({ ver: null })} />}
    >
      <Loaded read={list.read}>{body}</Loaded>
    </Screen>
  );
}
