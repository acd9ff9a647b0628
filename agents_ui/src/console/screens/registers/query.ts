/** The address of a register: its names in Spanish, as people read them, and the service's own. */
import { param, type Params } from "../parts/query";
import type { Query } from "../parts/read";

/** The service's name of a filter → its name in the address. */
export const NAMES: Readonly<Record<string, string>> = {
  agent: "agente", direction: "direccion", purpose: "proposito", result: "resultado", outcome: "desenlace", municipality: "municipio", topic: "tema", area: "area",
  folio: "folio", hour: "hora", q: "q", from_area: "origen", to_area: "destino", answer: "respuesta", reason: "motivo", kind: "tipo", verified: "verificada",
};
export const PERIODS = ["hoy", "ayer", "semana", "quincena", "mes", "trimestre", "anio", "rango"] as const;
export type PeriodName = (typeof PERIODS)[number];
const API: Record<PeriodName, string> = { hoy: "today", ayer: "yesterday", semana: "week", quincena: "fortnight", mes: "month", trimestre: "quarter", anio: "year", rango: "range" };

export const period = (): PeriodName => {
  const given = param("periodo") as PeriodName;
  return PERIODS.includes(given) ? given : "hoy";
};
export const back = (): number => Math.max(0, Math.trunc(Number(param("atras"))) || 0);

/** A range without days in it yet reads today. */
function spanQuery(): Query {
  const name = period();
  if (name !== "rango") return { period: API[name], back: back() || null };
  const from = param("desde") || param("hasta");
  return from === "" ? { period: "today" } : { period: "range", from, to: param("hasta") || null };
}

/** What the service is asked, from the address; only filters this register has. */
export function queryOf(filters: readonly string[]): Query {
  const chosen = Object.fromEntries(filters.map((name) => [name, param(NAMES[name] ?? name)]));
  return { ...spanQuery(), ...chosen };
}

export interface Order { key: string; descending: boolean }
/** `orden=wait` rising, `orden=-wait` falling. */
export function orderOf(first: string, known: readonly string[]): Order {
  const given = param("orden");
  const key = given.replace(/^-/, "");
  return known.includes(key) ? { key, descending: given.startsWith("-") } : { key: first, descending: true };
}
export const orderParam = ({ key, descending }: Order): string => `${descending ? "-" : ""}${key}`;

/** A filter of the service as changes of the address: it narrows what is narrowed already. */
export function opening(where: Readonly<Record<string, string>>): Params {
  return { ...Object.fromEntries(Object.entries(where).map(([name, value]) => [NAMES[name] ?? name, value])), vista: null, ver: null };
}

/** The filter a group opens with. */
export function groupWhere(by: string, filter: string, key: string | number | null | (string | null)[]): Params {
  if (Array.isArray(key)) return { origen: key[0] ?? "none", destino: key[1] ?? "none" };
  if (by === "day") return { periodo: "rango", atras: null, desde: String(key), hasta: String(key) };
  return { [NAMES[filter] ?? filter]: key === null ? "none" : String(key) };
}
