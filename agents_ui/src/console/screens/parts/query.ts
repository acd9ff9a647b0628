/** The part of the address that holds a screen's filters and the row that is open, so that a view can be sent to a colleague. */
import { go, route } from "../../route";

export type Params = Readonly<Record<string, string | null | undefined>>;

/** The address of a screen with these parameters; empty ones are left out, the order is always the same. */
export function hashOf(path: string, params: Params): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params).sort(([a], [b]) => a.localeCompare(b))) {
    if (value !== null && value !== undefined && value !== "") query.set(name, value);
  }
  const text = query.toString();
  return text === "" ? `#/${path}` : `#/${path}?${text}`;
}

export const param = (name: string): string => route.value.query.get(name) ?? "";

/** Changes some parameters of the present address and keeps the rest; no step is left behind for «back» unless asked. */
export function setParams(changes: Params, step = false): void {
  const { screen, rest, query } = route.peek();
  const before = Object.fromEntries(query.entries());
  go(hashOf([screen, ...rest].map(encodeURIComponent).join("/"), { ...before, ...changes }), !step);
}
