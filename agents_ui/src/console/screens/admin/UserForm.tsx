/** One member of staff: who, what they may do, which queues they serve and how much at once. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { choices, rows } from "../../reference";
import { can, me } from "../../store";
import { Combobox } from "../../ui/Combobox";
import { CheckGroup, Field, Select } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { areaChoices, queueChoices } from "../parts/choices";
import { wordsOf } from "../parts/codes";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { errorsOf, needed, refusalOf, tf, within } from "../parts/formWords";
import { Members, type Place } from "./Members";
import { OneTimePassword } from "./OneTimePassword";
import type { UserRow } from "./types";
import { UserDeeds } from "./UserDeeds";
import { ta } from "./words";

interface Values {
  username: string; name: string; display_name: string; email: string; roles: string[]; area_id: string; locale: string; languages: string[];
  skills: string; capacity_chat: string; capacity_voice: string; queues: Place[];
}
const START: Values = { username: "", name: "", display_name: "", email: "", roles: ["agent"], area_id: "", locale: "es", languages: ["es"], skills: "", capacity_chat: "3", capacity_voice: "1", queues: [] };

const valuesOf = (row: UserRow): Values => ({
  username: row.username, name: row.name, display_name: row.display_name, email: row.email ?? "", roles: row.roles, area_id: row.area_id ?? "", locale: row.locale,
  languages: row.languages, skills: row.skills.join(", "), capacity_chat: String(row.capacity_chat), capacity_voice: String(row.capacity_voice),
  queues: row.queues.map((one) => ({ id: one.queue_id, level: one.level })),
});
export const commas = (text: string): string[] => text.split(",").map((one) => one.trim()).filter((one) => one !== "");
const text = (event: Event): string => (event.target as HTMLInputElement).value;

export function UserForm({ row, onClose, onChanged }: { row: UserRow | null; onClose: () => void; onChanged: () => void }) {
  const [password, setPassword] = useState<{ name: string; password: string } | null>(null);
  const readOnly = !can("admin.users");
  const labels: Record<string, string> = {
    username: ta("username"), name: ta("name"), display_name: ta("displayName"), email: ta("email"), roles: ta("roles"), area_id: ta("area"),
    languages: ta("languages"), skills: ta("skills"), capacity_chat: ta("capacityChat"), capacity_voice: ta("capacityVoice"), queues: ta("queues"),
  };
  const form = useForm<Values>({
    name: `user/${row?.id ?? "new"}`, initial: row === null ? START : valuesOf(row), keeps: !readOnly, refusal: refusalOf(labels),
    check: (values) => errorsOf({
      name: needed(ta("name"), values.name),
      username: needed(ta("username"), values.username) ?? (/^[^\W_]([\w.@+-]{1,58})[^\W_]$/u.test(values.username.trim()) ? undefined : ta("usernameFormat")),
      email: values.email === "" || /^[^@\s]+@[^@\s]+\.[^@\s]{2,}$/.test(values.email) ? undefined : ta("emailFormat"),
      roles: needed(ta("roles"), values.roles) ?? (values.roles.includes("auditor") && values.roles.length > 1 ? ta("auditorAlone") : undefined),
      capacity_chat: within(ta("capacityChat"), values.capacity_chat, 0, 20),
      capacity_voice: within(ta("capacityVoice"), values.capacity_voice, 0, 1),
    }),
    save: async (values, clientId) => {
      const fields = {
        ...(row === null ? {} : { id: row.id }), username: values.username.trim(), name: values.name.trim(), display_name: values.display_name.trim() || null,
        email: values.email.trim() || null, roles: values.roles, area_id: values.area_id || null, locale: values.locale, languages: values.languages,
        skills: commas(values.skills), capacity_chat: Number(values.capacity_chat), capacity_voice: Number(values.capacity_voice),
        queues: values.queues.map((one) => ({ queue_id: one.id, level: one.level })),
      };
      const answer = await command<{ user: UserRow; password?: string }>("user.save", fields, clientId);
      if (answer.password) setPassword({ name: values.name, password: answer.password });
      else toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const field = (name: keyof Values & ("name" | "username" | "display_name" | "email" | "skills" | "capacity_chat" | "capacity_voice"), extra: object = {}) => (
    <Field id={id(name)} label={labels[name] ?? name} value={values[name]} error={errorOf(name)} onInput={(event) => set(name, text(event))} onBlur={leave(name)} {...extra} />
  );
  const done = (): void => {
    onChanged();
    // A new one stays open until its password was copied.
    if (row !== null) onClose();
  };
  return (
    <FormPanel title={row?.name ?? ta("newUser")} subject={row?.id ?? "new"} form={form} onClose={onClose} onSaved={done} readOnly={readOnly} more={row !== null && !readOnly ? <UserDeeds row={row} onChanged={onChanged} onPassword={(made) => setPassword({ name: row.name, password: made })} /> : undefined}>
      {field("name", { required: true, maxLength: 200 })}
      {field("username", { required: true, maxLength: 60, autocapitalize: "none", spellcheck: false, help: ta("usernameHelp") })}
      <CheckGroup label={ta("roles")} options={wordsOf("role")} values={values.roles} error={errorOf("roles")} onChange={(next) => set("roles", next)} help={row !== null && row.id === me.value?.id ? ta("ownRoles") : ta("rolesHelp")} />
      <Combobox id={id("area_id")} label={ta("area")} options={areaChoices()} value={values.area_id} error={errorOf("area_id")} onChange={(value) => set("area_id", value)} />
      <Members label={ta("queues")} add={ta("addQueue")} help={ta("levelHelp")} options={queueChoices()} value={values.queues} error={errorOf("queues")} onChange={(next) => set("queues", next)} disabled={readOnly} />
      <div class="pair">
        {field("capacity_chat", { inputMode: "numeric", help: ta("capacityChatHelp") })}
        {field("capacity_voice", { inputMode: "numeric", help: ta("capacityVoiceHelp") })}
      </div>
      {rows("languages").length > 0 && <CheckGroup label={ta("languages")} options={choices("languages")} values={values.languages} error={errorOf("languages")} onChange={(next) => set("languages", next)} />}
      {field("skills", { help: ta("skillsHelp") })}
      {field("display_name", { maxLength: 80, help: ta("displayNameHelp") })}
      {field("email", { type: "email", maxLength: 254 })}
      <Select id={id("locale")} label={ta("locale")} value={values.locale} options={[{ value: "es", label: "Español" }, { value: "en", label: "English" }]} onChange={(value) => set("locale", value)} />
      {password !== null && <OneTimePassword name={password.name} password={password.password} onClose={() => { setPassword(null); onClose(); }} />}
    </FormPanel>
  );
}
