/** Where one writes: to the citizen, or a note to colleagues. Nothing typed here is lost, whoever holds the contact. */
import type { TargetedKeyboardEvent } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { unfilled } from "../canned";
import { sayTyping } from "../desk";
import { draft, setDraft } from "../drafts";
import { send } from "../outbox";
import { staffName } from "../reference";
import { agentName, can, me, now, owns, state } from "../store";
import { t } from "../text";
import { composerTab, focusComposer, openCanned, showComposer, ways, type ComposerTab } from "../ui";
import { addFiles, clearFiles, removeFile, uploadsOf } from "../uploads";
import { Icon } from "./Icon";
import { Lazy } from "./Lazy";
import { Suggest, useSuggest } from "./Suggest";


/** Why I cannot write to the citizen now; "" when I can. */
export function readOnlyReason(item: Item): string {
  if (owns(item)) return item.conversation === null || item.channel === "phone" ? t("composer.noText") : "";
  if (item.state === "wrap_up" || item.state === "done" || item.state === "gone") return t("composer.closed");
  if (item.owner === null) return t("composer.unowned");
  return t("composer.owned", { name: agentName(item.owner) ?? staffName(item.owner) });
}

function Files({ conversation }: { conversation: string }) {
  const files = uploadsOf(conversation);
  if (files.length === 0) return null;
  return (
    <ul class="upload-list">
      {files.map((file) => (
        <li key={file.key} class={file.error === null ? "upload" : "upload upload-failed"}>
          <Icon name={file.error === null ? "clip" : "alert"} size={16} />
          <span>{file.name}{file.error !== null ? `: ${file.error}` : file.done === null ? ` · ${t("file.uploading")}` : ""}</span>
          <button type="button" class="ghost small" aria-label={t("file.remove", { name: file.name })} onClick={() => removeFile(conversation, file.key)}><Icon name="close" size={14} /></button>
        </li>
      ))}
    </ul>
  );
}

