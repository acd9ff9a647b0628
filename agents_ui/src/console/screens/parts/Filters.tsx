/** Filters of a register: a search, one button that opens the rest, and a chip for each one that is on. They live in the address. */
import { useEffect, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { Combobox } from "../../ui/Combobox";
import { Dialog } from "../../ui/Dialog";
import { Field } from "../../ui/Field";
import { dateText } from "./dates";
import { param, setParams } from "./query";
import { tr } from "./records";
import { ts } from "./words";

export interface Filter { name: string; label: string; options?: { value: string; label: string; detail?: string; synonyms?: string[] }[]; type?: "date"; help?: string }

const PAUSE_MS = 250;

/** What is typed goes into the address after a short pause, so that «back» does not spell it. */
function Search({ label }: { label: string }) {
  const [text, setText] = useState(param("q"));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const known = param("q");
  useEffect(() => setText(known), [known]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const change = (next: string): void => {
    setText(next);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setParams({ q: next.trim() }), PAUSE_MS);
  };
  return (
    <input
      class="input search" type="search" aria-label={label} placeholder={label} value={text} onInput={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Enter") return;
        clearTimeout(timer.current);
        setParams({ q: text.trim() });
      }}
    />
  );
}

function nameOfValue(filter: Filter, value: string): string {
  return filter.type === "date" ? dateText(value) : (filter.options?.find((one) => one.value === value)?.label ?? value);
}

export function Filters({ search, filters, children }: { search?: string | undefined; filters: readonly Filter[]; children?: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const on = filters.filter((one) => param(one.name) !== "");
  const clear = (): void => setParams({ q: null, ...Object.fromEntries(filters.map((one) => [one.name, null])) });
  return (
    <div class="filters" role="search">
      {search !== undefined && <Search label={search} />}
      {children}
      <button type="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>{tr("filters")}{on.length > 0 && <span class="chip-n num"> {on.length}</span>}</button>
      {on.map((one) => (
        <button key={one.name} type="button" class="chip chip-on" onClick={() => setParams({ [one.name]: null })}>
          {one.label}: {nameOfValue(one, param(one.name))} <span aria-hidden="true">×</span><span class="sr-only">{ts("removeFilter")}</span>
        </button>
      ))}
      {on.length > 0 && <button type="button" class="link" onClick={clear}>{ts("clearFilters")}</button>}
      {open && (
        <Dialog title={tr("filters")} size="wide" onClose={() => setOpen(false)} actions={<><button type="button" class="ghost" onClick={clear}>{ts("clearFilters")}</button><button type="button" class="primary" onClick={() => setOpen(false)}>{tr("seeList")}</button></>}>
          <div class="filter-form">
            {filters.map((one) => one.type === "date"
              ? <Field key={one.name} label={one.label} type="date" value={param(one.name)} help={one.help} onInput={(event) => setParams({ [one.name]: (event.target as HTMLInputElement).value })} />
              : <Combobox key={one.name} label={one.label} options={one.options ?? []} value={param(one.name)} placeholder={tr("any")} onChange={(value) => setParams({ [one.name]: value })} />)}
          </div>
        </Dialog>
      )}
    </div>
  );
}
