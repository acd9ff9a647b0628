/** The messages, by day, with our own that are still on their way at the end. New ones are announced once. */
import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { day, dayKey } from "../../shared/time";
import { Icon } from "../icons";
import { pending, say } from "../live";
import type { Chat } from "../state";
import { locale, t } from "../text";
import type { Message } from "../types";
import { Bubble, Waiting } from "./Bubble";

/** The quick answers of a message, if it asks for a choice. */
function choices(message: Message | undefined): string[] {
  const given = message?.data?.["choices"];
  if (!Array.isArray(given)) return [];
  return given.map((one: unknown) => (typeof one === "string" ? one : (one as { text?: unknown } | null)?.text)).filter((one) => typeof one === "string");
}

export function Log({ chat, isOnline, children }: { chat: Chat; isOnline: boolean; children?: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [isAway, setAway] = useState(false);
  const [isRead, setRead] = useState(true);
  const waiting = pending.list().filter((entry) => !chat.messages.some((one) => one.client_id === entry.id));
  const shown = chat.messages.filter((one) => one.text !== "" || one.attachments.length > 0);
  const last = shown.at(-1);
  const ownLast = shown.filter((one) => one.author.kind === "citizen").at(-1);
  const count = shown.length + waiting.length;
  const toEnd = (): void => box.current?.scrollTo(0, box.current.scrollHeight);
  const asked = waiting.length === 0 && chat.conversation?.can_write === true ? choices(last) : [];

  useLayoutEffect(() => {
    if (isAway && last?.author.kind !== "citizen" && waiting.length === 0) setRead(false);
    else toEnd();
  }, [count, chat.conversation?.can_write]);
  useEffect(() => {
    // The keyboard of a phone takes half the screen: what was at the end stays in view.
    const keep = new ResizeObserver(() => !box.current?.classList.contains("away") && toEnd());
    if (box.current) keep.observe(box.current);
    return () => keep.disconnect();
  }, []);

  function onScroll(): void {
    const { scrollHeight = 0, scrollTop = 0, clientHeight = 0 } = box.current ?? {};
    const away = scrollHeight - scrollTop - clientHeight > 80;
    setAway(away);
    if (!away) setRead(true);
  }

  const now = Date.now();
  let before = "";
  return (
    <div class="log-frame">
      <div class={isAway ? "log away" : "log"} ref={box} onScroll={onScroll} tabIndex={0} role="region" aria-label={t("chat.log")}>
        <div role="log" aria-relevant="additions" aria-label={t("chat.messages")}>
          {count === 0 && <p class="muted empty">{t("chat.empty")}</p>}
          {shown.map((message) => {
            const key = dayKey(message.at);
            const isNew = key !== before;
            before = key;
            return [
              isNew && <p class="day" key={key} aria-live="off"><span>{day(message.at, now, locale)}</span></p>,
              <Bubble key={message.client_id ?? message.id} message={message} conversation={chat.conversation} isLast={message === ownLast && waiting.length === 0} />,
            ];
          })}
          {waiting.map((entry) => <Waiting key={entry.id} entry={entry} isOnline={isOnline} />)}
        </div>
        {asked.length > 0 && <div class="quick">{asked.map((text) => <button type="button" class="button" onClick={() => say(text)}>{text}</button>)}</div>}
        {children}
      </div>
      {isAway && !isRead && <button type="button" class="newer" onClick={toEnd}><Icon name="down" /> {t("chat.newer")}</button>}
    </div>
  );
}
