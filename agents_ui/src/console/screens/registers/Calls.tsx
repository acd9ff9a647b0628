/** R1: calls received and made. */
import { when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { now, queueName } from "../../store";
import type { Column } from "../../ui/Table";
import { CaptureTag } from "../contacts/CaptureTag";
import { areaChoices, categoryChoices, municipalityChoices, staffChoices } from "../parts/choices";
import { duration } from "../parts/figures";
import { ts } from "../parts/words";
import { RegisterFrame } from "./RegisterFrame";
import type { CallRow } from "./types";
import { choicesOf, said, tg } from "./words";

const SORTS = { date: "started", wait: "wait", length: "length", agent: "agent", result: "result", purpose: "purpose" };
const NAMES = ["agent", "direction", "purpose", "result", "outcome", "municipality", "topic", "area", "folio", "hour", "q"] as const;
const MAIN = ["received", "answered", "abandoned", "attention_rate", "mean_wait_s", "mean_length_s", "made", "with_folio", "without_folio"];
const FEET = { date: "calls", wait: "mean_wait_s", length: "mean_length_s", folio: "with_folio" };

function PassedTo({ row }: { row: CallRow }) {
  const to = row.transferred;
  if (to === null) return null;
  if (to.outside) return <>{tg("outside")}</>;
  return <>{to.agent !== null ? staffName(to.agent) : to.area !== null ? nameOf("areas", to.area) : (queueName(to.queue ?? "") ?? nameOf("queues", to.queue))}</>;
}

export const folioLinks = (folios: readonly string[]) =>
  folios.map((folio) => <a key={folio} class="folio num" href={`#/peticiones/${encodeURIComponent(folio)}`}>{folio}</a>);

const columns = (): Column<CallRow>[] => [
  { key: "date", label: tg("date"), fixed: true, sortable: true, width: "s", cell: (row) => <time class="num" dateTime={new Date(row.started_at).toISOString()}>{when(row.started_at, now.peek())}</time> },
  { key: "direction", label: tg("direction"), cell: (row) => <>{row.direction === "inbound" ? "↓" : "↑"} {said("direction", row.direction)}{row.late && <> <span class="tag">{tg("late")}</span></>}</> },
  { key: "purpose", label: tg("purpose"), sortable: true, hidden: true, cell: (row) => said("purpose", row.purpose) },
  { key: "number", label: tg("phone"), width: "s", cell: (row) => (row.number === null ? <span class="muted">{tg("hidden")}</span> : <span class="num">{row.number}</span>) },
  { key: "person", label: tg("person"), cell: (row) => row.label ?? <span class="muted">{ts("restricted")}</span> },
  { key: "municipality", label: tg("municipality"), narrow: "hide", hidden: true, cell: (row) => nameOf("municipalities", row.municipality) },
  { key: "topic", label: tg("topic"), narrow: "hide", cell: (row) => nameOf("categories", row.topic) },
  { key: "agent", label: tg("agent"), sortable: true, cell: (row) => staffName(row.agent) },
  { key: "wait", label: tg("wait"), kind: "number", sortable: true, narrow: "hide", cell: (row) => duration(row.wait_s) },
  { key: "length", label: tg("length"), kind: "number", sortable: true, cell: (row) => duration(row.length_s) },
  { key: "result", label: tg("result"), sortable: true, cell: (row) => <span class={row.outcome === "abandoned" || row.result === "dropped" ? "tag tag-warn" : "tag"}>{said("state", row.result)}</span> },
  { key: "passed", label: tg("passedTo"), narrow: "hide", hidden: true, cell: (row) => <PassedTo row={row} /> },
  { key: "folio", label: tg("folio"), cell: (row) => folioLinks(row.folios) },
  { key: "capture", label: tg("capture"), cell: (row) => <CaptureTag state={row.capture} /> },
  { key: "area", label: tg("area"), hidden: true, cell: (row) => nameOf("areas", row.area) },
];

export function Calls() {
  const filters = [
    { name: "agente", label: tg("agent"), options: staffChoices() },
    { name: "direccion", label: tg("direction"), options: choicesOf("direction") },
    { name: "proposito", label: tg("purpose"), options: choicesOf("purpose") },
    { name: "desenlace", label: tg("outcome"), options: choicesOf("outcome") },
    { name: "resultado", label: tg("result"), options: choicesOf("state") },
    { name: "tema", label: tg("topic"), options: [...categoryChoices(), { value: "none", label: tg("noData") }] },
    { name: "municipio", label: tg("municipality"), options: [...municipalityChoices(), { value: "none", label: tg("noData") }] },
    { name: "folio", label: tg("folio"), options: [{ value: "yes", label: tg("folioYes") }, { value: "no", label: tg("folioNo") }] },
    { name: "hora", label: tg("hour"), options: Array.from({ length: 24 }, (_, hour) => ({ value: String(hour), label: `${String(hour).padStart(2, "0")}:00` })) },
    { name: "area", label: tg("area"), options: areaChoices() },
  ];
  return <RegisterFrame<CallRow> name="calls" columns={columns} sorts={SORTS} firstSort="started" filters={filters} names={NAMES} main={MAIN} feet={FEET} search={tg("search")} />;
}
