/** A form at the side of its list: its action always in view, and no change lost by closing it. */
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Confirm } from "../../ui/Confirm";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { SidePanel } from "../../ui/SidePanel";
import type { Form } from "./form";
import { tf } from "./formWords";

interface Props<T extends object> {
  title: string;
  subtitle?: ComponentChildren;
  subject: string;
  form: Form<T>;
  /** After saving. */
  onSaved: () => void;
  onClose: () => void;
  save?: string;
  /** Other deeds, beside the main one. */
  more?: ComponentChildren;
  readOnly?: boolean;
  children: ComponentChildren;
}

export function FormPanel<T extends object>({ title, subtitle, subject, form, onSaved, onClose, save, more, readOnly = false, children }: Props<T>) {
  const [asking, setAsking] = useState(false);
  const close = (): void => (form.dirty && !readOnly ? setAsking(true) : onClose());
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await form.submit()) onSaved();
  };
  const id = form.id("form");
  const actions = readOnly ? undefined : (
    <>
      <button type="submit" form={id} class="primary" disabled={form.busy}>{form.busy ? tf("saving") : (save ?? tf("save"))}</button>
      <button type="button" onClick={close}>{tf("cancel")}</button>
      {more !== undefined && <span class="panel-more">{more}</span>}
    </>
  );
  return (
    <SidePanel title={title} subtitle={subtitle} subject={subject} onClose={close} actions={actions}>
      <form id={id} noValidate onSubmit={(event) => void submit(event)}>
        <ErrorSummary errors={form.summary} attempt={form.attempt} />
        {form.restored !== "no" && (
          <p class="notice" role="status">
            {tf(form.restored === "yes" ? "restored" : "restoredChanged")} <button type="button" class="link" onClick={form.discard}>{tf("discard")}</button>
          </p>
        )}
        <fieldset class="plain" disabled={readOnly}>{children}</fieldset>
      </form>
      {asking && (
        <Confirm title={tf("unsaved")} confirm={tf("discard")} cancel={tf("goOn")} danger onClose={() => setAsking(false)} onConfirm={() => { form.discard(); setAsking(false); onClose(); }}>
          <p>{tf("unsavedHelp")}</p>
        </Confirm>
      )}
    </SidePanel>
  );
}
