/** Canned replies: agents find them by `/shortcut`. */
import { command } from "../../api";
import { nameOf } from "../../reference";
import { can } from "../../store";
import { Field, Select, TextArea } from "../../ui/Field";
import type { Column } from "../../ui/Table";
import { toast } from "../../ui/Toast";
import { queueChoices } from "../parts/choices";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { useRead } from "../parts/read";
import { AdminList } from "./AdminList";
import { Delete } from "./Delete";
import { compare, preview } from "./placeholders";
import type { ReplyRow, Rows } from "./types";
import { ta } from "./words";

/** What the composer fills in by itself; any other name in braces is left for the agent to complete. */
const VARIABLES = ["nombre_agente", "nombre", "folio", "fila", "hora", "oficina", "url_consulta"];
const LONGEST = 4000;

const columns = (): Column<ReplyRow>[] => [
  { key: "shortcut", label: ta("shortcut"), fixed: true, width: "s", cell: (row) => <code>/{row.shortcut}</code> },
  { key: "title", label: ta("replyTitle"), cell: (row) => row.title },
  { key: "text", label: ta("text"), width: "l", cell: (row) => <span class="clamp">{row.text}</span> },
  { key: "queue", label: ta("queue"), cell: (row) => (row.queue_id === null ? ta("everyQueue") : nameOf("queues", row.queue_id)) },
  { key: "language", label: ta("locale"), width: "s", cell: (row) => row.language.toUpperCase() },
];

function ReplyForm({ row, onClose, onSaved }: { row: ReplyRow | null; onClose: () => void; onSaved: () => void }) {
  const labels = { shortcut: ta("shortcut"), title: ta("replyTitle"), text: ta("text"), queue_id: ta("queue"), language: ta("locale") };
  const form = useForm({
    name: `reply/${row?.id ?? "new"}`, initial: { shortcut: row?.shortcut ?? "", title: row?.title ?? "", text: row?.text ?? "", language: row?.language ?? "es", queue_id: row?.queue_id ?? "" },
    refusal: refusalOf(labels),
    check: (values) => errorsOf({
      shortcut: /^\/?[a-z0-9][a-z0-9_-]{0,39}$/.test(values.shortcut.toLowerCase()) ? undefined : ta("shortcutFormat"),
      title: needed(labels.title, values.title), text: needed(labels.text, values.text),
    }),
    save: async (values, clientId) => {
      await command("reply.save", { ...(row === null ? {} : { id: row.id }), ...values, shortcut: values.shortcut.toLowerCase().replace(/^\//, ""), queue_id: values.queue_id || null }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  const add = (name: string): void => {
    set("text", `${values.text}${values.text === "" || /\s$/.test(values.text) ? "" : " "}{${name}}`);
    document.getElementById(id("text"))?.focus();
  };
  const { unknown } = compare(VARIABLES, values.text);
  const readOnly = !can("admin.replies");
  return (
    <FormPanel title={row === null ? ta("newReply") : `/${row.shortcut}`} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={readOnly} more={row !== null && !readOnly ? <Delete name={`/${row.shortcut}`} verb="reply.delete" id={row.id} help={ta("replyRemoveHelp")} onDone={onSaved} /> : undefined}>
      <Field id={id("shortcut")} label={labels.shortcut} required maxLength={41} help={ta("shortcutHelp")} autocapitalize="none" spellcheck={false} value={values.shortcut} error={errorOf("shortcut")} onInput={(event) => set("shortcut", text(event))} onBlur={leave("shortcut")} />
      <Field id={id("title")} label={labels.title} required maxLength={120} value={values.title} error={errorOf("title")} onInput={(event) => set("title", text(event))} onBlur={leave("title")} />
      <TextArea id={id("text")} label={labels.text} required rows={6} maxLength={LONGEST} value={values.text} error={errorOf("text")} onInput={(event) => set("text", text(event))} onBlur={leave("text")} help={<span class="variables">{ta("variables")} {VARIABLES.map((one) => <button key={one} type="button" class="chip" onClick={() => add(one)}>{`{${one}}`}</button>)}</span>} />
      {values.text.trim() !== "" && <div class="preview"><p class="field-label">{ta("preview")}</p><p class="preview-text">{preview(values.text)}</p>{unknown.length > 0 && <p class="field-help">{ta("byHand", { names: unknown.map((one) => `{${one}}`).join(", ") })}</p>}</div>}
      <Select id={id("queue_id")} label={labels.queue_id} placeholder={ta("everyQueue")} value={values.queue_id} options={queueChoices()} error={errorOf("queue_id")} onChange={(value) => set("queue_id", value)} />
      <Select id={id("language")} label={labels.language} value={values.language} options={[{ value: "es", label: "Español" }, { value: "en", label: "English" }]} onChange={(value) => set("language", value)} />
    </FormPanel>
  );
}

export function Replies() {
  const read = useRead<Rows<ReplyRow>>("admin/replies");
  return (
    <AdminList
      title={ta("section.respuestas")} name="replies" read={read} columns={columns()} rowKey={(row) => row.id} action="admin.replies" create={ta("newReply")} empty={ta("noReplies")}
      text={(row) => `${row.shortcut} ${row.title} ${row.text}`} editor={(row, close, saved) => <ReplyForm row={row} onClose={close} onSaved={saved} />}
    />
  );
}
