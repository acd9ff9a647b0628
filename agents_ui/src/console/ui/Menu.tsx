/** A button with a list of deeds under it, by the ARIA menu pattern: arrows, Home, End, first letters, Escape. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import "../../styles/ui.css";

export interface MenuItem { label: string; run: () => void; danger?: boolean; disabled?: boolean; detail?: string }
interface Props { label: string; button?: ComponentChildren; items: readonly MenuItem[]; buttonClass?: string; align?: "start" | "end" }

export function Menu({ label, button = "⋯", items, buttonClass = "ghost icon-button", align = "end" }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  // Where there is no room under the button, over it.
  useLayoutEffect(() => {
    const box = list.current;
    if (open && box !== null && box.getBoundingClientRect().bottom > innerHeight) box.classList.add("menu-up");
  }, [open]);
  const entries = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]:not(:disabled)") ?? [])];
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  useLayoutEffect(() => {
    if (!open) return undefined;
    entries()[0]?.focus({ preventScroll: true });
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    if (!open) {
      if (event.key === "ArrowDown") {
        event.preventDefault();
        setOpen(true);
      }
      return;
    }
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    event.stopPropagation();
    if (to !== undefined) {
      event.preventDefault();
      all[(to + all.length) % all.length]?.focus();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") setOpen(false);
    else if (event.key.length === 1) all.find((one) => one.textContent?.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  };
  return (
    <div class="menu" ref={root} onKeyDown={onKey}>
      <button type="button" class={buttonClass} aria-haspopup="menu" aria-expanded={open} aria-controls={id} aria-label={label} title={label} onClick={() => setOpen(!open)}>{button}</button>
      {open && (
        <div class={`menu-list menu-${align}`} role="menu" id={id} aria-label={label} ref={list}>
          {items.map((item) => (
            <button
              key={item.label} type="button" role="menuitem" tabIndex={-1} class={item.danger === true ? "menu-item menu-danger" : "menu-item"}
              disabled={item.disabled === true} onClick={() => { close(); item.run(); }}
            >
              {item.label}
              {item.detail !== undefined && <span class="menu-detail">{item.detail}</span>}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
