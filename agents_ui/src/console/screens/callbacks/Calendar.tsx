/** The calendar of promised calls: a day or a week, mine or the queue's, with the load of every hour. */
import { useState } from "preact/hooks";
import { dayKey } from "../../../shared/time";
import type { Callback, Hour } from "../../callbacks";
import { tb } from "../../callbackWords";
import { me, minute, state } from "../../store";
import { locale } from "../../text";
import { addDays } from "../../when";
import { queueChoices } from "../parts/choices";
import { Loaded } from "../parts/Loaded";
import type { Page } from "../parts/list";
import { param, setParams } from "../parts/query";
import { useRead } from "../parts/read";
import { arrange, daysFrom, headingOf, mondayOf, spanOf } from "./days";
import { DayView } from "./DayView";
import { useFresh } from "./parts";
import { Subscribe } from "./Subscribe";
import { Week } from "./Week";

const MOST = 200;
const EVERY_MS = 60_000;
const isNarrow = (): boolean => innerWidth < 900;

/** The queue whose load is shown: the one asked for, else my first, else any. */
function queueOf(): string {
  const asked = param("fila");
  if (asked !== "") return asked;
  const known = state.value?.queues ?? {};
  const mine = (me.value?.queues ?? []).map((id) => known[id]).filter((one) => one !== undefined);
  return (mine.find((one) => /llamad|tel[eé]f|call/i.test(one.name)) ?? mine[0] ?? Object.values(known)[0])?.id ?? queueChoices()[0]?.value ?? "";
}

export function Calendar() {
  const today = dayKey(minute.value);
  const view = param("vista") === "" ? (isNarrow() ? "dia" : "semana") : param("vista");
  const chosen = /^\d{4}-\d{2}-\d{2}$/.test(param("dia")) ? param("dia") : today;
  const whose = param("de") === "mias" ? "mias" : "fila";
  const keys = view === "dia" ? [chosen] : daysFrom(mondayOf(chosen), 7);
  const { from, to } = spanOf(keys);
  const queue = queueOf();
  const [subscribing, setSubscribing] = useState(false);
  const loads = useRead<{ hours: Hour[] }>(queue === "" ? null : "callbacks/load", { queue, from, days: keys.length }, EVERY_MS);
  const list = useRead<Page<Callback>>("callbacks", { from, to, limit: MOST, ...(whose === "mias" ? { owner: me.value?.id } : { queue }) }, EVERY_MS);
  useFresh(async () => { await Promise.all([loads.again(), list.again()]); }, `${queue}/${from}/${to}/${whose}`);
  const step = (by: number): void => setParams({ dia: addDays(chosen, by * (view === "dia" ? 1 : 7)), hora: null });
  const title = headingOf(keys, locale.value);
  return (
    <div class="calendar">
      <div class="calendar-bar">
        <div class="calendar-move">
          <button type="button" class="icon-button" aria-label={tb("calendar.before")} title={tb("calendar.before")} aria-keyshortcuts="ArrowLeft" onClick={() => step(-1)}>‹</button>
          <button type="button" onClick={() => setParams({ dia: null, hora: null })} aria-pressed={keys.includes(today)}>{tb("calendar.today")}</button>
          <button type="button" class="icon-button" aria-label={tb("calendar.after")} title={tb("calendar.after")} onClick={() => step(1)}>›</button>
          <h2 aria-live="polite">{title}</h2>
        </div>
        <div class="segmented" role="group" aria-label={tb("calendar.view")}>
          {(["dia", "semana"] as const).map((one) => <button key={one} type="button" aria-pressed={view === one} onClick={() => setParams({ vista: one, hora: null })}>{tb(one === "dia" ? "calendar.day" : "calendar.week")}</button>)}
        </div>
        <div class="segmented" role="group" aria-label={tb("calendar.whose")}>
          {(["fila", "mias"] as const).map((one) => <button key={one} type="button" aria-pressed={whose === one} onClick={() => setParams({ de: one === "mias" ? "mias" : null })}>{tb(one === "mias" ? "calendar.mine" : "calendar.all")}</button>)}
        </div>
        <select class="input select calendar-queue" aria-label={tb("queue")} value={queue} onChange={(event) => setParams({ fila: event.currentTarget.value })}>
          {queueChoices().map((one) => <option key={one.value} value={one.value}>{one.label}</option>)}
        </select>
        <button type="button" class="ghost" onClick={() => setSubscribing(true)}>{tb("calendar.subscribe")}</button>
      </div>
      <Loaded read={loads} shape="cards" lines={6}>
        {({ hours }) => {
          const days = arrange(keys, hours, list.data?.rows ?? []);
          return (
            <>
              {view === "dia" ? days[0] !== undefined && <DayView day={days[0]} line={param("hora")} opened={param("ver")} onOpen={(row) => setParams({ ver: row.id }, true)} />
                : <Week days={days} today={today} onDay={(key, line) => setParams({ vista: "dia", dia: key, hora: line }, true)} />}
              {(list.data?.total ?? 0) > MOST && <p class="muted">{tb("calendar.cut", { n: MOST })}</p>}
              <p class="muted calendar-legend">{tb("calendar.legend")}</p>
            </>
          );
        }}
      </Loaded>
      {subscribing && <Subscribe onClose={() => setSubscribing(false)} />}
    </div>
  );
}
