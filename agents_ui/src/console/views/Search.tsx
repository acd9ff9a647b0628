/** Ctrl+K: goes anywhere and does anything. Recent first; the match is marked; arrows and Enter choose. */
import "../text/later";
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api";
import { errorText } from "../errors";
import { cut, local, openFound, recent, remote, type Found } from "../search";
import { t, tMaybe } from "../text";
import { dialog } from "../ui";
import { Dialog } from "../ui/Dialog";
import { Icon, type IconName } from "./Icon";

const PAUSE_MS = 180;
const SHORTEST = 3;
const ICONS: Record<string, IconName> = { petition: "folder", citizen: "person", conversation: "web_chat", screen: "right", action: "retry" };

function close(): void {
  dialog.value = null;
}

function Row({ one, active, id, onPick, onHover }: { one: Found; active: boolean; id: string; onPick: () => void; onHover: () => void }) {
  return (
    <li id={id} role="option" aria-selected={active} onMouseDown={(event) => { event.preventDefault(); onPick(); }} onMouseMove={onHover}>
      <Icon name={ICONS[one.kind] ?? "right"} size={16} />
      <span class="found-title">{cut(one.title, one.match).map((part, index) => (part.marked ? <mark key={index}>{part.text}</mark> : part.text))}</span>
      {one.detail !== "" && <span class="found-detail">{one.kind === "action" ? <kbd>{one.detail}</kbd> : one.detail}</span>}
      <span class="found-kind">{tMaybe(`search.kind.${one.kind}`, "")}</span>
    </li>
  );
}

export default function Search() {
  const [query, setQuery] = useState("");
  const [found, setFound] = useState<Found[]>([]);
  const [active, setActive] = useState(0);
  const [state, setState] = useState<"idle" | "busy" | "done" | string>("idle");
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    const wanted = query.trim();
    setActive(0);
    if (wanted.length < SHORTEST) {
      setFound([]);
      setState("idle");
      return undefined;
    }
    setState("busy");
    let stale = false;
    const timer = setTimeout(async () => {
      try {
        const rows = await remote(wanted);
        if (stale) return;
        setFound(rows);
        setState("done");
      } catch (error) {
        if (!stale && error instanceof ApiError) setState(errorText(error));
      }
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query]);
  const before: Found[] = query.trim() === "" ? recent.value.map((one) => ({ key: `recent/${one.id}`, kind: one.kind, title: one.title, detail: "", match: [], run: () => openFound(one.kind, one.id) })) : [];
  const rows = [...before, ...found, ...local(query)];
  const pick = (one: Found | undefined): void => {
    if (one === undefined) return;
    close();
    one.run();
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (rows.length > 0) setActive((active + (event.key === "ArrowDown" ? 1 : -1) + rows.length) % rows.length);
      list.current?.children[active]?.scrollIntoView?.({ block: "nearest" });
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(rows[active]);
    }
  };
  const isError = !["idle", "busy", "done"].includes(state);
  return (
    <Dialog title={t("search.title")} onClose={close} size="wide">
      <div class="palette">
        <input
          class="input palette-input" type="text" role="combobox" data-autofocus aria-label={t("search.title")} aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list"
          aria-activedescendant={rows.length > 0 ? `found-${active}` : undefined} placeholder={t("search.placeholder")} value={query} autocomplete="off" spellcheck={false}
          onInput={(event) => setQuery(event.currentTarget.value)} onKeyDown={onKey}
        />
        <p class="palette-state" role="status">{isError ? state : state === "busy" ? t("search.busy") : state === "done" && found.length === 0 ? t("search.none") : state === "done" ? t("search.count", { n: found.length }) : ""}</p>
        <ul class="palette-list" id="palette-list" role="listbox" aria-label={t("search.results")} ref={list}>
          {rows.map((one, index) => <Row key={one.key} id={`found-${index}`} one={one} active={index === active} onPick={() => pick(one)} onHover={() => setActive(index)} />)}
        </ul>
      </div>
    </Dialog>
  );
}
