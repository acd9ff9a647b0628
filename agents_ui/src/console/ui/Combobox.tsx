/** A search field over a long list, by the ARIA combobox pattern. Only listed values can be chosen. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import "../../styles/ui.css";
import { fold } from "../format";
import { FieldFrame } from "./Field";
import { match, type Option } from "./match";
import { say } from "./words";

interface Props<T extends string> {
  label: string;
  options: readonly Option<T>[];
  value: T | "" | null;
  onChange: (value: T | "") => void;
  placeholder?: string | undefined;
  required?: boolean | undefined;
  error?: string | null | undefined;
  help?: ComponentChildren;
  id?: string | undefined;
  disabled?: boolean | undefined;
  onBlur?: (() => void) | undefined;
}

/** Puts the list under its field (over it when there is more room), whatever box clips the field. */
function place(list: HTMLElement, input: HTMLElement): void {
  const box = input.getBoundingClientRect();
  const below = innerHeight - box.bottom;
  const up = below < 180 && box.top > below;
  const room = Math.max(96, Math.min(320, (up ? box.top : below) - 8));
  Object.assign(list.style, {
    left: `${box.left}px`, width: `${box.width}px`, maxHeight: `${room}px`,
    top: up ? "auto" : `${box.bottom + 2}px`, bottom: up ? `${innerHeight - box.top + 2}px` : "auto",
  });
}

export function Combobox<T extends string>({ label, options, value, onChange, placeholder, required, error, help, id, disabled, onBlur }: Props<T>) {
  const selected = useMemo(() => options.find((one) => one.value === value) ?? null, [options, value]);
  const [query, setQuery] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const own = useId();
  const listId = `${own}-list`;
  const { shown, more } = useMemo(() => match(options, query ?? ""), [options, query]);
  const text = query ?? selected?.label ?? (value ? String(value) : "");

  useLayoutEffect(() => {
    if (!open || list.current === null || input.current === null) return undefined;
    const [box, field] = [list.current, input.current];
    place(box, field);
    const again = (event: Event): void => {
      if (event.target !== box) place(box, field);
    };
    addEventListener("scroll", again, true);
    addEventListener("resize", again);
    return () => {
      removeEventListener("scroll", again, true);
      removeEventListener("resize", again);
    };
  }, [open]);
  useEffect(() => {
    if (open) list.current?.querySelector("[aria-selected=true]")?.scrollIntoView?.({ block: "nearest" });
  }, [open, active]);

  const show = (): void => {
    if (disabled === true) return;
    setOpen(true);
    setActive(Math.max(0, query === null ? shown.findIndex((one) => one.value === value) : 0));
  };
  const hide = (): void => {
    setOpen(false);
    setQuery(null);
  };
  /** What stands in the field when it was typed after the last drawing: a quick hand is ahead of the list it sees. */
  const unseen = (): string | null => (input.current !== null && input.current.value !== text ? input.current.value : null);
  const pick = (option: Option<T> | undefined): void => {
    if (option !== undefined && option.value !== value) onChange(option.value);
    hide();
  };
  /** Leaving: an exact name is a choice, an emptied field is none, anything else goes back to what was chosen. */
  const leave = (): void => {
    const typed = unseen() ?? query;
    if (typed !== null) {
      const exact = options.find((one) => fold(one.label) === fold(typed));
      if (typed.trim() === "") onChange("");
      else if (exact !== undefined && exact.value !== value) onChange(exact.value);
    }
    hide();
    onBlur?.();
  };
  const onKey = (event: KeyboardEvent): void => {
    const typed = unseen();
    if (typed !== null && typed.trim() !== "" && (event.key === "Enter" || event.key === "Tab")) {
      if (event.key === "Enter") event.preventDefault();
      const first = match(options, typed, 1).shown[0];
      if (first !== undefined) pick(first);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) show();
      else if (shown.length > 0) setActive((active + (event.key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
    } else if (event.key === "Enter" && open) {
      event.preventDefault();
      pick(shown[active]);
    } else if (event.key === "Escape" && (open || query !== null)) {
      event.preventDefault();
      event.stopPropagation();
      hide();
    } else if (event.key === "Tab" && open && query !== null && query.trim() !== "" && shown.length > 0) pick(shown[active]);
    else if (open && (event.key === "PageDown" || event.key === "PageUp")) {
      event.preventDefault();
      setActive(Math.max(0, Math.min(shown.length - 1, active + (event.key === "PageDown" ? 8 : -8))));
    }
  };
  const current = open ? shown[active] : undefined;
  return (
    <FieldFrame label={label} help={help} error={error} required={required} id={id}>
      {(control) => (
        <div class="combobox">
          <input
            class="input" type="text" role="combobox" autocomplete="off" spellcheck={false} ref={input} {...control}
            value={text} placeholder={placeholder} disabled={disabled === true} aria-expanded={open} aria-controls={listId}
            aria-autocomplete="list" aria-activedescendant={current === undefined ? undefined : `${own}-${active}`}
            onInput={(event) => { setQuery(event.currentTarget.value); setActive(0); setOpen(true); }}
            onFocus={(event) => event.currentTarget.select()} onClick={() => (open ? undefined : show())} onKeyDown={onKey} onBlur={leave}
          />
          {selected !== null && required !== true && disabled !== true && query === null && (
            <button type="button" class="combobox-clear" tabIndex={-1} aria-label={say("clear")} title={say("clear")} onMouseDown={(event) => event.preventDefault()} onClick={() => { onChange(""); input.current?.focus(); }}>×</button>
          )}
          {open && (
            <ul class="combobox-list" role="listbox" id={listId} aria-label={label} ref={list} onMouseDown={(event) => event.preventDefault()}>
              {shown.map((one, index) => (
                <li key={one.value} id={`${own}-${index}`} role="option" aria-selected={index === active} class={one.value === value ? "option option-chosen" : "option"} onMouseMove={() => (index === active ? undefined : setActive(index))} onClick={() => pick(one)}>
                  <span>{one.label}</span>
                  {one.detail !== undefined && one.detail !== "" && <span class="option-detail">{one.detail}</span>}
                </li>
              ))}
              {shown.length === 0 && <li class="option-none" role="option" aria-selected={false} aria-disabled="true">{say("noMatches")}</li>}
              {more > 0 && <li class="option-none" role="option" aria-selected={false} aria-disabled="true">{say("moreMatches", { n: more })}</li>}
            </ul>
          )}
          <span class="sr-only" role="status">{open && query !== null ? say(shown.length === 1 ? "oneMatch" : "matches", { n: shown.length + more }) : ""}</span>
        </div>
      )}
    </FieldFrame>
  );
}
