/** Who the contact is about: data kept out of sight until asked for with a reason, and who it may also be. */
import { useState } from "preact/hooks";
import type { Citizen, Item, PersonFile, Thread } from "../../shared/protocol";
import { dismissMatch, identify, merge, reveal, unmerge } from "../api";
import { openDial } from "../call";
import { loadPerson, loadThread } from "../desk";
import { attempt } from "../errors";
import { when } from "../format";
import { nameOf } from "../reference";
import { can, me, failures, minute, openPerson } from "../store";
import { t, tMaybe, type Key } from "../text";
import { planOf } from "../planning";
import { openPlan, showSide } from "../ui";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/Toast";
import { Icon } from "./Icon";
import { channelName } from "./InboxItem";
import { LikelyPeople } from "./LikelyPeople";
import { PersonEdit } from "./PersonEdit";
import { PersonSearch } from "./PersonSearch";
import { PetitionCard } from "./PetitionCard";

type Masked = "phone" | "email" | "curp" | "address";
/** A field's name inside a sentence; an acronym keeps its capitals. */
const inWords = (field: Masked): string => (field === "curp" ? t("person.curp") : t(`person.${field}` as Key).toLowerCase());

/** A Mexican number in the groups people read it in; anything else as it is. */
const readable = (value: string | null): string => (value ?? "").replace(/^\+52(\d{3})(\d{3})(\d{4})$/, "$1 $2 $3");

function Reveal({ citizen, field, onClose, onValue }: { citizen: Citizen; field: Masked; onClose: () => void; onValue: (value: string) => void }) {
  const [reason, setReason] = useState("");
  const [tried, setTried] = useState(false);
  const show = async (): Promise<void> => {
    setTried(true);
    if (reason.trim() === "") return;
    const done = await attempt(() => reveal(citizen.id, field, reason.trim()));
    if (done !== null) onValue(readable(done.value) || t("person.noData"));
    onClose();
  };
  return (
    <Dialog title={t("reveal.title", { field: inWords(field) })} onClose={onClose} actions={<button type="button" class="primary" onClick={() => void show()}>{t("reveal.show")}</button>}>
      <p class="muted">{t("reveal.help")}</p>
      <div class="quick">
        {(["verify", "call", "petition"] as const).map((one) => <button key={one} type="button" class="small" onClick={() => setReason(t(`reveal.reason.${one}`))}>{t(`reveal.reason.${one}`)}</button>)}
      </div>
      <label class="field">
        <span class="field-label">{t("reveal.reason")}</span>
        <input type="text" value={reason} maxLength={200} aria-invalid={tried && reason.trim() === ""} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
    </Dialog>
  );
}

function Data({ citizen }: { citizen: Citizen }) {
  const [asking, setAsking] = useState<Masked | null>(null);
  const [shown, setShown] = useState<Partial<Record<Masked, string>>>({});
  const masked = (field: Masked) => {
    const value = shown[field] ?? citizen[field];
    if (!value) return null;
    return (
      <div class="datum" key={field}>
        <dt>{t(`person.${field}` as Key)}</dt>
        <dd>
          <span class={shown[field] === undefined ? "tabular masked" : "tabular"}>{value}</span>
          {shown[field] === undefined && can("citizen.reveal") && <button type="button" class="link" aria-label={t("reveal.title", { field: inWords(field) })} onClick={() => setAsking(field)}>{t("reveal.see")}</button>}
        </dd>
      </div>
    );
  };
  const plain = (key: Key, value: string | null | undefined) => value ? <div class="datum"><dt>{t(key)}</dt><dd>{value}</dd></div> : null;
  const place = [...new Set([citizen.neighborhood, citizen.locality, nameOf("municipalities", citizen.municipality)].filter((one) => one))].join(", ");
  return (
    <dl class="data">
      {masked("phone")}
      {masked("email")}
      {masked("curp")}
      {plain("person.place", place)}
      {masked("address")}
      {plain("person.language", citizen.language ? nameOf("languages", citizen.language) : null)}
      {plain("person.birth", citizen.birth_date)}
      {plain("person.disability", citizen.disability)}
      {plain("person.preference", citizen.contact_preference ? tMaybe(`preference.${citizen.contact_preference}`, citizen.contact_preference) : null)}
      {asking !== null && <Reveal citizen={citizen} field={asking} onClose={() => setAsking(null)} onValue={(value) => setShown({ ...shown, [asking]: value })} />}
    </dl>
  );
}

