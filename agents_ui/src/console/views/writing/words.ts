/** The words of what channels allow. */
import { catalogue } from "../../text";
import { writingEs } from "../../text/writing.es";

export const tw = catalogue(writingEs, async () => (await import("../../text/writing.en")).writingEn);
export type WritingKey = keyof typeof writingEs;
/** A key made at run time; `fallback` when the catalogue has no such words. */
export const twMaybe = (key: string, fallback: string): string => (key in writingEs ? tw(key as WritingKey) : fallback);
