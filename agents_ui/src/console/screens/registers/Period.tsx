/** Which days a register is of: the usual ones by name, the one before and after by an arrow, or a range. */
import { Chips } from "../parts/Chips";
import { dateText } from "../parts/dates";
import { param, setParams } from "../parts/query";
import { back, period, PERIODS } from "./query";
import { tg } from "./words";

export function PeriodPicker({ first, last }: { first: string | null; last: string | null }) {
  const name = period();
  const days = first === null || last === null ? "" : first === last ? dateText(first) : `${dateText(first)} – ${dateText(last)}`;
  const step = (by: number): void => setParams({ atras: String(back() + by || "") });
  return (
    <div class="period">
      <Chips label={tg("period")} selected={name} onSelect={(value) => setParams({ periodo: value === "hoy" ? null : value, atras: null })} chips={PERIODS.map((value) => ({ value, label: tg(`period.${value}`) }))} />
      {name === "rango" ? (
        <div class="period-range">
          <label><span>{tg("from")}</span> <input type="date" class="input" value={param("desde")} onInput={(event) => setParams({ desde: event.currentTarget.value })} /></label>
          <label><span>{tg("to")}</span> <input type="date" class="input" value={param("hasta")} min={param("desde") || undefined} onInput={(event) => setParams({ hasta: event.currentTarget.value })} /></label>
        </div>
      ) : (
        <div class="period-days">
          <button type="button" class="ghost small" aria-label={tg("before")} title={tg("before")} onClick={() => step(1)}>‹</button>
          <span class="num" role="status">{days}</span>
          <button type="button" class="ghost small" aria-label={tg("after")} title={tg("after")} disabled={back() === 0} onClick={() => step(-1)}>›</button>
        </div>
      )}
    </div>
  );
}
