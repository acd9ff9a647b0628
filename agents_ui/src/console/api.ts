/** Every call to the service: CSRF, one client id per intent, retries that cannot double anything, typed errors. */
import { newId } from "../shared/uuid";
import type {
  Agent, Attachment, Citizen, Duplicate, Id, Item, Message, PersonFile, Petition, PetitionRow, Session, Snapshot, Thread,
} from "../shared/protocol";

export type Fields = Record<string, unknown>;

/** A refusal in the service's own words. `status` 0: no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: Record<string, string> = {},
    readonly data: Fields = {},
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
  /** Whether the same request, with the same client id, may be sent again. */
  get isTransient(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

let csrf = "";
let onSignedOut: () => void = () => {};
let wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const RETRY_MS = [400, 1200, 3000];

/** What to do when a call says that the session ended. */
export function onUnauthorized(callback: () => void): void {
  onSignedOut = callback;
}
/** Tests put a clock of their own here. */
export function setWait(next: typeof wait): void {
  wait = next;
}

function fieldsOf(raw: unknown): Record<string, string> {
  if (Array.isArray(raw)) {
    return Object.fromEntries(raw.map((one) => (typeof one === "string" ? [one, ""] : [String(one.field ?? one.name ?? ""), String(one.code ?? one.message ?? "")])));
  }
  if (typeof raw !== "object" || raw === null) return {};
  return Object.fromEntries(Object.entries(raw).map(([name, code]) => [name, String(code)]));
}

async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null);
  const error = ((body as { error?: Fields } | null)?.error ?? {}) as Fields;
  const { code, message, fields, retry_after_s, ...data } = error;
  return new ApiError(
    response.status, typeof code === "string" ? code : `http_${response.status}`, typeof message === "string" ? message : "",
    fieldsOf(fields), data, typeof retry_after_s === "number" ? retry_after_s : null,
  );
}

async function send(method: string, path: string, body?: Fields | FormData): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET" && csrf !== "") headers["X-CSRF-Token"] = csrf;
  const isForm = body instanceof FormData;
  if (body !== undefined && !isForm) headers["Content-Type"] = "application/json";
  const payload = body === undefined ? null : isForm ? body : JSON.stringify(body);
  let response: Response;
  try {
    response = await fetch(`/api/v1/${path}`, { method, headers, body: payload, credentials: "same-origin" });
  } catch {
    throw new ApiError(0, "no_answer", "");
  }
  if (!response.ok) {
    const error = await errorOf(response);
    if (error.status === 401 && error.code === "not_signed_in") onSignedOut();
    throw error;
  }
  return response.status === 204 ? null : ((await response.json()) as unknown);
}

/** Sends the same request until it is answered: only for what the service does once per client id, and for reads. */
async function persist(method: string, path: string, body?: Fields): Promise<unknown> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await send(method, path, body);
    } catch (error) {
      const pause = RETRY_MS[attempt];
      if (!(error instanceof ApiError) || !error.isTransient || pause === undefined) throw error;
      await wait(pause);
    }
  }
}

export function get<T>(path: string, query: Record<string, string | number | boolean | null | undefined> = {}): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  const tail = search.toString();
  return persist("GET", tail === "" ? path : `${path}?${tail}`) as Promise<T>;
}

/** One write. `clientId` names the intent: give the same one when a person repeats a try whose fate is unknown. */
export async function command<T = Fields>(name: string, fields: Fields, clientId: string = newId()): Promise<T> {
  const answer = (await persist("POST", `commands/${name}`, { client_id: clientId, ...fields })) as { result: T };
  return answer.result;
}

/** A write that is no command: the same again does no harm. */
export const post = (path: string, body: Fields): Promise<unknown> => persist("POST", path, body);

// Session
const keep = (session: Session): Session => {
  csrf = session.csrf;
  return session;
};
export const session = async (): Promise<Session> => keep(await get<Session>("session"));
export const signIn = async (username: string, password: string, totp?: string): Promise<Session> =>
  keep((await send("POST", "session", totp === undefined ? { username, password } : { username, password, totp })) as Session);
export const signOut = (): Promise<unknown> => send("DELETE", "session");
export const changePassword = (current: string, next: string): Promise<unknown> =>
  send("POST", "session/password", { current, new: next });
export const totpStart = (): Promise<{ secret: string; uri: string; svg: string }> =>
  send("POST", "session/totp/start", {}) as Promise<{ secret: string; uri: string; svg: string }>;
export const totpConfirm = (code: string): Promise<{ recovery_codes: string[] }> =>
  send("POST", "session/totp/confirm", { code }) as Promise<{ recovery_codes: string[] }>;

// Reads of the desk
export const snapshot = (): Promise<Snapshot> => get("console/snapshot");
export const thread = (id: Id, before?: number): Promise<Thread> => get(`conversations/${id}`, { before });
export const person = (id: Id): Promise<PersonFile> => get(`citizens/${id}`);
export const petition = (folio: string): Promise<{ petition: Petition }> => get(`petitions/${encodeURIComponent(folio)}`);
export const petitions = (query: Record<string, string>): Promise<{ rows: PetitionRow[]; total: number }> => get("petitions", query);
export type Prefill = Record<string, { value: unknown; reason: string }>;
export const prefill = (interaction: Id): Promise<{ fields: Prefill }> => get("petitions/prefill", { interaction });
export const duplicates = (query: Record<string, string>): Promise<{ rows: Duplicate[] }> => get("petitions/duplicates", query);

// Writes of the desk, one function each
type Result<T> = Promise<T>;
export const setAgentState = (state: string, reason?: string): Result<{ agent: Agent }> =>
  command("agent.set_state", reason === undefined ? { state } : { state, reason });
