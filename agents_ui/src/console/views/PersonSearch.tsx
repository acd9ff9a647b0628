/** Finding a person who is already known, to say that this contact is theirs. */
import { useState } from "preact/hooks";
import type { Item } from "../../shared/protocol";
import { ApiError, get, identify } from "../api";
import { loadThread } from "../desk";
import { attempt, errorText } from "../errors";
import { t } from "../text";
import type { SearchAnswer, SearchRow } from "../search";

export function PersonSearch({ item, onDone }: { item: Item; onDone: () => void }) {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<SearchRow[] | null>(null);
  const [error, setError] = useState("");
  const look = async (): Promise<void> => {
    if (query.trim().length < 3) return setError(t("personSearch.short"));
    setError("");
    try {
      const { groups } = await get<SearchAnswer>("search", { q: query.trim() });
      setFound(groups.filter((one) => one.kind === "citizen").flatMap((one) => one.rows));
    } catch (failure) {
      if (failure instanceof ApiError) setError(errorText(failure));
    }
  };
  const choose = async (id: string): Promise<void> => {
    if (item.conversation === null || (await attempt(() => identify(item.conversation ?? "", id))) === null) return;
    void loadThread(item.interaction);
    onDone();
  };
  return (
    <form class="stack" role="search" onSubmit={(event) => { event.preventDefault(); void look(); }}>
      <h3>{t("person.find")}</h3>
      <label class="field">
        <span class="field-label">{t("personSearch.label")}</span>
        <input type="search" value={query} autofocus onInput={(event) => setQuery(event.currentTarget.value)} />
        <span class="field-error" role="alert">{error}</span>
      </label>
      <div class="form-actions"><button type="submit" class="primary">{t("personSearch.go")}</button><button type="button" onClick={onDone}>{t("cancel")}</button></div>
      <div role="status">{found !== null && found.length === 0 && <p class="muted">{t("personSearch.none")}</p>}</div>
      <ul class="rows">
        {found?.map((row) => (
          <li key={row.id}><button type="button" class="row" onClick={() => void choose(row.id)}><span class="row-main"><span class="row-name">{row.title}</span><span class="row-text">{row.detail}</span></span></button></li>
        ))}
      </ul>
    </form>
  );
}
