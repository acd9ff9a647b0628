/** Promising a call, asking for one, or moving one: whom, what for, when, and what the house says of that moment before it is promised. */
import "../../styles/screens.css";
import "../../styles/callbacks.css";
import { ApiError } from "../api";
import { askedOf, move, plan, REASONS, timesOf, type Asked, type Brief, type Reason } from "../callbacks";
import { moment, refusalText, tb } from "../callbackWords";
import { activeStaffChoices, queueChoices } from "../screens/parts/choices";
import { useForm, type Form } from "../screens/parts/form";
import { errorsOf, tf } from "../screens/parts/formWords";
import { asks } from "../planning";
import { me, minute } from "../store";
import { dialog, planning, type Planned } from "../ui";
import { Combobox } from "../ui/Combobox";
import { Dialog } from "../ui/Dialog";
import { ErrorSummary } from "../ui/ErrorSummary";
import { Field, Select, TextArea } from "../ui/Field";
import { toast } from "../ui/Toast";
import { BLANK, Questions, questionsProblem } from "./plan/Questions";
import { meaning, WhenField, whenProblem } from "./plan/WhenField";
import { useVerdict, VerdictLine } from "./plan/Verdict";
import type { When } from "../when";

interface Values { number: string; reason: Reason; folio: string; when: string; questions: Asked[]; owner: string; queue: string; priority: string; note: string; despite: boolean }
const QUEUE = "queue";

function startOf(about: Planned): Values {
  const again = about.again;
  const folio = about.folio ?? again?.folio ?? about.folios?.[0] ?? "";
  return {
    number: "", reason: again?.reason ?? about.reason ?? (asks() ? "ask" : folio === "" ? "return" : "inform"), folio, when: "",
    questions: again && again.questions.length > 0 ? again.questions.filter((one) => !again.answers.some((said) => said.question === one.id && said.value !== null)).map(({ text, kind, choices, required }) => ({ text, kind, required, choices: choices ?? [] })) : [BLANK],
    owner: asks() || about.again ? QUEUE : (me.peek()?.id ?? QUEUE), queue: "", priority: again?.priority ?? "normal", note: "", despite: false,
  };
}
const nameOf = ({ moving, again, interaction, citizen, folio }: Planned): string => `plan/${moving?.id ?? again?.id ?? interaction ?? citizen ?? folio ?? "new"}`;

/** Who is called: known already, or by a number. */
function Whom({ about, form, knows }: { about: Planned; form: Form<Values>; knows: boolean }) {
  const target = about.moving ?? about.again;
  const name = target?.label ?? about.label ?? "";
  return (
    <>
      {name !== "" && <p class="dialog-lead">{tb("toWhom", { name })}{target?.number ? <span class="num"> · {target.number}</span> : null}</p>}
      {about.moving === undefined && (about.again === undefined) && (
        <Field
          label={tb("number")} id={form.id("number")} type="tel" inputMode="tel" maxLength={40} required={!knows} value={form.values.number} error={form.errorOf("number")}
          help={knows ? tb("numberHelp") : undefined} onInput={(event) => form.set("number", (event.target as HTMLInputElement).value)} onBlur={form.leave("number")}
        />
      )}
    </>
  );
}

function Reasons({ form }: { form: Form<Values> }) {
  return (
    <div class="field" role="group" aria-label={tb("reasonLabel")}>
      <span class="field-label" aria-hidden="true">{tb("reasonLabel")}</span>
      <div class="segmented">
        {REASONS.map((one) => <button key={one} type="button" aria-pressed={form.values.reason === one} onClick={() => form.set("reason", one)}>{tb(`reason.${one}`)}</button>)}
      </div>
    </div>
  );
}

