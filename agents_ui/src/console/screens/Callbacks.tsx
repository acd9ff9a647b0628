/** Promised calls: the calendar with the load of the shift, how promises were kept, what was asked for, and what is behind. */
import "../../styles/callbacks.css";
import type { Overdue } from "../callbacks";
import { tb } from "../callbackWords";
import { asks } from "../planning";
import { route } from "../route";
import { can } from "../store";
import { openPlan } from "../ui";
import { Calendar } from "./callbacks/Calendar";
import { CallbackPanel } from "./callbacks/CallbackPanel";
import { Ledger } from "./callbacks/Ledger";
import { OverdueBoard } from "./callbacks/OverdueBoard";
import { useFresh } from "./callbacks/parts";
import { Requests } from "./callbacks/Requests";
import { Guard } from "./parts/Guard";
import { param, setParams } from "./parts/query";
import { useRead } from "./parts/read";
import { Screen } from "./parts/Screen";

const VIEWS = [
  { path: "", word: "view.calendar", action: null },
  { path: "promesas", word: "view.promises", action: null },
  { path: "solicitudes", word: "view.requests", action: null },
  { path: "atrasadas", word: "view.overdue", action: "work.assign" },
] as const;

function Promises() {
  const here = route.value.rest[0] ?? "";
  const views = VIEWS.filter((one) => one.action === null || can(one.action));
  const view = views.find((one) => one.path === here)?.path ?? "";
  const overdue = useRead<Overdue>(can("work.assign") ? "callbacks/overdue" : null, {}, 30_000);
  useFresh(overdue.again, "count");
  const opened = param("ver");
  const late = overdue.data?.rows.length ?? 0;
  return (
    <Screen
      title={tb("title")}
      tools={can("callback.plan") && <button type="button" class="primary" aria-keyshortcuts="A" onClick={() => openPlan()}>{tb(asks() ? "ask" : "new")} <kbd aria-hidden="true">A</kbd></button>}
      bar={
        <nav class="sections" aria-label={tb("views")}>
          {views.map((one) => <a key={one.path} href={one.path === "" ? "#/citas" : `#/citas/${one.path}`} aria-current={view === one.path ? "page" : undefined}>{tb(one.word)}{one.path === "atrasadas" && late > 0 && <span class="badge">{late}</span>}</a>)}
        </nav>
      }
      panel={opened !== "" && <CallbackPanel key={opened} id={opened} onClose={() => setParams({ ver: null })} />}
    >
      {view === "promesas" ? <Ledger /> : view === "solicitudes" ? <Requests /> : view === "atrasadas" ? <OverdueBoard /> : <Calendar />}
    </Screen>
  );
}

export default function Callbacks() {
  return <Guard action="callback.read"><Promises /></Guard>;
}
