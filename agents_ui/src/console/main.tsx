/** Where the console starts: styles, who is here, then the live desk. */
import { render } from "preact";
import "../styles/tokens.css";
import "../styles/base.css";
import "../styles/forms.css";
import "../styles/layout.css";
import "../styles/inbox.css";
import "../styles/offer.css";
import "../styles/thread.css";
import "../styles/composer.css";
import { computed, effect } from "@preact/signals";
import { watchAlerts } from "./alert";
import { start } from "./desk";
import { followDesk } from "./follow";
import { listen } from "./keys";
import { can, me, state } from "./store";
import { locale, setLocale } from "./text";
import { warm } from "./views/Lazy";
import { Shell } from "./views/Shell";

const root = document.getElementById("app");
if (root !== null) render(<Shell />, root);
void setLocale(locale.value);
followDesk();
watchAlerts();
listen();
void start();

// The house's accent is a setting; without one the tokens' own stays.
effect(() => {
  const accent = state.value?.settings.brand.accent;
  if (accent) document.documentElement.style.setProperty("--brand", accent);
});
// The first time somebody signs in here, the language is the one of their account.
effect(() => {
  const wanted = me.value?.locale;
  if (wanted !== undefined && localStorage.getItem("console.locale.chosen") === null) {
    localStorage.setItem("console.locale.chosen", "yes");
    void setLocale(wanted);
  }
});
// Whoever may call has a telephone where there is a provider; its code is not worth waiting for.
const mayCall = computed(() => state.value !== null && can("call.use"));
let phone: typeof import("./phone-start") | null = null;
effect(() => {
  if (!mayCall.value) phone?.stop();
  else void import("./phone-start").then((one) => { phone = one; if (mayCall.value) void one.start(); }, () => undefined);
});
// Neither the typeface nor what a contact needs later is worth waiting for: they come when everything else is there.
addEventListener("load", () => setTimeout(() => {
  void import("./font");
  warm(["./SidePanels.tsx", "./Search.tsx", "./Transfer.tsx", "./WrapUp.tsx", "./Preferences.tsx"]);
}, 0), { once: true });
