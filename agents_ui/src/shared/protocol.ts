/** The staff side of the wire: what `docs/protocol.md` promises, and a parser that drops what it does not know. */

export type Ms = number;
export type Id = string;
export type Locale = "es" | "en";

export interface Me {
  id: Id; username: string; name: string; display_name: string; roles: string[]; can: string[]; locale: Locale;
  must_change_password: boolean; must_enrol_totp: boolean; has_totp: boolean; area: Id | null; queues: Id[];
}
export interface Session { me: Me; csrf: string }

export type Channel =
  | "web_chat" | "phone" | "whatsapp" | "telegram" | "sms" | "email" | "facebook" | "in_person" | "webhook";
export type ItemState = "scheduled" | "waiting" | "offered" | "held" | "wrap_up" | "done" | "gone";
export type Priority = "low" | "normal" | "high" | "critical";
export type AgentStateName = "available" | "paused" | "offline";

export interface OfferOf { id: Id; agent: Id; expires_at: Ms }
export interface Call {
  id: Id | null; direction: "inbound" | "outbound" | null; purpose: string | null; mode: "desk" | "browser" | "record" | null;
  state: string | null; number: string | null; number_kind: string; started_at: Ms | null; queued_at: Ms | null; answered_at: Ms | null;
  ended_at: Ms | null; held_since: Ms | null; talk_s: number; hold_s: number; recording: string; folio: string | null;
  legs: { leg: string; user: Id | null; name: string | null; joined_at: Ms }[]; listeners: { user: Id; how: string }[]; menu: string | null;
  transfer: { kind: string | null; to_kind: string | null; to?: Id | null; name?: string | null; answered_at?: Ms | null } | null;
  order: { id: Id; kind: string; state: string; error: string | null; by: Id | null } | null;
  callback: { id: Id; reason: string; state: string; due_at: Ms; attempts: number; note: string | null } | null;
}
export interface Item {
  id: Id; kind: "conversation" | "call" | "callback" | "message"; channel: Channel; direction: "inbound" | "outbound";
  interaction: Id; conversation: Id | null; queue: Id; state: ItemState; priority: Priority; flags: string[];
  label: string | null; language: string | null; enqueued_at: Ms; queued_at: Ms; due_at: Ms | null; since: Ms; owner: Id | null;
  epoch: number; offer: OfferOf | null; target_s: number; wrap_until: Ms | null; transfers: number;
  conversation_state: string | null; capture: string; disposition: string | null; petitions: string[];
  last_citizen_at: Ms | null; last_agent_at: Ms | null; last_seq: number; from_agent: Id | null; citizen: Id | null; call?: Call | null;
}
export interface Attachment { id: Id; name: string; media_type: string; size_bytes: number; state: "stored" | "missing" }
export type Delivery = "queued" | "accepted" | "sent" | "delivered" | "read" | "failed" | "uncertain";
export interface Author { kind: "citizen" | "agent" | "system" | "note"; id: Id | null; name: string | null }
export interface Message {
  id: Id; seq: number; author: Author; text: string; at: Ms; attachments: Attachment[]; delivery: Delivery;
  delivery_reason: string | null; code?: string | null; data?: Record<string, unknown> | null; client_id?: string | null;
  mentions?: Id[]; whisper?: boolean;
}
export interface Survey { score: number | null; resolved: string | null; respectful: boolean | null; comment: string | null }
export interface Conversation {
  id: Id; channel: Channel; state: string; queue: Id; opened_at: Ms; queued_at: Ms | null; first_reply_at: Ms | null;
  closed_at: Ms | null; last_seq: number; citizen_read_seq: number; agent_read_seq: number; visitor_online: boolean;
  locale: string; site: string | null; notice_version: string | null; notice_at: Ms | null; flags: string[];
  previous: Id | null; survey: Survey | null; messaging?: { source: string; opted_out: boolean };
}
export interface Segment {
  agent: Id; queue: Id; started_at: Ms; ended_at: Ms | null; wrap_s: number | null; how: string | null;
}
export interface Citizen {
  id: Id; names: string | null; first_surname: string | null; second_surname: string | null; phone: string | null;
  phone_last4: string | null; email: string | null; curp: string | null; municipality: string | null; locality: string | null;
  neighborhood: string | null; address: string | null; birth_date: string | null; sex: string | null; language: string | null;
  disability: string | null; vulnerable_groups: string[]; contact_preference: string | null; do_not_contact: boolean;
  anonymous: boolean; version: number; label: string;
}
export interface PetitionRow {
  folio: string; kind: string; subject: string; category: string; municipality: string; state: string;
  public_status: string | null; received_at: Ms; citizen_label: string | null; area: Id | null; dependency: Id | null;
  priority: Priority; is_overdue: boolean; last_action_at: Ms | null;
}
export interface Duplicate extends PetitionRow { score: number; reasons: string[] }
export interface Petition {
  folio: string; kind: string; medium: string; received_at: Ms; citizen: Id | null; requester: Record<string, unknown>;
  beneficiary: Record<string, unknown> | null; beneficiaries: number; confidential: boolean; subject: string;
  description: string; category: string; municipality: string; locality: string | null; outside_place: string | null;
  location: string | null; priority: Priority; area: Id; responsible: Id | null; dependency: Id | null; state: string;
  copies?: string[]; referral_document?: string | null; accused_dependency?: string | null; external_reference?: string | null;
  due_on: string | null; is_overdue: boolean; extra: Record<string, unknown>; version: number; origin: Id | null;
  public_status: string | null;
}
export interface Thread {
  cursor: number; item: Item; conversation: Conversation; citizen: Citizen | null; messages: Message[]; more: boolean;
  segments: Segment[]; petitions: PetitionRow[]; can: string[]; draft_capture: Record<string, unknown> | null;
}
export interface InteractionRow {
  id: Id; item: Id; channel: Channel; direction: string; started_at: Ms; ended_at: Ms | null; wait_s: number | null;
  first_reply_s: number | null; duration_s: number | null; messages: number; agent: Id | null; queue: Id | null;
  label: string | null; state: string; capture: string; disposition: string | null; no_petition_reason: string | null;
  petitions: string[]; flags: string[]; transfers: number; survey_score: number | null;
}
export interface Suggestion { citizen: Citizen; score: number; reasons: string[] }
export interface PersonFile {
  citizen: Citizen; identities: { channel: string; address: string; verified?: boolean }[]; contacts: InteractionRow[];
  petitions: PetitionRow[]; suggestions: Suggestion[];
}
export interface Agent {
  id: Id; name: string; state: AgentStateName; reason: string | null; since: Ms | null; connected: boolean; phone?: boolean;
  capacity: { chat: number; voice: number }; held: number; wrap_up: number; queues: Id[]; area?: Id | null; areas?: Id[];
}
export interface Queue {
  id: Id; name: string; area: Id; is_open: boolean; opens_at: Ms | null; waiting: number; longest_since: Ms | null;
  target_s: number; channels: string[]; priority: number;
}
export interface Alert {
  id: Id; kind: string; at: Ms; item: Id | null; level: "info" | "warning" | "critical"; data: Record<string, unknown>;
}
export interface Finding {
  id: Id; kind: string; item: Id | null; interaction: Id; agent: Id | null; opened_at: Ms; age_s: number; label: string | null;
}
export interface Reply { id: Id; shortcut: string; title: string; text: string; language: string }
export interface Mention { conversation: Id; seq: number; at: Ms; by: Id }
export interface Settings {
  brand: { name: string; accent: string | null; logo: string | null }; offer_sound?: boolean;
  uploads?: { max_bytes: number; types: string[] } | null; texts?: Record<string, string>; [more: string]: unknown;
}
export interface Snapshot {
  cursor: number; now: Ms; me: Me; agent: Agent | null; settings: Settings; queues: Queue[]; agents: Agent[]; items: Item[];
  waiting_total: number; alerts: Alert[]; findings: Finding[]; replies: Reply[]; mentions: Mention[];
}

