/** Brings the words of the telephone; importing it is enough. */
import { extend } from "./index";
import { phoneEs } from "./phone.es";

extend(phoneEs, async () => (await import("./phone.en")).phoneEn);
