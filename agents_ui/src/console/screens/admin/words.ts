/** The words of the administration. */
import { catalogue } from "../../text";
import { adminEs } from "../../text/admin.es";

export const ta = catalogue(adminEs, async () => (await import("../../text/admin.en")).adminEn);
export type AdminKey = keyof typeof adminEs;
/** A key made at run time; `fallback` when the catalogue has no such words. */
export const taMaybe = (key: string, fallback: string): string => (key in adminEs ? ta(key as AdminKey) : fallback);
