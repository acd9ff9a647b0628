/** The frame of a screen: its name and tools on top, its body, and room at the side for the row that is open. */
import type { ComponentChildren } from "preact";
import "../../../styles/screens.css";

interface Props {
  title: ComponentChildren;
  tools?: ComponentChildren;
  /** Under the title: filters, tabs. */
  bar?: ComponentChildren;
  panel?: ComponentChildren;
  children: ComponentChildren;
  /** The body scrolls by itself unless it holds something that does. */
  fixed?: boolean;
}

export function Screen({ title, tools, bar, panel, children, fixed = false }: Props) {
  const hasPanel = panel !== undefined && panel !== null && panel !== false;
  return (
    <div class={hasPanel ? "page page-with-panel" : "page"}>
      <div class="page-main">
        <header class="page-head">
          <h1>{title}</h1>
          {tools !== undefined && <div class="page-tools">{tools}</div>}
        </header>
        {bar !== undefined && <div class="page-bar">{bar}</div>}
        <div class={fixed ? "page-body page-fixed" : "page-body"}>{children}</div>
      </div>
      {hasPanel && panel}
    </div>
  );
}
