/** R4: calls to inform of a folio and to ask for more about it. */
import { day, when } from "../../format";
import { nameOf, staffName } from "../../reference";
import { now } from "../../store";
import type { Column } from "../../ui/Table";
import { areaChoices, staffChoices } from "../parts/choices";
import { decimal } from "../parts/figures";
import { ts } from "../parts/words";
import { folioLinks } from "./Calls";
import { RegisterFrame } from "./RegisterFrame";
import type { RequestRow } from "./types";
import { said, tg } from "./words";

const SORTS = { requested: "made", due: "due", attempts: "attempts", result: "result" };
const NAMES = ["kind", "area", "result", "agent"] as const;
const MAIN = ["requests", "inform", "ask", "reached", "not_reached", "pending", "overdue", "contact_rate", "mean_days"];
const FEET = { requested: "requests", attempts: "attempts", result: "reached", days: "mean_days" };
const LOOK: Record<string, string> = { reached: "tag tag-ok", not_reached: "tag tag-warn", pending: "tag tag-open" };

const columns = (): Column<RequestRow>[] => [
  { key: "requested", label: tg("requested"), fixed: true, sortable: true, width: "s", cell: (row) => <time class="num" dateTime={new Date(row.made_at).toISOString()}>{when(row.made_at, now.peek())}</time> },
  { key: "kind", label: tg("kind"), cell: (row) => said("request", row.kind) },
  { key: "area", label: tg("requester"), cell: (row) => <>{nameOf("areas", row.area) || "—"}{row.requested_by !== null && <><br /><span class="muted">{staffName(row.requested_by)}</span></>}</> },
  { key: "folio", label: tg("folio"), cell: (row) => (row.folio === null ? null : folioLinks([row.folio])) },
  { key: "person", label: tg("person"), cell: (row) => row.label ?? <span class="muted">{ts("restricted")}</span> },
  { key: "due", label: tg("due"), sortable: true, width: "s", cell: (row) => <time class="num" dateTime={new Date(row.due_at).toISOString()}>{when(row.due_at, now.peek())}</time> },
  { key: "attempts", label: tg("attempts"), kind: "number", sortable: true, cell: (row) => row.attempts },
  { key: "result", label: tg("result"), sortable: true, cell: (row) => <>{<span class={LOOK[row.result] ?? "tag"}>{said("request", row.result)}</span>}{row.is_overdue && <> <span class="tag tag-overdue">{said("request", "overdue")}</span></>}</> },
  { key: "told", label: tg("told"), narrow: "hide", cell: (row) => row.told ?? (row.questions > 0 ? tg("answersOf", { n: row.answers, of: row.questions }) : "") },
  { key: "agent", label: tg("agent"), cell: (row) => staffName(row.agent) },
  { key: "reached", label: tg("reachedOn"), hidden: true, width: "s", cell: (row) => (row.kept_at === null ? "" : day(row.kept_at, now.peek())) },
  { key: "days", label: tg("days"), kind: "number", cell: (row) => decimal(row.days) },
];

export function Requests() {
  const filters = [
    { name: "tipo", label: tg("kind"), options: ["inform", "ask"].map((value) => ({ value, label: said("request", value) })) },
    { name: "area", label: tg("requester"), options: areaChoices() },
    { name: "resultado", label: tg("result"), options: ["reached", "not_reached", "cancelled", "pending", "overdue"].map((value) => ({ value, label: said("request", value) })) },
    { name: "agente", label: tg("agent"), options: staffChoices() },
  ];
  return <RegisterFrame<RequestRow> name="requests" columns={columns} sorts={SORTS} firstSort="made" filters={filters} names={NAMES} main={MAIN} feet={FEET} />;
}