export function Composer({ item }: { item: Item }) {
  const contact = item.interaction;
  const conversation = item.conversation;
  const way = ways.value[contact];
  const held = readOnlyReason(item);
  const closed = held === "" ? (way?.closed ?? "") : held;
  const limit = way?.limit ?? 4000;
  const mayNote = conversation !== null && can("conversation.note");
  const tab: ComposerTab = closed !== "" && mayNote && (item.channel === "phone" || composerTab(contact) === "note") ? "note" : composerTab(contact);
  const isNote = tab === "note";
  const blocked = isNote ? "" : closed;
  const text = draft(tab, contact).value;
  const area = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const change = (next: string): void => setDraft(tab, contact, next);
  const suggest = useSuggest({ item, area, text, isNote, change });
  const files = conversation === null || isNote ? [] : uploadsOf(conversation);
  const uploading = files.some((file) => file.done === null && file.error === null);
  const whisper = isNote && can("conversation.whisper") && item.owner !== null && item.owner !== me.value?.id;
  const missing = isNote ? [] : unfilled(text);
  const uploadsOn = state.value?.settings.uploads !== null && way?.files !== false;

  // Before the next key can be pressed: its letter belongs into the field.
  const focusWanted = useRef(focusComposer.value);
  useLayoutEffect(() => {
    // Asked for before there is a field, as while the contact is still on its way into my hands: when there is one.
    if (focusWanted.current === focusComposer.value || area.current === null) return;
    focusWanted.current = focusComposer.value;
    area.current.focus();
  }, [focusComposer.value, tab, blocked]);
  const cannedWanted = useRef(openCanned.value);
  useLayoutEffect(() => {
    if (cannedWanted.current === openCanned.value) return;
    cannedWanted.current = openCanned.value;
    suggest.start();
  }, [openCanned.value]);
  // The field grows with its text up to the height that the style allows.
  useLayoutEffect(() => {
    const field = area.current;
    if (field === null) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  }, [text, tab, blocked]);

  const submit = (): void => {
    const words = text.trim();
    const ready = files.flatMap((file) => (file.done === null ? [] : [file.done]));
    if (conversation === null || blocked !== "" || uploading || (words === "" && ready.length === 0) || words.length > limit) return;
    const kind = isNote ? "note" : "reply";
    send({ conversation, kind, text: words, files: isNote ? [] : ready, mentions: isNote ? suggest.mentionsIn(words) : [], whisper, ...(isNote ? {} : { extra: way?.extra }) }, now.value);
    change("");
    if (!isNote) clearFiles(conversation);
    area.current?.focus();
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.isComposing || suggest.onKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "Escape") {
      event.currentTarget.blur();
    }
  };
  const take = (list: FileList | null | undefined): boolean => {
    if (conversation === null || blocked !== "" || isNote || !uploadsOn || list === null || list === undefined || list.length === 0) return false;
    addFiles(conversation, list);
    return true;
  };

  return (
    <form
      class={`composer${isNote ? " composer-note" : ""}`}
      aria-label={t("composer.label")}
      onSubmit={(event) => { event.preventDefault(); submit(); }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => { event.preventDefault(); take(event.dataTransfer?.files); }}
    >
      <Suggest suggest={suggest} />
      <div class="composer-tabs" role="group" aria-label={t("composer.kind")}>
        {item.channel !== "phone" && <button type="button" aria-pressed={!isNote} onClick={() => showComposer(contact, "reply")}>{t("composer.reply")}</button>}
        {mayNote && <button type="button" aria-pressed={isNote} onClick={() => showComposer(contact, "note")}><Icon name="note" size={14} /> {t(whisper ? "composer.whisper" : "composer.note")}</button>}
        {blocked !== "" && <p class="composer-why"><Icon name="lock" size={14} /> {blocked}</p>}
      </div>
      {(blocked === "" || text !== "") && (
        <textarea
          ref={area} rows={1} value={text} readOnly={blocked !== ""} data-composer={tab}
          aria-label={t(isNote ? "composer.noteField" : "composer.replyField")}
          aria-autocomplete="list" aria-controls={suggest.id} aria-activedescendant={suggest.activeId}
          placeholder={t(isNote ? "composer.notePlaceholder" : "composer.replyPlaceholder")}
          onInput={(event) => {
            change(event.currentTarget.value);
            suggest.look();
            if (!isNote && conversation !== null && blocked === "") sayTyping(conversation);
          }}
          onClick={() => suggest.look()} onKeyDown={onKeyDown} onBlur={() => suggest.close()}
          onPaste={(event) => { if (take(event.clipboardData?.files)) event.preventDefault(); }}
        />
      )}
      {held === "" && !isNote && item.channel !== "web_chat" && <Lazy file="../screens/Writing.tsx" props={{ item, text }} fallback={<div />} />}
      {conversation !== null && !isNote && <Files conversation={conversation} />}
      {blocked === "" && (
        <div class="composer-bar">
          {!isNote && <button type="button" class="ghost" title={t("composer.canned")} aria-label={t("composer.canned")} onMouseDown={(event) => event.preventDefault()} onClick={() => suggest.start()}><span aria-hidden="true" class="slash">/</span></button>}
          {!isNote && uploadsOn && (
            <>
              <button type="button" class="ghost" title={t("composer.attach")} aria-label={t("composer.attach")} onClick={() => picker.current?.click()}><Icon name="clip" size={18} /></button>
              <input ref={picker} type="file" hidden multiple accept=".pdf,.jpg,.jpeg,.png,.docx" onChange={(event) => { take(event.currentTarget.files); event.currentTarget.value = ""; }} />
            </>
          )}
          <span class="composer-hint" role="status">
            {text.length > limit - 200 ? t("composer.left", { n: limit - text.length }) : missing.length > 0 ? t("composer.unfilled", { names: missing.join(", ") }) : ""}
          </span>
          <button type="submit" class="primary send" disabled={uploading || text.trim().length > limit || (text.trim() === "" && !files.some((file) => file.done !== null))}>
            {t(isNote ? "composer.saveNote" : "composer.send")} <kbd aria-hidden="true">↵</kbd>
          </button>
        </div>
      )}
    </form>
  );
}
