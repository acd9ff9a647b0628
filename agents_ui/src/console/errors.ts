/** What to tell a person when something was refused: what happened and what to do, looked up by code. */
import { ApiError } from "./api";
import { staffName } from "./reference";
import { t, tMaybe } from "./text";
import { toast } from "./ui/Toast";

export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.code === "stale_owner") {
    const owner = staffName(error.data["owner"] as string | undefined);
    return owner === "" ? t("error.stale_owner") : t("error.stale_owner_by", { name: owner });
  }
  const family = error.status === 0 ? "no_answer" : error.status >= 500 ? "server" : error.status === 403 ? "denied" : error.status === 429 ? "too_many" : "unknown";
  return tMaybe(`error.${error.code}`, t(`error.${family}`), { ...error.data, s: error.retryAfter ?? 30, code: error.code });
}

export function toastError(error: unknown): void {
  toast(errorText(error), { kind: "error" });
}

/** Runs a write started by a click: what it answers, or a toast and null. */
export async function attempt<T>(write: () => Promise<T>): Promise<T | null> {
  try {
    return await write();
  } catch (error) {
    toastError(error);
    return null;
  }
}