interface Base { id: number; type: string; at: Ms }
export type WorkEvent = Base & { item: Item | { id: Id; state: "done" | "gone" } };
export type MessageEvent = Base & { conversation: Id; message: Message };
export type Event =
  | WorkEvent
  | MessageEvent
  | (Base & { type: "conversation.changed"; conversation: Conversation })
  | (Base & { type: "agent.changed"; agent: Agent })
  | (Base & { type: "queue.changed"; queue: Queue })
  | (Base & { type: "petition.changed"; petition: PetitionRow; interaction?: Id })
  | (Base & { type: "citizen.changed"; citizen: Citizen })
  | (Base & { type: "alert.raised" | "alert.cleared"; alert: Alert })
  | (Base & { type: "finding.opened" | "finding.closed"; finding: Finding })
  | (Base & { type: "mention.added"; conversation: Id; seq: number; by: Id })
  | (Base & { type: "callback.changed"; callback: { id: Id } })
  | (Base & { type: "reference.changed"; what: string });

export type ResyncReason = "too_old" | "unknown_cursor" | "slow" | "access_changed";
export type ServerFrame =
  | { type: "welcome"; cursor: number; now: Ms }
  | { type: "events"; cursor: number; events: Event[] }
  | { type: "typing"; conversation: Id; who: string }
  | { type: "viewers"; conversation: Id; users: Id[] }
  | { type: "presence"; conversation: Id; online: boolean }
  | { type: "resync"; reason: ResyncReason }
  | { type: "ping" };

