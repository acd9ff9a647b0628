/** Reading what is opened: threads, people, older pages; one read at a time each, its failure kept for the view to say. */
import type { Id, Item, Thread } from "../shared/protocol";
import * as api from "./api";
import { openId } from "./route";
import { putMessage, type State } from "./state";
import { apply, failures, people, putThread, state } from "./store";

const reading = new Set<string>();

export const fail = (id: string, error: unknown): void => {
  if (!(error instanceof api.ApiError)) throw error;
  failures.value = { ...failures.value, [id]: error.code };
};
export const succeed = (id: string): void => {
  if (!(id in failures.value)) return;
  const { [id]: _, ...rest } = failures.value;
  failures.value = rest;
};

/** Runs a read once at a time, with its failure kept under `id` for the view to say so. */
async function once(id: string, read: () => Promise<void>): Promise<void> {
  if (reading.has(id)) return;
  reading.add(id);
  try {
    await read();
    succeed(id);
  } catch (error) {
    fail(id, error);
  } finally {
    reading.delete(id);
  }
}

/** What stands for the work item of a conversation that never had one, or whose item is gone. */
function endedItem({ conversation, citizen, petitions }: Thread): Item {
  return {
    id: conversation.id, kind: "conversation", channel: conversation.channel, direction: "inbound", interaction: conversation.id,
    conversation: conversation.id, queue: conversation.queue, state: "done", priority: "normal", flags: conversation.flags,
    label: citizen?.label ?? null, language: "", enqueued_at: conversation.opened_at, queued_at: conversation.opened_at, due_at: null,
    since: conversation.opened_at, owner: null, epoch: 0, offer: null, target_s: 0, wrap_until: null, transfers: 0,
    conversation_state: conversation.state, capture: "captured", disposition: null, petitions: petitions.map((row) => row.folio),
    last_citizen_at: null, last_agent_at: null, last_seq: conversation.last_seq, from_agent: null, citizen: citizen?.id ?? null,
  };
}

export const loadThread = (id: Id): Promise<void> =>
  once(id, async () => {
    const fresh = await api.thread(id);
    putThread(fresh.item ? fresh : { ...fresh, item: endedItem(fresh) });
    const citizen = fresh.citizen?.id ?? fresh.item?.citizen;
    if (citizen && openId.value === id) void loadPerson(citizen);
  });

export const loadPerson = (id: Id): Promise<void> =>
  once(id, async () => {
    people.value = { ...people.value, [id]: await api.person(id) };
  });

export const loadOlder = (id: Id): Promise<void> =>
  once(`${id}/older`, async () => {
    const oldest = state.value?.threads[id]?.messages[0]?.seq;
    if (oldest === undefined) return;
    const page = await api.thread(id, oldest);
    apply((before) => {
      const thread = before.threads[id];
      if (thread === undefined) return before;
      const messages = page.messages.reduce(putMessage, thread.messages) as State["threads"][string]["messages"];
      return { ...before, threads: { ...before.threads, [id]: { ...thread, messages, more: page.more } } };
    });
  });
