/** Which screen is shown, and the frame around it. Only the first screen is here; the others are fetched after the first paint. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fetchConfig, paint } from "./config";
import { isEmbedded, tell } from "./embed";
import { Failure, later } from "./parts";
import { recall, remember } from "./storage";
import { locale, preferred, speak, t } from "./text";
import type { Config } from "./types";
import { Home, type Goal } from "./views/Home";

const Talk = later(async () => (await import("./views/Talk")).Talk);
const Begin = later(async () => (await import("./views/Begin")).Begin);
const Folio = later(async () => (await import("./views/Folio")).Folio);
const Recado = later(async () => (await import("./views/Recado")).Recado);
const Call = later(async () => (await import("./views/Call")).Call);

const isFolio = location.pathname.startsWith("/folio");

export function App() {
  const [config, setConfig] = useState<Config | null | undefined>();
  const [screen, setScreen] = useState<Goal | "home">(recall("token") ? "talk" : "home");
  const [isLarge, setLarge] = useState(recall("large") !== null);

  async function load(): Promise<void> {
    const fresh = await fetchConfig();
    if (fresh === null) return setConfig((known) => known ?? null);
    setConfig(fresh);
    if (isFolio && config === undefined && !recall("token")) setScreen("folio");
    document.title = fresh.brand.name;
    // What comes next is fetched while the person reads: it works when the line is lost by then.
    void Promise.all([paint(fresh), ...[Talk, Begin, Folio, Recado, Call].map((one) => one.fetch())]).catch(() => undefined);
  }
  const change = async (next: "es" | "en"): Promise<void> => {
    await speak(next).catch(() => undefined);
    await load();
  };

  useEffect(() => {
    void change(preferred());
    addEventListener("online", () => void load());
    // Another tab of this browser came in, or left: it is the same person.
    addEventListener("storage", (event) => event.key === "chat.token" && setScreen(event.newValue ? "talk" : "home"));
  }, []);
  useEffect(() => void document.documentElement.classList.toggle("large", isLarge), [isLarge]);

  const main = useRef<HTMLElement>(null);
  const isFirst = useRef(true);
  useLayoutEffect(() => {
    // The button that led here is gone: whoever uses a keyboard goes on from the top of what is new.
    if (!isFirst.current && document.activeElement === document.body) main.current?.focus();
    isFirst.current = false;
  }, [screen]);

  const home = (): void => setScreen("home");
  const start = (): void => setScreen("talk");

  function body() {
    if (screen === "talk") return <Talk config={config ?? null} onHome={home} onCall={() => setScreen("call")} />;
    if (!config) return config === null ? <div class="page"><p>{t("app.failed")}</p><Failure code="unavailable" onRetry={() => void load()} /></div> : <div class="page skeleton" />;
    if (screen === "home") return <Home config={config} onChoose={setScreen} />;
    return (
      <Begin key={screen} config={config} isStart={screen === "start"} onChanged={load} onBack={home} onStart={start}>
        {screen === "folio" ? <Folio onBack={home} /> : screen === "call" ? <Call config={config} onBack={home} onTalk={start} /> : <Recado config={config} onBack={home} onTalk={start} />}
      </Begin>
    );
  }

  const other = locale === "es" ? "en" : "es";
  return (
    <>
      <header>
        {config?.brand.logo && <img src={config.brand.logo} alt="" />}
        <div><h1>{config?.brand.name ?? "Chat Sonora"}</h1><p>{config?.brand.office}</p></div>
        <button type="button" class="icon" aria-pressed={isLarge} aria-label={t("app.larger")} title={t("app.larger")} onClick={() => {
          remember("large", isLarge ? "" : "1");
          setLarge(!isLarge);
        }}>A<b>A</b></button>
        <button type="button" class="icon" lang={other} aria-label={`${other.toUpperCase()}: ${t("app.language")}`} title={t("app.language")} onClick={() => void change(other)}>{other.toUpperCase()}</button>
        {isEmbedded && <button type="button" class="icon" aria-label={t("app.close")} title={t("app.close")} onClick={() => tell({ close: true })}>✕</button>}
      </header>
      <main ref={main} tabIndex={-1}>{body()}</main>
    </>
  );
}
