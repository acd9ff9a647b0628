/** The right column: person, petition and history of the contact in hand; each contact keeps its tab. */
import { openItem } from "../store";
import { t } from "../text";
import { showSide, sideTab, type SideTab } from "../ui";
import { Lazy } from "./Lazy";

const TABS: SideTab[] = ["person", "petition", "history"];

export function Side() {
  const item = openItem.value;
  if (item === null) return <div class="side side-empty"><p>{t("side.none")}</p></div>;
  const tab = sideTab(item.interaction);
  const onKey = (event: KeyboardEvent): void => {
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (by === 0) return;
    const to = TABS[(TABS.indexOf(tab) + by + TABS.length) % TABS.length] ?? tab;
    showSide(item.interaction, to);
    document.getElementById(`side-tab-${to}`)?.focus();
  };
  const count: Record<SideTab, number> = { person: 0, petition: item.petitions.length, history: 0 };
  return (
    <div class="side">
      <div class="tab-list" role="tablist" aria-label={t("side.tabs")} onKeyDown={onKey}>
        {TABS.map((one) => (
          <button key={one} type="button" role="tab" class="tab" id={`side-tab-${one}`} aria-selected={one === tab} aria-controls="side-panel" tabIndex={one === tab ? 0 : -1} onClick={() => showSide(item.interaction, one)}>
            {t(`side.${one}`)}{count[one] > 0 && <span class="count">{count[one]}</span>}
          </button>
        ))}
      </div>
      <div class="side-panel-body-desk" role="tabpanel" id="side-panel" aria-labelledby={`side-tab-${tab}`} tabIndex={0} key={item.interaction}>
        <Lazy file="./SidePanels.tsx" fallback={<div class="skeleton-block" role="status" aria-label={t("loading")} />} />
      </div>
    </div>
  );
}
