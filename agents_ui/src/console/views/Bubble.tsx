/** One message. What a citizen wrote is only ever a text node. */
import type { Attachment, Conversation, Message } from "../../shared/protocol";
import { bytes, hour, when } from "../format";
import { discard, resend, type Outgoing } from "../outbox";
import { staffName } from "../reference";
import { me, minute } from "../store";
import { t, tMaybe } from "../text";
import { Icon } from "./Icon";
import { Lazy } from "./Lazy";

function File({ file }: { file: Attachment }) {
  const url = `/api/v1/attachments/${file.id}`;
  if (file.media_type.startsWith("audio/")) return <audio class="sound" controls preload="none" src={url} aria-label={file.name} />;
  if (file.state === "missing") return <span class="file file-missing"><Icon name="clip" size={16} /> {file.name} · {t("file.missing")}</span>;
  const image = file.media_type === "image/png" || file.media_type === "image/jpeg";
  return (
    <a class={image ? "file file-image" : "file"} href={url} download={file.name}>
      {image && <img src={url} alt={t("file.image", { name: file.name })} loading="lazy" width={220} height={140} />}
      <span><Icon name="download" size={16} /> {file.name} <span class="muted">{bytes(file.size_bytes)}</span></span>
    </a>
  );
}

/** How far a message of ours has got: one look and one word each. */
function Delivery({ message, conversation }: { message: Message; conversation: Conversation }) {
  const known = message.delivery === "failed" || message.delivery === "uncertain" ? message.delivery : message.seq <= conversation.citizen_read_seq ? "read" : message.delivery;
  const icon = known === "queued" ? "clock" : known === "failed" || known === "uncertain" ? "alert" : known === "read" || known === "delivered" ? "checks" : "check";
  return (
    <span class={`delivery delivery-${known}`}>
      <Icon name={icon} size={14} /> {t(`delivery.${known}`)}
      {(known === "failed" || known === "uncertain") && <Lazy file="./Undelivered.tsx" props={{ message }} fallback="" />}
    </span>
  );
}

/** Text with the names of colleagues that a note mentions set apart. */
function NoteText({ message }: { message: Message }) {
  const names = (message.mentions ?? []).map((id) => `@${staffName(id)}`).filter((name) => name !== "@");
  if (names.length === 0) return <>{message.text}</>;
  const escaped = names.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return <>{message.text.split(new RegExp(`(${escaped.join("|")})`)).map((part, index) => (index % 2 === 1 ? <mark key={index} class="mention">{part}</mark> : part))}</>;
}

/** What the house notes of a call is a code and who; the words come with the telephone's parts. */
const callLine = ({ code, data }: Message): string => {
  const due = data?.["due"];
  if (code === "call.chose") return tMaybe(`call.line.chose.${String(data?.["choice"])}`, tMaybe("call.line.chose", ""));
  return tMaybe(code?.startsWith("callback.") ? `line.${code}` : `call.line.${code?.slice(5) ?? ""}`, "", { name: staffName((data?.["user"] as string | undefined) ?? null), when: typeof due === "number" ? when(due, minute.peek()) : "" });
};

interface Props { message: Message; follows: boolean; last: boolean; conversation: Conversation }

export function Bubble({ message, follows, last, conversation }: Props) {
  const { kind, id, name } = message.author;
  const time = <time class="time" dateTime={new Date(message.at).toISOString()}>{hour(message.at)}</time>;
  if (kind === "system") {
    const long = message.text.length > 90;
    return (
      <div class={long ? "system system-long" : "system"}>
        {long && <p class="system-head"><Icon name="sound" size={14} /> {t("thread.automatic")} {time}</p>}
        <p>{message.text !== "" ? message.text : message.code?.startsWith("call") ? callLine(message) : <Lazy file="./Beyond.tsx" props={{ message }} fallback="" />} {!long && time}</p>
      </div>
    );
  }
  if (kind === "note") {
    return (
      <div class={`note${message.whisper === true ? " note-whisper" : ""}`}>
        <p class="note-head">
          <Icon name={message.whisper === true ? "eye" : "note"} size={14} />
          <strong>{t(message.whisper === true ? "note.whisper" : "note.by", { name: name ?? staffName(id) })}</strong> {time}
          <span class="sr-only">{t("note.private")}</span>
        </p>
        <p class="message-text"><NoteText message={message} /></p>
      </div>
    );
  }
  const ours = kind === "agent";
  const who = ours ? (id === me.value?.id ? t("thread.you") : (name ?? staffName(id))) : (name ?? t("thread.citizen"));
  return (
    <div class={`bubble-row ${ours ? "bubble-ours" : "bubble-theirs"}${follows ? " follows" : ""}`}>
      {!follows && <p class="bubble-head"><span>{who}</span> {time}</p>}
      <div class="bubble">
        {follows && <span class="sr-only">{who}, {hour(message.at)}: </span>}
        {message.text !== "" && <p class="message-text">{message.text}</p>}
        {message.attachments.length > 0 && <div class="files">{message.attachments.map((file) => <File key={file.id} file={file} />)}</div>}
        {message.data != null && <Lazy file="./Beyond.tsx" props={{ message, conversation: conversation.id }} fallback="" />}
      </div>
      {ours && (last || message.delivery === "failed" || message.delivery === "uncertain") && <Delivery message={message} conversation={conversation} />}
    </div>
  );
}

/** A message of mine that is not known to be stored yet, or that was refused. */
export function Sending({ one }: { one: Outgoing }) {
  return (
    <div class={one.kind === "note" ? "note pending" : "bubble-row bubble-ours pending"}>
      <div class={one.kind === "note" ? "" : "bubble"}>
        <p class="message-text">{one.text}</p>
        {one.files.map((file) => <span key={file.id} class="file"><Icon name="clip" size={16} /> {file.name}</span>)}
      </div>
      {one.failed === null ? (
        <span class="delivery delivery-sending"><Icon name="clock" size={14} /> {t("delivery.sending")}</span>
      ) : (
        <span class="delivery delivery-failed" role="alert">
          <Icon name="alert" size={14} /> {t("delivery.notSent")}: {tMaybe(`error.${one.failed}`, t("error.server"))}
          <button type="button" class="link" onClick={() => resend(one.clientId)}>{t("retry")}</button>
          <button type="button" class="link" onClick={() => discard(one.clientId)}>{t("discard")}</button>
        </span>
      )}
    </div>
  );
}
