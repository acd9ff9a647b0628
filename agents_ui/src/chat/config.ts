/** What the office says of itself: asked for first, and all that the first screen needs. */
import { site } from "./embed";
import { recall, remember } from "./storage";
import { locale } from "./text";
import type { Config } from "./types";

/** The config in the language in use, or null when the service did not answer. */
export async function fetchConfig(): Promise<Config | null> {
  try {
    const answer = await fetch(`/api/v1/chat/config?${new URLSearchParams({ site, locale })}`, { credentials: "omit" });
    return answer.ok ? ((await answer.json()) as Config) : null;
  } catch {
    return null;
  }
}

/** Uses the colours of the last visit at once, and those of now when they are known. A strict policy allows the CSSOM. */
export async function paint(config?: Config): Promise<void> {
  if (config) remember("accent", (await import("./brand")).shades(config.brand.accent)?.join() ?? "");
  const [light, dark] = (recall("accent") ?? "").split(",");
  if (!light || !dark) return;
  document.documentElement.style.setProperty("--accent-light", light);
  document.documentElement.style.setProperty("--accent-dark", dark);
}
