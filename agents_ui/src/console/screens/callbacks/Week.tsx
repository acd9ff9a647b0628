/** A week at a glance: each hour with how much of the shift is promised, and whom. Arrows move, Enter opens the day at that hour. */
import { useRef, useState } from "preact/hooks";
import { fullness, type Callback } from "../../callbacks";
import { tb, word } from "../../callbackWords";
import { day as dayName } from "../../format";
import { minute } from "../../store";
import { locale } from "../../text";
import { at } from "../../when";
import { LoadBar } from "../../views/plan/Verdict";
import { columnOf, hourOf, linesOf, slotAt, type Day, type Slot } from "./days";

const SHOWN = 2;

function Cell({ day, line, slot, isStop, onFocus, onOpen, onKey }: { day: Day; line: string; slot: Slot | null; isStop: boolean; onFocus: () => void; onOpen: () => void; onKey: (event: KeyboardEvent) => void }) {
  const name = dayName(at(day.key, 720) ?? 0, minute.value);
  if (slot === null) return <td class="week-none" />;
  const { hour, rows } = slot;
  const state = fullness(hour);
  const why = hour.why === null ? tb("calendar.shut.closed") : tb(`calendar.shut.${hour.why}`);
  return (
    <td class={`week-cell week-${state}`}>
      <button type="button" tabIndex={isStop ? 0 : -1} data-cell={`${day.key} ${line}`} onFocus={onFocus} onKeyDown={onKey} onClick={onOpen}>
        <span class="sr-only">{tb("calendar.cell", { day: name, time: hourOf(hour.at) })}</span>
        {hour.open && <span class="week-load"><LoadBar hour={hour} /><span class="num">{hour.promised}/{hour.capacity}</span></span>}
        {!hour.open && rows.length === 0 && <span class="week-why">{why}</span>}
        {rows.slice(0, SHOWN).map((row) => <Chip key={row.id} row={row} />)}
        {rows.length > SHOWN && <span class="week-more">{tb("calendar.many", { n: rows.length - SHOWN })}</span>}
      </button>
    </td>
  );
}

export function Chip({ row }: { row: Callback }) {
  return <span class={`week-chip standing-${row.standing}`}><span class="num">{hourOf(row.due_at)}</span> {row.label ?? word("reason", row.reason)}</span>;
}

export function Week({ days, today, onDay }: { days: readonly Day[]; today: string; onDay: (key: string, line: string | null) => void }) {
  const lines = linesOf(days);
  const grid = useRef<HTMLTableElement>(null);
  const [stop, setStop] = useState<readonly [number, number]>([Math.max(0, days.findIndex((one) => one.key === today)), 0]);
  const [column, row] = [Math.min(stop[0], days.length - 1), Math.min(stop[1], Math.max(0, lines.length - 1))];
  const onKey = (x: number, y: number) => (event: KeyboardEvent): void => {
    const step: Record<string, readonly [number, number]> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const by = step[event.key];
    if (by === undefined) return;
    event.preventDefault();
    for (let [nx, ny] = [x + by[0], y + by[1]]; nx >= 0 && nx < days.length && ny >= 0 && ny < lines.length; [nx, ny] = [nx + by[0], ny + by[1]]) {
      const cell = grid.current?.querySelector<HTMLElement>(`[data-cell="${days[nx]?.key ?? ""} ${lines[ny] ?? ""}"]`);
      if (cell == null) continue;
      setStop([nx, ny]);
      cell.focus();
      return;
    }
  };
  return (
    <div class="week-frame">
      <table class="week" ref={grid}>
        <thead>
          <tr>
            <td />
            {days.map((day) => (
              <th key={day.key} scope="col" class={day.key === today ? "week-today" : ""}>
                <button type="button" class="ghost" onClick={() => onDay(day.key, null)}>{columnOf(day.key, locale.value)}</button>
                {day.key === today && <span class="muted">{tb("calendar.today").toLowerCase()}</span>}
                {day.rows.length > 0 && <span class="count"> {day.rows.length}</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line, y) => (
            <tr key={line}>
              <th scope="row" class="num">{line.replace(/^0/, "")}</th>
              {days.map((day, x) => <Cell key={day.key} day={day} line={line} slot={slotAt(day, line)} isStop={x === column && y === row} onFocus={() => setStop([x, y])} onKey={onKey(x, y)} onOpen={() => onDay(day.key, line)} />)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
