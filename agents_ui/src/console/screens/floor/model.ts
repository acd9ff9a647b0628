/** What the floor shows, worked out of the live state. Pure. */
import type { Agent, Alert, Item, Queue } from "../../../shared/protocol";

export interface Today {
  offered: number; answered: number; abandoned: number; short_abandoned: number; service_level: number | null; asa_s: number | null;
  longest_wait_s: number | null; open: number;
}
export type QueueToday = Queue & Partial<Today>;
export interface AgentToday { handled?: number; aht_s?: number | null; occupancy?: number | null }
export interface FloorView { cursor: number; now: number; queues: QueueToday[]; agents: (Agent & AgentToday)[]; items: Item[]; alerts: Alert[]; today: Partial<Today> }

/** The snapshot carries at most this many items; beyond it, counts come from the service. */
export const ITEMS_CAP = 500;

export const isWaiting = (item: Item): boolean => item.state === "waiting" || item.state === "offered";
export const isHeld = (item: Item): boolean => item.state === "held" || item.state === "wrap_up";
export const isCrisis = (item: Item): boolean => item.flags.some((flag) => flag.startsWith("crisis") || flag === "emergency");

export interface QueueRow {
  queue: QueueToday; waiting: number; longestSince: number | null; free: number; staff: number; held: number; isLate: boolean; crisis: number;
}
export type AgentLook = "available" | "busy" | "wrap_up" | "paused" | "gone" | "offline";
export interface AgentRow { agent: Agent & AgentToday; held: Item[]; offers: number; look: AgentLook }

/** How an agent stands: shape and word follow it. Somebody not connected is gone, whatever their state says. */
export function lookOf(agent: Agent, held: readonly Item[]): AgentLook {
  if (agent.state === "offline") return "offline";
  if (!agent.connected) return "gone";
  if (agent.state === "paused") return "paused";
  if (held.length > 0 && held.every((item) => item.state === "wrap_up")) return "wrap_up";
  return held.length >= Math.max(1, agent.capacity.chat) ? "busy" : "available";
}
const LOOKS: readonly AgentLook[] = ["gone", "busy", "wrap_up", "available", "paused", "offline"];

export function agentRows(agents: readonly (Agent & AgentToday)[], items: readonly Item[]): AgentRow[] {
  return agents
    .map((agent) => {
      const held = items.filter((item) => item.owner === agent.id && isHeld(item)).sort((a, b) => a.queued_at - b.queued_at);
      return { agent, held, offers: items.filter((item) => item.offer?.agent === agent.id && item.state === "offered").length, look: lookOf(agent, held) };
    })
    .sort((a, b) => LOOKS.indexOf(a.look) - LOOKS.indexOf(b.look) || a.agent.name.localeCompare(b.agent.name, "es"));
}

/** Whether somebody could take one more of a queue now; a call needs a whole person. */
const isFree = (row: AgentRow, queue: Queue): boolean =>
  row.look === "available" && (queue.channels.some((one) => one !== "phone") || (row.held.length === 0 && row.agent.capacity.voice > 0));

export function queueRows(queues: readonly QueueToday[], agents: readonly AgentRow[], items: readonly Item[], now: number): QueueRow[] {
  const capped = items.length >= ITEMS_CAP;
  return queues.map((queue) => {
    const waiting = items.filter((item) => item.queue === queue.id && isWaiting(item));
    const oldest = waiting.reduce<number | null>((first, item) => (first === null || item.enqueued_at < first ? item.enqueued_at : first), null);
    const longestSince = capped ? queue.longest_since : oldest;
    const staff = agents.filter((row) => row.agent.queues.includes(queue.id) && row.look !== "offline");
    return {
      queue, waiting: capped ? queue.waiting : waiting.length, longestSince,
      free: staff.filter((row) => isFree(row, queue)).length, staff: staff.length,
      held: items.filter((item) => item.queue === queue.id && isHeld(item)).length,
      isLate: longestSince !== null && now - longestSince > queue.target_s * 1000, crisis: waiting.filter(isCrisis).length,
    };
  }).sort((a, b) => Number(b.crisis > 0) - Number(a.crisis > 0) || b.queue.priority - a.queue.priority || a.queue.name.localeCompare(b.queue.name, "es"));
}

const LEVEL: Record<string, number> = { critical: 0, warning: 1, info: 2 };
/** In order of harm: crises first, then by level, then the oldest. */
export function byHarm(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort((a, b) => Number(b.kind === "crisis") - Number(a.kind === "crisis") || (LEVEL[a.level] ?? 3) - (LEVEL[b.level] ?? 3) || a.at - b.at);
}

const ITEM_STATES: readonly string[] = ["waiting", "offered", "held", "wrap_up", "scheduled"];
/** Crises, then what waits (the longest first), then what is in hand. */
export function byNeed(items: readonly Item[]): Item[] {
  const place = (item: Item): number => ITEM_STATES.indexOf(item.state === "offered" ? "waiting" : item.state);
  return [...items].sort((a, b) => Number(isCrisis(b) && isWaiting(b)) - Number(isCrisis(a) && isWaiting(a)) || place(a) - place(b) || a.enqueued_at - b.enqueued_at);
}

/** Sums of the day over every queue, with the service level weighed by what was offered. Null: nothing to divide by. */
export function dayTotals(queues: readonly QueueToday[]): { offered: number; answered: number; abandoned: number; level: number | null } {
  const sum = (pick: (queue: QueueToday) => number | null | undefined): number => queues.reduce((total, queue) => total + (pick(queue) ?? 0), 0);
  const counted = queues.filter((queue) => queue.service_level !== null && queue.service_level !== undefined);
  const weight = counted.reduce((total, queue) => total + (queue.offered ?? 0), 0);
  const level = weight === 0 ? null : counted.reduce((total, queue) => total + (queue.service_level ?? 0) * (queue.offered ?? 0), 0) / weight;
  return { offered: sum((one) => one.offered), answered: sum((one) => one.answered), abandoned: sum((one) => one.abandoned), level };
}
