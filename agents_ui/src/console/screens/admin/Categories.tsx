/** The topics of petitions: how they are found, who answers for them, and in how many days. */
import { command } from "../../api";
import { nameOf } from "../../reference";
import { can } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { Check, Field, Select, TextArea } from "../../ui/Field";
import type { Column } from "../../ui/Table";
import { toast } from "../../ui/Toast";
import { areaChoices, dependencyChoices } from "../parts/choices";
import { word, wordsOf } from "../parts/codes";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf, within } from "../parts/formWords";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import type { CategoryRow, Rows } from "./types";
import { commas } from "./UserForm";
import { ta } from "./words";

/** The town council of the petition's own municipality. */
const MUNICIPAL = "MUN";
const dependency = (id: string | null): string => (id === MUNICIPAL ? ta("townCouncil") : nameOf("dependencies", id));

const columns = (): Column<CategoryRow>[] => [
  { key: "name", label: ta("name"), fixed: true, width: "l", cell: (row) => <><strong>{row.name}</strong>{row.closed_at !== null && <> <span class="tag">{ta("closed")}</span></>}</> },
  { key: "code", label: ta("code"), width: "s", cell: (row) => <span class="num">{row.code}</span> },
  { key: "group", label: ta("group"), narrow: "hide", cell: (row) => row.group_name },
  { key: "kind", label: ta("petitionKind"), narrow: "hide", cell: (row) => word("petitionKind", row.kind) },
  { key: "dependency", label: ta("dependency"), cell: (row) => dependency(row.dependency_id) },
  { key: "term", label: ta("term"), kind: "number", cell: (row) => row.term_days ?? "—" },
  { key: "priority", label: ta("priority"), hidden: true, cell: (row) => word("priority", row.priority) },
  { key: "sensitive", label: ta("sensitive"), hidden: true, cell: (row) => ta(row.sensitive ? "yes" : "no") },
];

function CategoryForm({ row, all, onClose, onSaved }: { row: CategoryRow | null; all: readonly CategoryRow[]; onClose: () => void; onSaved: () => void }) {
  const labels: Record<string, string> = { code: ta("code"), name: ta("name"), group_name: ta("group"), kind: ta("petitionKind"), dependency_id: ta("dependency"), term_days: ta("term"), keywords: ta("keywords"), area_id: ta("area"), priority: ta("priority") };
  const form = useForm({
    name: `category/${row?.code ?? "new"}`, refusal: refusalOf(labels),
    initial: {
      code: row?.code ?? "", name: row?.name ?? "", group_name: row?.group_name ?? "", kind: row?.kind ?? "petition", dependency_id: row?.dependency_id ?? "", priority: row?.priority ?? "normal",
      term_days: row?.term_days === null || row === null ? "" : String(row.term_days), sensitive: row?.sensitive ?? false, keywords: (row?.keywords ?? []).join(", "), area_id: row?.area_id ?? "", closed: row !== null && row.closed_at !== null,
    },
    check: (values) => errorsOf({
      code: !/^[A-Z]{2}\d{2,4}$/.test(values.code) ? ta("categoryCodeFormat") : row === null && all.some((one) => one.code === values.code) ? tf("taken", { label: ta("code") }) : undefined,
      name: needed(ta("name"), values.name), group_name: needed(ta("group"), values.group_name),
      term_days: values.term_days === "" ? undefined : within(ta("term"), values.term_days, 1, 365),
    }),
    save: async (values, clientId) => {
      await command("category.save", { ...values, name: values.name.trim(), group_name: values.group_name.trim(), dependency_id: values.dependency_id || null, area_id: values.area_id || null, term_days: values.term_days === "" ? null : Number(values.term_days), keywords: commas(values.keywords) }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  const groups = [...new Set(all.map((one) => one.group_name))].sort();
  return (
    <FormPanel title={row?.name ?? ta("newCategory")} subject={row?.code ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={!can("admin.categories")}>
      <Field id={id("code")} label={ta("code")} required maxLength={6} disabled={row !== null} help={ta(row === null ? "categoryCodeHelp" : "codeStays")} value={values.code} error={errorOf("code")} onInput={(event) => set("code", text(event).toUpperCase().trim())} onBlur={leave("code")} />
      <Field id={id("name")} label={ta("name")} required maxLength={160} value={values.name} error={errorOf("name")} onInput={(event) => set("name", text(event))} onBlur={leave("name")} />
      <Field id={id("group_name")} label={ta("group")} required maxLength={120} list="category-groups" value={values.group_name} error={errorOf("group_name")} onInput={(event) => set("group_name", text(event))} onBlur={leave("group_name")} />
      <datalist id="category-groups">{groups.map((one) => <option key={one} value={one} />)}</datalist>
      <TextArea id={id("keywords")} label={ta("keywords")} rows={2} help={ta("keywordsHelp")} value={values.keywords} error={errorOf("keywords")} onInput={(event) => set("keywords", event.currentTarget.value)} />
      <Select id={id("kind")} label={ta("petitionKind")} value={values.kind} options={wordsOf("petitionKind")} onChange={(value) => set("kind", value)} />
      <Combobox id={id("dependency_id")} label={ta("dependency")} options={[{ value: MUNICIPAL, label: ta("townCouncil") }, ...dependencyChoices()]} value={values.dependency_id} error={errorOf("dependency_id")} onChange={(value) => set("dependency_id", value)} />
      <Combobox id={id("area_id")} label={ta("area")} options={areaChoices()} value={values.area_id} error={errorOf("area_id")} onChange={(value) => set("area_id", value)} />
      <div class="pair">
        <Select id={id("priority")} label={ta("priority")} value={values.priority} options={wordsOf("priority")} onChange={(value) => set("priority", value)} />
        <Field id={id("term_days")} label={ta("term")} inputMode="numeric" maxLength={3} help={ta("termHelp")} value={values.term_days} error={errorOf("term_days")} onInput={(event) => set("term_days", text(event))} onBlur={leave("term_days")} />
      </div>
      <Check label={ta("sensitive")} help={ta("sensitiveHelp")} checked={values.sensitive} onChange={(on) => set("sensitive", on)} />
      <Check label={ta("closed")} help={ta("categoryClosedHelp")} checked={values.closed} onChange={(on) => set("closed", on)} />
    </FormPanel>
  );
}

export function Categories() {
  const read = useRead<Rows<CategoryRow>>("admin/categories");
  const all = read.data?.rows ?? [];
  return (
    <AdminList
      title={ta("section.categorias")} name="categories" read={read} columns={columns()} rowKey={(row) => row.code} action="admin.categories" create={ta("newCategory")} empty={ta("noCategories")}
      text={(row) => `${row.code} ${row.name} ${row.group_name} ${row.keywords.join(" ")}`} isOff={(row) => row.closed_at !== null}
      editor={(row, close, saved) => <CategoryForm row={row} all={all} onClose={close} onSaved={saved} />}
    />
  );
}
