/** The ranges of one day: as many as wanted, typed as people say them. */
import { clockText, isClock } from "./openings";
import type { Span } from "./types";
import { ta } from "./words";

interface Props { label: string; spans: readonly Span[]; onChange: (spans: Span[]) => void; disabled?: boolean; empty: string }

export function Spans({ label, spans, onChange, disabled = false, empty }: Props) {
  const put = (index: number, side: 0 | 1, value: string): void =>
    onChange(spans.map((span, at) => (at === index ? (side === 0 ? [value, span[1]] : [span[0], value]) : span)));
  const input = (index: number, side: 0 | 1) => {
    const value = spans[index]?.[side] ?? "";
    return (
      <input
        class="input clock-input num" type="text" inputMode="numeric" maxLength={5} disabled={disabled} value={value} aria-invalid={value !== "" && !isClock(clockText(value)) ? true : undefined}
        aria-label={`${label}: ${ta(side === 0 ? "opens" : "closes")}`} placeholder={side === 0 ? "08:00" : "15:00"}
        onInput={(event) => put(index, side, event.currentTarget.value)} onBlur={(event) => put(index, side, clockText(event.currentTarget.value))}
      />
    );
  };
  return (
    <div class="spans">
      {spans.length === 0 && <span class="muted">{empty}</span>}
      {spans.map((_, index) => (
        
          <span class="span" key={index}>
            {input(index, 0)}<span aria-hidden="true">–</span>{input(index, 1)}
            {!disabled && <button type="button" class="ghost icon-button" aria-label={ta("removeSpan", { name: label })} onClick={() => onChange(spans.filter((__, at) => at !== index))}>×</button>}
          </span>
        
      ))}
      {!disabled && <button type="button" class="link" aria-label={ta("addSpanTo", { name: label })} onClick={() => onChange([...spans, spans.length === 0 ? ["08:00", "15:00"] : ["", ""]])}>{ta("addSpan")}</button>}
    </div>
  );
}
