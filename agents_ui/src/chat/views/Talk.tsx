/** The conversation: status, help that stays, messages, and the place to write or what comes after the end. */
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { isShown } from "../embed";
import { forget, now, pending, sayRead, type Live } from "../live";
import { Failure, later } from "../parts";
import { lastSeq } from "../state";
import { t } from "../text";
import type { Config } from "../types";
import { Composer } from "./Composer";
import { Crisis } from "./Crisis";
import { Log } from "./Log";

const Ending = later(async () => (await import("./Ending")).Ending);

/** One line that says how things are. */
function status({ chat, link }: Live, isGone: boolean): string {
  const { conversation } = chat;
  if (link === "offline" || (link === "reconnecting" && pending.list().length > 0)) return t("status.offline");
  if (link !== "online") return t(chat.isKnown ? "status.reconnecting" : "app.loading");
  if (conversation === null || isGone || conversation.state === "started") return t("status.write");
  if (!conversation.can_write) return t("status.closed");
  if (conversation.state === "message_left") return t("status.left");
  if (conversation.agent !== null && conversation.state !== "queued") return t("status.agent", { name: conversation.agent.name });
  const wait = conversation.wait_s ? ` · ${t("status.wait", { n: Math.max(1, Math.round(conversation.wait_s / 60)) })}` : "";
  return conversation.position ? t("status.place", { n: conversation.position }) + wait : t("status.waiting");
}

export function Talk({ live, config, onHome }: { live: Live; config: Config | null; onHome: () => void }) {
  const { chat } = live;
  const { conversation } = chat;
  const isGone = conversation !== null && conversation.id === live.isPutAway;
  const isOver = conversation !== null && !conversation.can_write && !isGone;
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const yes = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!document.hidden && isShown && !isGone) sayRead(lastSeq(chat));
  });
  useEffect(() => yes.current?.focus(), [isAsking]);

  async function finish(): Promise<void> {
    setAsking(false);
    // Nothing was said: there is nothing to end but the visit.
    if (conversation === null || isGone) {
      for (const entry of pending.list()) pending.settle(entry.id);
      forget();
      return onHome();
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
        <p role="status" class={live.link === "online" ? "" : "away"}><bdi>{status(live, isGone)}</bdi></p>
        {!isOver && <button type="button" class="link" aria-expanded={isAsking} onClick={() => setAsking(!isAsking)}>{t("chat.end")}</button>}
      </div>
      {isAsking && (
        <div class="ask" role="group" aria-label={t("chat.end.sure")} onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          setAsking(false);
        }}>
          <p>{t("chat.end.sure")}</p>
          <button type="button" ref={yes} class="button" onClick={finish}>{t("chat.end.yes")}</button>
          <button type="button" class="button" onClick={() => setAsking(false)}>{t("chat.end.no")}</button>
        </div>
      )}
      {error && <Failure code={error} onRetry={finish} />}
      {conversation?.crisis && !isGone && <Crisis crisis={conversation.crisis} />}
      <Log chat={isGone ? { ...chat, messages: [], conversation: null } : chat} isOnline={live.link === "online"}>
        {isOver && <Ending conversation={conversation} config={config} token={live.token ?? ""} onHome={onHome} />}
      </Log>
      <p class="typing muted" aria-hidden={chat.typing === null}>{chat.typing !== null && !isGone && <bdi>{t("status.typing", { name: chat.typing })}</bdi>}</p>
      {!isOver && <Composer config={config} limit={config?.limits.text ?? 4000} />}
    </div>
  );
}
