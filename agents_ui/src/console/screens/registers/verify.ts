/** The mark of a supervisor on a transfer. */
import { command } from "../../api";
import { attempt } from "../../errors";
import { toast } from "../../ui/Toast";
import { tg } from "./words";

/** Whether it was marked. */
export async function verifyTransfer(id: string): Promise<boolean> {
  if ((await attempt(() => command("transfer.verify", { transfer_id: id }))) === null) return false;
  toast(tg("verifiedDone"), { kind: "ok" });
  return true;
}
