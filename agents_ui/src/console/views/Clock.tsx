/** A live clock. Quiet until its target nears; then a mark and a word say so as well as the colour. */
import { elapsed, spoken } from "../format";
import { now } from "../store";
import { t } from "../text";
import { Icon } from "./Icon";

export type Urgency = "quiet" | "near" | "late";

/** How a wait stands against its target: near from three quarters of it on. No target: never urgent. */
export function urgency(waited: number, target: number | null | undefined): Urgency {
  if (!target) return "quiet";
  return waited >= target ? "late" : waited >= target * 0.75 ? "near" : "quiet";
}

interface Props {
  /** Counts up from here… */
  since?: number | null | undefined;
  /** …or down to here. */
  until?: number | null | undefined;
  targetMs?: number | undefined;
  /** What is being counted, for whoever hears the screen. */
  label: string;
}

export function Clock({ since, until, targetMs, label }: Props) {
  if (!since && !until) return null;
  const left = until ? until - now.value : 0;
  const shown = until ? left : now.value - (since ?? 0);
  const state: Urgency = until ? (left <= 0 ? "late" : left < 30_000 ? "near" : "quiet") : urgency(shown, targetMs);
  const word = state === "late" ? t(until ? "clock.over" : "clock.late") : state === "near" ? t("clock.near") : "";
  return (
    <span class={`clock clock-${state}`} title={word === "" ? label : `${label}: ${word}`}>
      {state !== "quiet" && <Icon name={state === "late" ? "alert" : "clock"} size={14} />}
      <time aria-hidden="true">{elapsed(Math.abs(shown))}</time>
      {state === "late" && <span class="clock-word">{word}</span>}
      <span class="sr-only">{`${label}: ${spoken(Math.abs(shown))} ${state === "late" ? "" : word}`}</span>
    </span>
  );
}
