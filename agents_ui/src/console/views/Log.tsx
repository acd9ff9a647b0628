/** The messages, grouped by author and day. It stays at its end while one is there, and where one reads while one reads. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message, Thread } from "../../shared/protocol";
import { loadOlder } from "../desk";
import { day, sameDay } from "../format";
import { pendingOf } from "../outbox";
import { me, now, typing } from "../store";
import { t } from "../text";
import { Bubble, Sending } from "./Bubble";

const TOGETHER_MS = 5 * 60_000;
const NEAR_END_PX = 80;

/** Whether two messages read as one turn: same author, minutes apart, same day. */
export function together(before: Message | undefined, one: Message): boolean {
  return (
    before !== undefined && before.author.kind === one.author.kind && before.author.id === one.author.id &&
    one.author.kind !== "system" && one.at - before.at < TOGETHER_MS && sameDay(before.at, one.at)
  );
}

export function Log({ thread }: { thread: Thread }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const height = useRef(0);
  const [loading, setLoading] = useState(false);
  const [below, setBelow] = useState(0);
  const id = thread.conversation.id;
  const sending = pendingOf(id, thread.messages, me.value?.id);
  const isTyping = (typing.value[id] ?? 0) > now.value;
  const lastSeq = thread.messages.at(-1)?.seq ?? 0;
  const firstSeq = thread.messages[0]?.seq ?? 0;

  useLayoutEffect(() => {
    const view = box.current;
    if (view === null) return;
    if (atEnd.current) view.scrollTop = view.scrollHeight;
    else setBelow((count) => count + 1);
  }, [lastSeq, sending.length, isTyping]);
  // Older messages grow the log upwards: what is being read stays where it is.
  useLayoutEffect(() => {
    const view = box.current;
    if (view !== null && !atEnd.current && height.current > 0) view.scrollTop += view.scrollHeight - height.current;
    height.current = 0;
  }, [firstSeq]);

  // Whatever takes room from the log (a warning, a growing composer), its end stays in view for whoever is at it.
  useLayoutEffect(() => {
    const view = box.current;
    if (view === null || typeof ResizeObserver === "undefined") return undefined;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) view.scrollTop = view.scrollHeight;
    });
    observer.observe(view);
    return () => observer.disconnect();
  }, []);

  const onScroll = (): void => {
    const view = box.current;
    if (view === null) return;
    atEnd.current = view.scrollHeight - view.scrollTop - view.clientHeight < NEAR_END_PX;
    if (atEnd.current && below > 0) setBelow(0);
  };
  const older = async (): Promise<void> => {
    setLoading(true);
    height.current = box.current?.scrollHeight ?? 0;
    atEnd.current = false;
    await loadOlder(id);
    setLoading(false);
  };
  const toEnd = (): void => {
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  };

  return (
    <div class="log-frame">
      <div class="log" role="log" aria-live={loading ? "off" : "polite"} aria-label={t("thread.log")} tabIndex={0} ref={box} onScroll={onScroll}>
        {thread.more && <button type="button" class="older" disabled={loading} onClick={() => void older()}>{t(loading ? "thread.loadingOlder" : "thread.older")}</button>}
        {thread.messages.map((one, index) => {
          const before = thread.messages[index - 1];
          const newDay = before === undefined || !sameDay(before.at, one.at);
          return (
            <div key={one.id} class="turn">
              {newDay && <p class="day"><span>{day(one.at, now.peek())}</span></p>}
              <Bubble message={one} follows={!newDay && together(before, one)} last={!together(one, thread.messages[index + 1] ?? { ...one, author: { kind: "system", id: null, name: null } })} conversation={thread.conversation} />
            </div>
          );
        })}
        {sending.map((one) => <Sending key={one.clientId} one={one} />)}
        {isTyping && <p class="typing" aria-hidden="true">{t("thread.typing")}</p>}
      </div>
      {below > 0 && <button type="button" class="to-end" onClick={toEnd}>{t("thread.newBelow")}</button>}
    </div>
  );
}
