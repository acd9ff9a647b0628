/** One text in one language at a time. Its placeholders have to be those it was made with: checked while typing. */
import { useState } from "preact/hooks";
import { command } from "../../api";
import { can } from "../../store";
import { TextArea } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { useForm } from "../parts/form";
import { FormPanel } from "../parts/FormPanel";
import { refusalOf, tf } from "../parts/formWords";
import { NoticeBanner } from "./Notice";
import { NOTICE_KEY } from "./blanks";
import { compare, preview } from "./placeholders";
import { textTitle, type TextGroup } from "./Texts";
import type { SettingRow, TextRow } from "./types";
import { ta } from "./words";

interface Props { group: TextGroup; settings: readonly SettingRow[]; onClose: () => void; onChanged: () => void }
const LOCALES = ["es", "en"] as const;

function Placeholders({ wanted, value }: { wanted: readonly string[]; value: readonly string[] }) {
  const { missing, unknown } = compare(wanted, value);
  if (wanted.length === 0 && unknown.length === 0) return <span>{ta("noPlaceholders")}</span>;
  return (
    <span class="variables">
      {wanted.map((one) => <span key={one} class={missing.includes(one) ? "tag tag-critical" : "tag tag-ok"}>{`{${one}}`} {missing.includes(one) ? ta("missing") : "✓"}</span>)}
      {unknown.map((one) => <span key={one} class="tag tag-critical">{`{${one}}`} {ta("unknown")}</span>)}
    </span>
  );
}

export function TextForm({ group, settings, onClose, onChanged }: Props) {
  const [locale, setLocale] = useState<(typeof LOCALES)[number]>("es");
  const spanish = group.rows.find((one) => one.locale === "es");
  const row: TextRow | undefined = group.rows.find((one) => one.locale === locale) ?? spanish;
  if (row === undefined) return null;
  return <OneText key={`${group.key}/${locale}/${row.version}`} row={{ ...row, locale }} wanted={spanish?.placeholders ?? row.placeholders} locale={locale} onLocale={setLocale} settings={settings} onClose={onClose} onChanged={onChanged} />;
}

interface OneProps { row: TextRow; wanted: readonly string[]; locale: string; onLocale: (locale: (typeof LOCALES)[number]) => void; settings: readonly SettingRow[]; onClose: () => void; onChanged: () => void }

function OneText({ row, wanted, locale, onLocale, settings, onClose, onChanged }: OneProps) {
  const isList = Array.isArray(row.value);
  const form = useForm<{ lines: string[] }>({
    name: `text/${row.key}/${locale}`, initial: { lines: typeof row.value === "string" ? [row.value] : row.value }, refusal: refusalOf({ value: ta("text") }),
    check: ({ lines }) => {
      const { missing, unknown } = compare(wanted, lines);
      if (lines.some((one) => one.trim() === "")) return { value: ta("textEmpty") };
      if (missing.length > 0) return { value: ta("textMissing", { names: missing.map((one) => `{${one}}`).join(", ") }) };
      return unknown.length > 0 ? { value: ta("textUnknown", { names: unknown.map((one) => `{${one}}`).join(", ") }) } : {};
    },
    save: async ({ lines }, clientId) => {
      await command("text.save", { key: row.key, locale, value: isList ? lines : lines[0] }, clientId);
      toast(tf("saved"), { kind: "ok" });
    },
  });
  const { values, set, leave, errorOf, id } = form;
  const put = (index: number, text: string): void => set("lines", values.lines.map((one, at) => (at === index ? text : one)));
  return (
    <FormPanel
      title={textTitle(row.key)} subject={`${row.key}/${locale}`} form={form} onClose={onClose} onSaved={() => { onChanged(); onClose(); }} readOnly={!can("admin.texts")}
      subtitle={<div class="segmented" role="group" aria-label={ta("locale")}>{LOCALES.map((one) => <button key={one} type="button" aria-pressed={one === locale} onClick={() => onLocale(one)}>{one === "es" ? "Español" : "English"}</button>)}</div>}
    >
      {row.key === NOTICE_KEY && <NoticeBanner settings={settings} />}
      {values.lines.map((line, index) => (
        <TextArea
          key={index} id={index === 0 ? id("value") : id(`value-${index}`)} label={isList ? ta("lineN", { n: index + 1 }) : ta("text")} required rows={isList ? 2 : Math.min(16, 5 + Math.floor(line.length / 90))}
          maxLength={isList ? 500 : 20_000} value={line} error={index === 0 ? errorOf("value") : null} onInput={(event) => put(index, event.currentTarget.value)} onBlur={leave("value")}
        />
      ))}
      <div class="field"><p class="field-label">{ta("placeholders")}</p><Placeholders wanted={wanted} value={values.lines} /></div>
      <div class="preview"><p class="field-label">{ta("preview")}</p>{values.lines.map((line, index) => <p key={index} class="preview-text">{preview(line)}</p>)}</div>
    </FormPanel>
  );
}
