/** A screen for those who may see it; anybody else reads so, instead of an empty one. The service decides, this only says it. */
import type { ComponentChildren } from "preact";
import { can, me } from "../../store";
import { Empty } from "../../ui/Empty";
import { ts } from "./words";

export function Guard({ action, children }: { action: string; children: ComponentChildren }) {
  if (me.value === null || can(action)) return <>{children}</>;
  return <div class="page"><Empty title={ts("notAllowed")}><p>{ts("notAllowedHelp")}</p></Empty></div>;
}
