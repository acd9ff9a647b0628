/** What was done about a petition, and the contacts it came up in. Nothing here is ever changed, only added to. */
import { staffName } from "../../reference";
import { when } from "../../format";
import { deskHash } from "../../route";
import { now } from "../../store";
import { Empty } from "../../ui/Empty";
import { ChannelIcon } from "../../views/Icon";
import { word } from "../parts/codes";
import { tr } from "../parts/records";
import type { FollowUp, Link } from "./types";

export function FollowUps({ rows }: { rows: readonly FollowUp[] }) {
  if (rows.length === 0) return <Empty title={tr("noFollowUps")} />;
  return (
    <ol class="timeline" reversed>
      {[...rows].sort((a, b) => b.at - a.at).map((one) => (
        <li key={one.id}>
          <p class="timeline-time"><time class="num" dateTime={new Date(one.at).toISOString()}>{when(one.at, now.peek())}</time> · {one.author_name ?? (staffName(one.author) || word("origin", one.origin))} {one.visible && <span class="tag tag-ok">{tr("visible")}</span>}</p>
          <p>{one.text}</p>
        </li>
      ))}
    </ol>
  );
}

export function Links({ rows }: { rows: readonly Link[] }) {
  if (rows.length === 0) return <Empty title={tr("noContacts")} />;
  return (
    <ol class="timeline" reversed>
      {[...rows].sort((a, b) => b.started_at - a.started_at).map((one) => (
        <li key={one.interaction} class={one.unlinked_at ? "undone" : ""}>
          <p class="timeline-time"><time class="num" dateTime={new Date(one.started_at).toISOString()}>{when(one.started_at, now.peek())}</time> · {staffName(one.agent)}</p>
          <p><ChannelIcon channel={one.channel} label={word("channel", one.channel)} /> <a href={deskHash(one.interaction)}>{tr(one.relation === "created" ? "linkCreated" : one.relation === "queried" ? "linkQueried" : "linkLinked")}</a></p>
          {one.unlinked_at ? <p class="muted">{tr("unlinked", { name: staffName(one.unlinked_by), reason: one.unlinked_reason ?? "" })}</p> : null}
        </li>
      ))}
    </ol>
  );
}
