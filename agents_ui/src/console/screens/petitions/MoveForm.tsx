/** Moving a petition on: only what this move needs, and what will happen said before it does. */
import type { Petition } from "../../../shared/protocol";
import { ApiError, command } from "../../api";
import { errorText } from "../../errors";
import { Combobox } from "../../ui/Combobox";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Field, Select, TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { areaChoices, categoryChoices, dependencyChoices } from "../parts/choices";
import { word, wordsOf } from "../parts/codes";
import { useForm } from "../parts/form";
import { errorsOf, needed, refusalOf, tf } from "../parts/formWords";
import { tr } from "../parts/records";
import { fieldsOfMove, isFinal, type MoveField } from "./moves";

interface Props { petition: Petition; event: string; onClose: () => void; onDone: () => void; onStale: () => void }
type Values = Record<MoveField, string>;

export function MoveForm({ petition, event, onClose, onDone, onStale }: Props) {
  const fields = fieldsOfMove(event);
  const labels: Record<MoveField, string> = {
    note: tr(event === "ask_data" ? "missingData" : event === "answer" ? "answerText" : isFinal(event) ? "resultText" : "note"), area: tr("area"), dependency: tr("dependency"),
    cause: tr("cause"), category: tr("category"), priority: tr("priority"), main_folio: tr("mainFolio"), document: tr("document"), copies: tr("copyTo"), call_in_days: tr("callInDays"),
  };
  const form = useForm<Values>({
    name: `move/${petition.folio}/${event}`,
    initial: { note: "", area: "", dependency: petition.dependency ?? "", cause: "", category: petition.category, priority: petition.priority, main_folio: "", document: "", copies: "", call_in_days: "" },
    check: (values) => errorsOf(Object.fromEntries(fields.filter((one) => one.required).map((one) => [one.name, needed(labels[one.name], values[one.name])]))),
    refusal: refusalOf(labels),
    save: async (values, clientId) => {
      const sent: Record<string, unknown> = Object.fromEntries(fields.map(({ name }) => [name, values[name].trim()]).filter(([, value]) => value !== ""));
      if (sent["copies"] !== undefined) sent["copies"] = [sent["copies"]];
      if (sent["call_in_days"] !== undefined) sent["call_in_days"] = Number(sent["call_in_days"]);
      try {
        await command("petition.move", { folio: petition.folio, version: petition.version, event, ...sent }, clientId);
        toast(tr("moved", { folio: petition.folio, move: word("move", event) }), { kind: "ok" });
      } catch (error) {
        if (!(error instanceof ApiError) || (error.code !== "changed_meanwhile" && error.code !== "illegal_move")) throw error;
        // Somebody else moved it: what is written stays in the draft, and the fresh petition says what may be done now.
        toast(errorText(error), { kind: "error" });
        onStale();
        throw error;
      }
    },
  });
  const submit = async (submitted: Event): Promise<void> => {
    submitted.preventDefault();
    if (await form.submit()) onDone();
  };
  const control = (name: MoveField, required: boolean) => {
    const common = { id: form.id(name), label: labels[name], required, error: form.errorOf(name) };
    const set = (value: string): void => form.set(name, value);
    switch (name) {
      case "note": return <TextArea key={name} {...common} rows={4} maxLength={4000} value={form.values.note} onInput={(one) => set(one.currentTarget.value)} onBlur={form.leave(name)} help={isFinal(event) ? tr("resultHelp") : undefined} />;
      case "area": return <Combobox key={name} {...common} options={areaChoices()} value={form.values.area} onChange={set} />;
      case "dependency": return <Combobox key={name} {...common} options={dependencyChoices()} value={form.values.dependency} onChange={set} />;
      case "copies": return <Combobox key={name} {...common} options={dependencyChoices().filter((one) => one.value !== form.values.dependency)} value={form.values.copies} onChange={set} />;
      case "document": return <Field key={name} {...common} value={form.values.document} maxLength={60} help={tr("documentHelp")} onInput={(one) => set((one.target as HTMLInputElement).value)} onBlur={form.leave(name)} />;
      case "call_in_days": return <Select key={name} {...common} options={["1", "2", "3", "5"].map((days) => ({ value: days, label: tr("callInN", { n: days }) }))} value={form.values.call_in_days} onChange={set} help={tr("callInDaysHelp")} />;
      case "category": return <Combobox key={name} {...common} options={categoryChoices()} value={form.values.category} onChange={set} />;
      case "cause": return <Select key={name} {...common} options={wordsOf("cause")} value={form.values.cause} onChange={set} />;
      case "priority": return <Select key={name} {...common} options={wordsOf("priority")} value={form.values.priority} onChange={set} />;
      case "main_folio": return <Field key={name} {...common} value={form.values.main_folio} onInput={(one) => set((one.target as HTMLInputElement).value)} onBlur={form.leave(name)} />;
    }
  };
  return (
    <Dialog
      title={word("move", event)} onClose={onClose}
      actions={<><button type="button" onClick={onClose}>{tf("cancel")}</button><button type="submit" form={form.id("form")} class="primary" disabled={form.busy}>{word("move", event)}</button></>}
    >
      <form id={form.id("form")} noValidate onSubmit={(submitted) => void submit(submitted)}>
        <ErrorSummary errors={form.summary} attempt={form.attempt} />
        <p class="dialog-lead">{petition.folio} · {petition.subject}</p>
        {form.restored !== "no" && <p class="notice" role="status">{tf("restored")} <button type="button" class="link" onClick={form.discard}>{tf("discard")}</button></p>}
        {fields.map((one) => control(one.name, one.required))}
        {isFinal(event) && <p class="notice">{tr("finalHelp")}</p>}
      </form>
    </Dialog>
  );
}
