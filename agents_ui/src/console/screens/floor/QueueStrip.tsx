/** One card a queue: how many wait and for how long, who is free, and how the day goes. A card filters the list under it. */
import { hour } from "../../format";
import { Clock } from "../../views/Clock";
import { param, setParams } from "../parts/query";
import { percent } from "../parts/figures";
import { ts } from "../parts/words";
import { floorQueues } from "./live";
import type { QueueRow } from "./model";

function Card({ row, chosen }: { row: QueueRow; chosen: boolean }) {
  const { queue } = row;
  return (
    <li>
      <button type="button" class={`queue-card${row.isLate ? " queue-late" : ""}${row.crisis > 0 ? " queue-crisis" : ""}`} aria-pressed={chosen} onClick={() => setParams({ fila: chosen ? null : queue.id })}>
        <span class="queue-name">
          {queue.name}
          {!queue.is_open && <span class="tag">{queue.opens_at === null ? ts("closed") : ts("opensAt", { time: hour(queue.opens_at) })}</span>}
        </span>
        <span class="queue-now">
          <span class="queue-waiting num"><strong>{row.waiting}</strong> {ts("inLine")}</span>
          {row.longestSince === null ? <span class="muted">{ts("nobodyWaits")}</span> : <Clock since={row.longestSince} targetMs={queue.target_s * 1000} label={ts("longest")} />}
        </span>
        <span class="queue-staff num">{ts(row.free === 1 ? "freeOfOne" : "freeOf", { free: row.free, staff: row.staff })} · {ts("inHand", { n: row.held })}</span>
        <span class="queue-day num">
          <span title={ts("levelHelp", { s: queue.target_s })}>{ts("level")} {percent(queue.service_level)}</span>
          <span>{ts("answered", { n: queue.answered ?? 0 })}</span>
          <span>{ts("abandoned", { n: queue.abandoned ?? 0 })}</span>
        </span>
      </button>
    </li>
  );
}

export function QueueStrip() {
  const chosen = param("fila");
  return (
    <section aria-label={ts("queues")}>
      <ul class="queue-strip" role="list">{floorQueues.value.map((row) => <Card key={row.queue.id} row={row} chosen={chosen === row.queue.id} />)}</ul>
    </section>
  );
}
