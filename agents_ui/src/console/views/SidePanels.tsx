/** What the tabs of the right column show for the contact in hand. */
import "../text/later";
import "../../styles/person.css";
import { openItem, openThread } from "../store";
import { t } from "../text";
import { sideTab } from "../ui";
import { History } from "./History";
import { Person } from "./Person";
import { PetitionTab } from "./PetitionTab";

export default function SidePanels() {
  const item = openItem.value;
  if (item === null) return null;
  const tab = sideTab(item.interaction);
  return (
    <>
      <h2 class="sr-only">{t(`side.${tab}`)}</h2>
      {tab === "person" ? <Person item={item} thread={openThread.value} key={item.interaction} /> : tab === "petition" ? <PetitionTab item={item} key={item.interaction} /> : <History item={item} thread={openThread.value} key={item.interaction} />}
    </>
  );
}
