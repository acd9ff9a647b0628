/** What is known of a caller before a word is said: what they chose, how long they waited, what they asked for. */
import "../text/phone";
import type { Item } from "../../shared/protocol";
import { elapsed } from "../format";
import { t, tMaybe } from "../text";
import { Icon } from "./Icon";

/** In words, the most telling first; empty when nothing is known. */
export function factsOf(item: Item): string[] {
  const call = item.call;
  if (call == null) return [];
  const choice = call.menu === null ? "" : tMaybe(`line.menu.${call.menu}`, "");
  const from = call.queued_at ?? call.started_at;
  const waited = call.direction === "inbound" && call.answered_at !== null && from !== null ? call.answered_at - from : 0;
  return [
    item.kind === "callback" && call.callback?.reason === "return" ? t("line.askedBack") : "",
    choice === "" ? "" : t("line.menu", { choice }),
    waited >= 1000 ? t("line.waited", { time: elapsed(waited) }) : "",
  ].filter((one) => one !== "");
}

export function CallFacts({ item }: { item: Item }) {
  const facts = factsOf(item);
  const recording = item.call?.recording;
  if (facts.length === 0 && (recording ?? "off") === "off") return null;
  return (
    <p class="call-facts">
      {facts.map((one) => <span key={one}>{one}</span>)}
      {(recording === "on" || recording === "paused") && <span class={`tag call-recording-${recording}`}><Icon name="sound" size={14} /> {t(recording === "on" ? "line.recording" : "line.recordingPaused")}</span>}
    </p>
  );
}
