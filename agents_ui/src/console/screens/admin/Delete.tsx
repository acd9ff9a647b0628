/** «Eliminar», which asks before. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { attempt } from "../../errors";
import { Confirm } from "../../ui/Confirm";
import { toast } from "../../ui/Toast";
import { ta } from "./words";

export function Delete({ name, verb, id, onDone, help }: { name: string; verb: string; id: string; onDone: () => void; help: string }) {
  const [asking, setAsking] = useState(false);
  const run = async (): Promise<void> => {
    const done = await attempt(() => command(verb, { id }));
    setAsking(false);
    if (done === null) return;
    toast(ta("removed", { name }), { kind: "ok" });
    onDone();
  };
  return (
    <>
      <button type="button" onClick={() => setAsking(true)}>{ta("remove")}</button>
      {asking && <Confirm title={ta("removeOne", { name })} confirm={ta("remove")} danger onClose={() => setAsking(false)} onConfirm={run}><p>{help}</p></Confirm>}
    </>
  );
}
