/** Asks before something that is hard to undo; says what will happen, and names the deed on the button. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Dialog } from "./Dialog";
import { say } from "./words";

interface Props {
  title: string;
  children: ComponentChildren;
  confirm: string;
  /** What staying is called; «Cancelar» unless told. */
  cancel?: string;
  danger?: boolean;
  /** May take its time; the button waits for it. The owner closes. */
  onConfirm: () => void | Promise<void>;
  onClose: () => void;
}

export function Confirm({ title, children, confirm, cancel, danger = false, onConfirm, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    setBusy(true);
    try {
      await onConfirm();
    } finally {
      setBusy(false);
    }
  };
  const actions = (
    <>
      <button type="button" onClick={onClose} data-autofocus>{cancel ?? say("cancel")}</button>
      <button type="button" class={danger ? "danger" : "primary"} disabled={busy} onClick={() => void run()}>{confirm}</button>
    </>
  );
  return <Dialog title={title} onClose={onClose} actions={actions}>{children}</Dialog>;
}
