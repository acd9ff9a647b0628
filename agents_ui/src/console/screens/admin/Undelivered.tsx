/** Answers that did not get through, or may not have: who sent them, why, and what a person decides. */
import { resolveMessage } from "../../api";
import { attempt } from "../../errors";
import { when } from "../../format";
import { staffName } from "../../reference";
import { deskHash } from "../../route";
import { can, now } from "../../store";
import { tb, tbMaybe } from "../../text/beyond";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { ChannelIcon } from "../../views/Icon";
import { word } from "../parts/codes";
import { Loaded } from "../parts/Loaded";
import { useRead } from "../parts/read";
import { Screen } from "../parts/Screen";
import { ts } from "../parts/words";
import { Sections } from "./Sections";
import { ta } from "./words";

interface Row {
  message: string; conversation: string; channel: string; medium: string; state: string; error: string | null; attempts: number;
  at: number; agent: string | null; readable: boolean;
}

export function Undelivered() {
  const read = useRead<{ rows: Row[] }>("outbox");
  const deed = async (row: Row, how: "again" | "arrived" | "leave"): Promise<void> => {
    if ((await attempt(() => resolveMessage(row.message, how))) !== null) await read.again();
  };
  const mayManage = can("outbox.manage");
  const columns: Column<Row>[] = [
    { key: "at", label: ta("undeliveredAt"), fixed: true, cell: (row) => <time class="num" dateTime={new Date(row.at).toISOString()}>{when(row.at, now.peek())}</time> },
    { key: "channel", label: ta("undeliveredChannel"), cell: (row) => <span class="item-who"><ChannelIcon channel={row.medium} label={word("channel", row.medium)} /> {word("channel", row.medium)}</span> },
    { key: "why", label: ta("undeliveredWhy"), width: "l", cell: (row) => row.state === "uncertain" ? tb("doubt") : tbMaybe(`reason.${row.error ?? "failed"}`, tb("reason.failed")) },
    { key: "attempts", label: ta("undeliveredTries"), kind: "number", narrow: "hide", cell: (row) => row.attempts },
    { key: "agent", label: ta("undeliveredAgent"), cell: (row) => row.agent === null ? "" : staffName(row.agent) },
    {
      key: "deeds", label: ta("undeliveredDeeds"), width: "l", cell: (row) => (
        <span class="undelivered-deeds">
          {mayManage && <button type="button" class="small" onClick={() => void deed(row, "again")}>{tb("again")}</button>}
          {mayManage && row.state === "uncertain" && <button type="button" class="ghost small" onClick={() => void deed(row, "arrived")}>{tb("arrived")}</button>}
          {mayManage && <button type="button" class="ghost small" onClick={() => void deed(row, "leave")}>{ta("undeliveredLeave")}</button>}
          {row.readable && <a href={deskHash(row.conversation)}>{tb("open")}</a>}
        </span>
      ),
    },
  ];
  return (
    <Screen title={ta("section.sin-entregar")} fixed tools={<button type="button" class="ghost" onClick={() => void read.again()}>{ts("refresh")}</button>} bar={<><Sections /><p class="section-intro">{ta("undeliveredIntro")}</p></>}>
      <Loaded read={read}>
        {(data) => <Table label={ta("section.sin-entregar")} name="admin-undelivered" columns={columns} rows={data.rows} rowKey={(row) => row.message} empty={<Empty title={ta("undeliveredNone")} />} />}
      </Loaded>
    </Screen>
  );
}
