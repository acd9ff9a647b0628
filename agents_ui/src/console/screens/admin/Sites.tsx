/** The sites that may show the chat, and the one line each of them puts on its pages. */
import { command } from "../../api";
import { can } from "../../store";
import { Field } from "../../ui/Field";
import type { Column } from "../../ui/Table";
import { toast } from "../../ui/Toast";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import { Delete } from "./Delete";
import type { Rows, SiteRow } from "./types";
import { ta } from "./words";

/** The line a site carries: our own address, loaded without holding the page up. */
export const scriptLine = (origin: string): string => `<script src="${origin}/widget.js" async></script>`;
const columns = (): Column<SiteRow>[] => [
  { key: "name", label: ta("name"), fixed: true, cell: (row) => <strong>{row.name}</strong> },
  { key: "origin", label: ta("origin"), width: "l", cell: (row) => <code>{row.origin}</code> },
];

function ScriptLine() {
  const line = scriptLine(location.origin);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(line);
    toast(ta("copied"), { kind: "ok" });
  };
  return (
    <div class="script-line">
      <p class="field-label">{ta("scriptLine")}</p>
      <pre tabIndex={0}><code>{line}</code></pre>
      <button type="button" onClick={() => void copy()}>{ta("copy")}</button>
      <p class="field-help">{ta("scriptHelp")}</p>
    </div>
  );
}

function SiteForm({ row, onClose, onSaved }: { row: SiteRow | null; onClose: () => void; onSaved: () => void }) {
  const labels = { name: ta("name"), origin: ta("origin") };
  const form = useForm({
    name: `site/${row?.id ?? "new"}`, initial: { name: row?.name ?? "", origin: row?.origin ?? "" }, refusal: refusalOf(labels),
    check: (values) => errorsOf({
      name: needed(labels.name, values.name),
      origin: needed(labels.origin, values.origin) ?? (/^https?:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(values.origin.trim()) ? undefined : ta("originFormat")),
    }),
    save: async (values, clientId) => {
      await command("site.save", { ...(row === null ? {} : { id: row.id }), name: values.name.trim(), origin: values.origin.trim() }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const readOnly = !can("admin.sites");
  /** People paste a whole address: only its origin counts. */
  const tidy = (): void => {
    leave("origin")();
    try {
      const url = new URL(values.origin.trim());
      if (/^https?:$/.test(url.protocol)) set("origin", url.origin);
    } catch {
      // Not an address yet: the check says what is wrong.
    }
  };
  return (
    <FormPanel title={row?.name ?? ta("newSite")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={readOnly} more={row !== null && !readOnly ? <Delete name={row.name} verb="site.delete" id={row.id} help={ta("siteRemoveHelp")} onDone={onSaved} /> : undefined}>
      <Field id={id("name")} label={labels.name} required maxLength={120} value={values.name} error={errorOf("name")} onInput={(event) => set("name", (event.target as HTMLInputElement).value)} onBlur={leave("name")} />
      <Field id={id("origin")} label={labels.origin} required maxLength={200} type="url" placeholder="https://www.sonora.gob.mx" help={ta("originHelp")} value={values.origin} error={errorOf("origin")} onInput={(event) => set("origin", (event.target as HTMLInputElement).value)} onBlur={tidy} />
      <ScriptLine />
    </FormPanel>
  );
}

export function Sites() {
  const read = useRead<Rows<SiteRow>>("admin/sites");
  return (
    <AdminList
      title={ta("section.sitios")} name="sites" read={read} columns={columns()} rowKey={(row) => row.id} action="admin.sites" create={ta("newSite")} empty={ta("noSites")}
      text={(row) => `${row.name} ${row.origin}`} intro={<p class="section-intro">{ta("sitesIntro")}</p>} editor={(row, close, saved) => <SiteForm row={row} onClose={close} onSaved={saved} />}
    />
  );
}
