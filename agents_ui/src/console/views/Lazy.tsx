/** Parts that are fetched when they are first shown, so that the desk itself comes quickly. */
import { signal } from "@preact/signals";
import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../text";

type Part = ComponentType<Record<string, unknown>>;
const FILES = import.meta.glob<{ default: Part }>(["../screens/*.tsx", "./Search.tsx", "./Help.tsx", "./Transfer.tsx", "./SidePanels.tsx", "./Call{Bar,Dialog}.tsx", "./Findings.tsx", "./WrapUp.tsx", "./Phone{Strip,Over,Settings}.tsx", "./OfferCall.tsx", "./Preferences.tsx", "./Plan.tsx", "./Script.tsx", "./Beyond.tsx", "./Undelivered.tsx"]);
const loaded = signal<Readonly<Record<string, Part>>>({});

async function read(file: string): Promise<void> {
  const load = FILES[file];
  if (load === undefined) throw new Error(`no such part: ${file}`);
  const part = (await load()).default;
  loaded.value = { ...loaded.value, [file]: part };
}

/** Fetches parts that will be wanted soon, while nothing else is going on. A failure shows when one is needed. */
export function warm(files: readonly string[]): void {
  for (const file of files) void read(file).catch(() => undefined);
}

/** One part; `fallback` keeps its place meanwhile. */
export function Lazy({ file, props, fallback }: { file: string; props?: Record<string, unknown>; fallback?: ComponentChildren }) {
  const [failed, setFailed] = useState(false);
  const Ready = loaded.value[file];
  useEffect(() => {
    setFailed(false);
    if (loaded.value[file] === undefined) read(file).catch(() => setFailed(true));
  }, [file]);
  if (Ready !== undefined) return <Ready {...props} />;
  if (failed) return <div class="nothing" role="alert"><p class="nothing-title">{t("screen.failed")}</p><button type="button" onClick={() => location.reload()}>{t("screen.reload")}</button></div>;
  return <>{fallback ?? <div class="screen-loading" role="status" aria-label={t("loading")} />}</>;
}
