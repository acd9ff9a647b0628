/** The contact in hand: head, warnings, the log of messages, and at the bottom whatever is to be done now. */
import type { Item } from "../../shared/protocol";
import { take } from "../api";
import { loadThread, openContact, upsert } from "../desk";
import { attempt, errorText } from "../errors";
import { ApiError } from "../api";
import { openId } from "../route";
import { can, failures, me, openItem, openThread, state } from "../store";
import { t } from "../text";
import { wrapping } from "../ui";
import { Composer } from "./Composer";
import { Lazy } from "./Lazy";
import { Log } from "./Log";
import { ThreadHead } from "./ThreadHead";
import { Warnings } from "./Warnings";

export async function takeItem(item: Item): Promise<void> {
  const done = await attempt(() => take(item.id));
  if (done === null) return;
  upsert(done.item);
  openContact(item);
}

function Nothing() {
  return (
    <div class="nothing">
      <h1 class="nothing-title">{t("thread.none")}</h1>
      <p>{t("thread.noneHelp")}</p>
      <p class="nothing-keys"><kbd>J</kbd> <kbd>K</kbd> {t("thread.noneMove")} · <kbd>Ctrl</kbd> <kbd>K</kbd> {t("thread.noneSearch")} · <kbd>?</kbd> {t("thread.noneKeys")}</p>
    </div>
  );
}

function Failed({ id, code }: { id: string; code: string }) {
  return (
    <div class="nothing" role="alert">
      <p class="nothing-title">{t("thread.failed")}</p>
      <p>{errorText(new ApiError(code === "no_answer" ? 0 : 404, code, ""))}</p>
      <button type="button" onClick={() => void loadThread(id)}>{t("retry")}</button>
    </div>
  );
}

function LoadingLog() {
  return (
    <div class="log" role="status" aria-label={t("loading")}>
      {["a", "b", "a", "b"].map((side, index) => <div key={index} class={`skeleton-bubble skeleton-${side}`} />)}
    </div>
  );
}

/** What stands where the composer does: writing, capturing, taking, or the reason why none of them. */
function Bottom({ item }: { item: Item }) {
  const isMine = item.owner === me.value?.id;
  const lacksCapture = (item.state === "done" || item.state === "gone") && ["pending", "returned", "overdue"].includes(item.capture);
  // How a promised call went is said first, in its script; then it is captured.
  const isUnsaid = item.kind === "callback" && ["solicited", "assigned", "rescheduled"].includes(item.call?.callback?.state ?? "");
  const captures = lacksCapture || (isMine && !isUnsaid && (item.state === "wrap_up" || wrapping.value[item.interaction] === true));
  // A promised call is made when it was promised for, not before.
  const free = item.state === "waiting" || (item.state === "scheduled" && item.kind !== "callback");
  return (
    <>
      {free && can("work.take") && (
        <div class="take-bar">
          <span>{t("thread.waiting")}</span>
          <button type="button" class="primary" onClick={() => void takeItem(item)}>{t("thread.take")}</button>
        </div>
      )}
      <Composer item={item} key={item.interaction} />
      {captures && <Lazy file="./WrapUp.tsx" key={`wrap/${item.id}`} props={{ item, late: lacksCapture }} fallback={<div class="wrap-up" />} />}
    </>
  );
}

export function Thread() {
  const id = openId.value;
  const item = openItem.value;
  const thread = openThread.value;
  if (id === null || state.value === null) return <div class="thread"><Nothing /></div>;
  const failed = failures.value[id];
  if (item === null) return <div class="thread">{failed === undefined ? <LoadingLog /> : <Failed id={id} code={failed} />}</div>;
  return (
    <div class="thread">
      <ThreadHead item={item} thread={thread} />
      {item.call != null && <Lazy file="./CallBar.tsx" fallback={<div class="call-wait" />} />}
      {item.kind === "callback" && <Lazy file="./Script.tsx" key={item.id} props={{ item }} fallback={<div class="call-wait" />} />}
      <Warnings item={item} thread={thread} />
      {thread !== null ? <Log thread={thread} key={id} /> : failed === undefined ? <LoadingLog /> : <Failed id={id} code={failed} />}
      <Bottom item={item} />
    </div>
  );
}
