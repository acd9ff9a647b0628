/** Petitions that may be the same: a quiet line before the button, never after it. */
import type { Duplicate, Item } from "../../shared/protocol";
import { day } from "../format";
import { minute } from "../store";
import { link } from "../linking";
import { t, tMaybe } from "../text";
import { Icon } from "./Icon";
import { petitionState } from "./PetitionCard";

/** True of every suggestion, so not worth a word. */
const ALWAYS = new Set(["same_category", "same_municipality"]);

export function DuplicateLines({ rows, item, onLinked, asked }: { rows: readonly Duplicate[]; item: Item; onLinked: () => void; asked: boolean }) {
  const fresh = rows.filter((row) => !item.petitions.includes(row.folio)).slice(0, 3);
  const choose = async (folio: string): Promise<void> => {
    if (await link(item, folio)) onLinked();
  };
  return (
    <div role="status">
      {fresh.length > 0 && (
        <div class={asked ? "duplicates duplicates-asked" : "duplicates"}>
          <p><Icon name="folder" size={16} /> {t(fresh.length === 1 ? "petition.maySame" : "petition.mayBeSame", { n: fresh.length })}</p>
          <ul>
            {fresh.map((row) => (
              <li key={row.folio}>
                <span><a class="folio" href={`#/peticiones/${encodeURIComponent(row.folio)}`}>{row.folio}</a> {row.subject} <span class="muted">{[petitionState(row), day(row.received_at, minute.value), ...row.reasons.filter((one) => !ALWAYS.has(one)).map((one) => tMaybe(`match.why.${one}`, one))].join(" · ")}</span></span>
                <button type="button" class="small" onClick={() => void choose(row.folio)}>{t("petition.linkThis")}</button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}
