/** One petition in a narrow column: folio, what it is about, where it stands. */
import type { ComponentChildren } from "preact";
import type { PetitionRow } from "../../shared/protocol";
import { day } from "../format";
import { nameOf } from "../reference";
import { minute } from "../store";
import { t, tMaybe } from "../text";
import { Icon } from "./Icon";

export const petitionState = (row: { state: string }): string => tMaybe(`petition.state.${row.state}`, row.state);

export function PetitionCard({ row, children }: { row: PetitionRow; children?: ComponentChildren }) {
  return (
    <article class="petition-card">
      <p class="petition-top">
        <a class="folio" href={`#/peticiones/${encodeURIComponent(row.folio)}`}>{row.folio}</a>
        <span class="tag">{petitionState(row)}</span>
        {row.is_overdue && <span class="tag tag-critical"><Icon name="alert" size={14} /> {t("petition.overdue")}</span>}
      </p>
      <p class="petition-subject">{row.subject}</p>
      <p class="muted">{[nameOf("categories", row.category), nameOf("municipalities", row.municipality), day(row.received_at, minute.value)].filter((one) => one !== "").join(" · ")}</p>
      {children}
    </article>
  );
}
