/** Files of a stored message. They are fetched with the visitor's token, so they are buttons, not addresses. */
import { useState } from "preact/hooks";
import * as api from "../api";
import { now } from "../live";
import { Icon } from "../icons";
import { learn, t, tError } from "../text";
import { later } from "../text/later.es";
import type { Attachment } from "../types";

learn(later);

/** Shown without the characters that turn the reading direction, which can dress up a file's kind. */
export const plainName = (name: string): string => name.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");

export function size(bytes: number): string {
  return bytes < 1_048_576 ? `${Math.max(1, Math.round(bytes / 1024))} kB` : `${(bytes / 1_048_576).toFixed(1)} MB`;
}

/** Hands a fetched file to the browser under a name. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function One({ file }: { file: Attachment }) {
  const [error, setError] = useState("");
  const [preview, setPreview] = useState("");
  const name = plainName(file.name);
  async function fetchIt(act: (content: Blob) => void): Promise<void> {
    try {
      act(await (await api.request(`attachments/${encodeURIComponent(file.id)}`, now.token)).blob());
      setError("");
    } catch (failed) {
      if (!(failed instanceof api.ApiError)) throw failed;
      setError(failed.code);
    }
  }
  if (file.state === "missing") return <p class="muted">{t("files.missing", { name })}</p>;
  return (
    <div class="file">
      {preview && <img src={preview} alt={name} />}
      <button type="button" aria-label={`${t("files.open", { name })} ${size(file.size_bytes)}`} onClick={() => void fetchIt((content) => {
        if (file.media_type.startsWith("image/") && preview === "") setPreview(URL.createObjectURL(content));
        else save(content, name);
      })}>
        <Icon name="clip" /><bdi>{name}</bdi> <span>{size(file.size_bytes)}</span>
      </button>
      {error && <p class="error" role="alert">{tError(error)}</p>}
    </div>
  );
}

export const Attached = ({ files }: { files: readonly Attachment[] }) => <div class="files">{files.map((file) => <One key={file.id} file={file} />)}</div>;
