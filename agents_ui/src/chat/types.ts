/** The citizen's side of the wire: what `docs/protocol.md` promises under «Citizen: chat». */
export type Ms = number;
export type Locale = "es" | "en";

export interface Config {
  brand: { name: string; office?: string | null; accent?: string | null; logo?: string | null };
  locale: Locale; now: Ms;
  office: { is_open: boolean; hours_text: string; opens_at: Ms | null; closed_text?: string | null };
  notice: { version: string; summary: string[]; text: string; url: string | null; publishable: boolean };
  texts: Readonly<Record<string, string | null>>;
  survey: string[];
  uploads: { max_bytes: number; types: string[]; on: boolean };
  queue: { waiting: number; wait_s?: number | null };
  limits: { text: number };
}
export interface Attachment { id: string; name: string; media_type: string; size_bytes: number; state?: string }
export interface Message {
  id: string; seq: number; at: Ms; text: string; attachments: Attachment[]; delivery: string | null;
  author: { kind: "citizen" | "agent" | "system"; name: string | null };
  code?: string | null; data?: Record<string, unknown> | null; client_id?: string | null;
  /** Ours: which conversation it belongs to. */
  conversation?: string | undefined;
}
export interface Conversation {
  id: string; state: string; position?: number | null; wait_s?: number | null; agent: { name: string; area: string | null } | null;
  last_seq: number; agent_read_seq: number; closed_at: Ms | null; can_write: boolean; survey: "due" | "done" | "no";
  crisis: string | string[] | null;
}
/** A call that was promised to this visitor. */
export interface ChatCallback {
  id: string; state: "promised" | "calling" | "done" | "not_reached" | "cancelled"; at: Ms; until: Ms | null; words: string; words_en: string; number: string | null;
  can_move: boolean; can_cancel: boolean;
}
export interface ChatState { cursor: number; visitor: string; conversation: Conversation | null; messages: Message[]; callback?: ChatCallback | null }
export interface Ack { client_id: string; conversation: string; seq: number; id: string; at: Ms }
/** What a citizen sends: kept until stored. */
export interface Outgoing { text: string; files: Attachment[] }

export type ChatEvent =
  | { id: number; type: "message.added" | "message.changed"; message: Message; conversation?: string }
  | { id: number; type: "chat.changed"; conversation: Conversation | null; callback?: ChatCallback | null };
export type Frame =
  | { type: "welcome"; cursor: number; now?: Ms; state?: ChatState }
  | ({ type: "ack" } & Ack)
  | { type: "refused"; client_id: string; code: string; status?: number; retry_after_s?: number }
  | { type: "events"; cursor: number; events: ChatEvent[] }
  | { type: "typing"; who: string }
  | { type: "place"; position: number | null; wait_s: number | null }
  | { type: "resync" }
  | { type: "ping" };