function FolioField({ about, form }: { about: Planned; form: Form<Values> }) {
  const required = form.values.reason === "inform" || form.values.reason === "ask";
  const common = { label: tb("folio"), id: form.id("folio"), required, error: form.errorOf("folio") };
  const known = about.folios ?? [];
  return known.length > 1
    ? <Select {...common} options={known.map((one) => ({ value: one, label: one }))} value={form.values.folio} onChange={(value) => form.set("folio", value)} />
    : <Field {...common} maxLength={40} value={form.values.folio} onInput={(event) => form.set("folio", (event.target as HTMLInputElement).value)} onBlur={form.leave("folio")} />;
}

/** Who calls, from which queue, how urgent: what most plans leave as it is. */
function Details({ form }: { form: Form<Values> }) {
  const mine = me.value?.id ?? "";
  const owners = [{ value: QUEUE, label: tb("ownerQueue") }, ...(asks() ? [] : [{ value: mine, label: tb("ownerMe") }]), ...activeStaffChoices().filter((one) => one.value !== mine)];
  return (
    <div class="plan-details">
      <Combobox label={tb("owner")} id={form.id("owner_id")} options={owners} value={form.values.owner} error={form.errorOf("owner_id")} onChange={(value) => form.set("owner", value === "" ? QUEUE : value)} />
      <Combobox label={tb("queue")} placeholder={tb("queueUsual")} id={form.id("queue_id")} options={queueChoices()} value={form.values.queue} error={form.errorOf("queue_id")} onChange={(value) => form.set("queue", value)} />
      <Select label={tb("priority")} options={(["normal", "high", "low"] as const).map((one) => ({ value: one, label: tb(`priority.${one}`) }))} value={form.values.priority} onChange={(value) => form.set("priority", value)} />
    </div>
  );
}

