/** The petitions of this contact: those linked with it, a new one, or one that exists already. */
import { useState } from "preact/hooks";
import type { Item, PetitionRow } from "../../shared/protocol";
import { unlinkPetition } from "../api";
import { loadThread } from "../desk";
import { draft } from "../drafts";
import { attempt } from "../errors";
import { can, openPerson, openThread, state } from "../store";
import { t } from "../text";
import { Dialog } from "../ui/Dialog";
import { Icon } from "./Icon";
import { PetitionCard } from "./PetitionCard";
import { PetitionForm } from "./PetitionForm";
import { PetitionLink } from "./PetitionLink";

type Mode = "list" | "new" | "link";

function Unlink({ item, row, onClose }: { item: Item; row: PetitionRow; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const save = async (): Promise<void> => {
    setTried(true);
    if (reason.trim().length < 3 || (await attempt(() => unlinkPetition(item.interaction, row.folio, reason.trim()))) === null) return;
    void loadThread(item.interaction);
    onClose();
  };
  return (
    <Dialog title={t("petition.unlinkTitle", { folio: row.folio })} onClose={onClose} actions={<button type="button" class="primary" onClick={() => void save()}>{t("petition.unlink")}</button>}>
      <p class="muted">{t("petition.unlinkHelp")}</p>
      <label class="field">
        <span class="field-label">{t("petition.unlinkReason")}</span>
        <input type="text" class="input" maxLength={200} value={reason} aria-invalid={tried && reason.trim().length < 3} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function Linked({ item, rows, onUnlink }: { item: Item; rows: readonly PetitionRow[]; onUnlink: (row: PetitionRow) => void }) {
  return (
    <section aria-label={t("petition.ofContact")}>
      <h3>{t("petition.ofContact")}</h3>
      {rows.map((row) => (
        <PetitionCard key={row.folio} row={row}>
          {can("petition.link") && item.state !== "done" && <p><button type="button" class="link" onClick={() => onUnlink(row)}>{t("petition.unlink")}</button></p>}
        </PetitionCard>
      ))}
    </section>
  );
}

export function PetitionTab({ item }: { item: Item }) {
  const thread = openThread.value;
  // The item says which folios are linked now; the thread says what they are about.
  const linked = (thread?.petitions ?? []).filter((row) => item.petitions.includes(row.folio));
  const [mode, setMode] = useState<Mode>(() => (draft("petition", item.interaction).value !== "" || (linked.length === 0 && can("petition.create")) ? "new" : "list"));
  const [unlinking, setUnlinking] = useState<PetitionRow | null>(null);
  if (state.value === null || thread === null) return <div class="skeleton-block" role="status" aria-label={t("loading")} />;
  const others = (openPerson.value?.petitions ?? []).filter((row) => !item.petitions.includes(row.folio)).slice(0, 5);
  return (
    <div class="petitions">
      {linked.length > 0 && <Linked item={item} rows={linked} onUnlink={setUnlinking} />}
      {unlinking !== null && <Unlink item={item} row={unlinking} onClose={() => setUnlinking(null)} />}
      <div class="segmented" role="group" aria-label={t("petition.mode")}>
        {can("petition.create") && <button type="button" aria-pressed={mode === "new"} onClick={() => setMode("new")}><Icon name="plus" size={16} /> {t("petition.new")}</button>}
        {can("petition.link") && <button type="button" aria-pressed={mode === "link"} onClick={() => setMode("link")}><Icon name="link" size={16} /> {t("petition.link")}</button>}
      </div>
      {mode === "new" && <PetitionForm item={item} thread={thread} onDone={() => setMode("list")} />}
      {mode === "link" && <PetitionLink item={item} near={others} onDone={() => setMode("list")} />}
    </div>
  );
}