function Suggestions({ file, item }: { file: PersonFile; item: Item }) {
  if (file.suggestions.length === 0) return null;
  const confirm = async (other: Citizen): Promise<void> => {
    const done = await attempt(() => merge(other.id, file.citizen.id));
    if (done === null) return;
    void loadThread(item.interaction);
    void loadPerson(done.citizen.id);
    toast(t("match.done"), { kind: "ok", action: { label: t("undo"), run: () => void undo() } });
  };
  const dismiss = async (other: Citizen): Promise<void> => {
    if ((await attempt(() => dismissMatch(file.citizen.id, other.id))) !== null) void loadPerson(file.citizen.id);
  };
  const undo = async (): Promise<void> => {
    if ((await attempt(() => unmerge(file.citizen.id))) !== null) void loadThread(item.interaction);
  };
  return (
    <section class="matches" aria-label={t("match.title")}>
      <h3>{t("match.title")}</h3>
      {file.suggestions.map(({ citizen, reasons }) => (
        <div key={citizen.id} class="match">
          <p><strong>{citizen.label}</strong>{citizen.municipality && <span class="muted"> · {nameOf("municipalities", citizen.municipality)}</span>}</p>
          <p class="muted">{reasons.map((one) => tMaybe(`match.why.${one}`, one)).join(" · ")}</p>
          <div class="quick">
            <button type="button" class="small" onClick={() => void confirm(citizen)}>{t("match.same")}</button>
            <button type="button" class="ghost small" onClick={() => void dismiss(citizen)}>{t("match.notSame")}</button>
          </div>
        </div>
      ))}
      <p class="help">{t("match.help")}</p>
    </section>
  );
}

export function Person({ item, thread }: { item: Item; thread: Thread | null }) {
  const [mode, setMode] = useState<"view" | "edit" | "search">("view");
  const file = openPerson.value;
  const citizen = file?.citizen ?? thread?.citizen ?? null;
  const conversation = item.conversation;
  const mayEdit = can("citizen.edit");
  if (thread === null && citizen === null) return <div class="skeleton-block" role="status" aria-label={t("loading")} />;
  if (mode === "edit") return <PersonEdit item={item} citizen={citizen} onDone={() => setMode("view")} />;
  if (mode === "search") return <PersonSearch item={item} onDone={() => setMode("view")} />;
  if (citizen === null) {
    return (
      <div class="person-none">
        <p class="person-name">{t("person.unknown")}</p>
        <p class="muted">{t("person.unknownHelp")}</p>
        {mayEdit && conversation !== null && item.owner === me.value?.id && <LikelyPeople item={item} conversation={conversation} key={conversation} />}
        {mayEdit && <div class="stack"><button type="button" class="primary" onClick={() => setMode("edit")}>{t("person.add")}</button><button type="button" onClick={() => setMode("search")}>{t("person.find")}</button></div>}
      </div>
    );
  }
  const forget = async (): Promise<void> => {
    if (conversation === null || (await attempt(() => identify(conversation, null))) === null) return;
    void loadThread(item.interaction);
  };
  const open = file?.petitions.filter((row) => !/^(concluded|archived|duplicate)/.test(row.state)) ?? [];
  const others = file?.contacts.filter((one) => one.id !== item.interaction) ?? [];
  return (
    <div class="person">
      <div class="person-head">
        <h2 class="person-name">{citizen.anonymous ? t("person.anonymous") : citizen.label}</h2>
        {can("call.use") && !citizen.do_not_contact && <button type="button" class="ghost small" onClick={() => openDial({ citizen: citizen.id, label: citizen.label, phone: citizen.phone })}><Icon name="phone" size={16} /> {t("person.call")}</button>}
        {mayEdit && <button type="button" class="ghost small" onClick={() => setMode("edit")}><Icon name="edit" size={16} /> {t("person.edit")}</button>}
      </div>
      {citizen.do_not_contact && <p class="warning"><Icon name="shield" size={16} /> {t("warning.noContact")}</p>}
      <Data citizen={citizen} key={citizen.id} />
      {can("callback.plan") && !citizen.do_not_contact && <p><button type="button" class="small" aria-keyshortcuts="A" onClick={() => openPlan({ ...planOf(), citizen: citizen.id, label: citizen.label })}><Icon name="calendar" size={16} /> {t("key.plan")} <kbd aria-hidden="true">A</kbd></button></p>}
      {file === null && failures.value[citizen.id] !== undefined && <p class="field-error">{tMaybe(`error.${failures.value[citizen.id] ?? ""}`, t("error.unknown"))} <button type="button" class="link" onClick={() => void loadPerson(citizen.id)}>{t("retry")}</button></p>}
      {file !== null && <Suggestions file={file} item={item} />}
      {file !== null && (
        <section aria-label={t("person.open", { n: open.length })}>
          <h3>{t("person.open", { n: open.length })}</h3>
          {open.length === 0 ? <p class="muted">{t("person.noOpen")}</p> : open.slice(0, 6).map((row) => <PetitionCard key={row.folio} row={row} />)}
        </section>
      )}
      {others.length > 0 && (
        <section>
          <h3>{t("person.last")}</h3>
          <p>{t("person.lastLine", { when: when(others[0]?.started_at ?? 0, minute.value), channel: channelName(others[0]?.channel ?? "") })} <button type="button" class="link" onClick={() => showSide(item.interaction, "history")}>{t("person.allContacts", { n: others.length })}</button></p>
        </section>
      )}
      {mayEdit && conversation !== null && <p class="person-foot"><button type="button" class="link" onClick={() => setMode("search")}>{t("person.other")}</button> <button type="button" class="link" onClick={() => void forget()}>{t("person.notThis")}</button></p>}
    </div>
  );
}
