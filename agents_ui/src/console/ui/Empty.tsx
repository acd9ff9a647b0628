/** What a list says when it has nothing: why, and what to do next. */
import type { ComponentChildren } from "preact";
import "../../styles/ui.css";

export function Empty({ title, children, action }: { title: string; children?: ComponentChildren; action?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="empty-text">{children}</div>}
      {action}
    </div>
  );
}
