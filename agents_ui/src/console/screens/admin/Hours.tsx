/** Opening hours: calendars with their week, and below them the days that differ. */
import { now } from "../../store";
import type { Column } from "../../ui/Table";
import { dateText } from "../parts/dates";
import { useRead } from "../parts/read";
import { setParams } from "../parts/query";
import { AdminList, NEW } from "./AdminList";
import { Closures } from "./Closures";
import { DAYS, opening } from "./openings";
import { HoursForm } from "./HoursForm";
import type { HoursRow, Rows, Span, Week } from "./types";
import { ta } from "./words";

const spansText = (spans: readonly Span[]): string => spans.map(([from, to]) => `${from}–${to}`).join(", ");

/** «lun–vie 08:00–15:00»: days with the same hours in a row are said together. */
export function weekText(week: Week): string {
  const groups: { from: number; to: number; text: string }[] = [];
  DAYS.forEach((name, index) => {
    const text = spansText(week[name] ?? []);
    const last = groups.at(-1);
    if (last !== undefined && last.text === text && last.to === index - 1) last.to = index;
    else groups.push({ from: index, to: index, text });
  });
  const name = (index: number): string => ta(`short.${DAYS[index] ?? "mon"}`);
  return groups.filter((one) => one.text !== "").map((one) => `${one.from === one.to ? name(one.from) : `${name(one.from)}–${name(one.to)}`} ${one.text}`).join(" · ");
}

/** «Abierto ahora, cierra a las 15:00» for a calendar as it stands in the form. */
export function OpenNow({ row, everyones }: { row: Pick<HoursRow, "zone" | "week" | "closures">; everyones: HoursRow | undefined }) {
  let state;
  try {
    state = opening(row.zone ?? "America/Hermosillo", row.week ?? {}, [...row.closures, ...(everyones?.closures ?? [])], now.value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return <span class="muted">{ta("zoneUnknown")}</span>;
  }
  const until = state.until === null ? "" : state.until.days === 0 ? ta("atToday", { time: state.until.clock }) : state.until.days === 1 ? ta("atTomorrow", { time: state.until.clock }) : ta("atDate", { date: dateText(state.until.date), time: state.until.clock });
  return (
    <span class="open-now">
      <span class={state.isOpen ? "tag tag-ok" : "tag"}>{ta(state.isOpen ? "openNow" : "closedNow")}</span>{" "}
      {state.until === null ? ta(state.isOpen ? "neverCloses" : "neverOpens") : ta(state.isOpen ? "closesAt" : "opensNext", { when: until })}
    </span>
  );
}

export function Hours() {
  const read = useRead<Rows<HoursRow>>("admin/hours");
  const all = read.data?.rows ?? [];
  const calendars = { ...read, data: read.data === null ? null : { rows: all.filter((one) => one.id !== null) } };
  const everyones = all.find((one) => one.id === null);
  const columns: Column<HoursRow>[] = [
    { key: "name", label: ta("name"), fixed: true, cell: (row) => <strong>{row.name}</strong> },
    { key: "now", label: ta("now"), cell: (row) => <OpenNow row={row} everyones={everyones} /> },
    { key: "week", label: ta("week"), width: "l", cell: (row) => weekText(row.week ?? {}) || ta("neverOpens") },
    { key: "closures", label: ta("exceptions"), kind: "number", cell: (row) => row.closures.length },
    { key: "zone", label: ta("zone"), hidden: true, cell: (row) => row.zone },
  ];
  return (
    <AdminList
      title={ta("section.horarios")} name="hours" read={calendars} columns={columns} rowKey={(row) => row.id ?? "todos"} action="admin.hours" create={ta("newHours")} empty={ta("noHours")}
      text={(row) => row.name ?? ""}
      intro={<p class="section-intro">{ta("everyoneIntro", { n: everyones?.closures.length ?? 0 })} <button type="button" class="link" onClick={() => setParams({ ver: "todos" }, true)}>{ta("everyoneOpen")}</button></p>}
      editor={(row, close, saved) => <HoursForm key={row?.id ?? NEW} row={row} everyones={everyones} onClose={close} onSaved={saved} onChanged={() => void read.again()} />}
      extra={{ key: "todos", draw: (close) => <Closures title={ta("everyone")} calendar={null} rows={everyones?.closures ?? []} onClose={close} onChanged={() => void read.again()} /> }}
    />
  );
}
