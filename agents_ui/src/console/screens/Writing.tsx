/** What the contact's messaging channel allows, before one writes: until when, in how many parts, with which subject. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import "../../styles/writing.css";
import type { Item } from "../../shared/protocol";
import { draft, setDraft } from "../drafts";
import { hour, spoken } from "../format";
import { useRead } from "./parts/read";
import { segments } from "../segments";
import { now } from "../store";
import { setWay } from "../ui";
import { Icon } from "../views/Icon";
import { Templates } from "../views/writing/Templates";
import type { WritingOf } from "../views/writing/types";
import { tw } from "../views/writing/words";

const SOON_MS = 3_600_000;

function Window({ closesAt }: { closesAt: number }) {
  const left = closesAt - now.value;
  if (left <= 0) return null;
  const words = { left: spoken(left), hour: hour(closesAt) };
  return left < SOON_MS
    ? <span class="writing-soon" role="status"><Icon name="clock" size={14} /> {tw("windowSoon", words)}</span>
    : <span class="muted num"><Icon name="clock" size={14} /> {tw("windowOpen", words)}</span>;
}

function Counter({ text }: { text: string }) {
  if (text === "") return null;
  const { parts, used, room, because } = segments(text);
  const words = { used, full: used + room, parts };
  return (
    <span class="muted">
      <span class="num">{tw(parts === 1 ? "smsOne" : "smsCount", words)}</span>
      {because !== "" && parts > 1 && <> · {tw("smsWide", { sign: because })}</>}
    </span>
  );
}

export default function Writing({ item, text }: { item: Item; text: string }) {
  const contact = item.interaction;
  const read = useRead<WritingOf>(`conversations/${item.conversation ?? ""}/writing`, { after: item.last_citizen_at });
  const [choosing, setChoosing] = useState(false);
  const [quote, setQuote] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const found = read.data;
  const isMail = found?.limits.medium === "email";
  const own = `${contact}/subject`;
  const usual = found?.subject ? `Re: ${found.subject.replace(/^(?:\s*re:\s*)+/i, "")}` : "";
  const typed = draft("reply", own).value;
  const subject = typed === "" ? usual : typed;
  const isClosed = found !== null && found.closes_at !== null && found.closes_at <= now.value;
  const closed = found === null ? "" : found.opted_out ? tw("optedOut") : isClosed ? tw("windowClosed") : "";
  const extra = isMail ? { ...(subject !== usual && subject.trim() !== "" ? { subject: subject.trim() } : {}), ...(quote ? { quote: true } : {}) } : {};
  const shape = JSON.stringify([closed, extra, found?.limits]);
  useLayoutEffect(() => {
    if (found !== null) setWay(contact, { closed, limit: Math.min(4000, found.limits.text), files: found.limits.media_bytes > 0, extra });
  }, [contact, shape]);
  const done = (): void => {
    setChoosing(false);
    opener.current?.focus();
  };
  if (found === null) return read.error === null ? <div class="writing" /> : <p class="writing writing-note">{tw("failed")}</p>;
  const templates = found.opted_out ? [] : found.templates;
  const offers = found.limits.reply_window_s !== null && !found.opted_out;
  return (
    <div class="writing" role="group" aria-label={tw("label")}>
      {isMail && (
        <>
          <label class="writing-subject"><span>{tw("subject")}</span> <input class="input" value={subject} maxLength={200} onInput={(event) => setDraft("reply", own, event.currentTarget.value)} /></label>
          <label class="writing-check"><input type="checkbox" checked={quote} onChange={(event) => setQuote(event.currentTarget.checked)} /> {tw("quote")}</label>
        </>
      )}
      {found.closes_at !== null && !found.opted_out && <Window closesAt={found.closes_at} />}
      {offers && (
        <button type="button" ref={opener} class={isClosed ? "primary small" : "ghost small"} aria-expanded={choosing} aria-keyshortcuts="Alt+P" title={`${tw("templates")} (Alt+P)`} onClick={() => setChoosing(!choosing)}>
          {tw("templates")} ({templates.length})
        </button>
      )}
      {found.limits.medium === "sms" && <Counter text={text} />}
      {choosing && <Templates item={item} templates={templates} onDone={done} />}
    </div>
  );
}
