/** A screen for those who may see it; anybody else reads so, instead of an empty one. The service decides, this only says it. */
import type { ComponentChildren } from "preact";
import { can, me } from "../../store";
import { Screen } from "./Screen";
import { ts } from "./words";

export function Guard({ action, children }: { action: string; children: ComponentChildren }) {
  if (me.value === null || can(action)) return <>{children}</>;
  return <Screen title={ts("notAllowed")}><p class="muted">{ts("notAllowedHelp")}</p></Screen>;
}
