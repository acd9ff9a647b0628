/** The frame of the console: rail, the screen of the address, and what lies over everything. */
import { useEffect, useRef } from "preact/hooks";
import { announcement } from "../alert";
import { start } from "../desk";
import { tMaybe } from "../text";
import { route } from "../route";
import { failures, link, me, mine, offers, session, unread, waiting } from "../store";
import { t } from "../text";
import { dialog, hasPhone, pane, type Pane } from "../ui";
import { Toasts } from "../ui/Toast";
import { Icon } from "./Icon";
import { Inbox } from "./Inbox";
import { Lazy } from "./Lazy";
import { OfferStrip } from "./Offer";
import { Rail } from "./Rail";
import { Side } from "./Side";
import { Thread } from "./Thread";

const SCREENS: Record<string, string> = {
  piso: "Floor", peticiones: "Petitions", atenciones: "Contacts", registros: "Registers", citas: "Callbacks", "mi-dia": "MyDay", admin: "Admin", cuenta: "Account", muro: "Wall",
};

function LinkBar() {
  if (me.value === null || link.value === "online" || link.value === "connecting") return <div class="sr-only" role="status" />;
  return <div class="link-bar" role="status"><Icon name="retry" size={16} /> {t(link.value === "offline" ? "link.offline" : "link.reconnecting")}</div>;
}

const PANES: Pane[] = ["list", "thread", "side"];

/** Three columns; where they do not fit, three swipes in the same order with tabs over them. */
function Desk() {
  const track = useRef<HTMLDivElement>(null);
  const settling = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    const show = (): void => {
      const view = track.current;
      if (view === null || view.scrollWidth <= view.clientWidth) return;
      const left = PANES.indexOf(pane.value) * view.clientWidth;
      if (Math.abs(view.scrollLeft - left) > 4) view.scrollTo({ left, behavior: "auto" });
    };
    show();
    // Turning the phone changes what a pane's width is, not which pane one looks at.
    addEventListener("resize", show);
    return () => removeEventListener("resize", show);
  }, [pane.value]);
  const onScroll = (): void => {
    clearTimeout(settling.current);
    settling.current = setTimeout(() => {
      const view = track.current;
      if (view !== null && view.scrollWidth > view.clientWidth) pane.value = PANES[Math.round(view.scrollLeft / view.clientWidth)] ?? "list";
    }, 80);
  };
  const counts: Record<Pane, number> = { list: offers.value.length + unread.value, thread: 0, side: 0 };
  return (
    <main class="desk">
      <div class="pane-tabs" role="group" aria-label={t("pane.title")}>
        {PANES.map((one) => (
          <button key={one} type="button" aria-pressed={pane.value === one} onClick={() => { pane.value = one; }}>
            {t(`pane.${one}`)}{one === "list" && <span class="count">{mine.value.length}·{waiting.value.length}</span>}{counts[one] > 0 && <span class="badge">{counts[one]}</span>}
          </button>
        ))}
      </div>
      {pane.value !== "list" && <OfferStrip />}
      <div class="panes" ref={track} onScroll={onScroll}>
        <section class="pane pane-list" aria-label={t("pane.list")}><Inbox /></section>
        <section class="pane pane-thread" aria-label={t("pane.thread")}><Thread /></section>
        <aside class="pane pane-side" aria-label={t("pane.side")}><Side /></aside>
      </div>
    </main>
  );
}

function Overlays() {
  const name = dialog.value;
  return (
    <>
      {name === "search" && <Lazy file="./Search.tsx" fallback={null} />}
      {name === "call" && <Lazy file="./CallDialog.tsx" fallback={null} />}
      {name === "plan" && <Lazy file="./Plan.tsx" fallback={null} />}
      {name === "help" && <Lazy file="./Help.tsx" fallback={null} />}
      {(name === "transfer" || name === "giveback" || name === "takeover" || name === "assign" || name === "unflag") && <Lazy file="./Transfer.tsx" fallback={null} />}
      {hasPhone.value && <Lazy file="./PhoneOver.tsx" fallback={null} />}
      <Toasts />
      <div class="sr-only" aria-live="polite" role="status">{announcement.value}</div>
    </>
  );
}

export function Shell() {
  const now = session.value;
  if (now === undefined) {
    const failed = failures.value["desk"];
    return failed === undefined
      ? <div class="boot" role="status" aria-label={t("loading")} />
      : <div class="nothing" role="alert"><p class="nothing-title">{t("boot.failed")}</p><p>{tMaybe(`error.${failed}`, t("error.server"))}</p><button type="button" onClick={() => void start()}>{t("retry")}</button></div>;
  }
  if (now === null || now.me.must_change_password || now.me.must_enrol_totp) {
    return <><Lazy file="../screens/Login.tsx" /><Toasts /></>;
  }
  const screen = SCREENS[route.value.screen];
  return (
    <div class="shell">
      <LinkBar />
      <Rail />
      {screen === undefined ? <Desk /> : <main class="screen"><Lazy key={screen} file={`../screens/${screen}.tsx`} /></main>}
      <Overlays />
    </div>
  );
}
