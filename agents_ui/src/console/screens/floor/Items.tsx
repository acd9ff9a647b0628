/** Every open item, in order of need. A row opens it at the side: the thread as it happens, and what a supervisor may do. */
import type { Item } from "../../../shared/protocol";
import { agentName, queueName } from "../../store";
import { Chips } from "../parts/Chips";
import { word } from "../parts/codes";
import { param, setParams } from "../parts/query";
import { ts } from "../parts/words";
import { Clock } from "../../views/Clock";
import { ChannelIcon } from "../../views/Icon";
import { Empty } from "../../ui/Empty";
import { Table, type Column } from "../../ui/Table";
import { openItems } from "./live";
import { isCrisis, isHeld, isWaiting } from "./model";

const reasonOf = (item: Item): string => {
  const code = (item as Item & { skipped?: string | null }).skipped;
  return item.state === "waiting" && code ? word("skip", code) : "";
};
function clockOf(item: Item) {
  if (item.state === "scheduled") return item.due_at === null ? null : <Clock until={item.due_at} label={ts("dueIn")} />;
  if (isWaiting(item)) return <Clock since={item.enqueued_at} targetMs={item.target_s * 1000} label={ts("waitedLabel")} />;
  if (item.state === "wrap_up") return <Clock until={item.wrap_until} since={item.wrap_until === null ? item.since : null} label={ts("wrapLeft")} />;
  return <Clock since={item.since} label={ts("heldFor")} />;
}
export function Flags({ item }: { item: Item }) {
  return (
    <>
      {item.priority !== "normal" && <span class={`tag tag-${item.priority}`}>{word("priority", item.priority)}</span>}
      {item.flags.map((flag) => <span key={flag} class={flag.startsWith("crisis") || flag === "emergency" ? "tag tag-crisis" : "tag"}>{word("flag", flag)}</span>)}
    </>
  );
}

const columns = (): Column<Item>[] => [
  { key: "who", label: ts("person"), fixed: true, width: "l", cell: (item) => (
    <span class="item-who"><ChannelIcon channel={item.channel} label={word("channel", item.channel)} /> <strong>{item.label ?? ts("restricted")}</strong> <Flags item={item} /></span>
  ) },
  { key: "time", label: ts("time"), kind: "number", cell: clockOf },
  { key: "state", label: ts("state"), cell: (item) => (
    <>{word("item", item.state)}{item.offer !== null && item.state === "offered" ? ` · ${agentName(item.offer.agent) ?? ""}` : ""}{reasonOf(item) !== "" && <span class="muted item-reason">{reasonOf(item)}</span>}</>
  ) },
  { key: "owner", label: ts("withWhomColumn"), cell: (item) => agentName(item.owner) ?? "" },
  { key: "queue", label: ts("queue"), cell: (item) => queueName(item.queue) ?? "" },
  { key: "transfers", label: ts("transfersColumn"), kind: "number", hidden: true, cell: (item) => item.transfers },
];

export function Items({ opened }: { opened: string }) {
  const [queue, agent, state] = [param("fila"), param("agente"), param("estado")];
  const rows = openItems.value.filter((item) =>
    (queue === "" || item.queue === queue) && (agent === "" || item.owner === agent || item.offer?.agent === agent) &&
    (state === "" || (state === "fila" ? isWaiting(item) : state === "mano" ? isHeld(item) : state === "crisis" ? isCrisis(item) : item.state === "scheduled")));
  const all = openItems.value;
  const chips = [
    { value: "", label: ts("allItems"), n: all.length },
    { value: "fila", label: ts("inLineChip"), n: all.filter(isWaiting).length },
    { value: "mano", label: ts("inHandChip"), n: all.filter(isHeld).length },
    { value: "programadas", label: ts("scheduledChip"), n: all.filter((item) => item.state === "scheduled").length },
    { value: "crisis", label: ts("crisisChip"), n: all.filter(isCrisis).length },
  ];
  const filtered = queue !== "" || agent !== "";
  return (
    <div class="floor-items">
      <h2 class="sr-only">{ts("openItems")}</h2>
      <div class="floor-filters">
        <Chips label={ts("state")} chips={chips.filter((one) => one.value === "" || one.n > 0 || one.value === state)} selected={state} onSelect={(value) => setParams({ estado: value })} />
        {queue !== "" && <button type="button" class="chip chip-on" onClick={() => setParams({ fila: null })}>{queueName(queue) ?? queue} <span aria-hidden="true">×</span><span class="sr-only">{ts("removeFilter")}</span></button>}
        {agent !== "" && <button type="button" class="chip chip-on" onClick={() => setParams({ agente: null })}>{agentName(agent) ?? agent} <span aria-hidden="true">×</span><span class="sr-only">{ts("removeFilter")}</span></button>}
      </div>
      <Table
        label={ts("openItems")} name="floor" compact columns={columns()} rows={rows} rowKey={(item) => item.id} opened={opened}
        onOpen={(item) => setParams({ ver: item.id }, true)} rowClass={(item) => (isCrisis(item) ? "row-crisis" : "")}
        tools={<span class="num">{ts("nItems", { n: rows.length })}</span>}
        empty={<Empty title={ts(filtered || state !== "" ? "noneWithFilters" : "floorQuiet")}>{!filtered && state === "" && <p>{ts("floorQuietHelp")}</p>}</Empty>}
      />
    </div>
  );
}
