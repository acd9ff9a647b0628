/** The office's settings, each with its unit; only what changed is sent. */
import { useLayoutEffect } from "preact/hooks";
import { ApiError, command } from "../../api";
import { can } from "../../store";
import { ErrorSummary } from "../../ui/ErrorSummary";
import { Check, Field, TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { useForm, type Form } from "../parts/form";
import { tf } from "../parts/formWords";
import { Loaded } from "../parts/Loaded";
import { param } from "../parts/query";
import { useRead } from "../parts/read";
import { Screen } from "../parts/Screen";
import { NoticeBanner } from "./Notice";
import { Sections } from "./Sections";
import { GROUPS, lookOf, parsed, shown, unitOf } from "./units";
import type { Rows, SettingRow } from "./types";
import { ta, taMaybe } from "./words";

type Values = Record<string, string | boolean>;
const labelOf = (key: string): string => taMaybe(`setting.${key}`, key.replaceAll("_", " "));
const start = (rows: readonly SettingRow[]): Values => Object.fromEntries(rows.map((row) => [row.key, row.type === "bool" ? row.value === true : shown(row)]));

function check(rows: readonly SettingRow[], values: Values): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const row of rows) {
    const value = values[row.key];
    if (row.type === "int" && parsed(row, String(value)) === null) wrong[row.key] = ta("settingNumber", { label: labelOf(row.key) });
    if (row.key === "brand_accent" && !/^#[0-9a-f]{6}$/i.test(String(value))) wrong[row.key] = ta("settingColour");
    if (row.key === "folio_template" && !(String(value).includes("{year}") && String(value).includes("{number"))) wrong[row.key] = ta("settingFolio");
  }
  return wrong;
}

function Control({ row, form }: { row: SettingRow; form: Form<Values> }) {
  const look = lookOf(row.key);
  const unit = unitOf(row);
  const label = unit === "" ? labelOf(row.key) : `${labelOf(row.key)} (${ta(`unit.${unit}`)})`;
  const changed = row.value !== row.default && row.default !== "" ? ta("defaultIs", { value: row.type === "bool" ? ta(row.default === true ? "yes" : "no") : shown({ ...row, value: row.default }) }) : "";
  const help = [taMaybe(`settingHelp.${row.key}`, ""), changed].filter((one) => one !== "").join(" ");
  const common = { id: form.id(row.key), label, help, error: form.errorOf(row.key), onBlur: form.leave(row.key) };
  if (row.type === "bool") return <Check id={common.id} label={label} help={help} checked={form.values[row.key] === true} onChange={(on) => form.set(row.key, on)} />;
  const value = String(form.values[row.key] ?? "");
  if (look.long === true) return <TextArea {...common} rows={2} maxLength={2000} value={value} onInput={(event) => form.set(row.key, event.currentTarget.value)} />;
  if (look.kind === "colour") {
    return (
      <Field {...common}>
        {(control) => (
          <div class="colour">
            <input type="color" aria-label={ta("pickColour")} value={/^#[0-9a-f]{6}$/i.test(value) ? value : "#000000"} onInput={(event) => form.set(row.key, event.currentTarget.value)} />
            <input class="input" type="text" maxLength={7} value={value} onInput={(event) => form.set(row.key, event.currentTarget.value)} onBlur={form.leave(row.key)} {...(control as object)} />
          </div>
        )}
      </Field>
    );
  }
  return <Field {...common} class={row.type === "int" ? "input short num" : "input"} inputMode={row.type === "int" ? "decimal" : "text"} maxLength={row.type === "int" ? 12 : 2000} value={value} onInput={(event) => form.set(row.key, (event.target as HTMLInputElement).value)} />;
}

function SettingsForm({ rows, onSaved }: { rows: readonly SettingRow[]; onSaved: () => void }) {
  const form = useForm<Values>({
    name: "settings", initial: start(rows), check: (values) => check(rows, values), refusal: (field, code) => tf("refused", { label: labelOf(field), code }),
    save: async (values) => {
      for (const row of rows) {
        const next = row.type === "bool" ? values[row.key] === true : parsed(row, String(values[row.key]));
        if (next === null || next === row.value) continue;
        try {
          await command("setting.save", { key: row.key, value: next });
        } catch (error) {
          if (error instanceof ApiError && error.fields["value"] !== undefined) throw new ApiError(error.status, error.code, error.message, { [row.key]: error.fields["value"] });
          throw error;
        }
      }
      toast(tf("saved"), { kind: "ok" });
    },
  });
  useLayoutEffect(() => {
    const field = param("campo");
    if (field !== "") document.getElementById(form.id(field))?.focus();
  }, []);
  const readOnly = !can("admin.settings");
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (await form.submit()) onSaved();
  };
  return (
    <form class="settings-form" noValidate onSubmit={(event) => void submit(event)}>
      <NoticeBanner settings={rows} />
      <ErrorSummary errors={form.summary} attempt={form.attempt} />
      {form.restored !== "no" && <p class="stale" role="status">{tf(form.restored === "yes" ? "restored" : "restoredChanged")} <button type="button" class="link" onClick={form.discard}>{tf("discard")}</button></p>}
      <fieldset class="plain" disabled={readOnly}>
        {GROUPS.map((group) => {
          const own = rows.filter((row) => lookOf(row.key).group === group);
          if (own.length === 0) return null;
          return <section key={group} aria-labelledby={`group-${group}`}><h2 id={`group-${group}`}>{ta(`group.${group}`)}</h2>{own.map((row) => <Control key={row.key} row={row} form={form} />)}</section>;
        })}
      </fieldset>
      {!readOnly && (
        <div class="settings-foot">
          <button type="submit" class="primary" disabled={form.busy || !form.dirty}>{tf(form.busy ? "saving" : "save")}</button>
          {form.dirty && <button type="button" onClick={form.discard}>{tf("discard")}</button>}
          <span class="muted" role="status">{form.dirty ? ta("unsavedSettings") : ""}</span>
        </div>
      )}
    </form>
  );
}

export function Settings() {
  const read = useRead<Rows<SettingRow>>("admin/settings");
  return (
    <Screen title={ta("section.ajustes")} bar={<Sections />}>
      <Loaded read={read} shape="text" lines={12}>{({ rows }) => <SettingsForm key={JSON.stringify(rows)} rows={rows} onSaved={() => void read.again()} />}</Loaded>
    </Screen>
  );
}
