/** One day, hour by hour: what the shift can carry, what is promised, and every call with whom, why and by whom. */
import { useEffect } from "preact/hooks";
import { fullness, type Callback } from "../../callbacks";
import { tb, word } from "../../callbackWords";
import { staffName } from "../../reference";
import { Empty } from "../../ui/Empty";
import { LoadBar } from "../../views/plan/Verdict";
import { hourOf, loose, worth, type Day } from "./days";
import { StandingTag } from "./parts";

function Row({ row, opened, onOpen }: { row: Callback; opened: boolean; onOpen: () => void }) {
  return (
    <li>
      <button type="button" class={`day-row${opened ? " row-opened" : ""}`} data-row={row.id} aria-current={opened ? "true" : undefined} onClick={onOpen}>
        <span class="num day-time">{hourOf(row.due_at)}</span>
        <span class="day-who"><strong>{row.label ?? row.number ?? ""}</strong> <span class="muted">{word("reason", row.reason)}{row.folio !== null && ` · ${row.folio}`}</span></span>
        <span class="muted day-owner">{row.owner === null ? tb("ownerQueue") : staffName(row.owner)}</span>
        <StandingTag row={row} />
      </button>
    </li>
  );
}

export function DayView({ day, line, opened, onOpen }: { day: Day; line: string; opened: string; onOpen: (row: Callback) => void }) {
  useEffect(() => {
    if (line !== "") document.getElementById(`hour-${line}`)?.scrollIntoView({ block: "start" });
  }, [day.key, line]);
  const slots = worth(day.slots);
  const rest = loose(day);
  const list = (rows: readonly Callback[]) => <ul>{rows.map((row) => <Row key={row.id} row={row} opened={row.id === opened} onOpen={() => onOpen(row)} />)}</ul>;
  if (slots.length === 0 && rest.length === 0) {
    const why = day.slots.find((one) => one.hour.name !== null)?.hour.name;
    return <Empty title={tb("calendar.closedDay")}>{why ? <p>{why}</p> : null}</Empty>;
  }
  return (
    <div class="day-view" data-list>
      {day.rows.length === 0 && <p class="muted day-empty">{tb("calendar.noneDay")}. {tb("calendar.noneDayHelp")}</p>}
      {slots.map(({ hour, rows }) => {
        const state = fullness(hour);
        const id = `hour-${hourOf(hour.at).padStart(5, "0")}`;
        return (
          <section key={hour.at} class={`day-hour day-${state}`} id={id} aria-label={hourOf(hour.at)}>
            <h2 class="num">{hourOf(hour.at)}</h2>
            <div class="day-body">
              <p class="day-load">
                {hour.open ? <><LoadBar hour={hour} /><span class="num">{tb("calendar.load", { promised: hour.promised, capacity: hour.capacity })}</span>{state === "full" && <span class="tag tag-overdue">{tb("calendar.full")}</span>}{state === "near" && <span class="tag tag-warn">{tb("calendar.near")}</span>}</>
                  : <span class="muted">{hour.name ?? tb(`calendar.shut.${hour.why ?? "closed"}`)}</span>}
              </p>
              {rows.length > 0 && list(rows)}
            </div>
          </section>
        );
      })}
      {rest.length > 0 && <section class="day-hour" aria-label="—"><h2>—</h2><div class="day-body">{list(rest)}</div></section>}
    </div>
  );
}