export const acceptOffer = (offer: Id, clientId: string): Result<{ item: Item }> => command("work.accept", { offer_id: offer }, clientId);
export const declineOffer = (offer: Id, reason?: string): Result<Fields> =>
  command("work.decline", reason === undefined ? { offer_id: offer } : { offer_id: offer, reason });
export const take = (item: Id): Result<{ item: Item }> => command("work.take", { item_id: item });
export const takeOver = (item: Id, reason: string): Result<{ item: Item }> => command("work.take_over", { item_id: item, reason });
export const assign = (item: Id, user: Id, reason?: string): Result<{ item: Item }> =>
  command("work.assign", { item_id: item, user_id: user, ...(reason ? { reason } : {}) });
const owned = (item: Item): Fields => ({ item_id: item.id, epoch: item.epoch });
export const transfer = (item: Item, fields: { to_kind: string; to_id: Id; reason: string; note?: string }): Result<{ item: Item }> =>
  command("work.transfer", { ...owned(item), ...fields });
export const giveBack = (item: Item, reason: string): Result<{ item: Item }> => command("work.return", { ...owned(item), reason });
export const release = (item: Item, reason?: string): Result<{ item: Item }> =>
  command("work.release", reason === undefined ? owned(item) : { ...owned(item), reason });
export interface Capture { disposition: string; no_petition_reason?: string; note?: string; topic?: string }
export const saveCapture = (item: Item, capture: Capture): Result<{ item: Item }> => command("work.capture", { ...owned(item), ...capture });
export const finish = (item: Item, capture: Capture, clientId: string): Result<{ item: Item }> =>
  command("work.finish", { ...owned(item), ...capture }, clientId);
export const reply = (conversation: Id, epoch: number, text: string, files: Id[], clientId: string, extra: Fields = {}): Result<{ message: Message }> =>
  command("conversation.reply", { conversation_id: conversation, epoch, text, ...(files.length > 0 ? { attachment_ids: files } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) }, clientId);
export const note = (conversation: Id, text: string, mentions: Id[], whisper: boolean, clientId: string): Result<{ message: Message }> =>
  command("conversation.note", { conversation_id: conversation, text, mentions, whisper }, clientId);
export const resolveMessage = (message: Id, how: string): Result<Fields> => command("message.resolve", { message_id: message, how });
export const giveCode = (conversation: Id): Result<{ code: string }> => command("conversation.give_code", { conversation_id: conversation });
export const takeCode = (conversation: Id, code: string): Result<{ found: boolean }> => command("conversation.take_code", { conversation_id: conversation, code });
export const markRead = (conversation: Id, seq: number): Result<Fields> => command("conversation.read", { conversation_id: conversation, seq });
export const close = (item: Item, how: "closed" | "abuse" | "spam"): Result<{ item: Item }> =>
  command("conversation.close", { conversation_id: item.conversation, epoch: item.epoch, how });
export const warnAbuse = (item: Item): Result<{ message: Message }> =>
  command("conversation.warn_abuse", { conversation_id: item.conversation, epoch: item.epoch });
export const flag = (conversation: Id, name: string, on: boolean, reason?: string): Result<{ item: Item }> =>
  command("conversation.flag", { conversation_id: conversation, flag: name, on, ...(reason ? { reason } : {}) });
export const watch = (conversation: Id): Result<Fields> => command("conversation.watch", { conversation_id: conversation });
export const identify = (conversation: Id, citizen: Id | null): Result<{ citizen: Citizen | null }> =>
  command("conversation.identify", { conversation_id: conversation, citizen_id: citizen });
export const saveCitizen = (fields: Fields): Result<{ citizen: Citizen }> => command("citizen.save", fields);
export const reveal = (citizen: Id, field: string, reason: string): Result<{ value: string | null }> =>
  command("citizen.reveal", { citizen_id: citizen, field, reason });
export const merge = (keep_id: Id, merge_id: Id): Result<{ citizen: Citizen }> => command("citizen.merge", { keep_id, merge_id });
export const unmerge = (merge_id: Id): Result<{ citizen: Citizen }> => command("citizen.unmerge", { merge_id });
/** Stops suggesting that two people are one. */
export const dismissMatch = (citizen_id: Id, other_id: Id): Result<Fields> => command("citizen.dismiss_match", { citizen_id, other_id });
export const createPetition = (fields: Fields, clientId: string): Result<{ petition: Petition }> => command("petition.create", fields, clientId);
export const linkPetition = (interaction: Id, folio: string): Result<{ petition: PetitionRow }> =>
  command("petition.link", { interaction_id: interaction, folio });
export const unlinkPetition = (interaction: Id, folio: string, reason: string): Result<{ petition: PetitionRow }> =>
  command("petition.unlink", { interaction_id: interaction, folio, reason });
export const followUp = (folio: string, text: string, visible: boolean, interaction?: Id): Result<Fields> =>
  command("petition.follow_up", { folio, text, visible, ...(interaction === undefined ? {} : { interaction_id: interaction }) });
export const assignFinding = (finding: Id, user: Id): Result<Fields> => command("finding.assign", { finding_id: finding, user_id: user });
export const justify = (finding: Id, reason: string): Result<Fields> => command("finding.justify", { finding_id: finding, reason });

export async function upload(conversation: Id, file: File): Promise<Attachment> {
  const form = new FormData();
  form.set("conversation_id", conversation);
  form.set("file", file, file.name);
  return ((await send("POST", "attachments", form)) as { attachment: Attachment }).attachment;
}
