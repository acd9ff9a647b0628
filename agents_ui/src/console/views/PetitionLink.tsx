/** Linking what is registered already: by folio, or by the words and people of a petition. */
import { useState } from "preact/hooks";
import type { Item, PetitionRow } from "../../shared/protocol";
import { petitions } from "../api";
import { errorText } from "../errors";
import { link } from "../linking";
import { t } from "../text";
import { PetitionCard } from "./PetitionCard";

export function PetitionLink({ item, near, onDone }: { item: Item; near: readonly PetitionRow[]; onDone: () => void }) {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<PetitionRow[] | null>(null);
  const [error, setError] = useState("");
  const look = async (): Promise<void> => {
    setError("");
    if (query.trim().length < 3) return setError(t("petition.linkShort"));
    try {
      setFound((await petitions({ q: query.trim(), limit: "10" })).rows);
    } catch (failure) {
      setError(errorText(failure));
    }
  };
  const choose = async (folio: string): Promise<void> => {
    if (await link(item, folio)) onDone();
  };
  const card = (row: PetitionRow) => (
    <PetitionCard key={row.folio} row={row}>
      <p class="petition-by">{row.citizen_label && <span class="muted">{row.citizen_label}</span>}
        {item.petitions.includes(row.folio) ? <span class="muted">{t("petition.alreadyLinked")}</span> : <button type="button" class="small" onClick={() => void choose(row.folio)}>{t("petition.linkThis")}</button>}</p>
    </PetitionCard>
  );
  return (
    <form class="stack" role="search" onSubmit={(event) => { event.preventDefault(); void look(); }}>
      <label class="field">
        <span class="field-label">{t("petition.linkLabel")}</span>
        <span class="with-button">
          <input class="input" type="search" value={query} autocomplete="off" placeholder={t("petition.linkPlaceholder")} onInput={(event) => setQuery(event.currentTarget.value)} />
          <button type="submit">{t("personSearch.go")}</button>
        </span>
        <span class="field-error" role="alert">{error}</span>
      </label>
      <div role="status">{found !== null && found.length === 0 && <p class="muted">{t("petition.linkNone")}</p>}</div>
      {found?.map(card)}
      {found === null && near.length > 0 && <section><h3>{t("petition.ofPerson")}</h3>{near.map(card)}</section>}
    </form>
  );
}
