/** The words of what messaging channels add to a message. */
import { beyondEs } from "./beyond.es";
import { catalogue } from "./index";

export const tb = catalogue(beyondEs, async () => (await import("./beyond.en")).beyondEn);
export type BeyondKey = keyof typeof beyondEs;
/** A key made at run time; `fallback` when the catalogue has no such words. */
export const tbMaybe = (key: string, fallback: string): string => (key in beyondEs ? tb(key as BeyondKey) : fallback);
