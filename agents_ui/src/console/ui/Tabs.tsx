/** Tabs by the ARIA pattern: arrows move and select, Home and End jump. The owner draws the panel. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "../../styles/ui.css";

export interface Tab<K extends string = string> { key: K; label: ComponentChildren }
interface Props<K extends string> {
  label: string;
  tabs: readonly Tab<K>[];
  selected: K;
  onSelect: (key: K) => void;
  children: ComponentChildren;
}

export function Tabs<K extends string>({ label, tabs, selected, onSelect, children }: Props<K>) {
  const id = useId();
  const onKey = (event: KeyboardEvent): void => {
    const at = tabs.findIndex((one) => one.key === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (next === undefined) return;
    onSelect(next.key);
    document.getElementById(`${id}-${next.key}`)?.focus();
  };
  return (
    <div class="tabs">
      <div class="tab-list" role="tablist" aria-label={label} onKeyDown={onKey}>
        {tabs.map((one) => (
          <button
            key={one.key} type="button" role="tab" id={`${id}-${one.key}`} class="tab" aria-selected={one.key === selected}
            aria-controls={`${id}-panel`} tabIndex={one.key === selected ? 0 : -1} onClick={() => onSelect(one.key)}
          >
            {one.label}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${selected}`}>{children}</div>
    </div>
  );
}
