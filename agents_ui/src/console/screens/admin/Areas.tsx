/** The organigram. A closed area is no longer offered; what it has, it keeps. */
import { command } from "../../api";
import { can } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { Check, Field } from "../../ui/Field";
import type { Column } from "../../ui/Table";
import { toast } from "../../ui/Toast";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import type { AreaRow, Rows } from "./types";
import { ta } from "./words";

/** How deep an area stands, for the indent of the list. */
function depth(row: AreaRow, all: readonly AreaRow[]): number {
  let above = all.find((one) => one.id === row.parent_id);
  let count = 0;
  while (above !== undefined && count < 4) {
    count += 1;
    const { parent_id } = above;
    above = all.find((one) => one.id === parent_id);
  }
  return count;
}

const columns = (all: readonly AreaRow[]): Column<AreaRow>[] => [
  { key: "name", label: ta("name"), fixed: true, width: "l", cell: (row) => <span class={`indent-${depth(row, all)}`}>{row.name}{row.closed_at !== null && <> <span class="tag">{ta("closed")}</span></>}</span> },
  { key: "id", label: ta("areaCode"), width: "s", cell: (row) => <span class="num">{row.id}</span> },
  { key: "parent", label: ta("parent"), hidden: true, cell: (row) => all.find((one) => one.id === row.parent_id)?.name ?? "" },
  { key: "takes", label: ta("takesTransfers"), cell: (row) => ta(row.takes_transfers ? "yes" : "no") },
];

function AreaForm({ row, all, onClose, onSaved }: { row: AreaRow | null; all: readonly AreaRow[]; onClose: () => void; onSaved: () => void }) {
  const labels = { id: ta("areaCode"), name: ta("name"), parent_id: ta("parent") };
  const form = useForm({
    name: `area/${row?.id ?? "new"}`,
    initial: { id: row?.id ?? "", name: row?.name ?? "", parent_id: row?.parent_id ?? "", takes_transfers: row?.takes_transfers ?? true, closed: row !== null && row.closed_at !== null },
    refusal: refusalOf(labels),
    check: (values) => errorsOf({
      id: /^\d{2}(\.\d{2}){1,6}$/.test(values.id) ? (row === null && all.some((one) => one.id === values.id) ? tf("taken", { label: labels.id }) : undefined) : ta("areaCodeFormat"),
      name: needed(labels.name, values.name),
    }),
    save: async (values, clientId) => {
      await command("area.save", { ...values, name: values.name.trim(), parent_id: values.parent_id || null }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  return (
    <FormPanel title={row?.name ?? ta("newArea")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={!can("admin.areas")}>
      <Field id={id("id")} label={labels.id} required help={row === null ? ta("areaCodeHelp") : ta("codeStays")} value={values.id} disabled={row !== null} error={errorOf("id")} onInput={(event) => set("id", (event.target as HTMLInputElement).value.trim())} onBlur={leave("id")} />
      <Field id={id("name")} label={labels.name} required maxLength={200} value={values.name} error={errorOf("name")} onInput={(event) => set("name", (event.target as HTMLInputElement).value)} onBlur={leave("name")} />
      <Combobox id={id("parent_id")} label={labels.parent_id} options={all.filter((one) => one.id !== row?.id).map((one) => ({ value: one.id, label: one.name, detail: one.id }))} value={values.parent_id} error={errorOf("parent_id")} onChange={(value) => set("parent_id", value)} />
      <Check label={ta("takesTransfers")} help={ta("takesTransfersHelp")} checked={values.takes_transfers} onChange={(on) => set("takes_transfers", on)} />
      <Check label={ta("closed")} help={ta("areaClosedHelp")} checked={values.closed} onChange={(on) => set("closed", on)} />
    </FormPanel>
  );
}

export function Areas() {
  const read = useRead<Rows<AreaRow>>("admin/areas");
  const all = read.data?.rows ?? [];
  return (
    <AdminList
      title={ta("section.areas")} name="areas" read={read} columns={columns(all)} rowKey={(row) => row.id} action="admin.areas" create={ta("newArea")} empty={ta("noAreas")}
      text={(row) => `${row.id} ${row.name}`} isOff={(row) => row.closed_at !== null}
      editor={(row, close, saved) => <AreaForm row={row} all={all} onClose={close} onSaved={saved} />}
    />
  );
}
