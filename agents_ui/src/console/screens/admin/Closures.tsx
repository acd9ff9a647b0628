/** Days that differ: holidays and closures take time away, guards give it back. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { attempt } from "../../errors";
import { can } from "../../store";
import { Confirm } from "../../ui/Confirm";
import { Empty } from "../../ui/Empty";
import { SidePanel } from "../../ui/SidePanel";
import { toast } from "../../ui/Toast";
import { dateText } from "../parts/dates";
import { tf } from "../parts/formWords";
import { ClosureForm } from "./ClosureForm";
import type { ClosureRow } from "./types";
import { ta } from "./words";

interface Props { title: string; calendar: string | null; rows: readonly ClosureRow[]; onClose: () => void; onChanged: () => void }

function dates(row: ClosureRow): string {
  const hours = row.ranges.map(([from, to]) => `${from}–${to}`).join(", ");
  return `${row.starts_on === row.ends_on ? dateText(row.starts_on) : `${dateText(row.starts_on)} – ${dateText(row.ends_on)}`}${hours === "" ? "" : ` · ${hours}`}`;
}

export function Closures({ title, calendar, rows, onClose, onChanged }: Props) {
  const [open, setOpen] = useState<ClosureRow | "new" | null>(null);
  const [asked, setAsked] = useState<ClosureRow | null>(null);
  const mayEdit = can("admin.hours");
  const remove = async (row: ClosureRow): Promise<void> => {
    const done = await attempt(() => command("closure.delete", { id: row.id }));
    setAsked(null);
    if (done === null) return;
    toast(ta("closureGone"), { kind: "ok" });
    onChanged();
  };
  if (open !== null) {
    return <ClosureForm row={open === "new" ? null : open} calendar={calendar} onClose={() => setOpen(null)} onSaved={() => { setOpen(null); onChanged(); toast(tf("saved"), { kind: "ok" }); }} />;
  }
  const sorted = [...rows].sort((a, b) => a.starts_on.localeCompare(b.starts_on));
  return (
    <SidePanel title={title} subject={calendar ?? "todos"} onClose={onClose} subtitle={ta("exceptionsHelp")} actions={mayEdit ? <button type="button" class="primary" onClick={() => setOpen("new")}>{ta("newClosure")}</button> : undefined}>
      {sorted.length === 0 ? <Empty title={ta("noClosures")} /> : (
        <ul class="closures">
          {sorted.map((row) => (
            <li key={row.id}>
              <span class={row.kind === "guard" ? "tag tag-ok" : "tag"}>{ta(`closure.${row.kind}`)}</span>
              <span><strong>{row.name}</strong><br /><span class="muted num">{dates(row)}</span></span>
              {mayEdit && (
                <span class="closure-deeds">
                  <button type="button" class="link" onClick={() => setOpen(row)}>{ta("edit")}</button>
                  <button type="button" class="ghost icon-button" aria-label={ta("removeOne", { name: row.name })} onClick={() => setAsked(row)}>×</button>
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {asked !== null && <Confirm title={ta("closureRemove")} confirm={ta("remove")} danger onClose={() => setAsked(null)} onConfirm={() => remove(asked)}><p>{asked.name} · {dates(asked)}</p></Confirm>}
    </SidePanel>
  );
}
