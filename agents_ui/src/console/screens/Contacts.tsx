/** The register of interactions: every contact of every channel, with the state of its capture; a row opens it read only. */
import type { InteractionRow } from "../../shared/protocol";
import { when } from "../format";
import { nameOf, staffName } from "../reference";
import { route } from "../route";
import { now, queueName } from "../store";
import { Empty } from "../ui/Empty";
import { Table, type Column } from "../ui/Table";
import { ChannelIcon } from "../views/Icon";
import { CaptureTag } from "./contacts/CaptureTag";
import { ContactPanel } from "./contacts/ContactPanel";
import { Guard } from "./parts/Guard";
import { Chips } from "./parts/Chips";
import { dispositionChoices, queueChoices, staffChoices } from "./parts/choices";
import { word, wordsOf } from "./parts/codes";
import { dayStart } from "./parts/dates";
import { duration } from "./parts/figures";
import { Filters } from "./parts/Filters";
import { useList } from "./parts/list";
import { ListFoot } from "./parts/ListFoot";
import { Loaded } from "./parts/Loaded";
import { param, setParams } from "./parts/query";
import { tr } from "./parts/records";
import { Screen } from "./parts/Screen";
import { ts } from "./parts/words";

const columns = (): Column<InteractionRow>[] => [
  { key: "who", label: ts("person"), fixed: true, cell: (row) => <span class="item-who"><ChannelIcon channel={row.channel} label={word("channel", row.channel)} /> <strong>{row.label ?? ts("restricted")}</strong>{row.flags.filter((flag) => flag !== "restricted").map((flag) => <span key={flag} class={flag.startsWith("crisis") || flag === "emergency" ? "tag tag-crisis" : "tag"}>{word("flag", flag)}</span>)}</span> },
  { key: "started", label: tr("started"), width: "s", cell: (row) => <time class="num" dateTime={new Date(row.started_at).toISOString()}>{when(row.started_at, now.peek())}</time> },
  { key: "state", label: ts("state"), narrow: "hide", cell: (row) => word("conversation", row.state) },
  { key: "agent", label: tr("agent"), cell: (row) => staffName(row.agent) },
  { key: "capture", label: tr("capture"), cell: (row) => <CaptureTag state={row.capture} /> },
  { key: "result", label: tr("result"), cell: (row) => nameOf("dispositions", row.disposition) },
  { key: "folios", label: tr("folio"), cell: (row) => row.petitions.map((folio) => <a key={folio} class="folio num" href={`#/peticiones/${encodeURIComponent(folio)}`}>{folio}</a>) },
  { key: "wait", label: tr("wait"), kind: "number", narrow: "hide", cell: (row) => duration(row.wait_s) },
  { key: "first", label: tr("firstReply"), kind: "number", hidden: true, cell: (row) => duration(row.first_reply_s) },
  { key: "duration", label: tr("duration"), kind: "number", narrow: "hide", cell: (row) => duration(row.duration_s) },
  { key: "messages", label: tr("messages"), kind: "number", hidden: true, cell: (row) => row.messages },
  { key: "queue", label: ts("queue"), hidden: true, cell: (row) => queueName(row.queue) ?? nameOf("queues", row.queue) },
  { key: "transfers", label: ts("transfersColumn"), kind: "number", hidden: true, cell: (row) => row.transfers },
  { key: "survey", label: tr("survey"), kind: "number", hidden: true, cell: (row) => row.survey_score ?? "" },
];

function Register() {
  const opened = route.value.rest[0] ?? param("ver");
  const filters = [
    { name: "desde", label: tr("from"), type: "date" as const },
    { name: "hasta", label: tr("to"), type: "date" as const, help: tr("toHelp") },
    { name: "agente", label: tr("agent"), options: staffChoices() },
    { name: "fila", label: ts("queue"), options: queueChoices() },
    { name: "canal", label: tr("channel"), options: wordsOf("channel") },
    { name: "resultado", label: tr("result"), options: dispositionChoices() },
  ];
  const list = useList<InteractionRow>("interactions", {
    q: param("q"), from: dayStart(param("desde")), to: dayStart(param("hasta"), 1), agent: param("agente"), queue: param("fila"), channel: param("canal"),
    capture: param("captura"), disposition: param("resultado"), citizen: param("citizen"),
  });
  const filtered = param("q") !== "" || param("captura") !== "" || param("citizen") !== "" || filters.some((one) => param(one.name) !== "");
  const open = list.rows.find((row) => row.id === opened) ?? null;
  const captures = [{ value: "", label: tr("anyCapture") }, ...wordsOf("capture")];
  return (
    <Screen
      title={tr("contactsTitle")} fixed
      tools={<button type="button" class="ghost" onClick={() => void list.read.again()}>{ts("refresh")}</button>}
      bar={
        <>
          <Filters search={tr("searchContacts")} filters={filters}>
            {param("citizen") !== "" && <button type="button" class="chip chip-on" onClick={() => setParams({ citizen: null })}>{tr("onePerson")} <span aria-hidden="true">×</span><span class="sr-only">{ts("removeFilter")}</span></button>}
          </Filters>
          <Chips label={tr("capture")} chips={captures} selected={param("captura")} onSelect={(value) => setParams({ captura: value })} />
        </>
      }
      panel={opened !== "" && <ContactPanel key={opened} id={opened} row={open} onClose={() => setParams({ ver: null })} />}
    >
      <Loaded read={list.read}>
        {() => (
          <>
            <Table
              label={tr("contactsTitle")} name="contacts" columns={columns()} rows={list.rows} rowKey={(row) => row.id} opened={opened}
              onOpen={(row) => setParams({ ver: row.id }, true)} rowClass={(row) => (row.flags.some((flag) => flag.startsWith("crisis")) ? "row-crisis" : "")}
              tools={list.total !== null && <span class="num">{ts("totalN", { n: list.total })}</span>}
              empty={<Empty title={filtered ? ts("noneWithFilters") : tr("noContactsYet")}>{!filtered && <p>{tr("noContactsYetHelp")}</p>}</Empty>}
            />
            {list.rows.length > 0 && <ListFoot list={list} />}
          </>
        )}
      </Loaded>
    </Screen>
  );
}

export default function Contacts() {
  return <Guard action="capture.read"><Register /></Guard>;
}
