/** The floor as signals: live from the socket's state; the day's figures are read beside it. */
import { computed, signal } from "@preact/signals";
import { now, state } from "../../store";
import { agentRows, byHarm, byNeed, queueRows, type FloorView } from "./model";

/** The day's totals change slowly; what is live comes by the socket. */
export const FIGURES_EVERY_MS = 10_000;

/** The figures of the day, as last read. */
export const today = signal<FloorView | null>(null);

export const openItems = computed(() => byNeed(Object.values(state.value?.items ?? {})));
export const floorAlerts = computed(() => byHarm(Object.values(state.value?.alerts ?? {})));

const figures = computed(() => new Map((today.value?.queues ?? []).map((queue) => [queue.id, queue])));
const work = computed(() => new Map((today.value?.agents ?? []).map((agent) => [agent.id, agent])));

/** Whoever serves a queue; people who only look at the console are no part of the floor. */
export const floorAgents = computed(() => {
  const known = Object.values(state.value?.agents ?? {}).filter((agent) => agent.queues.length > 0);
  const named = known.map((agent) => ({ ...agent, handled: work.value.get(agent.id)?.handled ?? 0, occupancy: work.value.get(agent.id)?.occupancy ?? null }));
  return agentRows(named, openItems.value);
});
export const floorQueues = computed(() => {
  const live = Object.values(state.value?.queues ?? {}).map((queue) => ({ ...figures.value.get(queue.id), ...queue }));
  return queueRows(live, floorAgents.value, openItems.value, now.value);
});
