/** The words of the floor, the registers and one's own day. */
import { catalogue } from "../../text";
import { screensEs } from "../../text/screens.es";

export const ts = catalogue(screensEs, async () => (await import("../../text/screens.en")).screensEn);
