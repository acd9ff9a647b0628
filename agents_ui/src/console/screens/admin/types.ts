/** The rows of `GET /api/v1/admin/…`. */
export interface Level { queue_id: string; level: number }
export interface Member { user_id: string; level: number }
export interface UserRow {
  id: string; username: string; name: string; display_name: string; email: string | null; roles: string[]; area_id: string | null; locale: string;
  languages: string[]; skills: string[]; capacity_chat: number; capacity_voice: number; must_change_password: boolean; has_totp: boolean;
  disabled_at: number | null; created_at: number; last_login_at: number | null; queues: Level[];
}
export interface AreaRow { id: string; name: string; parent_id: string | null; takes_transfers: boolean; closed_at: number | null }
export interface QueueRow {
  id: string; name: string; area_id: string; calendar_id: string; channels: string[]; priority: number; strategy: string; offer_timeout_s: number;
  target_s: number; wrap_up_s: number; overflow_queue_id: string | null; overflow_after_s: number | null; closed_at: number | null; members: Member[];
  phone_number: string | null; recording: boolean; recording_days: number;
}
export type Span = [string, string];
export type DayKey = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export type Week = Partial<Record<DayKey, Span[]>>;
export type ClosureKind = "holiday" | "closure" | "guard";
export interface ClosureRow { id: string; calendar_id: string | null; kind: ClosureKind; name: string; starts_on: string; ends_on: string; ranges: Span[] }
/** The one with the id null carries what holds for every calendar. */
export interface HoursRow { id: string | null; name: string | null; zone: string | null; week: Week | null; closures: ClosureRow[] }
export interface ReplyRow { id: string; shortcut: string; title: string; text: string; language: string; queue_id: string | null; updated_at: number }
export interface CategoryRow {
  code: string; group_name: string; name: string; kind: string; dependency_id: string | null; priority: string; term_days: number | null; sensitive: boolean;
  keywords: string[]; area_id: string | null; closed_at: number | null;
}
export interface TextRow { key: string; locale: string; value: string | string[]; version: number; updated_at: number; placeholders: string[] }
export interface SiteRow { id: string; origin: string; name: string }
export interface SettingRow { key: string; value: string | number | boolean; default: string | number | boolean; type: "str" | "int" | "bool" }
export interface Rows<R> { rows: R[] }
