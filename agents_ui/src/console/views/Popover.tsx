/** A button that opens a small panel under itself. Escape and a click elsewhere close it and give the focus back. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  button: ComponentChildren;
  buttonClass?: string;
  children: (close: () => void) => ComponentChildren;
  align?: "start" | "end";
  up?: boolean;
  /** The button says its name in its own text. */
  named?: boolean;
}

/** Moves among the panel's buttons with the arrows. */
function step(panel: HTMLElement, by: number): void {
  const all = [...panel.querySelectorAll<HTMLElement>("button:not(:disabled), a[href], input, select, textarea")];
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + by + all.length) % all.length]?.focus();
}

export function Popover({ label, button, buttonClass = "ghost", children, align = "start", up = false, named = false }: Props) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector("button")?.focus();
  };
  // Before the next key can be pressed: it belongs to the panel.
  useLayoutEffect(() => {
    if (!open) return undefined;
    panel.current?.querySelector<HTMLElement>("button, a[href], input, select, textarea")?.focus();
    const outside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open]);
  const onKey = (event: KeyboardEvent): void => {
    const isText = (event.target as HTMLElement).matches("input, textarea, select");
    if (event.key === "Escape" && open) {
      event.stopPropagation();
      close();
    } else if (open && !isText && (event.key === "ArrowDown" || event.key === "ArrowUp") && panel.current !== null) {
      event.preventDefault();
      step(panel.current, event.key === "ArrowDown" ? 1 : -1);
    }
  };
  return (
    <div class="popover" ref={root} onKeyDown={onKey}>
      <button type="button" class={buttonClass} aria-expanded={open} aria-controls={id} aria-label={named ? undefined : label} title={label} onClick={() => setOpen(!open)}>
        {button}
      </button>
      {open && (
        <div class={`popover-panel popover-${align}${up ? " popover-up" : ""}`} id={id} role="group" aria-label={label} ref={panel}>
          {children(close)}
        </div>
      )}
    </div>
  );
}
