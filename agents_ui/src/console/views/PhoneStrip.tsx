/** Under the agent's state: whether this browser is a telephone, and if not, why and what to do. */
import "../../styles/call.css";
import "../../styles/phone.css";
import "../text/phone";
import { allow, phone, setMode, start, type PhoneView } from "../phone";
import { t, type Key } from "../text";
import { Icon } from "./Icon";

function Why({ text, children }: { text: string; children: preact.ComponentChildren }) {
  return (
    <section class="phone-why" aria-label={t("phone.title")}>
      <p>{text}</p>
      <p class="phone-deeds">{children}</p>
    </section>
  );
}
const desk = (): void => setMode("desk");
const UseDesk = () => <button type="button" class="link" onClick={desk}>{t("phone.useDesk")}</button>;

function Trouble({ view }: { view: PhoneView }) {
  const again = view.state === "blocked" ? allow : () => start();
  return (
    <Why text={t(`phone.why.${view.why ?? "unknown"}` as Key)}>
      {view.why !== "insecure" && <button type="button" onClick={() => void again()}>{t("phone.retry")}</button>}
      <UseDesk />
    </Why>
  );
}

/** One quiet line while all is well; a word, and what to do, when it is not. */
export default function PhoneStrip() {
  const view = phone.value;
  switch (view.state) {
    case "off":
      return null;
    case "permission":
      return <Why text={t("phone.why.prompt")}><button type="button" class="primary" onClick={() => void allow()}>{t("phone.allow")}</button> <UseDesk /></Why>;
    case "blocked":
    case "failed":
      return <Trouble view={view} />;
    case "elsewhere":
      return <Why text={t("phone.elsewhere")}><button type="button" onClick={() => void start(true)}>{t("phone.here")}</button></Why>;
    case "desk":
      return <p class="phone-line" role="status">{t("phone.desk")} <button type="button" class="link" onClick={() => setMode("browser")}>{t("phone.useBrowser")}</button></p>;
    default:
      return (
        <p class={`phone-line phone-${view.state}`} role="status">
          <span class={`dot dot-${view.state === "ready" ? "available" : "paused"}`} aria-hidden="true" /> {t(`phone.${view.state}`)}
          <a class="phone-settings" href="#/cuenta" title={t("phone.settings")} aria-label={t("phone.settings")}><Icon name="gear" size={14} /></a>
        </p>
      );
  }
}
