/** A modal question over the page, on the browser's own <dialog>: it keeps the focus inside and gives it back at the end. */
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import "../../styles/ui.css";
import { say } from "./words";

interface Props {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  actions?: ComponentChildren;
  /** `wide` for forms with a preview beside them. */
  size?: "normal" | "wide";
}

export function Dialog({ title, onClose, children, actions, size = "normal" }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    if (dialog === null) return undefined;
    dialog.showModal();
    // Safari and the browser's own choice would land on «close»; the first thing to fill in is the better place.
    const wanted = dialog.querySelector<HTMLElement>("[data-autofocus]") ?? dialog.querySelector<HTMLElement>(".dialog-body :is(input, select, textarea)");
    wanted?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      class={`dialog dialog-${size}`}
      aria-labelledby={id}
      ref={box}
      onKeyDown={(event) => event.stopPropagation()}
      onCancel={(event) => {
        // Whether it may close is the owner's to say (unsaved changes).
        event.preventDefault();
        onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="ghost icon-button" aria-label={say("close")} title={say("close")} onClick={onClose}>×</button>
      </header>
      <div class="dialog-body">{children}</div>
      {actions !== undefined && <footer class="dialog-foot">{actions}</footer>}
    </dialog>
  );
}
