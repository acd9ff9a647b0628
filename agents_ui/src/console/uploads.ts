/** Files picked for a reply: sent to the service at once, so that the reply itself only names them. */
import { signal } from "@preact/signals";
import type { Attachment, Id } from "../shared/protocol";
import { upload } from "./api";
import { errorText } from "./errors";
import { bytes } from "./format";
import { state } from "./store";
import { t } from "./text";

export interface Upload { key: number; name: string; size: number; done: Attachment | null; error: string | null }

const files = signal<Readonly<Record<Id, readonly Upload[]>>>({});
let last = 0;

export const uploadsOf = (conversation: Id): readonly Upload[] => files.value[conversation] ?? [];
const set = (conversation: Id, next: readonly Upload[]): void => {
  files.value = { ...files.value, [conversation]: next };
};
const change = (conversation: Id, key: number, fields: Partial<Upload>): void =>
  set(conversation, uploadsOf(conversation).map((one) => (one.key === key ? { ...one, ...fields } : one)));

async function run(conversation: Id, file: File): Promise<void> {
  const key = (last += 1);
  const limit = state.value?.settings.uploads?.max_bytes ?? 10_485_760;
  const tooLarge = file.size > limit ? t("error.file_too_large", { max: bytes(limit) }) : null;
  set(conversation, [...uploadsOf(conversation), { key, name: file.name, size: file.size, done: null, error: tooLarge }]);
  if (tooLarge !== null) return;
  try {
    change(conversation, key, { done: await upload(conversation, file) });
  } catch (error) {
    change(conversation, key, { error: errorText(error) });
  }
}

export function addFiles(conversation: Id, list: Iterable<File>): void {
  for (const file of list) void run(conversation, file);
}
export const removeFile = (conversation: Id, key: number): void => set(conversation, uploadsOf(conversation).filter((one) => one.key !== key));
export const clearFiles = (conversation: Id): void => set(conversation, []);
