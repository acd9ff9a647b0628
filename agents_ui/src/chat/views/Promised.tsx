/** The call that was promised, as a card that stays: when, to which number, and the ways to move or cancel it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as api from "../api";
import { now, promised } from "../live";
import { Failure } from "../parts";
import { learn, locale, t } from "../text";
import { call } from "../text/call.es";
import type { ChatCallback } from "../types";

learn(call);

const TITLES = { calling: "call.calling", done: "call.wasDone", not_reached: "call.notReached", cancelled: "call.cancelled" } as const;
export const isOpen = (callback: ChatCallback | null): callback is ChatCallback => callback !== null && (callback.state === "promised" || callback.state === "calling");

interface Props { callback: ChatCallback; onMove: () => void; isAlone?: boolean }

export function Promised({ callback, onMove, isAlone = false }: Props) {
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const yes = useRef<HTMLButtonElement>(null);
  const cancel = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => yes.current?.focus(), [isAsking]);
  // What is over is said once, where it was asked for; beside a conversation it would only be in the way.
  if (!isAlone && !isOpen(callback)) return null;
  const words = locale === "en" ? callback.words_en : callback.words;
  function stay(): void {
    setAsking(false);
    cancel.current?.focus();
  }
  async function drop(): Promise<void> {
    setAsking(false);
    try {
      promised((await api.write<{ callback: ChatCallback }>("callbacks/cancel", now.token, { callback_id: callback.id })).callback);
      setError("");
    } catch (failed) {
      setError(failed instanceof api.ApiError ? failed.code : "invalid");
    }
  }
  return (
    <section class="promised" aria-label={t("call.title")}>
      <p role="status"><b>{callback.state === "promised" ? t("call.done", { when: words }) : t(TITLES[callback.state])}</b></p>
      {isOpen(callback) && callback.number && <p class="muted">{t("call.number", { number: callback.number })}</p>}
      {isAsking ? (
        <div class="ask" role="group" aria-label={t("call.cancel.sure")} onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.preventDefault();
          stay();
        }}>
          <p>{t("call.cancel.sure")}</p>
          <button type="button" ref={yes} class="button" onClick={drop}>{t("call.cancel.yes")}</button>
          <button type="button" class="button" onClick={stay}>{t("call.cancel.no")}</button>
        </div>
      ) : (callback.can_move || callback.can_cancel) && (
        <div class="actions">
          {callback.can_move && <button type="button" class={isAlone ? "button" : "link"} onClick={onMove}>{t("call.move")}</button>}
          {callback.can_cancel && <button type="button" ref={cancel} class={isAlone ? "button" : "link"} onClick={() => setAsking(true)}>{t("call.cancel")}</button>}
        </div>
      )}
      {error && <Failure code={error} onRetry={drop} />}
    </section>
  );
}
