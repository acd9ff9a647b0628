/** A password that is shown once and never again; it has to be changed at the first sign-in. */
import { Dialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";
import { ta } from "./words";

export function OneTimePassword({ name, password, onClose }: { name: string; password: string; onClose: () => void }) {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(password);
    toast(ta("copied"), { kind: "ok" });
  };
  return (
    <Dialog title={ta("passwordTitle", { name })} onClose={onClose} actions={<><button type="button" onClick={() => void copy()} data-autofocus>{ta("copy")}</button><button type="button" class="primary" onClick={onClose}>{ta("passwordNoted")}</button></>}>
      <p class="dialog-lead">{ta("passwordHelp")}</p>
      <p class="one-time"><code>{password}</code></p>
    </Dialog>
  );
}
