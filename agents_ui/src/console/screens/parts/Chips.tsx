/** A row of filters of which one is on. */
interface Props { label: string; chips: readonly { value: string; label: string; n?: number }[]; selected: string; onSelect: (value: string) => void }

export function Chips({ label, chips, selected, onSelect }: Props) {
  return (
    <div class="chips" role="group" aria-label={label}>
      {chips.map((one) => (
        <button key={one.value} type="button" class={one.value === selected ? "chip chip-on" : "chip"} aria-pressed={one.value === selected} onClick={() => onSelect(one.value)}>
          {one.label}{one.n !== undefined && <span class="chip-n num"> {one.n}</span>}
        </button>
      ))}
    </div>
  );
}
