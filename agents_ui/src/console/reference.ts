/** The tables of the house that forms choose from, with one way to say a code in words. Fetched after the first paint. */
import { computed, signal } from "@preact/signals";
import { get } from "./api";
import { state } from "./store";
import { locale } from "./text";

export interface Row {
  code?: string; id?: string; key?: string; name?: string; label?: string; label_es?: string; label_en?: string;
  [more: string]: unknown;
}
export interface Reference {
  kinds: Row[]; media: Row[]; categories: Row[]; municipalities: Row[]; dependencies: Row[]; areas: Row[]; queues: Row[];
  dispositions: Row[]; no_petition_reasons: Row[]; pause_reasons: Row[]; transfer_reasons: Row[]; languages: Row[];
  emergency_lines: Row[]; staff: Row[];
}
export type Table = keyof Reference;

export const reference = signal<Reference | null>(null);

export async function loadReference(): Promise<void> {
  reference.value = await get<Reference>("reference");
}

export const codeOf = (row: Row): string => String(row.code ?? row.id ?? row.key ?? "");
export function labelOf(row: Row): string {
  const own = locale.value === "en" ? row.label_en : row.label_es;
  return String(own ?? row.label ?? row.name ?? row.label_es ?? codeOf(row));
}

const index = computed(() => {
  const tables = new Map<string, Map<string, Row>>();
  for (const [table, rows] of Object.entries(reference.value ?? {})) {
    if (Array.isArray(rows)) tables.set(table, new Map((rows as Row[]).map((row) => [codeOf(row), row])));
  }
  return tables;
});

export const rowOf = (table: Table, code: string | null | undefined): Row | null =>
  code ? (index.value.get(table)?.get(code) ?? null) : null;

/** A code in words; the code itself when the table does not know it (yet). */
export function nameOf(table: Table, code: string | null | undefined): string {
  if (!code) return "";
  const row = rowOf(table, code);
  return row === null ? code : labelOf(row);
}

export const rows = (table: Table): Row[] => reference.value?.[table] ?? [];
export const choices = (table: Table): { value: string; label: string }[] =>
  rows(table).map((row) => ({ value: codeOf(row), label: labelOf(row) }));

/** Outside Sonora: a municipality of its own, which asks for the place in words. */
export const OUTSIDE = "00000";

/** Staff by name, for mentions and transfers: colleagues in the snapshot, else the table. */
export function staffName(id: string | null | undefined): string {
  if (!id) return "";
  return state.value?.agents[id]?.name ?? nameOf("staff", id);
}
