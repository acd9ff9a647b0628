/** One queue. Durations are typed in seconds, and said in minutes beside. */
import { command } from "../../api";
import { can } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { Check, CheckGroup, Field, Select } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { activeStaffChoices, areaChoices } from "../parts/choices";
import { wordsOf } from "../parts/codes";
import { duration } from "../parts/figures";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf, within } from "../parts/formWords";
import { Members, type Place } from "./Members";
import type { HoursRow, QueueRow } from "./types";
import { ta } from "./words";

const LIMITS = { offer_timeout_s: [5, 600], target_s: [1, 86_400], wrap_up_s: [0, 3600], overflow_after_s: [10, 86_400], priority: [0, 9], recording_days: [1, 3650] } as const;
type Timed = keyof typeof LIMITS;
interface Values extends Record<Timed, string> { name: string; area_id: string; calendar_id: string; channels: string[]; strategy: string; overflow_queue_id: string; closed: boolean; members: Place[]; phone_number: string; recording: boolean }

const start = (hours: readonly HoursRow[]): Values => ({
  name: "", area_id: "", calendar_id: hours.find((one) => one.id !== null)?.id ?? "", channels: [], strategy: "longest_idle", priority: "0", offer_timeout_s: "20",
  target_s: "60", wrap_up_s: "120", overflow_queue_id: "", overflow_after_s: "120", closed: false, members: [],
  phone_number: "", recording: false, recording_days: "90",
});
const valuesOf = (row: QueueRow): Values => ({
  name: row.name, area_id: row.area_id, calendar_id: row.calendar_id, channels: row.channels, strategy: row.strategy, priority: String(row.priority),
  offer_timeout_s: String(row.offer_timeout_s), target_s: String(row.target_s), wrap_up_s: String(row.wrap_up_s), overflow_queue_id: row.overflow_queue_id ?? "",
  overflow_after_s: String(row.overflow_after_s ?? 120), closed: row.closed_at !== null, members: row.members.map((one) => ({ id: one.user_id, level: one.level })),
  phone_number: row.phone_number ?? "", recording: row.recording, recording_days: String(row.recording_days),
});
interface Props { row: QueueRow | null; all: readonly QueueRow[]; hours: readonly HoursRow[]; onClose: () => void; onSaved: () => void }

