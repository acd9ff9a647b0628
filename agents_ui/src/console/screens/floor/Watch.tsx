/** One open item at the side: the thread as it happens, read only; a whisper to whoever has it, and the deeds of a supervisor. */
import { useEffect, useState } from "preact/hooks";
import type { Item, Thread } from "../../../shared/protocol";
import { ApiError, take, watch } from "../../api";
import { isLive } from "../../call";
import { loadThread, openContact, watchLive } from "../../desk";
import { attempt, errorText } from "../../errors";
import { agentName, can, failures, me, queueName, state } from "../../store";
import { Empty } from "../../ui/Empty";
import { SidePanel } from "../../ui/SidePanel";
import { Skeleton } from "../../ui/Skeleton";
import { Tabs } from "../../ui/Tabs";
import { Clock } from "../../views/Clock";
import { Log } from "../../views/Log";
import { mayHear, Recordings } from "../../views/Recordings";
import { word } from "../parts/codes";
import { setParams } from "../parts/query";
import { ts } from "../parts/words";
import { ListenDeeds, Listeners, moment } from "./Calls";
import { Decisions } from "./Decisions";
import { Flags } from "./Items";
import { isWaiting } from "./model";
import { Reassign, TakeOver } from "./Reassign";
import { Whisper } from "./Whisper";

/** Reading somebody else's conversation is recorded before the first line of it is shown. */
function useWatching(conversation: string | null): { thread: Thread | null; failed: string | null } {
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    if (conversation === null) return undefined;
    let stopped = false;
    const begin = async (): Promise<void> => {
      try {
        await watch(conversation);
        if (stopped) return;
        watchLive(conversation, true);
        await loadThread(conversation);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!stopped) setRefused(errorText(error));
      }
    };
    void begin();
    return () => {
      stopped = true;
      watchLive(conversation, false);
    };
  }, [conversation]);
  const thread = conversation === null ? null : (state.value?.threads[conversation] ?? null);
  const failed = refused ?? (conversation !== null && failures.value[conversation] !== undefined ? ts("notRead") : null);
  return { thread, failed };
}

function Facts({ item }: { item: Item }) {
  return (
    <p class="watch-facts">
      <span>{word("channel", item.channel)} · {word("item", item.state)}</span>
      {isWaiting(item) ? <Clock since={item.enqueued_at} targetMs={item.target_s * 1000} label={ts("waitedLabel")} /> : <Clock since={item.since} label={ts("heldFor")} />}
      <span>{queueName(item.queue)}</span>
      {item.owner !== null && <strong>{agentName(item.owner)}</strong>}
      <Flags item={item} />
      {item.call != null && isLive(item) && moment(item) !== "" && <span class="tag">{moment(item)}</span>}
      <Listeners item={item} />
    </p>
  );
}

export function Watch({ id }: { id: string }) {
  const item = state.value?.items[id] ?? null;
  const [kept, setKept] = useState<Item | null>(item);
  const shown = item ?? kept;
  const { thread, failed } = useWatching(shown?.conversation ?? null);
  const [tab, setTab] = useState<"thread" | "why">("thread");
  const [dialog, setDialog] = useState<"assign" | "take" | null>(null);
  useEffect(() => {
    if (item !== null) setKept(item);
  }, [item]);
  const close = (): void => setParams({ ver: null });
  if (shown === null) {
    return <SidePanel title={ts("gone")} onClose={close}><Empty title={ts("gone")}><p>{ts("goneHelp")}</p></Empty></SidePanel>;
  }
  const open = item !== null;
  const isMine = shown.owner === me.value?.id;
  const takeNow = async (): Promise<void> => {
    if ((await attempt(() => take(shown.id))) !== null) openContact(shown);
  };
  const actions = open && can("work.assign") ? (
    <>
      {isMine ? <button type="button" class="primary" onClick={() => openContact(shown)}>{ts("openOnDesk")}</button>
        : shown.owner === null ? can("work.take") && <button type="button" class="primary" onClick={() => void takeNow()}>{ts("takeNow")}</button>
        : can("work.take_over") && <button type="button" onClick={() => setDialog("take")}>{ts("takeOver")}</button>}
      <button type="button" onClick={() => setDialog("assign")}>{ts(shown.owner === null ? "assign" : "reassign")}</button>
    </>
  ) : undefined;
  return (
    <SidePanel title={shown.label ?? ts("restricted")} subject={id} onClose={close} actions={actions} subtitle={<Facts item={shown} />}>
      {!open && <p class="notice">{ts("ended")}</p>}
      {open && <ListenDeeds item={shown} />}
      {shown.call?.id != null && shown.call.mode === "browser" && mayHear(shown.owner) && !isLive(shown) && <Recordings key={shown.call.id} call={shown.call.id} />}
      <Tabs label={ts("details")} selected={tab} onSelect={setTab} tabs={[{ key: "thread", label: ts("conversation") }, { key: "why", label: ts("why") }]}>
        {tab === "why" ? <Decisions item={id} /> : shown.conversation === null ? <p class="muted">{ts("noConversation")}</p> : failed !== null && thread === null ? (
          <Empty title={ts("notRead")}><p role="alert">{failed}</p></Empty>
        ) : thread === null ? <Skeleton lines={8} /> : (
          <div class="watch-thread">
            <Log thread={thread} />
            {open && shown.owner !== null && !isMine && can("conversation.whisper") && <Whisper conversation={thread.conversation.id} to={agentName(shown.owner) ?? ""} />}
          </div>
        )}
      </Tabs>
      {dialog === "assign" && <Reassign item={shown} onClose={() => setDialog(null)} onDone={() => setDialog(null)} />}
      {dialog === "take" && <TakeOver item={shown} onClose={() => setDialog(null)} onDone={() => { setDialog(null); openContact(shown); }} />}
    </SidePanel>
  );
}
