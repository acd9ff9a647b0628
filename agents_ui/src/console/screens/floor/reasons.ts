/** A recorded decision in words: why an item went where it went, or why it waits. */
import { duration } from "../parts/figures";
import { word } from "../parts/codes";
import { ts } from "../parts/words";

export interface Decision { at: number; kind: string; agent: string | null; queue: string | null; reason: Record<string, unknown> | null }
interface Names { agent: (id: string | null) => string; queue: (id: string | null) => string }

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const seconds = (value: unknown): string => duration(typeof value === "number" ? value : null);

function offerReason(reason: Record<string, unknown>): string {
  const idle = seconds(reason["idle_s"]);
  const why: Record<string, string> = {
    longest_idle: ts("whyIdle", { time: idle }), least_busy: ts("whyLeastBusy"), preferred: ts("whyPreferred"), direct: ts("whyDirect"), crisis: ts("whyCrisis"),
  };
  const waived = Array.isArray(reason["waived"]) ? reason["waived"] : [];
  return [
    why[text(reason["rule"])] ?? "",
    typeof reason["waited_s"] === "number" ? ts("whyWaited", { time: seconds(reason["waited_s"]) }) : "",
    typeof reason["able"] === "number" ? ts(reason["able"] === 1 ? "whyAbleOne" : "whyAble", { n: reason["able"] }) : "",
    waived.includes("language") ? ts("whyNoLanguage") : "",
    waived.includes("skills") ? ts("whyNoSkill") : "",
    typeof reason["declined_by"] === "number" && reason["declined_by"] > 0 ? ts("whyDeclined", { n: reason["declined_by"] }) : "",
  ].filter((part) => part !== "").join(" ");
}

const known = (kind: string): string => kind.replace(/^(work|decision|offer|engine)\./, "");

/** The headline of a decision and what stands under it. */
export function decisionText(one: Decision, names: Names): { title: string; detail: string } {
  const reason = one.reason ?? {};
  const agent = names.agent(one.agent);
  const queue = names.queue(one.queue);
  const said = text(reason["reason"]) || text(reason["note"]) || text(reason["answer"]);
  const code = text(reason["code"]) || text(reason["because"]);
  switch (known(one.kind)) {
    case "offered": case "offer": return { title: ts("dOffered", { name: agent }), detail: offerReason(reason) };
    case "skipped": case "skip": return { title: ts("dSkipped"), detail: code === "" ? "" : `${ts("because")} ${word("skip", code)}.` };
    case "overflowed": case "overflow": return { title: ts("dOverflowed", { queue }), detail: [typeof reason["waited_s"] === "number" ? ts("whyWaited", { time: seconds(reason["waited_s"]) }) : "", code === "" ? "" : `${ts("because")} ${word("skip", code)}.`].join(" ").trim() };
    case "queued": return { title: ts("dQueued", { queue }), detail: said };
    case "accepted": case "accept": return { title: ts("dAccepted", { name: agent }), detail: "" };
    case "declined": case "decline": return { title: ts("dDeclined", { name: agent }), detail: said };
    case "offer_expired": case "expired": return { title: ts("dExpired", { name: agent }), detail: "" };
    case "withdrawn": return { title: ts("dWithdrawn", { name: agent }), detail: "" };
    case "taken": return { title: ts("dTaken", { name: agent }), detail: said };
    case "assigned": return { title: ts("dAssigned", { name: agent }), detail: said };
    case "transferred": return { title: ts("dTransferred", { to: agent || queue }), detail: said };
    case "returned": return { title: ts("dReturned", { to: agent || queue }), detail: said };
    case "released": return { title: ts("dReleased", { queue }), detail: said };
    case "flagged": return { title: ts("dFlagged"), detail: said };
    case "wrap_up": return { title: ts("dWrapUp"), detail: "" };
    case "finished": return { title: ts("dFinished"), detail: said };
    default: return { title: known(one.kind).replaceAll("_", " "), detail: said };
  }
}
