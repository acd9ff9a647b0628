/** The register of petitions: a list one can narrow, arrange and send to a colleague; a row opens the petition beside it. */
import type { PetitionRow } from "../../shared/protocol";
import { go, route } from "../route";
import { nameOf } from "../reference";
import { day } from "../format";
import { now } from "../store";
import { Empty } from "../ui/Empty";
import { Table, type Column } from "../ui/Table";
import { Guard } from "./parts/Guard";
import { areaChoices, categoryChoices, municipalityChoices } from "./parts/choices";
import { Chips } from "./parts/Chips";
import { word, wordsOf } from "./parts/codes";
import { Filters } from "./parts/Filters";
import { useList } from "./parts/list";
import { ListFoot } from "./parts/ListFoot";
import { Loaded } from "./parts/Loaded";
import { hashOf, param, setParams } from "./parts/query";
import { tr } from "./parts/records";
import { Screen } from "./parts/Screen";
import { ts } from "./parts/words";
import { PetitionPanel } from "./petitions/PetitionPanel";

export function StateTag({ row }: { row: { state: string; is_overdue: boolean } }) {
  const ended = row.state.startsWith("concluded") || row.state === "archived" || row.state === "duplicate";
  return (
    <>
      <span class={ended ? "tag" : row.state === "verifying" ? "tag tag-warn" : "tag tag-open"}>{word("petition", row.state)}</span>
      {row.is_overdue && <> <span class="tag tag-overdue">{tr("overdue")}</span></>}
    </>
  );
}

const columns = (): Column<PetitionRow>[] => [
  { key: "folio", label: tr("folio"), fixed: true, width: "s", cell: (row) => <a class="folio num" href={openHash(row.folio)}>{row.folio}</a> },
  { key: "subject", label: tr("subject"), width: "l", cell: (row) => row.subject },
  { key: "state", label: ts("state"), cell: (row) => <StateTag row={row} /> },
  { key: "person", label: tr("requester"), cell: (row) => row.citizen_label ?? tr("anonymous") },
  { key: "category", label: tr("category"), narrow: "hide", cell: (row) => nameOf("categories", row.category) },
  { key: "municipality", label: tr("municipality"), narrow: "hide", cell: (row) => nameOf("municipalities", row.municipality) },
  { key: "received", label: tr("received"), width: "s", cell: (row) => <time class="num" dateTime={new Date(row.received_at).toISOString()}>{day(row.received_at, now.peek())}</time> },
  { key: "kind", label: tr("kind"), hidden: true, cell: (row) => word("petitionKind", row.kind) },
  { key: "area", label: tr("area"), hidden: true, cell: (row) => nameOf("areas", row.area) },
  { key: "dependency", label: tr("dependency"), hidden: true, cell: (row) => nameOf("dependencies", row.dependency) },
  { key: "priority", label: tr("priority"), hidden: true, cell: (row) => word("priority", row.priority) },
  { key: "status", label: tr("publicStatus"), hidden: true, cell: (row) => row.public_status ?? "" },
  { key: "last", label: tr("lastAction"), hidden: true, width: "s", cell: (row) => (row.last_action_at === null ? "" : day(row.last_action_at, now.peek())) },
];

const openHash = (folio: string | null): string =>
  hashOf(folio === null ? "peticiones" : `peticiones/${encodeURIComponent(folio)}`, Object.fromEntries(route.value.query.entries()));

function Register() {
  const opened = route.value.rest[0] ?? null;
  const filters = [
    { name: "estado", label: ts("state"), options: wordsOf("petition") },
    { name: "tipo", label: tr("kind"), options: wordsOf("petitionKind") },
    { name: "categoria", label: tr("category"), options: categoryChoices() },
    { name: "municipio", label: tr("municipality"), options: municipalityChoices() },
    { name: "area", label: tr("area"), options: areaChoices() },
  ];
  const list = useList<PetitionRow>("petitions", {
    q: param("q"), state: param("estado"), kind: param("tipo"), category: param("categoria"), municipality: param("municipio"),
    area: param("area"), mine: param("ver") === "mias" ? true : null, overdue: param("ver") === "vencidas" ? true : null,
  });
  const filtered = param("q") !== "" || param("ver") !== "" || filters.some((one) => param(one.name) !== "");
  return (
    <Screen
      title={tr("petitions")} fixed
      tools={<button type="button" class="ghost" onClick={() => void list.read.again()}>{ts("refresh")}</button>}
      bar={
        <Filters search={tr("searchPetitions")} filters={filters}>
          <Chips label={tr("whose")} selected={param("ver")} onSelect={(value) => setParams({ ver: value })} chips={[{ value: "", label: tr("everybodys") }, { value: "mias", label: tr("mine") }, { value: "vencidas", label: tr("overdueOnes") }]} />
        </Filters>
      }
      panel={opened !== null && <PetitionPanel key={opened} folio={opened} onClose={() => go(openHash(null))} onChanged={() => void list.read.again()} />}
    >
      <Loaded read={list.read}>
        {() => (
          <>
            <Table
              label={tr("petitions")} name="petitions" columns={columns()} rows={list.rows} rowKey={(row) => row.folio} opened={opened}
              onOpen={(row) => go(openHash(row.folio))} tools={list.total !== null && <span class="num">{ts("totalN", { n: list.total })}</span>}
              empty={<Empty title={filtered ? ts("noneWithFilters") : tr("noPetitions")}>{!filtered && <p>{tr("noPetitionsHelp")}</p>}</Empty>}
            />
            {list.rows.length > 0 && <ListFoot list={list} />}
          </>
        )}
      </Loaded>
    </Screen>
  );
}

export default function Petitions() {
  return <Guard action="petition.read"><Register /></Guard>;
}
