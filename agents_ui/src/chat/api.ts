/** The HTTP calls of the chat. Every failure is an `ApiError` with a code that the catalogue has words for. */
import { newId } from "../shared/uuid";
import type { Ack, ChatState, Locale } from "./types";

const BASE = "/api/v1/chat/";
const PATIENCE_MS = 20_000;

export class ApiError extends Error {
  constructor(readonly code: string, readonly status: number, readonly data: { fields?: Record<string, string>; retry_after_s?: number } = {}) {
    super(code);
  }
}

export async function request(path: string, token?: string | null, body?: object): Promise<Response> {
  let response: Response;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    response = await fetch(BASE + path, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      credentials: "omit",
      cache: "no-store",
      signal: stop.signal,
    });
  } catch {
    throw new ApiError("no_answer", 0);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw await failure(response.status, await response.text().catch(() => ""));
  return response;
}

export function failure(status: number, text: string): ApiError {
  try {
    const { code, ...data } = (JSON.parse(text) as { error: { code: string } }).error;
    return new ApiError(code, status, data);
  } catch {
    return new ApiError(status >= 500 ? "unavailable" : "invalid", status);
  }
}

const json = async <T>(path: string, token?: string | null, body?: object): Promise<T> => (await request(path, token, body)).json() as Promise<T>;

/** Says the same write again with the same id until there is an answer that is one. */
export async function write<T>(path: string, token: string | null, fields: object): Promise<T> {
  const body = { client_id: newId(), ...fields };
  for (let tries = 1; ; tries += 1) {
    try {
      return await json<T>(path, token, body);
    } catch (error) {
      if (!(error instanceof ApiError) || tries === 3 || (error.status !== 0 && error.status < 500)) throw error;
      await new Promise((done) => setTimeout(done, 1000 * tries));
    }
  }
}

export const visit = (fields: { notice_version: string; locale: Locale; name?: string; phone?: string; site?: string }): Promise<{ token: string }> => write("visits", null, fields);
export const state = (token: string): Promise<ChatState> => json("state", token);
export const message = async (token: string, body: { client_id: string; text: string; attachment_ids: string[] }): Promise<Ack> => {
  const answer = await json<Ack | { ack: Ack }>("messages", token, body);
  return { ...("ack" in answer ? answer.ack : answer), client_id: body.client_id };
};
export const end = (token: string): Promise<object> => write("end", token, {});
