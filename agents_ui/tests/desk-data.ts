/** Hand-made rows of the wire for the tests of the desk, each the whole view that `docs/protocol.md` promises. */
import type {
  Agent, Citizen, Conversation, Event, Finding, Item, Me, Message, PetitionRow, Queue, Snapshot, Thread,
} from "../src/shared/protocol";

export const NOW = Date.UTC(2026, 10, 24, 16, 12);

export const ME: Me = {
  id: "ana", username: "ana", name: "Ana Prueba", display_name: "Ana", roles: ["agent"], locale: "es", must_change_password: false,
  must_enrol_totp: false, has_totp: false, area: "03.07.02.01", queues: ["chat"],
  can: ["agent.set_state", "work.see_queue", "work.accept", "work.take", "work.transfer", "conversation.read", "conversation.reply",
    "conversation.note", "petition.create", "petition.link", "citizen.edit", "citizen.reveal", "citizen.merge"],
};
export const agent = (id: string, fields: Partial<Agent> = {}): Agent => ({
  id, name: id, state: "available", reason: null, since: NOW - 60_000, connected: true, capacity: { chat: 3, voice: 1 },
  held: 0, wrap_up: 0, queues: ["chat"], areas: [], ...fields,
});
export const queue = (id: string, fields: Partial<Queue> = {}): Queue => ({
  id, name: `Fila ${id}`, area: "03.07.02.01", is_open: true, opens_at: null, waiting: 0, longest_since: null, target_s: 60,
  channels: ["web_chat"], priority: 0, ...fields,
});
export const item = (id: string, fields: Partial<Item> = {}): Item => ({
  id, kind: "conversation", channel: "web_chat", direction: "inbound", interaction: `c-${id}`, conversation: `c-${id}`, queue: "chat",
  state: "held", priority: "normal", flags: [], label: "María E.", language: "es", enqueued_at: NOW - 90_000, queued_at: NOW - 90_000,
  due_at: null, since: NOW - 60_000, owner: "ana", epoch: 1, offer: null, target_s: 60, wrap_until: null, transfers: 0,
  conversation_state: "active", capture: "pending", disposition: null, petitions: [], last_citizen_at: NOW - 30_000,
  last_agent_at: NOW - 50_000, last_seq: 2, from_agent: null, citizen: null, ...fields,
});
export const message = (seq: number, fields: Partial<Message> = {}): Message => ({
  id: `m${seq}`, seq, author: { kind: "citizen", id: null, name: null }, text: `mensaje ${seq}`, at: NOW - 60_000 + seq * 1000,
  attachments: [], delivery: "delivered", delivery_reason: null, code: null, data: null, mentions: [], whisper: false, ...fields,
});
export const conversation = (id: string, fields: Partial<Conversation> = {}): Conversation => ({
  id, channel: "web_chat", state: "active", queue: "chat", opened_at: NOW - 95_000, queued_at: NOW - 90_000, first_reply_at: null,
  closed_at: null, last_seq: 2, citizen_read_seq: 0, agent_read_seq: 0, visitor_online: true, locale: "es", site: null,
  notice_version: "1", notice_at: NOW - 95_000, flags: [], previous: null, survey: null, ...fields,
});
export const citizen = (id: string, fields: Partial<Citizen> = {}): Citizen => ({
  id, names: "María", first_surname: "Ejemplo", second_surname: "Uno", phone: "662 ••• •001", phone_last4: "0001", email: null,
  curp: null, municipality: "26030", locality: "Hermosillo", neighborhood: null, address: null, birth_date: null, sex: null,
  language: null, disability: null, vulnerable_groups: [], contact_preference: null, do_not_contact: false, anonymous: false,
  version: 1, label: "María Ejemplo Uno", ...fields,
});
export const petition = (folio: string, fields: Partial<PetitionRow> = {}): PetitionRow => ({
  folio, kind: "petition", subject: "Bache en la calle Ejemplo", category: "SP01", municipality: "26030", state: "registered",
  public_status: "Recibida", received_at: NOW, citizen_label: "María E.", area: null, dependency: null, priority: "normal",
  is_overdue: false, last_action_at: NOW, ...fields,
});
export const finding = (id: string, fields: Partial<Finding> = {}): Finding => ({
  id, kind: "no_disposition", item: "old", interaction: "c-old", agent: "ana", opened_at: NOW - 1000, age_s: 1, label: null, ...fields,
});
export const thread = (id: string, fields: Partial<Thread> = {}): Thread => ({
  cursor: 10, item: item(id), conversation: conversation(`c-${id}`), citizen: null, messages: [message(1), message(2)], more: false,
  segments: [], petitions: [], can: [], draft_capture: null, ...fields,
});
export const snapshot = (fields: Partial<Snapshot> = {}): Snapshot => ({
  cursor: 10, now: NOW, me: ME, agent: agent("ana"), settings: { brand: { name: "Atención Ciudadana", accent: null, logo: null } },
  queues: [queue("chat")], agents: [agent("ana"), agent("jorge")], items: [], waiting_total: 0, alerts: [], findings: [], replies: [],
  mentions: [], ...fields,
});
let last = 10;
export function event(type: string, payload: Record<string, unknown>): Event {
  last += 1;
  return { id: last, type, at: NOW, ...payload } as Event;
}
