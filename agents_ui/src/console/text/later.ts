/** Brings the words of the parts that are loaded later; importing it is enough. */
import { extend } from "./index";
import { later } from "./later.es";

extend(later, async () => (await import("./later.en")).en);
