/** To which call of mine a line to this browser belongs. Pure. */
import type { Id, Item } from "../shared/protocol";
import type { Leg } from "./device";

/** What to do with a line that comes in: take it by itself, or ring for a word with a colleague. */
export type Place = "mine" | "listening" | "consult" | null;

/** `expected`: calls that I, a supervisor, asked to hear. A line that belongs to nothing is null: it is refused. */
export function placeOf(leg: Leg, items: readonly Item[], me: Id, expected: ReadonlySet<Id>): Place {
  if (leg.call === null) return null;
  const item = items.find((one) => one.call?.id === leg.call);
  if (item?.owner === me && item.state === "held") return "mine";
  if (leg.params["how"] !== undefined) return expected.has(leg.call) ? "listening" : null;
  return item?.call?.transfer?.to === me ? "consult" : null;
}

/** The item of a line in use, when I may see it. */
export const itemOf = (leg: Leg, items: readonly Item[]): Item | null => items.find((one) => leg.call !== null && one.call?.id === leg.call) ?? null;
