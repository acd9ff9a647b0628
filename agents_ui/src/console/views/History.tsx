/** What happened before, and how this contact travelled: every earlier contact of the person, every hand it went through. */
import type { InteractionRow, Item, Segment, Thread } from "../../shared/protocol";
import { elapsed, when } from "../format";
import { nameOf, staffName } from "../reference";
import { deskHash, go } from "../route";
import { minute, openPerson, queueName } from "../store";
import { t, tMaybe } from "../text";
import { ChannelIcon } from "./Icon";
import { Continuity } from "./Continuity";
import { channelName } from "./InboxItem";

function Hand({ one }: { one: Segment }) {
  return (
    <li class="hand">
      <span><strong>{staffName(one.agent)}</strong> <span class="muted">{queueName(one.queue) ?? nameOf("queues", one.queue)}</span></span>
      <span class="muted tabular">{when(one.started_at, minute.value)} · {elapsed((one.ended_at ?? minute.value) - one.started_at)}{one.how ? ` · ${tMaybe(`segment.${one.how}`, one.how)}` : ""}</span>
    </li>
  );
}

function Contact({ row }: { row: InteractionRow }) {
  const result = row.disposition ? nameOf("dispositions", row.disposition) : tMaybe(`capture.${row.capture}`, row.capture);
  return (
    <li>
      <button type="button" class="row" onClick={() => go(deskHash(row.id))}>
        <ChannelIcon channel={row.channel} label={channelName(row.channel)} />
        <span class="row-main">
          <span class="row-top"><span class="row-name">{when(row.started_at, minute.value)}</span><span class="clock">{row.duration_s !== null ? elapsed(row.duration_s * 1000) : ""}</span></span>
          <span class="row-bottom"><span class="row-text">{[result, staffName(row.agent), ...row.petitions].filter((one) => one !== "").join(" · ")}</span></span>
        </span>
      </button>
    </li>
  );
}

export function History({ item, thread }: { item: Item; thread: Thread | null }) {
  const contacts = (openPerson.value?.contacts ?? []).filter((row) => row.id !== item.interaction);
  const previous = thread?.conversation.previous;
  return (
    <div class="history">
      <section>
        <h3>{t("history.this")}</h3>
        <dl class="data">
          <div class="datum"><dt>{t("history.arrived")}</dt><dd>{when(item.enqueued_at, minute.value)}</dd></div>
          {thread?.conversation.first_reply_at && <div class="datum"><dt>{t("history.firstReply")}</dt><dd>{elapsed(thread.conversation.first_reply_at - item.enqueued_at)}</dd></div>}
          {thread?.conversation.site && <div class="datum"><dt>{t("history.site")}</dt><dd>{thread.conversation.site}</dd></div>}
          {thread?.conversation.notice_version && <div class="datum"><dt>{t("history.notice")}</dt><dd>{thread.conversation.notice_version}{thread.conversation.notice_at ? ` · ${when(thread.conversation.notice_at, minute.value)}` : ""}</dd></div>}
        </dl>
        {thread !== null && thread.segments.length > 0 && <ol class="hands">{thread.segments.map((one) => <Hand key={`${one.agent}${one.started_at}`} one={one} />)}</ol>}
        {previous && <p><a href={deskHash(previous)}>{t("history.previous")}</a></p>}
        <Continuity item={item} key={item.id} />
      </section>
      <section>
        <h3>{t("history.before", { n: contacts.length })}</h3>
        {contacts.length === 0 ? <p class="muted">{t(item.citizen === null ? "history.unknown" : "history.none")}</p> : <ul class="rows">{contacts.map((row) => <Contact key={row.id} row={row} />)}</ul>}
      </section>
    </div>
  );
}
