/** Where the console is: the part of the address after `#`. `#/bandeja/<interaction>`, `#/peticiones?estado=…`, … */
import { computed, signal } from "@preact/signals";

export interface Route { screen: string; rest: string[]; query: URLSearchParams }

/** Reads an address' hash; anything unreadable is the desk. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2) as [string?, string?];
  const [screen = "", ...rest] = path.split("/").filter((part) => part !== "").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return { screen: screen === "" ? "bandeja" : screen, rest, query: new URLSearchParams(query) };
}

export const route = signal<Route>(parseRoute(location.hash));
addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** The interaction open on the desk; it stays open while another screen is shown. */
let lastOpen: string | null = null;
export const openId = computed<string | null>(() => {
  const { screen, rest } = route.value;
  if (screen === "bandeja") lastOpen = rest[0] ?? null;
  return lastOpen;
});

/** Goes somewhere. `replace` leaves no step behind for «back». */
export function go(hash: string, replace = false): void {
  const target = hash.startsWith("#") ? hash : `#${hash}`;
  if (replace) {
    history.replaceState(null, "", target);
    route.value = parseRoute(target);
  } else if (location.hash !== target) {
    location.hash = target;
    route.value = parseRoute(target);
  }
}

export const deskHash = (interaction: string | null): string => (interaction === null ? "#/bandeja" : `#/bandeja/${interaction}`);
