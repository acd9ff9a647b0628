/** What the service says of one petition. */
import type { Petition } from "../../../shared/protocol";

export interface FollowUp {
  id: string; at: number; author?: string | null; author_name?: string | null; origin: string; kind: string; text: string; visible: boolean;
  interaction?: string | null;
}
export interface Link {
  interaction: string; relation: string; by?: string | null; at: number; unlinked_at?: number | null; unlinked_by?: string | null;
  unlinked_reason?: string | null; channel: string; started_at: number; agent?: string | null;
}
export interface Change { at: number; by?: string | null; event?: string; kind?: string; from?: string | null; to?: string | null; fields?: string[]; note?: string | null; [more: string]: unknown }
export interface PetitionFile {
  petition: Petition & { duplicate_of?: string | null; conclusion?: { sense?: string; cause?: string; text?: string } | null };
  follow_ups: FollowUp[]; interactions: Link[]; moves: string[]; history?: Change[]; can?: string[];
}
export const fullName = (person: Record<string, unknown> | null | undefined): string =>
  [person?.["names"], person?.["first_surname"], person?.["second_surname"]].filter((part): part is string => typeof part === "string" && part !== "").join(" ");
