/** Who may be writing: suggested with the reason, never decided; a person says so. */
import type { Citizen, Item } from "../../shared/protocol";
import { identify } from "../api";
import { loadThread } from "../desk";
import { attempt } from "../errors";
import { nameOf } from "../reference";
import { useRead } from "../screens/parts/read";
import { t, tMaybe } from "../text";

interface Likely { people: { citizen: Citizen; reasons: string[] }[] }

export function LikelyPeople({ item, conversation }: { item: Item; conversation: string }) {
  const read = useRead<Likely>(`conversations/${conversation}/people`);
  const people = read.data?.people ?? [];
  if (people.length === 0) return null;
  const choose = async (citizen: Citizen): Promise<void> => {
    if ((await attempt(() => identify(conversation, citizen.id))) !== null) void loadThread(item.interaction);
  };
  return (
    <section class="matches" aria-label={t("match.title")}>
      <h3>{t("match.title")}</h3>
      {people.map(({ citizen, reasons }) => (
        <div key={citizen.id} class="match">
          <p><strong>{citizen.label}</strong>{citizen.municipality && <span class="muted"> · {nameOf("municipalities", citizen.municipality)}</span>}</p>
          <p class="muted">{reasons.map((one) => tMaybe(`match.why.${one}`, one)).join(" · ")}</p>
          <div class="quick"><button type="button" class="small" onClick={() => void choose(citizen)}>{t("match.same")}</button></div>
        </div>
      ))}
    </section>
  );
}
