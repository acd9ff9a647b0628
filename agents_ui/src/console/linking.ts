/** A folio that exists, linked with the contact it came up in. */
import type { Item } from "../shared/protocol";
import { linkPetition } from "./api";
import { loadThread } from "./desk";
import { attempt } from "./errors";
import { t } from "./text";
import { toast } from "./ui/Toast";

/** Links a folio with the contact and says so, or why not; the event brings it into the lists. */
export async function link(item: Item, folio: string): Promise<boolean> {
  const done = await attempt(() => linkPetition(item.interaction, folio));
  if (done === null) return false;
  void loadThread(item.interaction);
  toast(t("petition.linked", { folio }), { kind: "ok" });
  return true;
}