export default function Plan() {
  const subject = planning.peek();
  const { moving, again } = subject;
  const close = (): void => { dialog.value = null; };
  const knows = Boolean(subject.citizen ?? subject.folio ?? moving ?? again) || (subject.folios ?? []).length > 0;
  const asked = (values: Values): Asked[] => askedOf(values.questions);
  const said = (callback: Brief, when: When): string => moment(callback.due_at, minute.peek(), when.to);
  const form = useForm<Values>({
    name: nameOf(subject), initial: startOf(subject),
    check: (values) => errorsOf({
      when: whenProblem(values.when),
      ...(moving !== undefined ? {} : {
        number: knows || values.folio.trim() !== "" || values.number.trim() !== "" ? undefined : tb("numberNeeded"),
        folio: (values.reason === "inform" || values.reason === "ask") && values.folio.trim() === "" ? tb("folioNeeded") : undefined,
        questions: values.reason === "ask" ? questionsProblem(values.questions) : undefined,
      }),
    }),
    refusal: (_, code) => refusalText(code),
    save: async (values, clientId) => {
      const when = meaning(values.when);
      if (typeof when === "string") throw new ApiError(400, "invalid", "", { when });
      const despite = values.despite ? { despite_load: true } : {};
      const text = (name: string, value: string): Record<string, string> => (value.trim() === "" ? {} : { [name]: value.trim() });
      try {
        if (moving !== undefined) {
          const done = await move(moving.id, { ...timesOf(when), ...text("reason", values.note), ...despite }, clientId);
          toast(tb("plan.moved", { when: said(done.callback, when) }), { kind: "ok" });
          return;
        }
        const whom = values.number.trim() !== "" ? { number: values.number.trim() } : {};
        const done = await plan({
          reason: values.reason, ...timesOf(when), ...whom, ...(subject.citizen ? { citizen_id: subject.citizen } : {}), ...(subject.interaction ? { interaction_id: subject.interaction } : {}),
          ...text("folio", values.folio), ...(values.owner === QUEUE ? {} : { owner_id: values.owner }), ...text("queue_id", values.queue), ...(values.priority === "normal" ? {} : { priority: values.priority }),
          ...text("note", values.note), ...(values.reason === "ask" ? { questions: asked(values) } : {}), ...(again === undefined ? {} : { again_of: again.id }), ...despite,
        }, clientId);
        toast(tb("plan.done", { when: said(done.callback, when) }), { kind: "ok" });
      } catch (error) {
        // The service names the fields of its own; here a moment is one field, and so are the questions.
        if (!(error instanceof ApiError)) throw error;
        const { due_at, due_local, not_after, zone, ...rest } = error.fields;
        // A refusal that knows the next moment is about the moment, and is over when another one is chosen.
        const time = due_at ?? due_local ?? not_after ?? zone ?? ("next_at" in error.data ? error.code : undefined);
        throw new ApiError(error.status, error.code, error.message, { ...rest, ...(time === undefined ? {} : { when: time }) }, error.data, error.retryAfter);
      }
    },
  });
  const words = meaning(form.values.when);
  const when = typeof words === "string" ? null : words;
  const verdict = useVerdict(
    moving !== undefined ? { callback: moving.id } : { number: form.values.number.replace(/\D/g, "").length >= 10 ? form.values.number : null, citizen: subject.citizen, folio: form.values.folio.trim() || null, queue: form.values.queue || null },
    when,
  );
  const isFull = verdict.state === "said" && verdict.checked.refusals.some((one) => one.code === "no_room");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await form.submit()) close();
  };
  const title = tb(moving !== undefined ? "plan.move" : again !== undefined ? "plan.again" : asks() ? "plan.request" : "plan.title");
  const short = when === null ? null : moment(when.from, minute.value, when.to);
  const deed = moving !== undefined ? (short === null ? tb("plan.moveDo") : tb("plan.moveWhen", { when: short })) : short === null ? tb(asks() ? "plan.ask" : "plan.do") : tb(asks() ? "plan.askWhen" : "plan.doWhen", { when: short });
  return (
    <Dialog
      title={title} size={form.values.reason === "ask" && moving === undefined ? "wide" : "normal"} onClose={close}
      actions={<><button type="button" onClick={close}>{tf("cancel")}</button><button type="submit" form={form.id("form")} class="primary" disabled={form.busy}>{deed}</button></>}
    >
      <form id={form.id("form")} class="plan" noValidate onSubmit={(event) => void submit(event)}>
        <ErrorSummary errors={form.summary} attempt={form.attempt} />
        {form.restored !== "no" && <p class="notice" role="status">{tf("restored")} <button type="button" class="link" onClick={form.discard}>{tf("discard")}</button></p>}
        <Whom about={subject} form={form} knows={knows} />
        {moving !== undefined && <p class="muted">{tb("plan.was", { when: moment(moving.due_at, minute.value, moving.not_after) })}</p>}
        {moving === undefined && <Reasons form={form} />}
        {moving === undefined && <FolioField about={subject} form={form} />}
        {moving === undefined && form.values.reason === "ask" && <Questions id={form.id("questions")} rows={form.values.questions} error={form.errorOf("questions")} onChange={(rows) => form.set("questions", rows)} />}
        <WhenField id={form.id("when")} value={form.values.when} error={form.errorOf("when")} onChange={(value) => form.set("when", value)} onLeave={form.leave("when")} />
        {when !== null && <VerdictLine verdict={verdict} when={when} onUse={(at) => form.set("when", momentWords(at))} />}
        {(isFull || form.values.despite) && <label class="check"><input type="checkbox" checked={form.values.despite} onChange={(event) => form.set("despite", event.currentTarget.checked)} /> {tb("plan.despite")}</label>}
        {moving === undefined && <Details form={form} />}
        <TextArea label={tb(moving === undefined ? "note" : "plan.moveReason")} id={form.id("note")} rows={2} maxLength={moving === undefined ? 2000 : 300} value={form.values.note} help={moving === undefined ? tb("noteHelp") : undefined} onInput={(event) => form.set("note", event.currentTarget.value)} />
      </form>
    </Dialog>
  );
}

/** A proposed instant as words that mean it, whatever day it is read. */
function momentWords(at: number): string {
  const office = new Date(at - 7 * 3_600_000).toISOString();
  return `${office.slice(0, 10)} ${office.slice(11, 16)}`;
}
