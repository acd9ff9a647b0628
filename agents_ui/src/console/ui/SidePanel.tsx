/** A row's details beside its list: the list stays usable. Escape closes it and the focus goes back to the row. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import "../../styles/ui.css";
import { say } from "./words";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  /** Something small under the title: a state, a date. */
  subtitle?: ComponentChildren;
  /** Takes the focus again when this changes: another row was opened. */
  subject?: string;
}

export function SidePanel({ title, onClose, children, actions, subtitle, subject }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const before = useRef<Element | null>(null);
  const id = useId();
  useLayoutEffect(() => {
    before.current = document.activeElement;
    return () => {
      const element = before.current;
      if (element instanceof HTMLElement && element.isConnected) element.focus();
    };
  }, []);
  useLayoutEffect(() => {
    heading.current?.focus({ preventScroll: true });
    if (body.current !== null) body.current.scrollTop = 0;
  }, [subject]);
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.stopPropagation();
    // Else the same key would close, at once, the question that closing may ask.
    event.preventDefault();
    onClose();
  };
  return (
    <section class="side-panel" aria-labelledby={id} onKeyDown={onKey}>
      <header class="side-panel-head">
        <div>
          <h2 id={id} tabIndex={-1} ref={heading}>{title}</h2>
          {subtitle !== undefined && <div class="side-panel-subtitle">{subtitle}</div>}
        </div>
        <button type="button" class="ghost icon-button" aria-label={say("close")} title={`${say("close")} (Esc)`} onClick={onClose}>×</button>
      </header>
      <div class="side-panel-body" ref={body} tabIndex={0} role="group" aria-labelledby={id}>{children}</div>
      {actions !== undefined && <footer class="side-panel-foot">{actions}</footer>}
    </section>
  );
}
