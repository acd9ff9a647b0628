/** Which screen is shown, and the frame around it. */
import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import { paint } from "./brand";
import { isEmbedded, isShown, onShown, site, tell } from "./embed";
import { now, start, watch } from "./live";
import { Failure, IconButton, later } from "./parts";
import { recall, remember } from "./storage";
import { locale, preferred, speak, t } from "./text";
import type { Config } from "./types";
import { Home, type Goal } from "./views/Home";
import { Notice } from "./views/Notice";
import { Start } from "./views/Start";
import { Talk } from "./views/Talk";

const Folio = later(async () => (await import("./views/Folio")).Folio);
const Recado = later(async () => (await import("./views/Recado")).Recado);
type Screen = "home" | "notice" | "talk" | Goal;

/** How many of the staff's messages came while nobody looked. */
function useUnread(): void {
  const [seen, setSeen] = useState("");
  const { conversation, messages } = now.chat;
  const theirs = messages.filter((one) => one.author.kind !== "citizen");
  const isLooking = !document.hidden && isShown;
  const mark = `${conversation?.id}/${theirs.at(-1)?.seq ?? 0}`;
  const [id, seq] = seen.split("/");
  const unread = isLooking || id !== conversation?.id ? 0 : theirs.filter((one) => one.seq > Number(seq)).length;
  useEffect(() => {
    if ((isLooking || id !== conversation?.id) && seen !== mark) setSeen(mark);
  });
  useEffect(() => {
    tell({ unread });
    document.title = (unread > 0 ? `(${unread}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  }, [unread]);
}

export function App() {
  const [, redraw] = useState(0);
  const [config, setConfig] = useState<Config | null>(null);
  const [error, setError] = useState("");
  const [screen, setScreen] = useState<Screen>(now.token !== null ? "talk" : "home");
  const [goal, setGoal] = useState<Goal>(location.pathname.startsWith("/folio") ? "folio" : "start");
  const [isLarge, setLarge] = useState(recall("large") === "1");
  useUnread();

  const load = (): void =>
    void api.config(site, locale).then((fresh) => {
      setConfig(fresh);
      setError("");
      paint(fresh.brand.accent);
      document.title = fresh.brand.name;
      if (location.pathname.startsWith("/folio") && config === null && now.token === null) choose("folio", fresh);
    }, (failed: api.ApiError) => setError(failed.code));

  useEffect(() => {
    const again = (): void => redraw((count) => count + 1);
    watch(again);
    onShown(again);
    document.addEventListener("visibilitychange", again);
    addEventListener("online", load);
    start();
    void speak(preferred()).then(load, load);
  }, []);
  useEffect(() => void document.documentElement.classList.toggle("large", isLarge), [isLarge]);
  // The token is gone, or came from another tab: go where it leads.
  useEffect(() => {
    if (now.token === null && screen === "talk") setScreen("home");
    if (now.token !== null && screen === "home") setScreen("talk");
  }, [now.token]);

  function choose(next: Goal, known = config): void {
    setGoal(next);
    setScreen(recall("notice") === known?.notice.version ? next : "notice");
  }
  function accept(): void {
    remember("notice", config?.notice.version ?? "");
    setScreen(goal);
  }
  const home = (): void => setScreen("home");

  function body() {
    if (screen === "talk") return <Talk live={now} config={config} onHome={home} />;
    if (config === null) return error ? <div class="page"><p>{t("app.failed")}</p><Failure code={error} onRetry={load} /></div> : <div class="page skeleton" role="status" aria-label={t("app.loading")} />;
    if (screen === "notice") return <Notice config={config} isChanged={recall("notice") !== null} onAccept={accept} onBack={home} />;
    if (screen === "start") {
      const changed = (): void => {
        load();
        setScreen("notice");
      };
      return <Start config={config} onDone={() => setScreen("talk")} onChanged={changed} onBack={home} />;
    }
    if (screen === "folio") return <Folio onBack={home} />;
    if (screen === "home") return <Home config={config} onChoose={choose} />;
    return <Recado config={config} isCall={screen === "call"} onBack={home} onTalk={() => setScreen("talk")} />;
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
        <button type="button" class="icon" lang={other} aria-label={t("app.language")} title={t("app.language")} onClick={() => void speak(other).then(load, load)}>{other.toUpperCase()}</button>
        {isEmbedded && <IconButton icon="close" label={t("app.close")} onClick={() => tell({ close: true })} />}
      </header>
      <main>{body()}</main>
    </>
  );
}
