/** The floor, as it is this second: alerts, queues, people, and every open item. */
import { useEffect } from "preact/hooks";
import "../../styles/floor.css";
import { link } from "../store";
import { Agents } from "./floor/Agents";
import { Alerts } from "./floor/Alerts";
import { Items } from "./floor/Items";
import { today } from "./floor/live";
import type { FloorView } from "./floor/model";
import { QueueStrip } from "./floor/QueueStrip";
import { Watch } from "./floor/Watch";
import { param } from "./parts/query";
import { useRead } from "./parts/read";
import { Screen } from "./parts/Screen";
import { ts } from "./parts/words";

/** The day's totals change slowly; what is live comes by the socket. */
export const FIGURES_EVERY_MS = 10_000;

export default function Floor() {
  const read = useRead<FloorView>("floor", {}, FIGURES_EVERY_MS);
  useEffect(() => {
    if (read.data !== null) today.value = read.data;
  }, [read.data]);
  const opened = param("ver");
  return (
    <Screen
      title={ts("floor")}
      tools={<><span class={`live live-${link.value}`}>{ts(link.value === "online" ? "live" : "notLive")}</span> <a class="button ghost" href="#/muro">{ts("openWall")}</a></>}
      panel={opened !== "" && <Watch key={opened} id={opened} />}
    >
      <div class="floor">
        <Alerts />
        <QueueStrip />
        <div class="floor-columns">
          <Agents />
          <Items opened={opened} />
        </div>
      </div>
    </Screen>
  );
}
