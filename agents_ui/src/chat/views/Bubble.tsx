/** One message. What people wrote is only ever text: links are found, never parsed as markup (PROMISES S20). */
import { useState } from "preact/hooks";
import type { Entry } from "../../shared/pending";
import { hour } from "../../shared/time";
import { pending } from "../live";
import { later } from "../parts";
import { fate } from "../state";
import { locale, t, tError } from "../text";
import type { Conversation, Message, Outgoing } from "../types";

const Attached = later(async () => (await import("./Attached")).Attached);

/** Characters that turn the reading direction: a link or a file's name could be dressed up with them. They show as a mark. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text with its http(s) links as links; anything else that looks like an address stays text. */
export function linked(text: string) {
  return text.replace(TURNING, "\ufffd").split(/(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,;:!?)\]}])/i).map((part, place) =>
    place % 2 === 1 ? <a href={part} target="_blank" rel="noopener noreferrer nofollow"><bdi>{part}</bdi></a> : part,
  );
}

function Folio({ folio }: { folio: string }) {
  const [isCopied, setCopied] = useState(false);
  async function copy(event: { currentTarget: HTMLElement }): Promise<void> {
    const number = event.currentTarget.parentElement?.querySelector("b");
    try {
      await navigator.clipboard.writeText(folio);
    } catch {
      // Some host pages do not pass the right to copy on to a frame.
      if (number) getSelection()?.selectAllChildren(number);
      document.execCommand("copy");
    }
    setCopied(true);
    setTimeout(() => setCopied(false), 4000);
  }
  return (
    <div class="folio">
      <span class="muted">{t("folio.yours")}</span> <b>{folio}</b>
      <button type="button" class="button" onClick={copy}>{t(isCopied ? "folio.copied" : "folio.copy")}</button>
      <p class="muted">{t("folio.keep")}</p>
    </div>
  );
}

export function Bubble({ message, conversation, isLast }: { message: Message; conversation: Conversation | null; isLast: boolean }) {
  const { author, data } = message;
  const folio = data?.["folio"];
  return (
    <article class={`bubble ${author.kind}`}>
      <p class={author.kind === "citizen" ? "who hidden" : "who"}><bdi>{author.kind === "citizen" ? t("chat.you") : author.name ?? t("chat.staff")}</bdi></p>
      {message.text && <p class="text" dir="auto"><bdi>{linked(message.text)}</bdi></p>}
      {typeof folio === "string" && <Folio folio={folio} />}
      {message.attachments.length > 0 && <Attached files={message.attachments} />}
      <p class="meta" aria-live="off"><time dateTime={new Date(message.at).toISOString()}>{hour(message.at, locale)}</time>{isLast && ` · ${t(`chat.${fate(message, conversation)}`)}`}</p>
    </article>
  );
}

/** One of our own that the server has not stored yet, or would not. */
export function Waiting({ entry, isOnline }: { entry: Entry<Outgoing>; isOnline: boolean }) {
  const { failed, body } = entry;
  return (
    <article class={failed === null ? "bubble citizen pending" : "bubble citizen failed"}>
      <p class="who hidden">{t("chat.you")}</p>
      {body.text && <p class="text" dir="auto"><bdi>{body.text}</bdi></p>}
      {body.files.length > 0 && <p class="text"><bdi>{body.files.map((file) => file.name).join(", ")}</bdi></p>}
      {failed === null ? <p class="meta" aria-live="off">{t(isOnline ? "chat.sending" : "chat.pending")}</p> : (
        <div class="meta">
          <p>{t("chat.failed")}: {tError(failed)}</p>
          <button type="button" class="link" onClick={() => pending.retry(entry.id, Date.now())}>{t("chat.resend")}</button>
          <button type="button" class="link" onClick={() => pending.settle(entry.id)}>{t("chat.discard")}</button>
        </div>
      )}
    </article>
  );
}
