/** What is in sight when a call is to be promised: the open contact, or the open petition. */
import { route } from "./route";
import { openItem } from "./store";
import type { Planned } from "./ui";

export function planOf(): Planned {
  const { screen, rest } = route.value;
  const item = openItem.value;
  if (screen === "peticiones" && rest[0] !== undefined) return { folio: rest[0] };
  return item === null || screen !== "bandeja" ? {} : { interaction: item.interaction, citizen: item.citizen, label: item.label, folios: item.petitions };
}
