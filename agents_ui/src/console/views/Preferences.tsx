/** The choices of this browser: language, light, sound, keys and notifications. */
import "../text/later";
import { askNotifications, notifications, setSound, soundOn } from "../alert";
import { letterKeys, setLetterKeys } from "../keys";
import { locale, setLocale, t } from "../text";
import { theme, type Theme } from "../ui";
import { Check } from "../ui/Field";

function Choice<T extends string>({ label, options, value, onChange }: { label: string; options: { value: T; label: string }[]; value: T; onChange: (next: T) => void }) {
  return (
    <div class="setting">
      <span>{label}</span>
      <span class="segmented" role="group" aria-label={label}>
        {options.map((one) => <button key={one.value} type="button" aria-pressed={one.value === value} onClick={() => onChange(one.value)}>{one.label}</button>)}
      </span>
    </div>
  );
}

export default function Preferences() {
  return (
    <div class="settings">
      <Choice label={t("pref.language")} value={locale.value} onChange={(next) => void setLocale(next)} options={[{ value: "es", label: "Español" }, { value: "en", label: "English" }]} />
      <Choice<Theme> label={t("pref.theme")} value={theme.value} onChange={(next) => { theme.value = next; }} options={[{ value: "auto", label: t("pref.auto") }, { value: "light", label: t("pref.light") }, { value: "dark", label: t("pref.dark") }]} />
      <Check label={t("pref.sound")} checked={soundOn.value} onChange={setSound} />
      <Check label={t("pref.letters")} help={t("pref.lettersHelp")} checked={letterKeys.value} onChange={setLetterKeys} />
      {notifications.value === "default" && <p><button type="button" onClick={() => void askNotifications()}>{t("pref.notify")}</button> <span class="muted">{t("pref.notifyHelp")}</span></p>}
      {notifications.value === "denied" && <p class="muted">{t("pref.notifyDenied")}</p>}
    </div>
  );
}
