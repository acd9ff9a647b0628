/** The queues: what starts in them, who serves them, and how long things may take. */
import { nameOf } from "../../reference";
import type { Column } from "../../ui/Table";
import { word } from "../parts/codes";
import { duration } from "../parts/figures";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import { QueueForm } from "./QueueForm";
import type { HoursRow, QueueRow, Rows } from "./types";
import { ta } from "./words";

const columns = (hours: readonly HoursRow[]): Column<QueueRow>[] => [
  { key: "name", label: ta("name"), fixed: true, cell: (row) => <><strong>{row.name}</strong>{row.closed_at !== null && <> <span class="tag">{ta("closed")}</span></>}</> },
  { key: "channels", label: ta("channels"), cell: (row) => row.channels.map((one) => word("channel", one)).join(", ") || <span class="muted">{ta("noChannel")}</span> },
  { key: "members", label: ta("members"), kind: "number", cell: (row) => row.members.length },
  { key: "hours", label: ta("section.horarios"), cell: (row) => hours.find((one) => one.id === row.calendar_id)?.name ?? "" },
  { key: "target", label: ta("target"), kind: "number", cell: (row) => duration(row.target_s) },
  { key: "area", label: ta("area"), hidden: true, cell: (row) => nameOf("areas", row.area_id) },
  { key: "strategy", label: ta("strategy"), hidden: true, cell: (row) => ta(row.strategy === "least_busy" ? "leastBusy" : "longestIdle") },
  { key: "priority", label: ta("priority"), kind: "number", hidden: true, cell: (row) => row.priority },
];

export function Queues() {
  const read = useRead<Rows<QueueRow>>("admin/queues");
  const calendars = useRead<Rows<HoursRow>>("admin/hours").data;
  const hours = calendars?.rows ?? [];
  return (
    <AdminList
      title={ta("section.filas")} name="queues" read={read} columns={columns(hours)} rowKey={(row) => row.id} action="admin.queues" create={ta("newQueue")} empty={ta("noQueues")}
      text={(row) => row.name} isOff={(row) => row.closed_at !== null}
      editor={(row, close, saved) => calendars !== null && <QueueForm row={row} all={read.data?.rows ?? []} hours={hours} onClose={close} onSaved={saved} />}
    />
  );
}
