/** The words of the registers and of one's own day. */
import { catalogue } from "../../text";
import { recordsEs } from "../../text/records.es";

export const tr = catalogue(recordsEs, async () => (await import("../../text/records.en")).recordsEn);
