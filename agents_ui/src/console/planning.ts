/** Promising a call: who asks for one, and what it is about. */
import { route } from "./route";
import { me, openItem } from "./store";
import type { Planned } from "./ui";

/** What is in sight when a call is to be promised: the open contact, or the open petition. */
export function planOf(): Planned {
  const { screen, rest } = route.value;
  const item = openItem.value;
  if (screen === "peticiones" && rest[0] !== undefined) return { folio: rest[0] };
  return item === null || screen !== "bandeja" ? {} : { interaction: item.interaction, citizen: item.citizen, label: item.label, folios: item.petitions };
}

/** Another area asks for calls; whoever serves a queue makes them. */
export const asks = (): boolean => (me.peek()?.roles ?? []).some((role) => role === "area" || role === "correspondence" || role === "director" || role === "coordination");
