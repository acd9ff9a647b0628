/** What signing in and one's own account share: words, and refusals in words. */
import { ApiError } from "../../api";
import { catalogue } from "../../text";
import { loginEs } from "../../text/login.es";

export const tl = catalogue(loginEs, async () => (await import("../../text/login.en")).loginEn);

export function signInError(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 429) return tl("retryIn", { s: error.retryAfter ?? 30 });
  const key = `error.${error.code}`;
  if (key in loginEs) return tl(key as keyof typeof loginEs);
  return error.status === 0 ? tl("error.no_answer") : error.status >= 500 ? tl("error.server") : tl("error.other", { code: error.code });
}

/** The shortest password that the service takes. */
export const SHORTEST = 12;
