/** What goes wrong right now, the worst first, each with the deed that mends it. */
import type { Alert, Item } from "../../../shared/protocol";
import { elapsed } from "../../format";
import { agentName, queueName, state } from "../../store";
import { Clock } from "../../views/Clock";
import { word } from "../parts/codes";
import { setParams } from "../parts/query";
import { ts } from "../parts/words";
import { floorAlerts } from "./live";

function detail(alert: Alert, item: Item | null): string {
  const who = item === null ? "" : (item.label ?? ts("restricted"));
  const where = item === null ? "" : (queueName(item.queue) ?? "");
  const agent = typeof alert.data["agent"] === "string" ? agentName(alert.data["agent"]) : null;
  const extra = alert.kind === "long_wait" && typeof alert.data["wait_s"] === "number" ? ts("waited", { time: elapsed(alert.data["wait_s"] * 1000) })
    : alert.kind === "unanswered_offers" && typeof alert.data["count"] === "number" ? ts("offersMissed", { n: alert.data["count"] })
    : alert.kind === "transfer_loop" && item !== null ? ts("transfers", { n: item.transfers })
    : (alert.kind === "undelivered" || alert.kind === "channel_down") && typeof alert.data["channel"] === "string" ? word("channel", alert.data["channel"])
    : alert.kind === "crisis" && item !== null ? (item.owner === null ? ts("unattended") : ts("withWhom", { name: agentName(item.owner) ?? "" })) : "";
  return [who, agent ?? "", where, extra].filter((part) => part !== "").join(" · ");
}

function Row({ alert }: { alert: Alert }) {
  const item = alert.item === null ? null : (state.value?.items[alert.item] ?? null);
  return (
    <li class={`harm harm-${alert.kind === "crisis" ? "crisis" : alert.level}`}>
      <span class="harm-mark" aria-hidden="true">{alert.kind === "crisis" || alert.level === "critical" ? "▲" : alert.level === "warning" ? "◆" : "●"}</span>
      <span class="harm-text"><strong>{word("alert", alert.kind)}</strong> {detail(alert, item)}</span>
      <Clock since={alert.at} label={ts("alertSince")} />
      {item !== null && <button type="button" class={alert.kind === "crisis" ? "primary small" : "small"} onClick={() => setParams({ ver: item.id }, true)}>{ts("see")}</button>}
      {alert.kind === "undelivered" && <a href="#/admin/sin-entregar">{ts("see")}</a>}
    </li>
  );
}

export function Alerts() {
  const rows = floorAlerts.value;
  return (
    <section class="harms" aria-label={ts("alerts")}>
      {rows.length === 0 ? <p class="harms-none">{ts("noAlerts")}</p> : <ul role="list">{rows.slice(0, 8).map((one) => <Row key={one.id} alert={one} />)}</ul>}
      {rows.length > 8 && <p class="muted">{ts("moreAlerts", { n: rows.length - 8 })}</p>}
    </section>
  );
}
