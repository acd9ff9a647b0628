/** `GET /api/v1/conversations/{id}/writing` and `GET /api/v1/admin/channels`. */
import type { Channel, Id, Ms } from "../../../shared/protocol";

export interface Limits { medium: Channel; text: number; media_bytes: number; media_types: string[]; reply_window_s: number | null; receipts: string[] }
export interface Template { id: Id; channel: string; name: string; language: string; category: string; body: string; blanks: string[]; status: string; rejection: string }
export interface WritingOf { channel: string; limits: Limits; closes_at: Ms | null; opted_out: boolean; subject: string | null; templates: Template[] }
export interface ChannelRow extends Limits { name: string; last_in: Ms | null; last_out: Ms | null; alarms: { way: string; problem: string; at: Ms }[] }
export interface TemplateRow extends Template { changed_at: Ms; listed_at: Ms }

/** A template's words with its blanks filled; an empty blank stays as a gap that can be seen. */
export const filled = (body: string, values: Readonly<Record<string, string>>): string =>
  body.replace(/\{\{\s*(\w{1,40})\s*\}\}/g, (_, name: string) => (values[name]?.trim() ? (values[name] ?? "") : "____"));

/** Why a value cannot go into a blank; the provider would refuse it. */
export const isBad = (value: string): boolean => value.trim() === "" || value.length > 300 || /[\n\r\t]| {4}/.test(value);
