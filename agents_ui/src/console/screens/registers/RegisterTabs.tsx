/** The way between the registers: links, so that each has an address. */
import { route } from "../../route";
import { can } from "../../store";
import { hashOf } from "../parts/query";
import { tg } from "./words";

export const PARTS = [
  { path: "llamadas", key: "calls", action: "register.read" },
  { path: "transferidas", key: "transfers", action: "register.read" },
  { path: "informativas", key: "requests", action: "register.read" },
  { path: "sin-captura", key: "audit", action: "capture.read" },
] as const;

export function RegisterTabs() {
  const { rest, query } = route.value;
  const here = rest[0] ?? "llamadas";
  // The period goes along: one looks at the same days in each of them.
  const kept = { periodo: query.get("periodo"), atras: query.get("atras"), desde: query.get("desde"), hasta: query.get("hasta") };
  return (
    <nav class="sections" aria-label={tg("which")}>
      {PARTS.filter((one) => can(one.action)).map((one) => (
        <a key={one.path} href={hashOf(`registros/${one.path}`, one.path === "sin-captura" ? {} : kept)} aria-current={here === one.path ? "page" : undefined}>{tg(one.key)}</a>
      ))}
    </nav>
  );
}