type Raw = Record<string, unknown>;
const isObject = (value: unknown): value is Raw => typeof value === "object" && value !== null && !Array.isArray(value);
const hasId = (value: unknown): boolean => isObject(value) && typeof value["id"] === "string";

/** What each kind of event must carry to be applied; a kind that is not here is from a newer server and is skipped. */
const NEEDS: Record<string, (event: Raw) => boolean> = {
  "conversation.changed": (event) => hasId(event["conversation"]),
  "agent.changed": (event) => hasId(event["agent"]),
  "queue.changed": (event) => hasId(event["queue"]),
  "petition.changed": (event) => isObject(event["petition"]) && typeof event["petition"]["folio"] === "string",
  "citizen.changed": (event) => hasId(event["citizen"]),
  "alert.raised": (event) => hasId(event["alert"]),
  "alert.cleared": (event) => hasId(event["alert"]),
  "finding.opened": (event) => hasId(event["finding"]),
  "finding.closed": (event) => hasId(event["finding"]),
  "mention.added": (event) => typeof event["conversation"] === "string",
  "callback.changed": (event) => hasId(event["callback"]),
  "reference.changed": () => true,
};
const needsMessage = (event: Raw): boolean =>
  typeof event["conversation"] === "string" && hasId(event["message"]) && isObject((event["message"] as Raw)["author"]);

/** One event as it came, or null when it is not one that can be applied. */
export function parseEvent(value: unknown): Event | null {
  if (!isObject(value) || typeof value["id"] !== "number" || typeof value["type"] !== "string") return null;
  const type = value["type"];
  const check = type.startsWith("work.")
    ? (event: Raw) => hasId(event["item"])
    : type.startsWith("message.") ? needsMessage : NEEDS[type];
  return check?.(value) === true ? (value as unknown as Event) : null;
}

const FRAMES: Record<string, (frame: Raw) => boolean> = {
  welcome: (frame) => typeof frame["cursor"] === "number",
  events: (frame) => typeof frame["cursor"] === "number" && Array.isArray(frame["events"]),
  typing: (frame) => typeof frame["conversation"] === "string",
  presence: (frame) => typeof frame["conversation"] === "string" && typeof frame["online"] === "boolean",
  viewers: (frame) => typeof frame["conversation"] === "string" && Array.isArray(frame["users"]),
  resync: () => true,
  ping: () => true,
};

/** A frame of the socket, or null for one of an unknown or broken shape: the caller ignores those and stays connected. */
export function parse(text: string): ServerFrame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(value) || typeof value["type"] !== "string" || FRAMES[value["type"]]?.(value) !== true) return null;
  if (value["type"] !== "events") return value as unknown as ServerFrame;
  const events = (value["events"] as unknown[]).map(parseEvent).filter((event) => event !== null);
  return { type: "events", cursor: value["cursor"] as number, events };
}
