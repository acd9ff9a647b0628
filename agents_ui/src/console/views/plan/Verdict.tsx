/** What the house says of a moment before it is promised: the words, how full that hour is, why not and when it may be. */
import { useEffect, useState } from "preact/hooks";
import { ApiError } from "../../api";
import { check, fullness, type Checked, type Hour } from "../../callbacks";
import { moment, refusalText, tb } from "../../callbackWords";
import { minute } from "../../store";
import { locale } from "../../text";
import type { When } from "../../when";

const PAUSE_MS = 300;
export type Subject = Readonly<Record<string, string | null | undefined>>;
export type Verdict = { state: "none" | "asking" | "failed" } | { state: "said"; checked: Checked };

/** Asks what planning would say, a moment after the last change; an answer that was overtaken is dropped. */
export function useVerdict(subject: Subject, when: When | null): Verdict {
  const [verdict, setVerdict] = useState<Verdict>({ state: "none" });
  const key = when === null ? "" : JSON.stringify([subject, when]);
  useEffect(() => {
    if (when === null || Object.values(subject).every((one) => !one)) {
      setVerdict({ state: "none" });
      return undefined;
    }
    let asked = true;
    setVerdict({ state: "asking" });
    const timer = setTimeout(() => {
      check({ ...subject, due_at: when.from, not_after: when.to }).then(
        (checked) => { if (asked) setVerdict({ state: "said", checked }); },
        (error: unknown) => {
          if (!(error instanceof ApiError)) throw error;
          if (asked) setVerdict({ state: "failed" });
        },
      );
    }, PAUSE_MS);
    return () => {
      asked = false;
      clearTimeout(timer);
    };
  }, [key]);
  return verdict;
}

/** How much of an hour is promised, as a bar with its figures beside it. */
export function LoadBar({ hour }: { hour: Hour }) {
  const state = fullness(hour);
  const share = hour.capacity === 0 ? (hour.promised > 0 ? 1 : 0) : Math.min(1, hour.promised / hour.capacity);
  return (
    <svg class={`load-bar load-${state}`} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      <rect class="load-room" width="100" height="6" rx="3" />
      <rect class="load-taken" width={share * 100} height="6" rx="3" />
    </svg>
  );
}

interface Props { verdict: Verdict; when: When; onUse: (at: number) => void }

export function VerdictLine({ verdict, when, onUse }: Props) {
  const now = minute.value;
  const checked = verdict.state === "said" ? verdict.checked : null;
  const own = moment(when.from, now, when.to);
  const theirs = checked === null ? "" : locale.value === "en" ? checked.words_en : checked.words;
  const next = checked?.refusals.find((one) => one.next_at)?.next_at ?? null;
  return (
    <div class="verdict" role="status">
      <p><strong>{tb("when.means", { when: own })}</strong></p>
      {verdict.state === "failed" && <p class="muted">{tb("check.failed")}</p>}
      {checked !== null && checked.zones.some((zone) => zone !== "America/Hermosillo") && theirs !== "" && <p class="muted">{tb("when.theirs", { zone: checked.zones.map((zone) => (zone.split("/").at(-1) ?? zone).replaceAll("_", " ")).join(", "), when: theirs })}</p>}
      {checked?.load && checked.load.open && <p class="verdict-load"><LoadBar hour={checked.load} /> <span class="num">{tb("check.load", { promised: checked.load.promised, capacity: checked.load.capacity })}</span></p>}
      {checked?.refusals.map((one) => <p key={one.code} class="verdict-no"><span aria-hidden="true">▲ </span>{refusalText(one.code, { name: one.name })}</p>)}
      {next !== null && <button type="button" onClick={() => onUse(next)}>{tb("check.use", { when: moment(next, now) })}</button>}
    </div>
  );
}
