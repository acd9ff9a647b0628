/** R3: calls passed on inside the office, with the mark of who looked into each. */
import { when } from "../../format";
import { choices, nameOf, staffName } from "../../reference";
import { can, now, queueName } from "../../store";
import type { Column } from "../../ui/Table";
import { areaChoices, staffChoices } from "../parts/choices";
import { duration } from "../parts/figures";
import { ts } from "../parts/words";
import { folioLinks } from "./Calls";
import { RegisterFrame } from "./RegisterFrame";
import type { TransferRow } from "./types";
import { verifyTransfer } from "./verify";
import { choicesOf, said, tg } from "./words";

const SORTS = { date: "at", wait: "wait", answer: "answer", reason: "reason" };
const NAMES = ["agent", "from_area", "to_area", "answer", "reason", "kind", "verified"] as const;
const MAIN = ["transfers", "accepted", "refused", "no_answer", "pending", "accepted_rate", "mean_answer_s", "verified", "unverified"];
const FEET = { date: "transfers", wait: "mean_answer_s", answer: "accepted", verified: "verified" };

function Side({ agent, area, queue }: { agent: string | null; area: string | null; queue?: string | null }) {
  const name = agent !== null ? staffName(agent) : queue ? (queueName(queue) ?? nameOf("queues", queue)) : "";
  return <>{name}{name !== "" && area !== null && <br />}<span class="muted">{nameOf("areas", area)}</span></>;
}

function Verified({ row, again }: { row: TransferRow; again: () => void }) {
  if (row.verified_by !== null) return <span class="tag tag-ok">✓ {tg("verifiedBy", { name: staffName(row.verified_by) })}</span>;
  if (!can("call.verify")) return <span class="muted">{tg("toVerify")}</span>;
  return <button type="button" class="small" onClick={async () => { if (await verifyTransfer(row.id)) again(); }}>{tg("verify")}</button>;
}

const LOOK: Record<string, string> = { accepted: "tag tag-ok", refused: "tag tag-warn", no_answer: "tag tag-warn" };

const columns = (again: () => void): Column<TransferRow>[] => [
  { key: "date", label: tg("date"), fixed: true, sortable: true, width: "s", cell: (row) => <time class="num" dateTime={new Date(row.at).toISOString()}>{when(row.at, now.peek())}</time> },
  { key: "person", label: tg("person"), cell: (row) => row.label ?? <span class="muted">{ts("restricted")}</span> },
  { key: "from", label: tg("fromSide"), cell: (row) => <Side agent={row.from_agent} area={row.from_area} /> },
  { key: "to", label: tg("toSide"), cell: (row) => <Side agent={row.to_agent} area={row.to_area} queue={row.to_queue} /> },
  { key: "kind", label: tg("kind"), narrow: "hide", cell: (row) => said("kind", row.kind) },
  { key: "reason", label: tg("reason"), sortable: true, cell: (row) => nameOf("transfer_reasons", row.reason) },
  { key: "note", label: tg("note"), hidden: true, cell: (row) => row.note ?? "" },
  { key: "answer", label: tg("answer"), sortable: true, cell: (row) => <span class={LOOK[row.answer] ?? "tag"}>{said("answer", row.answer)}</span> },
  { key: "wait", label: tg("answerTime"), kind: "number", sortable: true, narrow: "hide", cell: (row) => duration(row.answer_s) },
  { key: "folio", label: tg("folio"), cell: (row) => folioLinks(row.folios) },
  { key: "verified", label: tg("verified"), cell: (row) => <Verified row={row} again={again} /> },
];

export function Transfers() {
  const filters = [
    { name: "origen", label: tg("origin"), options: areaChoices() },
    { name: "destino", label: tg("destination"), options: areaChoices() },
    { name: "agente", label: tg("agent"), options: staffChoices() },
    { name: "respuesta", label: tg("answer"), options: choicesOf("answer").filter((one) => one.value !== "returned") },
    { name: "motivo", label: tg("reason"), options: choices("transfer_reasons") },
    { name: "tipo", label: tg("kind"), options: choicesOf("kind") },
    { name: "verificada", label: tg("verified"), options: [{ value: "yes", label: tg("verified") }, { value: "no", label: tg("toVerify") }] },
  ];
  return <RegisterFrame<TransferRow> name="transfers" columns={columns} sorts={SORTS} firstSort="at" filters={filters} names={NAMES} main={MAIN} feet={FEET} />;
}
