/** The figures of a register: a line of the main ones over the list, and all of them with their formulas. Each opens its rows. */
import { locale } from "../../text";
import { count, decimal, duration, percent } from "../parts/figures";
import { hashOf } from "../parts/query";
import { route } from "../../route";
import { opening } from "./query";
import type { Definition, Figure, Figures as Values } from "./types";
import { tg } from "./words";

export const labelOf = (one: { label_es: string; label_en: string }): string => (locale.value === "en" ? one.label_en : one.label_es);
export const formulaOf = (one: Figure): string => (locale.value === "en" ? one.formula_en : one.formula_es);

export function valueOf(unit: Figure["unit"], value: number | null | undefined): string {
  return unit === "share" ? percent(value) : unit === "seconds" ? duration(value) : unit === "days" ? decimal(value) : count(value);
}

/** Nothing to open when there is nothing: another filter may have left no row of its kind. */
function hrefOf(one: Figure, value: number | null | undefined): string | null {
  if (one.where === null || !value) return null;
  const { screen, rest, query } = route.value;
  return hashOf([screen, ...rest].join("/"), { ...Object.fromEntries(query.entries()), ...opening(one.where) });
}

function Value({ one, values }: { one: Figure; values: Values }) {
  const value = valueOf(one.unit, values[one.key]);
  const href = hrefOf(one, values[one.key]);
  return href === null ? <>{value}</> : <a href={href} aria-label={tg("opens", { label: labelOf(one), value })}>{value}</a>;
}

/** The main figures in one line, each with its formula for whoever points at it. */
export function FigureLine({ definition, keys, values }: { definition: Definition; keys: readonly string[]; values: Values }) {
  return (
    <dl class="figure-line num">
      {definition.figures.filter((one) => keys.includes(one.key)).map((one) => (
        <div key={one.key} title={formulaOf(one)}><dt>{labelOf(one)}</dt><dd><Value one={one} values={values} /></dd></div>
      ))}
    </dl>
  );
}

/** Every figure with the formula it is made by, and whether they balance. */
export function AllFigures({ definition, values, balances }: { definition: Definition; values: Values; balances: boolean }) {
  return (
    <div class="register-figures">
      <dl class="figures">
        {definition.figures.map((one) => (
          <div key={one.key} class="figure">
            <dt>{labelOf(one)}</dt>
            <dd class="figure-value num"><Value one={one} values={values} /></dd>
            <dd class="figure-formula">{formulaOf(one)}</dd>
          </div>
        ))}
      </dl>
      <p class={balances ? "muted" : "form-error"} role={balances ? undefined : "alert"}>{tg(balances ? "balances" : "unbalanced")}</p>
    </div>
  );
}
