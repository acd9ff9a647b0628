/** The right column: person, petition and history of the contact in hand; each contact keeps its tab. */
import { openItem, openThread } from "../store";
import { t } from "../text";
import { showSide, sideTab, type SideTab } from "../ui";
import { History } from "./History";
import { Person } from "./Person";
import { PetitionTab } from "./PetitionTab";

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
      <div class="tabs" role="tablist" aria-label={t("side.tabs")} onKeyDown={onKey}>
        {TABS.map((one) => (
          <button key={one} type="button" role="tab" id={`side-tab-${one}`} aria-selected={one === tab} aria-controls="side-panel" tabIndex={one === tab ? 0 : -1} onClick={() => showSide(item.interaction, one)}>
            {t(`side.${one}`)}{count[one] > 0 && <span class="count">{count[one]}</span>}
          </button>
        ))}
      </div>
      <div class="side-panel" role="tabpanel" id="side-panel" aria-labelledby={`side-tab-${tab}`} tabIndex={0} key={item.interaction}>
        {tab === "person" ? <Person item={item} thread={openThread.value} /> : tab === "petition" ? <PetitionTab item={item} /> : <History item={item} thread={openThread.value} />}
      </div>
    </div>
  );
}
