/** One's own account: who one is here, password, second step, language and look. */
import { useState } from "preact/hooks";
import "../../styles/login.css";
import "../../styles/screens.css";
import { session as readSession } from "../api";
import { can, me, session } from "../store";
import { locale, setLocale } from "../text";
import { theme, type Theme } from "../ui";
import { Dialog } from "../ui/Dialog";
import { Lazy } from "../views/Lazy";
import { Select } from "../ui/Field";
import { toast } from "../ui/Toast";
import { word } from "./parts/codes";
import { EnrolTotp } from "./parts/EnrolTotp";
import { Screen } from "./parts/Screen";
import { NewPassword } from "./parts/NewPassword";
import { tl } from "./parts/signin";

export default function Account() {
  const [open, setOpen] = useState<"password" | "totp" | null>(null);
  const who = me.value;
  if (who === null) return null;
  const done = async (): Promise<void> => {
    session.value = await readSession();
    setOpen(null);
  };
  return (
    <Screen title={tl("account")}>
      <div class="account">
        <section>
          <h2>{who.name}</h2>
          <p class="muted">{who.username} · {who.roles.map((role) => word("role", role)).join(", ")}</p>
        </section>
        <section>
          <h2>{tl("security")}</h2>
          <p><button type="button" onClick={() => setOpen("password")}>{tl("changeOwn")}</button></p>
          <h3>{tl("secondStep")}</h3>
          <p>{tl(who.has_totp ? "secondStepOn" : "secondStepOff")} {!who.has_totp && <button type="button" onClick={() => setOpen("totp")}>{tl("secondStepSetUp")}</button>}</p>
        </section>
        <section>
          <h2>{tl("preferences")}</h2>
          <Select label={tl("language")} value={locale.value} options={[{ value: "es", label: "Español" }, { value: "en", label: "English" }]} onChange={(next) => void setLocale(next === "en" ? "en" : "es")} />
          <Select label={tl("theme")} value={theme.value} options={[{ value: "auto", label: tl("themeAuto") }, { value: "light", label: tl("themeLight") }, { value: "dark", label: tl("themeDark") }]} onChange={(next) => { theme.value = next as Theme; }} />
        </section>
        {can("call.use") && <section><h2>{tl("phone")}</h2><Lazy file="./PhoneSettings.tsx" fallback={null} /></section>}
      </div>
      {open === "password" && <Dialog title={tl("changeOwn")} onClose={() => setOpen(null)}><NewPassword intro="" onDone={async () => { await done(); toast(tl("changed"), { kind: "ok" }); }} /></Dialog>}
      {open === "totp" && <Dialog title={tl("secondStep")} onClose={() => setOpen(null)}><EnrolTotp intro={tl("enrolOffer")} onDone={done} /></Dialog>}
    </Screen>
  );
}
