/** What the registers of calls read. */
import type { Id, Ms } from "../../../shared/protocol";
import type { Page } from "../parts/list";

export type Figures = Readonly<Record<string, number | null>>;
export interface Figure { key: string; unit: "count" | "share" | "seconds" | "days"; label_es: string; label_en: string; formula_es: string; formula_en: string; where: Record<string, string> | null }
export interface Grouping { key: string; label_es: string; label_en: string; filter: string }
export interface Definition { key: RegisterName; title_es: string; title_en: string; figures: Figure[]; groupings: Grouping[]; group_figures: string[] }
export type RegisterName = "calls" | "transfers" | "requests";
export interface RegisterPage<R> extends Page<R> { figures?: Figures; balances?: boolean; first: string; last: string }
export type GroupKey = string | number | null | (string | null)[];
export interface Groups { groups: { key: GroupKey; figures: Figures }[]; figures: Figures; balances: boolean; total: number; first: string; last: string }

interface Base { id: Id; interaction: Id; label: string | null; restricted: boolean }
export interface CallRow extends Base {
  started_at: Ms; direction: "inbound" | "outbound"; purpose: string; mode: string; result: string; outcome: string; number: string | null; number_kind: string;
  municipality: string | null; topic: string | null; area: Id | null; agent: Id | null; wait_s: number | null; length_s: number | null; capture: string; disposition: string | null;
  flags: string[]; late: boolean; transferred: { agent: Id | null; queue: Id | null; area: Id | null; outside: boolean; answer: string | null } | null; folios: string[];
}
export interface TransferRow extends Base {
  at: Ms; from_area: Id | null; from_agent: Id | null; to_area: Id | null; to_queue: Id | null; to_agent: Id | null; kind: string | null; reason: string; note: string | null;
  answer: string; answer_s: number | null; verified_by: Id | null; verified_at: Ms | null; folios: string[];
}
export interface RequestRow extends Base {
  kind: "inform" | "ask"; made_at: Ms; due_at: Ms; kept_at: Ms | null; closed_at: Ms | null; requested_by: Id | null; area: Id | null; agent: Id | null; folio: string | null;
  number: string | null; attempts: number; result: string; is_overdue: boolean; told: string | null; questions: number; answers: number; days: number | null;
}
