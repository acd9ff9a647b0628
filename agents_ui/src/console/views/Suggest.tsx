/** The list that opens over the composer: canned replies after `/`, colleagues after `@` in a note. */
import type { RefObject } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import type { Agent, Item, Reply } from "../../shared/protocol";
import { askAt, fillReply, matchPeople, matchReplies, replaceAsk, type Ask } from "../canned";
import { now, me, openThread, queueName, state } from "../store";
import { hour } from "../format";
import { t } from "../text";

type Option = { kind: "reply"; row: Reply } | { kind: "mention"; row: Agent };

interface Input { item: Item; area: RefObject<HTMLTextAreaElement | null>; text: string; isNote: boolean; change: (text: string) => void }

/** What the variables of a canned reply stand for in this contact. */
export function variables(item: Item): Record<string, string | null> {
  const person = openThread.value?.citizen;
  return {
    nombre_agente: me.value?.display_name ?? null,
    nombre: person?.names ?? null,
    folio: item.petitions.at(-1) ?? null,
    fila: queueName(item.queue),
    hora: hour(now.value),
    oficina: state.value?.settings.brand.name ?? null,
    url_consulta: `${location.origin}/folio`,
  };
}

export function useSuggest({ item, area, text, isNote, change }: Input) {
  const id = useId();
  const [ask, setAsk] = useState<Ask | null>(null);
  const [active, setActive] = useState(0);
  const caretAfter = useRef<number | null>(null);
  const language = openThread.value?.conversation.locale ?? "es";
  const agents = Object.values(state.value?.agents ?? {});
  const options: Option[] =
    ask === null ? []
    : ask.kind === "reply" ? matchReplies(state.value?.replies ?? [], ask.query, language).map((row) => ({ kind: "reply", row }))
    : matchPeople(agents, ask.query, me.value?.id ?? "").map((row) => ({ kind: "mention", row }));

  const lookAt = (value: string, caret: number): void => {
    setAsk(askAt(value, caret, isNote));
    setActive(0);
  };
  const put = (value: string, caret: number): void => {
    change(value);
    caretAfter.current = caret;
    queueMicrotask(() => {
      area.current?.focus();
      area.current?.setSelectionRange(caret, caret);
    });
  };
  const choose = (option: Option | undefined): void => {
    const caret = area.current?.selectionStart ?? text.length;
    if (option === undefined || ask === null) return;
    const insert = option.kind === "reply" ? fillReply(option.row.text, variables(item)) : `@${option.row.name} `;
    const next = replaceAsk(text, caret, ask, insert);
    setAsk(null);
    put(next.text, next.caret);
  };
  return {
    id, ask, options, active, choose, setActive,
    activeId: ask !== null && options.length > 0 ? `${id}-${active}` : undefined,
    look: () => {
      const field = area.current;
      if (field !== null) lookAt(field.value, field.selectionStart);
    },
    close: () => setAsk(null),
    /** Opens the canned replies from a button or a key: as if `/` had been typed at the caret. */
    start: () => {
      if (isNote) return;
      const caret = area.current?.selectionStart ?? text.length;
      const gap = caret > 0 && !/\s$/.test(text.slice(0, caret)) ? " /" : "/";
      const value = `${text.slice(0, caret)}${gap}${text.slice(caret)}`;
      put(value, caret + gap.length);
      lookAt(value, caret + gap.length);
    },
    /** The people a note names, by the names written in it. */
    mentionsIn: (words: string): string[] => agents.filter((one) => words.includes(`@${one.name}`)).map((one) => one.id),
    /** Whether the key was for the list. */
    onKey: (event: KeyboardEvent): boolean => {
      if (ask === null || options.length === 0) return false;
      const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
      const by = moves[event.key];
      if (by !== undefined) setActive((active + by + options.length) % options.length);
      else if (event.key === "Enter" || event.key === "Tab") choose(options[active]);
      else if (event.key === "Escape") setAsk(null);
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

export function Suggest({ suggest }: { suggest: ReturnType<typeof useSuggest> }) {
  const { ask, options, active, id } = suggest;
  if (ask === null) return <div id={id} hidden />;
  if (options.length === 0) {
    return ask.query === "" ? <div id={id} hidden /> : <p id={id} class="suggest suggest-none" role="status">{t(ask.kind === "reply" ? "canned.none" : "mention.none")}</p>;
  }
  return (
    <ul class="suggest" id={id} role="listbox" aria-label={t(ask.kind === "reply" ? "canned.title" : "mention.title")}>
      {options.map((option, index) => (
        <li
          key={option.row.id} id={`${id}-${index}`} role="option" aria-selected={index === active}
          onMouseDown={(event) => { event.preventDefault(); suggest.choose(option); }} onMouseEnter={() => suggest.setActive(index)}
        >
          {option.kind === "reply"
            ? <><span class="suggest-key">/{option.row.shortcut.replace(/^\//, "")}</span> <strong>{option.row.title}</strong> <span class="suggest-text">{option.row.text}</span></>
            : <><span class={`dot dot-${option.row.connected ? option.row.state : "offline"}`} aria-hidden="true" /> <strong>{option.row.name}</strong> <span class="muted">{t(`agent.${option.row.state}`)}</span></>}
        </li>
      ))}
    </ul>
  );
}
