/** The place to write. It grows; a draft survives a reload; on a keyboard Enter sends, on a touch screen the button does. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../icons";
import { say, sayTyping } from "../live";
import { later } from "../parts";
import { recall, remember } from "../storage";
import { t } from "../text";
import type { Attachment, Config } from "../types";

const Uploads = later(async () => (await import("./Uploads")).Uploads);
const NEAR = 400;
const isTouch = (): boolean => matchMedia("(pointer: coarse)").matches;

export function Composer({ config, limit }: { config: Config | null; limit: number }) {
  const [text, setText] = useState(recall("draft") ?? "");
  const [picked, setPicked] = useState<readonly File[]>([]);
  const [ready, setReady] = useState<readonly Attachment[]>([]);
  const [isBusy, setBusy] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const photo = useRef<HTMLInputElement>(null);
  const left = limit - [...text.trim()].length;
  const isReady = !isBusy && left >= 0 && (text.trim() !== "" || ready.length > 0);

  useEffect(() => remember("draft", text), [text]);
  useLayoutEffect(() => {
    if (!isTouch() && document.hasFocus()) area.current?.focus();
  }, []);
  useLayoutEffect(() => {
    const style = area.current!.style;
    style.height = "auto";
    style.height = `${Math.min(area.current!.scrollHeight + 2, 168)}px`;
  }, [text]);

  function send(event?: Event): void {
    event?.preventDefault();
    if (!isReady) return;
    say(text.trim(), [...ready]);
    setText("");
    setPicked([]);
    setReady([]);
    area.current?.focus();
  }
  function pick(event: { currentTarget: HTMLInputElement }): void {
    setPicked([...picked, ...(event.currentTarget.files ?? [])]);
    event.currentTarget.value = "";
  }

  const Picker = ({ input, accept, capture }: { input: typeof file; accept: string; capture?: "environment" }) => (
    <input ref={input} type="file" hidden multiple={!capture} accept={accept} capture={capture} onChange={pick} aria-hidden="true" tabIndex={-1} />
  );
  return (
    <form class="composer" onSubmit={send}>
      {picked.length > 0 && <Uploads picked={picked} config={config} onChange={(files, busy) => {
        setReady(files);
        setBusy(busy);
      }} onEmpty={() => setPicked([])} />}
      {left < NEAR && <p class={left < 0 ? "error" : "muted"} id="left" role={left < 0 ? "alert" : undefined}>{t(left < 0 ? "write.over" : "write.left", { n: Math.abs(left) })}</p>}
      <div class="row">
        {config?.uploads.on !== false && <>
          <IconButton icon="clip" label={t("write.attach")} onClick={() => file.current?.click()} />
          {isTouch() && <IconButton icon="photo" label={t("write.photo")} onClick={() => photo.current?.click()} />}
          {Picker({ input: file, accept: ".pdf,.jpg,.jpeg,.png,.docx" })}
          {Picker({ input: photo, accept: "image/jpeg,image/png", capture: "environment" })}
        </>}
        <textarea ref={area} class="input" rows={1} value={text} placeholder={t("write.placeholder")} aria-label={t("write.label")} aria-invalid={left < 0 || undefined}
          aria-describedby={left < NEAR ? "left" : undefined} autocomplete="off" enterkeyhint={isTouch() ? "enter" : "send"}
          onInput={(event) => {
            setText(event.currentTarget.value);
            sayTyping();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !isTouch()) send(event);
          }} />
        <IconButton type="submit" icon="send" class="send" label={t("write.send")} disabled={!isReady} />
      </div>
    </form>
  );
}
