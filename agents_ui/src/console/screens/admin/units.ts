/** How each setting is shown: in which group, in which unit, between which bounds. A setting that is not here is shown as it is. */
import type { SettingRow } from "./types";

export type Unit = "s" | "min" | "h" | "day" | "MB" | "times" | "";
export interface Look { group: Group; unit?: Unit; long?: boolean; max?: number; min?: number; kind?: "colour" | "url" }
export const GROUPS = ["brand", "notice", "waits", "captures", "routing", "folio", "uploads", "survey", "sessions", "other"] as const;
export type Group = (typeof GROUPS)[number];

export const LOOKS: Readonly<Record<string, Look>> = {
  brand_name: { group: "brand" }, brand_office: { group: "brand" }, brand_accent: { group: "brand", kind: "colour" }, brand_logo_url: { group: "brand", kind: "url" },
  notice_version: { group: "notice" }, notice_address: { group: "notice", long: true }, notice_contact: { group: "notice", long: true }, notice_full_url: { group: "notice", kind: "url" },
  notice_url: { group: "notice", kind: "url" }, notice_date: { group: "notice" },
  first_reply_limit_s: { group: "waits", unit: "s" }, long_wait_s: { group: "waits", unit: "min" }, inactivity_notice_s: { group: "waits", unit: "min" }, inactivity_close_s: { group: "waits", unit: "min" },
  messaging_close_s: { group: "waits", unit: "h" }, queue_timeout_s: { group: "waits", unit: "min" }, left_contact_grace_s: { group: "waits", unit: "s" }, reopen_link_s: { group: "waits", unit: "h" }, agent_grace_s: { group: "waits", unit: "s" },
  capture_overdue_hours: { group: "captures", unit: "h" }, wrap_up_counts: { group: "captures" }, abuse_needs_warning: { group: "captures" },
  transfer_loop: { group: "routing", unit: "times" }, prefer_last_agent_s: { group: "routing", unit: "h" }, chats_beside_call: { group: "routing" }, calls_listen: { group: "routing" }, calls_whisper: { group: "routing" }, calls_barge: { group: "routing" }, calls_listen_shown: { group: "routing" }, sound: { group: "routing" },
  folio_template: { group: "folio" }, duplicate_days: { group: "folio", unit: "day" }, folio_failures: { group: "folio", unit: "times" }, folio_lock_s: { group: "folio", unit: "min" },
  upload_max_bytes: { group: "uploads", unit: "MB" }, uploads_per_day: { group: "uploads", unit: "times" },
  survey: { group: "survey" },
  session_idle_s: { group: "sessions", unit: "min" }, session_absolute_s: { group: "sessions", unit: "h" },
};
const FACTOR: Record<Unit, number> = { s: 1, min: 60, h: 3600, day: 1, MB: 1_048_576, times: 1, "": 1 };
export const lookOf = (key: string): Look => LOOKS[key] ?? { group: "other" };

/** The unit a value is shown in: its own, unless it does not come out even; then the base one. */
export function unitOf(row: SettingRow): Unit {
  const unit = lookOf(row.key).unit ?? "";
  if (typeof row.value !== "number" || !row.key.endsWith("_s")) return unit;
  return row.value % FACTOR[unit] === 0 ? unit : "s";
}
export function shown(row: SettingRow): string {
  return typeof row.value === "number" ? String(row.key === "capture_overdue_hours" ? row.value : row.value / factor(row)) : String(row.value);
}
const factor = (row: SettingRow): number => (row.key === "capture_overdue_hours" ? 1 : FACTOR[unitOf(row)]);
/** What is sent for what was typed; null when it is not a number that can be stored. */
export function parsed(row: SettingRow, typed: string): string | number | null {
  if (row.type === "str") return typed.trim();
  const value = Number(typed.replace(",", ".")) * factor(row);
  return typed.trim() === "" || !Number.isFinite(value) || value < 0 || value > 1e9 ? null : Math.round(value);
}
