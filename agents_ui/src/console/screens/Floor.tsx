/** The floor, as it is this second: alerts, queues, people, and every open item. */
import { useEffect } from "preact/hooks";
import "../../styles/floor.css";
import { link, state } from "../store";
import { Skeleton } from "../ui/Skeleton";
import { Agents } from "./floor/Agents";
import { Alerts } from "./floor/Alerts";
import { Calls } from "./floor/Calls";
import { Items } from "./floor/Items";
import { FIGURES_EVERY_MS, today } from "./floor/live";
import type { FloorView } from "./floor/model";
import { QueueStrip } from "./floor/QueueStrip";
import { Watch } from "./floor/Watch";
import { Guard } from "./parts/Guard";
import { param } from "./parts/query";
import { useRead } from "./parts/read";
import { Screen } from "./parts/Screen";
import { ts } from "./parts/words";

function LiveFloor() {
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
      {state.value === null ? <Skeleton shape="cards" lines={4} /> : (
        <div class="floor">
          <Alerts />
          <QueueStrip />
          <Calls />
          <div class="floor-columns">
            <Agents />
            <Items opened={opened} />
          </div>
        </div>
      )}
    </Screen>
  );
}

export default function Floor() {
  return <Guard action="floor.read"><LiveFloor /></Guard>;
}