export function QueueForm({ row, all, hours, onClose, onSaved }: Props) {
  const labels: Record<string, string> = {
    name: ta("name"), area_id: ta("area"), calendar_id: ta("section.horarios"), channels: ta("channels"), strategy: ta("strategy"), priority: ta("priority"),
    offer_timeout_s: ta("offerTimeout"), target_s: ta("target"), wrap_up_s: ta("wrapUp"), overflow_queue_id: ta("overflow"), overflow_after_s: ta("overflowAfter"), members: ta("members"),
    phone_number: ta("queueNumber"), recording: ta("recording"), recording_days: ta("recordingDays"),
  };
  const limit = (name: Timed, value: string): string | undefined => within(labels[name] ?? name, value, LIMITS[name][0], LIMITS[name][1]);
  const owner = (channel: string): QueueRow | undefined => all.find((one) => one.id !== row?.id && one.closed_at === null && one.channels.includes(channel));
  const form = useForm<Values>({
    name: `queue/${row?.id ?? "new"}`, initial: row === null ? start(hours) : valuesOf(row), refusal: refusalOf(labels),
    check: (values) => {
      const taken = values.closed ? undefined : values.channels.map(owner).find((one) => one !== undefined);
      return errorsOf({
        name: needed(ta("name"), values.name), area_id: needed(ta("area"), values.area_id), calendar_id: needed(ta("section.horarios"), values.calendar_id),
        channels: taken === undefined ? undefined : ta("channelTaken", { name: taken.name }),
        offer_timeout_s: limit("offer_timeout_s", values.offer_timeout_s), target_s: limit("target_s", values.target_s), wrap_up_s: limit("wrap_up_s", values.wrap_up_s),
        priority: limit("priority", values.priority), overflow_after_s: values.overflow_queue_id === "" ? undefined : limit("overflow_after_s", values.overflow_after_s),
        recording_days: values.recording ? limit("recording_days", values.recording_days) : undefined,
      });
    },
    save: async (values, clientId) => {
      const overflows = values.overflow_queue_id !== "";
      await command("queue.save", {
        ...(row === null ? {} : { id: row.id }), name: values.name.trim(), area_id: values.area_id, calendar_id: values.calendar_id, channels: values.channels,
        strategy: values.strategy, priority: Number(values.priority), offer_timeout_s: Number(values.offer_timeout_s), target_s: Number(values.target_s),
        wrap_up_s: Number(values.wrap_up_s), overflow_queue_id: overflows ? values.overflow_queue_id : null,
        overflow_after_s: overflows ? Number(values.overflow_after_s) : null, closed: values.closed, members: values.members.map((one) => ({ user_id: one.id, level: one.level })),
        phone_number: values.phone_number.trim(), recording: values.recording, ...(values.recording ? { recording_days: Number(values.recording_days) } : {}),
      }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const seconds = (name: Timed, help: string, required = true) => (
    <Field id={id(name)} label={`${labels[name] ?? name} (${ta("seconds")})`} required={required} inputMode="numeric" maxLength={6} value={values[name]} error={errorOf(name)} help={`${help} ${Number(values[name]) >= 60 ? `= ${duration(Number(values[name]))}` : ""}`} onInput={(event) => set(name, (event.target as HTMLInputElement).value)} onBlur={leave(name)} />
  );
  const readOnly = !can("admin.queues");
  return (
    <FormPanel title={row?.name ?? ta("newQueue")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={onSaved} readOnly={readOnly}>
      <Field id={id("name")} label={ta("name")} required maxLength={120} value={values.name} error={errorOf("name")} onInput={(event) => set("name", (event.target as HTMLInputElement).value)} onBlur={leave("name")} />
      <Combobox id={id("area_id")} label={ta("area")} required options={areaChoices()} value={values.area_id} error={errorOf("area_id")} onChange={(value) => set("area_id", value)} />
      <Select id={id("calendar_id")} label={ta("section.horarios")} required options={hours.filter((one) => one.id !== null).map((one) => ({ value: one.id ?? "", label: one.name ?? "" }))} value={values.calendar_id} error={errorOf("calendar_id")} onChange={(value) => set("calendar_id", value)} />
      <CheckGroup label={ta("channels")} help={ta("channelsHelp")} options={wordsOf("channel")} values={values.channels} error={errorOf("channels")} onChange={(next) => set("channels", next)} />
      <Members label={ta("members")} add={ta("addMember")} help={ta("levelHelp")} options={activeStaffChoices()} value={values.members} error={errorOf("members")} onChange={(next) => set("members", next)} disabled={readOnly} />
      <Select id={id("strategy")} label={ta("strategy")} value={values.strategy} options={[{ value: "longest_idle", label: ta("longestIdle") }, { value: "least_busy", label: ta("leastBusy") }]} onChange={(value) => set("strategy", value)} />
      <div class="pair">{seconds("target_s", ta("targetHelp"))}{seconds("offer_timeout_s", ta("offerTimeoutHelp"))}</div>
      <div class="pair">
        {seconds("wrap_up_s", ta("wrapUpHelp"))}
        <Field id={id("priority")} label={ta("priority")} inputMode="numeric" maxLength={1} value={values.priority} error={errorOf("priority")} help={ta("priorityHelp")} onInput={(event) => set("priority", (event.target as HTMLInputElement).value)} onBlur={leave("priority")} />
      </div>
      <Select id={id("overflow_queue_id")} label={ta("overflow")} placeholder={ta("noOverflow")} value={values.overflow_queue_id} options={all.filter((one) => one.id !== row?.id && one.closed_at === null).map((one) => ({ value: one.id, label: one.name }))} error={errorOf("overflow_queue_id")} onChange={(value) => set("overflow_queue_id", value)} />
      {values.overflow_queue_id !== "" && seconds("overflow_after_s", ta("overflowAfterHelp"))}
      {values.channels.includes("phone") && (
        <>
          <Field id={id("phone_number")} label={ta("queueNumber")} type="tel" maxLength={40} value={values.phone_number} error={errorOf("phone_number")} help={ta("queueNumberHelp")} onInput={(event) => set("phone_number", (event.target as HTMLInputElement).value)} onBlur={leave("phone_number")} />
          <Check label={ta("recording")} help={ta("recordingHelp")} checked={values.recording} onChange={(on) => set("recording", on)} />
          {values.recording && <Field id={id("recording_days")} label={ta("recordingDays")} required inputMode="numeric" maxLength={4} value={values.recording_days} error={errorOf("recording_days")} help={ta("recordingDaysHelp")} onInput={(event) => set("recording_days", (event.target as HTMLInputElement).value)} onBlur={leave("recording_days")} />}
        </>
      )}
      <Check label={ta("closed")} help={ta("queueClosedHelp")} checked={values.closed} onChange={(on) => set("closed", on)} />
    </FormPanel>
  );
}
