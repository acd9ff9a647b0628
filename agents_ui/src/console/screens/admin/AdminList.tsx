/** What every section of the administration is: a list one can search, «new», and the row that is open beside it. */
import type { ComponentChildren } from "preact";
import { fold } from "../../format";
import { can } from "../../store";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { Loaded } from "../parts/Loaded";
import { param, setParams } from "../parts/query";
import type { Read } from "../parts/read";
import { ts } from "../parts/words";
import { Screen } from "../parts/Screen";
import { Sections } from "./Sections";
import type { Rows } from "./types";
import { ta } from "./words";

export const NEW = "nuevo";

interface Props<R> {
  title: string;
  read: Read<Rows<R>>;
  columns: Column<R>[];
  rowKey: (row: R) => string;
  /** What the search looks in. */
  text: (row: R) => string;
  /** The right to change something here. */
  action: string;
  create?: string;
  name: string;
  intro?: ComponentChildren;
  isOff?: (row: R) => boolean;
  editor: (row: R | null, close: () => void, saved: () => void) => ComponentChildren;
  empty: string;
  /** Something else that opens at the side, under a key of its own. */
  extra?: { key: string; draw: (close: () => void) => ComponentChildren };
}

export const closeEditor = (): void => setParams({ ver: null });

export function AdminList<R>({ title, read, columns, rowKey, text, action, create, name, intro, isOff, editor, empty, extra }: Props<R>) {
  const opened = param("ver");
  const words = fold(param("q")).split(" ");
  const all = read.data?.rows ?? [];
  const rows = all.filter((row) => words.every((one) => fold(text(row)).includes(one)));
  const row = all.find((one) => rowKey(one) === opened) ?? null;
  const saved = (): void => {
    closeEditor();
    void read.again();
  };
  const isExtra = extra !== undefined && opened === extra.key;
  const shows = opened !== "" && (opened === NEW || row !== null || isExtra);
  return (
    <Screen
      title={title} fixed
      tools={create !== undefined && can(action) ? <button type="button" class="primary" onClick={() => setParams({ ver: NEW }, true)}>{create}</button> : undefined}
      bar={
        <>
          <Sections />
          {intro}
          <div class="filters">
            <input class="input search" type="search" aria-label={ta("search")} placeholder={ta("search")} value={param("q")} onInput={(event) => setParams({ q: event.currentTarget.value })} />
            {!can(action) && <span class="muted">{ta("readOnly")}</span>}
          </div>
        </>
      }
      panel={shows && <div class="panel-slot" key={opened}>{isExtra ? extra.draw(closeEditor) : editor(row, closeEditor, saved)}</div>}
    >
      <Loaded read={read}>
        {() => (
          <Table
            label={title} name={`admin-${name}`} columns={columns} rows={rows} rowKey={rowKey} opened={opened}
            onOpen={(one) => setParams({ ver: rowKey(one) }, true)} rowClass={(one) => (isOff?.(one) === true ? "row-off" : "")}
            tools={<span class="num">{ts("totalN", { n: rows.length })}</span>}
            empty={<Empty title={all.length === 0 ? empty : ts("noneWithFilters")} />}
          />
        )}
      </Loaded>
    </Screen>
  );
}
