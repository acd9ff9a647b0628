/** Brings the words of the parts that are loaded later; importing it is enough. */
import { after } from "./after.es";
import { extend } from "./index";
import { later } from "./later.es";

extend({ ...later, ...after }, async () => ({ ...(await import("./later.en")).en, ...(await import("./after.en")).en }));
