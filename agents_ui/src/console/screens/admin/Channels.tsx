/** How the messaging channels fare, and the templates that their providers have approved. What is configured is not changed here. */
import "../../../styles/writing.css";
import { bytes, when } from "../../format";
import { now } from "../../store";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { Icon } from "../../views/Icon";
import type { ChannelRow, TemplateRow } from "../../views/writing/types";
import { tw, twMaybe } from "../../views/writing/words";
import { Loaded } from "../parts/Loaded";
import { useRead } from "../parts/read";
import { Screen } from "../parts/Screen";
import { Sections } from "./Sections";
import { ta } from "./words";

const EVERY_MS = 15_000;
interface Found { rows: ChannelRow[]; templates: TemplateRow[] }

const at = (moment: number | null): string => (moment === null ? tw("longAgo") : when(moment, now.peek()));

function Card({ row }: { row: ChannelRow }) {
  const name = twMaybe(`medium.${row.medium}`, row.medium);
  return (
    <li class="channel-card">
      <h2>{name}{row.name !== row.medium && <span class="muted"> · {row.name}</span>}</h2>
      {row.alarms.length === 0 && <p><Icon name="check" size={14} /> {tw("works")}</p>}
      {row.alarms.map((one) => (
        <p key={`${one.way}/${one.problem}`} class="channel-bad" role="status"><Icon name="alert" size={14} /> {twMaybe(`problem.${one.problem}`, tw("problem", { code: one.problem }))} {when(one.at, now.peek())}</p>
      ))}
      <p class="muted">{tw("lastIn")}: {at(row.last_in)}</p>
      <p class="muted">{tw("lastOut")}: {at(row.last_out)}</p>
      <p class="muted num">{tw("upTo", { n: row.text })} {row.media_bytes === 0 ? tw("noFiles") : tw("filesUpTo", { size: bytes(row.media_bytes) })}</p>
    </li>
  );
}

const columns = (): Column<TemplateRow>[] => [
  { key: "name", label: tw("templateName"), fixed: true, cell: (row) => <strong>{row.name}</strong> },
  { key: "body", label: tw("templateText"), width: "l", cell: (row) => <span class="clamp">{row.body}</span> },
  { key: "language", label: tw("templateLanguage"), width: "s", cell: (row) => row.language },
  { key: "status", label: tw("templateStatus"), width: "s", cell: (row) => twMaybe(`status.${row.status}`, row.status) },
  { key: "why", label: tw("templateWhy"), cell: (row) => row.rejection },
  { key: "changed", label: ta("changed"), width: "s", cell: (row) => when(row.changed_at, now.peek()) },
];

export function Channels() {
  const read = useRead<Found>("admin/channels", {}, EVERY_MS);
  return (
    <Screen title={ta("section.canales")} bar={<Sections />}>
      <Loaded read={read} shape="cards">
        {({ rows, templates }) =>
          rows.length === 0 ? (
            <Empty title={tw("noChannels")}><p>{tw("noChannelsHelp")}</p></Empty>
          ) : (
            <>
              <ul class="channel-cards" aria-label={tw("channels")}>{rows.map((row) => <Card key={row.name} row={row} />)}</ul>
              <Table
                label={tw("templatesTitle")} name="admin-templates" columns={columns()} rows={templates} rowKey={(row) => row.id} rowClass={(row) => (row.status === "approved" ? "" : "row-off")}
                empty={<Empty title={tw("noTemplates")}><p>{tw("noTemplatesHelp")}</p></Empty>}
              />
            </>
          )
        }
      </Loaded>
    </Screen>
  );
}
