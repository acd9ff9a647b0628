/** The screen on the wall: the few figures that matter, readable from five metres; nobody touches it. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import "../../styles/floor.css";
import type { FloorView } from "./floor/model";
import { hour } from "../format";
import { link, now } from "../store";
import { Clock } from "../views/Clock";
import { FIGURES_EVERY_MS, floorAgents, floorAlerts, floorQueues, openItems, today } from "./floor/live";
import { dayTotals, isWaiting } from "./floor/model";
import { Guard } from "./parts/Guard";
import { count, percent } from "./parts/figures";
import { useRead } from "./parts/read";
import { ts } from "./parts/words";

function Figure({ label, children, tone = "" }: { label: string; children: ComponentChildren; tone?: string }) {
  return <div class={`wall-figure ${tone}`}><dt>{label}</dt><dd class="num">{children}</dd></div>;
}

function LiveWall() {
  const root = useRef<HTMLDivElement>(null);
  const [full, setFull] = useState(false);
  const read = useRead<FloorView>("floor", {}, FIGURES_EVERY_MS);
  useEffect(() => {
    if (read.data !== null) today.value = read.data;
  }, [read.data]);
  useEffect(() => {
    const changed = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const rows = floorQueues.value;
  const waiting = openItems.value.filter(isWaiting);
  const oldest = waiting.reduce<number | null>((first, item) => (first === null || item.enqueued_at < first ? item.enqueued_at : first), null);
  const target = Math.min(...rows.map((row) => row.queue.target_s), 3600);
  const totals = dayTotals(rows.map((row) => row.queue));
  const crises = floorAlerts.value.filter((one) => one.kind === "crisis").length;
  const on = floorAgents.value.filter((row) => row.look !== "offline");
  return (
    <div class="wall" ref={root}>
      <header class="wall-head">
        <h1>{ts("wall")}</h1>
        <span class="wall-clock num">{hour(now.value)}</span>
        {link.value !== "online" && <span class="live live-offline">{ts("notLive")}</span>}
        {!full && <button type="button" class="ghost" onClick={() => void root.current?.requestFullscreen()}>{ts("fullScreen")}</button>}
        {!full && <a class="button ghost" href="#/piso">{ts("backToFloor")}</a>}
      </header>
      {crises > 0 && <p class="wall-crisis" role="alert"><span aria-hidden="true">▲ </span>{ts(crises === 1 ? "oneCrisis" : "manyCrises", { n: crises })}</p>}
      <dl class="wall-figures">
        <Figure label={ts("wallWaiting")}>{count(waiting.length)}</Figure>
        <Figure label={ts("longest")}>{oldest === null ? "—" : <Clock since={oldest} targetMs={target * 1000} label={ts("longest")} />}</Figure>
        <Figure label={ts("wallFree")}>{count(on.filter((row) => row.look === "available").length)}<small>/{count(on.length)}</small></Figure>
        <Figure label={ts("level")}>{percent(totals.level)}</Figure>
        <Figure label={ts("wallAnswered")}>{count(totals.answered)}</Figure>
        <Figure label={ts("wallAbandoned")}>{count(totals.abandoned)}</Figure>
      </dl>
      <table class="wall-table">
        <thead><tr><th scope="col">{ts("queue")}</th><th scope="col">{ts("wallWaiting")}</th><th scope="col">{ts("longest")}</th><th scope="col">{ts("wallFree")}</th><th scope="col">{ts("level")}</th></tr></thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.queue.id} class={row.crisis > 0 ? "wall-row-crisis" : row.isLate ? "wall-row-late" : ""}>
              <th scope="row">{row.queue.name}{!row.queue.is_open && <span class="tag">{ts("closed")}</span>}</th>
              <td class="num">{count(row.waiting)}</td>
              <td class="num">{row.longestSince === null ? "—" : <Clock since={row.longestSince} targetMs={row.queue.target_s * 1000} label={ts("longest")} />}</td>
              <td class="num">{row.free}<small>/{row.staff}</small></td>
              <td class="num">{percent(row.queue.service_level)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export default function Wall() {
  return <Guard action="wall.read"><LiveWall /></Guard>;
}
