/** Which columns to see, and in which order. By keyboard: tab to a box or an arrow. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { moved, type ColumnPlan } from "./columns";
import { Check } from "./Field";
import { say } from "./words";

interface Props {
  columns: readonly { key: string; label: string; fixed?: boolean | undefined }[];
  plan: ColumnPlan;
  onChange: (plan: ColumnPlan | null) => void;
}

export function ColumnPicker({ columns, plan, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!open) return undefined;
    root.current?.querySelector<HTMLElement>("input")?.focus();
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  const hide = (key: string, on: boolean): void => onChange({ ...plan, hidden: on ? plan.hidden.filter((one) => one !== key) : [...plan.hidden, key] });
  const named = plan.order.map((key) => columns.find((one) => one.key === key)).filter((one) => one !== undefined);
  return (
    <div class="menu column-picker" ref={root} onKeyDown={onKey}>
      <button type="button" class="ghost" aria-expanded={open} onClick={() => setOpen(!open)}>{say("columns")} <span aria-hidden="true">▾</span></button>
      {open && (
        <div class="menu-list menu-end column-list" role="group" aria-label={say("columns")}>
          <p class="field-help">{say("columnsHelp")}</p>
          {named.map((one, index) => (
            <div key={one.key} class="column-row">
              <Check label={one.label} checked={!plan.hidden.includes(one.key)} disabled={one.fixed === true} onChange={(on) => hide(one.key, on)} />
              <button type="button" class="ghost small" disabled={index === 0} aria-label={say("moveUp", { name: one.label })} onClick={() => onChange(moved(plan, one.key, -1))}>↑</button>
              <button type="button" class="ghost small" disabled={index === named.length - 1} aria-label={say("moveDown", { name: one.label })} onClick={() => onChange(moved(plan, one.key, 1))}>↓</button>
            </div>
          ))}
          <button type="button" class="link" onClick={() => onChange(null)}>{say("resetColumns")}</button>
        </div>
      )}
    </div>
  );
}
