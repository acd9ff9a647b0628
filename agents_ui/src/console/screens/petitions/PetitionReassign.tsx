/** Giving a petition to another area or person, or another priority; the reason stays in its follow-up. */
import type { Petition } from "../../../shared/protocol";
import { command } from "../../api";
import { Combobox } from "../../ui/Combobox";
import { Dialog } from "../../ui/Dialog";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Select, TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { activeStaffChoices, areaChoices } from "../parts/choices";
import { wordsOf } from "../parts/codes";
import { useForm } from "../parts/form";
import { refusalOf, tf } from "../parts/formWords";
import { tr } from "../parts/records";

interface Props { petition: Petition; onClose: () => void; onDone: () => void }

export function PetitionReassign({ petition, onClose, onDone }: Props) {
  const labels = { area: tr("area"), responsible: tr("responsible"), priority: tr("priority"), reason: tr("reason") };
  const initial = { area: petition.area as string, responsible: petition.responsible ?? "", priority: petition.priority as string, reason: "" };
  const form = useForm({
    name: `reassign/${petition.folio}`, initial, refusal: refusalOf(labels),
    check: (values): Record<string, string> =>
      values.area === initial.area && values.responsible === initial.responsible && values.priority === initial.priority ? { area: tr("reassignNothing") } : {},
    save: async (values, clientId) => {
      const changed = Object.fromEntries((["area", "responsible", "priority"] as const).filter((name) => values[name] !== initial[name] && values[name] !== "").map((name) => [name, values[name]]));
      await command("petition.reassign", { folio: petition.folio, version: petition.version, ...changed, ...(values.reason.trim() === "" ? {} : { reason: values.reason.trim() }) }, clientId);
      toast(tr("reassigned", { folio: petition.folio }), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await form.submit()) onDone();
  };
  return (
    <Dialog title={tr("reassign")} onClose={onClose} actions={<><button type="button" onClick={onClose}>{tf("cancel")}</button><button type="submit" form={id("form")} class="primary" disabled={form.busy}>{tr("reassign")}</button></>}>
      <form id={id("form")} noValidate onSubmit={(event) => void submit(event)}>
        <ErrorSummary errors={form.summary} attempt={form.attempt} />
        <Combobox id={id("area")} label={labels.area} required options={areaChoices()} value={values.area} error={errorOf("area")} onChange={(value) => set("area", value)} />
        <Combobox id={id("responsible")} label={labels.responsible} options={activeStaffChoices()} value={values.responsible} error={errorOf("responsible")} onChange={(value) => set("responsible", value)} />
        <Select id={id("priority")} label={labels.priority} options={wordsOf("priority")} value={values.priority} error={errorOf("priority")} onChange={(value) => set("priority", value)} />
        <TextArea id={id("reason")} label={labels.reason} rows={2} maxLength={300} help={tr("reassignHelp")} value={values.reason} error={errorOf("reason")} onInput={(event) => set("reason", event.currentTarget.value)} onBlur={leave("reason")} />
      </form>
    </Dialog>
  );
}
