/** The conversation: status, help that stays, messages, and the place to write or what comes after the end. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { isShown, onShown, tell } from "../embed";
import { IconButton } from "../icons";
import { forget, now, pending, sayRead, watch, type Live } from "../live";
import { Failure, later } from "../parts";
import { lastSeq } from "../state";
import { learn, t } from "../text";
import { talk } from "../text/talk.es";
import type { Config } from "../types";
import { Composer } from "./Composer";
import { Crisis } from "./Crisis";
import { Log } from "./Log";
import "../../styles/talk.css";

learn(talk);

const Promised = later(async () => (await import("./Promised")).Promised);
const Ending = later(async () => (await import("./Ending")).Ending);

/** One line that says how things are. */
function status({ chat, link }: Live, isGone: boolean): string {
  const { conversation } = chat;
  if (link === "offline" || (link === "reconnecting" && pending.list().length > 0)) return t("status.offline");
  if (link !== "online") return t(chat.isKnown ? "status.reconnecting" : "app.loading");
  if (conversation === null || isGone) return t("status.write");
  // The house answered by itself: a person is one message away.
  if (conversation.state === "started") return t(conversation.last_seq > 0 ? "status.goOn" : "status.write");
  if (!conversation.can_write) return t("status.closed");
  if (conversation.state === "message_left") return t("status.left");
  if (conversation.agent !== null && conversation.state !== "queued") return t("status.agent", { name: conversation.agent.name });
  if (conversation.crisis) return t("status.soon");
  const wait = conversation.wait_s ? ` · ${t("status.wait", { n: Math.max(1, Math.round(conversation.wait_s / 60)) })}` : "";
  return conversation.position ? t("status.place", { n: conversation.position }) + wait : t("status.waiting");
}

/** Counts what came from the other side while nobody looked, for the title and the host page. */
function useUnread({ conversation, messages }: Live["chat"]): void {
  const [seen, setSeen] = useState(["", 0] as readonly [id: string, seq: number]);
  const id = conversation?.id ?? "";
  const theirs = messages.filter((one) => one.author.kind !== "citizen");
  const last = theirs.at(-1)?.seq ?? 0;
  const isLooking = (!document.hidden && isShown) || seen[0] !== id;
  const unread = isLooking ? 0 : theirs.filter((one) => one.seq > seen[1]).length;
  useEffect(() => {
    if (isLooking && (seen[0] !== id || seen[1] !== last)) setSeen([id, last]);
  });
  useEffect(() => {
    tell({ unread });
    document.title = (unread > 0 ? `(${unread}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  }, [unread]);
}

export function Talk({ config, onHome, onCall }: { config: Config | null; onHome: () => void; onCall: () => void }) {
  const [, redraw] = useState(0);
  const live = now;
  const { chat } = live;
  const { conversation } = chat;
  const isGone = conversation !== null && conversation.id === live.isPutAway;
  const isOver = conversation !== null && !conversation.can_write && !isGone;
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const yes = useRef<HTMLButtonElement>(null);
  const end = useRef<HTMLButtonElement>(null);

  useUnread(chat);
  useEffect(() => {
    const again = (): void => (now.token === null ? onHome() : redraw((count) => count + 1));
    const stops = [watch(again), onShown(again), () => document.removeEventListener("visibilitychange", again)];
    document.addEventListener("visibilitychange", again);
    again();
    return () => stops.forEach((stop) => stop());
  }, []);
  useEffect(() => {
    if (!document.hidden && isShown && !isGone) sayRead(lastSeq(chat));
  });
  useLayoutEffect(() => yes.current?.focus(), [isAsking]);

  function stay(): void {
    setAsking(false);
    end.current?.focus();
  }
  async function finish(): Promise<void> {
    setAsking(false);
    // Nothing was said: there is nothing to end but the visit.
    if (conversation === null || isGone) {
      for (const entry of pending.list()) pending.settle(entry.id);
      return forget();
    }
    try {
      await api.end(now.token ?? "");
      setError("");
    } catch (failed) {
      setError(failed instanceof api.ApiError ? failed.code : "invalid");
    }
  }

  return (
    <div class="talk">
      <div class="status">
        <IconButton icon="back" label={t("app.back")} onClick={onHome} />
        <p role="status" class={live.link === "online" ? "" : "away"}><bdi>{status(live, isGone)}</bdi></p>
        {!isOver && <button type="button" ref={end} class="link" aria-expanded={isAsking} onClick={() => setAsking(!isAsking)}>{t("chat.end")}</button>}
      </div>
      {isAsking && (
        <div class="ask" role="group" aria-label={t("chat.end.sure")} onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          stay();
        }}>
          <p>{t("chat.end.sure")}</p>
          <button type="button" ref={yes} class="button" onClick={finish}>{t("chat.end.yes")}</button>
          <button type="button" class="button" onClick={stay}>{t("chat.end.no")}</button>
        </div>
      )}
      {error && <Failure code={error} onRetry={finish} />}
      {chat.callback !== null && !isGone && <Promised callback={chat.callback} onMove={onCall} />}
      {chat.callback === null && conversation?.state === "queued" && !conversation.crisis && <p class="offer"><button type="button" class="link" onClick={onCall}>{t("call.instead")}</button></p>}
      {conversation?.crisis && !isGone && <Crisis crisis={conversation.crisis} />}
      <Log chat={isGone ? { ...chat, messages: [], conversation: null } : chat} isOnline={live.link === "online"}>
        {isOver && <Ending conversation={conversation} config={config} token={live.token ?? ""} />}
      </Log>
      {!isOver && <p class="typing muted" aria-hidden={chat.typing === null}>{chat.typing !== null && !isGone && <bdi>{t("status.typing", { name: chat.typing })}</bdi>}</p>}
      {!isOver && <Composer config={config} limit={config?.limits.text ?? 4000} />}
    </div>
  );
}
