/** Everybody on the floor: a mark by shape and word, since when, and what they hold. A row filters the list to theirs. */
import "../../text/phone";
import { Clock } from "../../views/Clock";
import { Icon } from "../../views/Icon";
import { word } from "../parts/codes";
import { param, setParams } from "../parts/query";
import { ts } from "../parts/words";
import { t } from "../../text";
import { floorAgents } from "./live";
import type { AgentLook, AgentRow } from "./model";

const MARKS: Record<AgentLook, string> = { available: "●", busy: "◼", wrap_up: "◧", paused: "❚❚", gone: "▲", offline: "○" };

function stateText({ agent, look }: AgentRow): string {
  if (look === "busy") return ts("full");
  if (look === "wrap_up") return ts("wrapping");
  if (look === "gone") return word("agent", "gone");
  const reason = look === "paused" && agent.reason !== null ? ` · ${word("pause", agent.reason)}` : "";
  return `${word("agent", agent.state)}${reason}`;
}

function Row({ row, chosen }: { row: AgentRow; chosen: boolean }) {
  const { agent, held, offers, look } = row;
  return (
    <li>
      <button type="button" class={`agent-row agent-${look}`} aria-pressed={chosen} onClick={() => setParams({ agente: chosen ? null : agent.id })}>
        <span class="agent-mark" aria-hidden="true">{MARKS[look]}</span>
        <span class="agent-name">{agent.name}{agent.phone === true && <span class="agent-phone" title={t("phone.ofAgent")}><Icon name="phone" size={14} /><span class="sr-only">{t("phone.ofAgent")}</span></span>}</span>
        <span class="agent-held num" title={ts("heldOf", { n: held.length, max: agent.capacity.chat })}>
          <span aria-hidden="true">{held.length}/{agent.capacity.chat}{offers > 0 ? ` +${offers}` : ""}</span>
          <span class="sr-only">{ts("heldOf", { n: held.length, max: agent.capacity.chat })}</span>
        </span>
        <span class="agent-state">{stateText(row)}</span>
        <span class="agent-clock">{look === "offline" ? null : <Clock since={agent.since} label={ts("stateSince")} />}</span>
      </button>
    </li>
  );
}

export function Agents() {
  const chosen = param("agente");
  const all = floorAgents.value;
  const on = all.filter((row) => row.look !== "offline");
  const off = all.filter((row) => row.look === "offline");
  return (
    <section class="agents" aria-labelledby="floor-agents">
      <h2 id="floor-agents">{ts("agents")} <span class="muted num">{on.length}</span></h2>
      {on.length === 0 && <p class="muted">{ts("noAgents")}</p>}
      <ul role="list">{on.map((row) => <Row key={row.agent.id} row={row} chosen={chosen === row.agent.id} />)}</ul>
      {off.length > 0 && (
        <details>
          <summary>{ts("offAgents", { n: off.length })}</summary>
          <ul role="list">{off.map((row) => <Row key={row.agent.id} row={row} chosen={chosen === row.agent.id} />)}</ul>
        </details>
      )}
    </section>
  );
}
