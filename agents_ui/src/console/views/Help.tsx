/** Every key, from the table that runs them; and the choices of this browser. */
import "../text/later";
import { shortcuts } from "../keys";
import { t } from "../text";
import { dialog } from "../ui";
import { Dialog } from "../ui/Dialog";
import Preferences from "./Preferences";

export default function Help() {
  const groups = [...new Set(shortcuts().map((one) => one.group))];
  return (
    <Dialog title={t("help.title")} onClose={() => { dialog.value = null; }} size="wide">
      <div class="keys">
        {groups.map((group) => (
          <section key={group}>
            <h3>{t(group)}</h3>
            <dl>{shortcuts().filter((one) => one.group === group).map((one) => <div key={one.label} class="key-row"><dt>{one.keys.split(" ").map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{t(one.label)}</dd></div>)}</dl>
          </section>
        ))}
      </div>
      <h3>{t("pref.title")}</h3>
      <Preferences />
    </Dialog>
  );
}
