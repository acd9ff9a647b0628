/** What happens next with a promised call, said in words: the next try, who has it again, what was left for the citizen. */
import type { Callback } from "../../callbacks";
import { moment, tb } from "../../callbackWords";
import { minute } from "../../store";

/** The sentences for where a callback stands. Pure but for the words. */
export function nextWords(callback: Callback, now: number): string[] {
  const { state, attempts, max_attempts } = callback;
  const message = callback.message_sent === null ? [] : [tb(callback.message_sent === "chat" ? "next.messageChat" : callback.message_sent === "sms" ? "next.messageSms" : "next.messageNone")];
  switch (state) {
    case "rescheduled": return attempts > 0 ? [tb("next.again", { when: moment(callback.due_at, now, callback.not_after), n: Math.min(attempts + 1, max_attempts), of: max_attempts })] : [tb("next.scheduled", { when: moment(callback.due_at, now, callback.not_after) })];
    case "solicited": return callback.due_at > now ? [tb("next.scheduled", { when: moment(callback.due_at, now, callback.not_after) })] : [];
    case "exhausted": return [tb("next.exhausted", { n: attempts }), ...message, ...(callback.requested_by === null ? [] : [tb("next.requester")])];
    case "achieved": return [tb("next.achieved")];
    case "cancelled": return [tb("next.cancelled", { reason: callback.cancelled_reason ?? "" })];
    case "closed": return [tb("next.received")];
    default: return [];
  }
}

export function Next({ callback }: { callback: Callback }) {
  const words = nextWords(callback, minute.value);
  if (words.length === 0) return null;
  return <p class="script-next" role="status">{words.join(" ")}</p>;
}
