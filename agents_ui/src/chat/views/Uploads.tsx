/** Files on their way up, before they are part of a message: checked here first, so that a refusal costs no waiting. */
import { useEffect, useRef, useState } from "preact/hooks";
import { failure, type ApiError } from "../api";
import { IconButton } from "../icons";
import { now } from "../live";
import { learn, t, tError } from "../text";
import { later } from "../text/later.es";
import type { Attachment, Config } from "../types";
import { plainName } from "./Attached";

learn(later);

const MOST_FILES = 10;
const TYPES = [".pdf", ".jpg", ".jpeg", ".png", ".docx"];
const MAX_BYTES = 10 * 1024 * 1024;

interface Upload { file: File; share: number; error: string; attachment: Attachment | null; stop: () => void }

/** The code of what is wrong with a file, or "" when it may be sent. The server looks inside; this only looks at the label. */
export function check(file: Pick<File, "name" | "size">, uploads: Config["uploads"] | undefined, place: number): string {
  if (uploads?.on === false) return "uploads_off";
  if (place >= MOST_FILES) return "too_many_files";
  const extension = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
  if (!(uploads?.types ?? TYPES).includes(extension)) return "file_kind";
  if (file.size === 0) return "file_empty";
  return file.size > (uploads?.max_bytes ?? MAX_BYTES) ? "file_too_large" : "";
}

function put(file: File, onShare: (share: number) => void): { done: Promise<Attachment>; stop: () => void } {
  const call = new XMLHttpRequest();
  const done = new Promise<Attachment>((give, fail) => {
    call.open("POST", "/api/v1/chat/attachments");
    call.setRequestHeader("Authorization", `Bearer ${now.token}`);
    call.upload.onprogress = (event) => event.lengthComputable && onShare(event.loaded / event.total);
    call.onload = () => (call.status < 300 ? give((JSON.parse(call.responseText) as { attachment: Attachment }).attachment) : fail(failure(call.status, call.responseText)));
    call.onerror = () => fail(failure(503, '{"error":{"code":"no_answer"}}'));
    const form = new FormData();
    form.append("file", file);
    call.send(form);
  });
  return { done, stop: () => call.abort() };
}

interface Props { picked: readonly File[]; config: Config | null; onChange: (ready: Attachment[], isBusy: boolean) => void; onEmpty: () => void }

export function Uploads({ picked, config, onChange, onEmpty }: Props) {
  const list = useRef<Upload[]>([]);
  const gone = useRef(new Set<File>());
  const [, redraw] = useState(0);

  function changed(): void {
    redraw((count) => count + 1);
    const ready = list.current.flatMap((one) => one.attachment ?? []);
    onChange(ready, list.current.some((one) => one.attachment === null && one.error === ""));
    if (list.current.length === 0) onEmpty();
  }
  function start(one: Upload): void {
    one.error = check(one.file, config?.uploads, list.current.indexOf(one));
    one.share = 0;
    if (one.error === "") {
      const { done, stop } = put(one.file, (share) => {
        one.share = share;
        redraw((count) => count + 1);
      });
      one.stop = stop;
      done.then((attachment) => {
        one.attachment = attachment;
        changed();
      }, (failed: ApiError) => {
        one.error = failed.code;
        changed();
      });
    }
    changed();
  }
  function remove(one: Upload): void {
    one.stop();
    gone.current.add(one.file);
    list.current = list.current.filter((other) => other !== one);
    changed();
  }
  useEffect(() => {
    for (const file of picked) {
      if (gone.current.has(file) || list.current.some((one) => one.file === file)) continue;
      const one: Upload = { file, share: 0, error: "", attachment: null, stop: () => undefined };
      list.current.push(one);
      start(one);
    }
  }, [picked]);
  useEffect(() => () => list.current.forEach((one) => one.attachment === null && one.stop()), []);

  const words = (code: string): string =>
    code === "too_many_files" ? t("files.too_many", { n: MOST_FILES })
      : tError(code).replace("{types}", "PDF, JPG, PNG, DOCX").replace("{mb}", String(Math.floor((config?.uploads.max_bytes ?? MAX_BYTES) / 1_048_576)));

  return (
    <ul class="uploads">
      {list.current.map((one) => {
        const name = plainName(one.file.name);
        const share = Math.round(one.share * 100);
        return (
          <li key={one.file} class={one.error ? "bad" : ""}>
            <span role={one.error ? "alert" : undefined}><bdi>{one.error ? `${name}. ${words(one.error)}` : one.attachment ? t("files.ready", { name }) : t("files.uploading", { name, n: share })}</bdi></span>
            {one.attachment === null && !one.error && <progress max={100} value={share} aria-label={name} />}
            {["no_answer", "unavailable"].includes(one.error) && <button type="button" class="link" onClick={() => start(one)}>{t("files.retry")}</button>}
            <IconButton icon="close" label={t("files.remove", { name })} onClick={() => remove(one)} />
          </li>
        );
      })}
    </ul>
  );
}
