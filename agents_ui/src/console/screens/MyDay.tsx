/** One's own day: figures with their formula in words, and the hours as they went. */
import { hour } from "../format";
import { me, now } from "../store";
import { Empty } from "../ui/Empty";
import "../../styles/screens.css";
import { Guard } from "./parts/Guard";
import { word } from "./parts/codes";
import { count, decimal, duration, NONE } from "./parts/figures";
import { Loaded } from "./parts/Loaded";
import { useRead } from "./parts/read";
import { tr } from "./parts/records";
import { Screen } from "./parts/Screen";

interface Span { state: string; reason: string | null; from: number; to: number | null }
interface Figures {
  held_s: Record<string, number>; answered: number; messages: number; petitions_created: number; petitions_linked: number; transfers_out: number;
  aht_s: number | null; first_reply_s: number | null; captured: number; uncaptured: number; declined: number; expired_offers: number; survey_average: number | null;
}
interface Day { from: number; figures: Figures; timeline: Span[] }

const EVERY_MS = 30_000;

function Figure({ label, value, formula, href }: { label: string; value: string; formula: string; href?: string }) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd class="figure-value num">{href === undefined ? value : <a href={href}>{value}</a>}</dd>
      <dd class="figure-formula">{formula}</dd>
    </div>
  );
}

/** The day as a band, one piece per state; the same as a list for whoever cannot see it. */
function Timeline({ spans, from, at }: { spans: readonly Span[]; from: number; at: number }) {
  const start = spans[0]?.from ?? from;
  const whole = Math.max(1, at - start);
  return (
    <>
      <svg class="day-band" viewBox="0 0 1000 24" preserveAspectRatio="none" aria-hidden="true">
        {spans.map((span) => <rect key={span.from} class={`band-${span.state}`} x={((span.from - start) / whole) * 1000} y="0" width={Math.max(1, (((span.to ?? at) - span.from) / whole) * 1000)} height="24" />)}
      </svg>
      <div class="day-scale num" aria-hidden="true"><span>{hour(start)}</span><span>{hour(at)}</span></div>
      <ol class="day-list">
        {[...spans].reverse().map((span) => (
          <li key={span.from}>
            <span class={`band-key band-${span.state}`} aria-hidden="true" />
            <span class="num">{hour(span.from)}–{span.to === null ? tr("now") : hour(span.to)}</span>
            <span>{word("agent", span.state)}{span.reason !== null && ` · ${word("pause", span.reason)}`}</span>
            <span class="num muted">{duration(((span.to ?? at) - span.from) / 1000)}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function OwnDay() {
  const read = useRead<Day>("me/day", {}, EVERY_MS);
  const mine = me.value?.id ?? "";
  return (
    <Screen title={tr("myDay")}>
      <Loaded read={read} shape="cards" lines={8}>
        {({ figures, timeline, from }) => (
          <div class="my-day">
            <dl class="figures">
              <Figure label={tr("fAnswered")} value={count(figures.answered)} formula={tr("fAnsweredHow")} href={`#/atenciones?agente=${mine}`} />
              <Figure label={tr("fUncaptured")} value={count(figures.uncaptured)} formula={tr("fUncapturedHow")} href={`#/atenciones?agente=${mine}&captura=pending`} />
              <Figure label={tr("fCreated")} value={count(figures.petitions_created)} formula={tr("fCreatedHow")} href="#/peticiones?ver=mias" />
              <Figure label={tr("fLinked")} value={count(figures.petitions_linked)} formula={tr("fLinkedHow")} />
              <Figure label={tr("fFirst")} value={duration(figures.first_reply_s)} formula={tr("fFirstHow")} />
              <Figure label={tr("fAht")} value={duration(figures.aht_s)} formula={tr("fAhtHow")} />
              <Figure label={tr("fMessages")} value={count(figures.messages)} formula={tr("fMessagesHow")} />
              <Figure label={tr("fTransfers")} value={count(figures.transfers_out)} formula={tr("fTransfersHow")} />
              <Figure label={tr("fCaptured")} value={count(figures.captured)} formula={tr("fCapturedHow")} href={`#/atenciones?agente=${mine}&captura=captured`} />
              <Figure label={tr("fDeclined")} value={`${count(figures.declined)} + ${count(figures.expired_offers)}`} formula={tr("fDeclinedHow")} />
              <Figure label={tr("fSurvey")} value={figures.survey_average === null ? NONE : `${decimal(figures.survey_average)} / 5`} formula={tr("fSurveyHow")} />
            </dl>
            <section aria-labelledby="day-times">
              <h2 class="section-title" id="day-times">{tr("dayTimes")}</h2>
              <dl class="day-sums num">
                {Object.entries(figures.held_s).map(([state, seconds]) => <div key={state}><dt>{word("agent", state)}</dt><dd>{duration(seconds)}</dd></div>)}
              </dl>
              {timeline.length === 0 ? <Empty title={tr("noDay")}><p>{tr("noDayHelp")}</p></Empty> : <Timeline spans={timeline} from={from} at={now.value} />}
            </section>
          </div>
        )}
      </Loaded>
    </Screen>
  );
}

export default function MyDay() {
  return <Guard action="report.own"><OwnDay /></Guard>;
}
