/** A list of records: sticky head, columns one may hide and order, totals at its foot, J / K / Enter, row opens beside it. */
import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import "../../styles/table.css";
import "../../styles/ui.css";
import { ColumnPicker } from "./ColumnPicker";
import { recall, remember, settle, type ColumnPlan } from "./columns";
import { say } from "./words";

export interface Column<R> {
  key: string;
  label: string;
  cell: (row: R) => ComponentChildren;
  /** Figures and clocks stand at the right, in tabular numerals. */
  kind?: "text" | "number";
  /** Key for `sort`; without it the column cannot be sorted by. */
  sortable?: boolean;
  hidden?: boolean;
  /** Always shown: it names the row. */
  fixed?: boolean;
  /** Shown under the first column, instead of in a column, where there is no room. */
  narrow?: "hide" | "show";
  width?: "s" | "m" | "l";
}
export interface Sort { key: string; descending: boolean }
interface Props<R> {
  /** Names the table to whoever hears it. */
  label: string;
  columns: readonly Column<R>[];
  rows: readonly R[];
  rowKey: (row: R) => string;
  onOpen?: (row: R) => void;
  opened?: string | null;
  sort?: Sort | null;
  onSort?: (sort: Sort) => void;
  /** Texts for the foot, by column key. */
  totals?: Readonly<Record<string, ComponentChildren>>;
  empty?: ComponentChildren;
  /** Name under which the columns are remembered; without it there is no picker. */
  name?: string;
  rowClass?: (row: R) => string;
  /** On a phone a row is two lines: the first cell and the figure, then the rest without the columns' names. */
  compact?: boolean;
  /** Stands at the left of the picker: a count, an export. */
  tools?: ComponentChildren;
}

export function Table<R>({ label, columns, rows, rowKey, onOpen, opened, sort, onSort, totals, empty, name, rowClass, compact = false, tools }: Props<R>) {
  const keys = columns.map((one) => one.key);
  const first = columns.filter((one) => one.hidden === true).map((one) => one.key);
  const [own, setOwn] = useState<ColumnPlan | null>(() => (name === undefined ? null : recall(name)));
  const plan = settle(own, keys, first);
  const shown = useMemo(() => plan.order.filter((key) => !plan.hidden.includes(key)).map((key) => columns.find((one) => one.key === key)).filter((one) => one !== undefined), [plan.order.join(), plan.hidden.join(), columns]);
  const [focused, setFocused] = useState<string | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const at = Math.max(0, rows.findIndex((row) => rowKey(row) === (focused ?? opened)));
  const change = (next: ColumnPlan | null): void => {
    setOwn(next);
    if (name !== undefined) remember(name, next);
  };
  const goTo = (index: number): void => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row === undefined) return;
    setFocused(rowKey(row));
    body.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(rowKey(row))}"]`)?.focus();
  };
  useEffect(() => {
    // J and K move from anywhere on the page that is not being typed in, and not inside a dialog or a side panel.
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || target.closest("input, textarea, select, dialog, [role=menu], .side-panel") !== null) return;
      if (event.key !== "j" && event.key !== "k") return;
      event.preventDefault();
      const inside = body.current?.contains(document.activeElement) === true;
      goTo(inside ? at + (event.key === "j" ? 1 : -1) : at);
    };
    // Before the page's own shortcuts: while a list is shown, J and K are its.
    addEventListener("keydown", onKey, true);
    return () => removeEventListener("keydown", onKey, true);
  });
  const onRowKey = (event: KeyboardEvent, row: R): void => {
    if (event.target !== event.currentTarget) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      goTo(to);
    } else if ((event.key === "Enter" || event.key === " ") && onOpen !== undefined) {
      event.preventDefault();
      onOpen(row);
    }
  };
  const cellClass = (column: Column<R>): string => ["cell", column.kind === "number" ? "cell-number num" : "", column.width ? `cell-${column.width}` : "", column.narrow === "hide" ? "cell-wide-only" : ""].filter((one) => one !== "").join(" ");
  return (
    <div class="table-frame">
      {(tools !== undefined || name !== undefined) && (
        <div class="table-tools">
          <div class="table-tools-own">{tools}</div>
          {name !== undefined && <ColumnPicker columns={columns} plan={plan} onChange={change} />}
        </div>
      )}
      {rows.length === 0 ? (empty ?? <p class="empty">{say("empty")}</p>) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={label}>
          <table class={compact ? "table table-compact" : "table"} aria-label={label}>
            <thead>
              <tr>
                {shown.map((column) => (
                  <th key={column.key} scope="col" class={cellClass(column)} aria-sort={sort?.key === column.key ? (sort.descending ? "descending" : "ascending") : undefined}>
                    {column.sortable === true && onSort !== undefined ? (
                      <button type="button" class="sort" onClick={() => onSort({ key: column.key, descending: sort?.key === column.key && !sort.descending })}>
                        {column.label}<span class="sort-mark" aria-hidden="true">{sort?.key === column.key ? (sort.descending ? "↓" : "↑") : "↕"}</span>
                      </button>
                    ) : column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody ref={body}>
              {rows.map((row, index) => {
                const key = rowKey(row);
                const state = `${onOpen === undefined ? "" : "row-opens "}${opened === key ? "row-opened " : ""}${rowClass?.(row) ?? ""}`;
                return (
                  <tr key={key} data-key={key} class={state} tabIndex={index === at ? 0 : -1} aria-current={opened === key ? "true" : undefined} onFocus={() => (focused === key ? undefined : setFocused(key))} onKeyDown={(event) => onRowKey(event, row)} onClick={(event) => ((event.target as HTMLElement).closest("a, button, input") === null && getSelection()?.isCollapsed !== false ? onOpen?.(row) : undefined)}>
                    {shown.map((column) => <td key={column.key} class={cellClass(column)} data-label={column.label}>{column.cell(row)}</td>)}
                  </tr>
                );
              })}
            </tbody>
            {totals !== undefined && (
              <tfoot>
                <tr>{shown.map((column, index) => <td key={column.key} class={cellClass(column)}>{totals[column.key] ?? (index === 0 ? say("totals") : "")}</td>)}</tr>
              </tfoot>
            )}
          </table>
        </div>
      )}
    </div>
  );
}
