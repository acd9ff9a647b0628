/** The reference tables as choices of search fields, with what people call things besides. */
import { choices, codeOf, labelOf, rows } from "../../reference";

type Option = { value: string; label: string; detail?: string; synonyms?: string[] };
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : []);

export const categoryChoices = (): Option[] =>
  rows("categories").map((row) => ({ value: codeOf(row), label: labelOf(row), detail: text(row["group"]) || text(row["group_name"]), synonyms: [codeOf(row), ...list(row["keywords"])] }));
export const municipalityChoices = (): Option[] =>
  rows("municipalities").map((row) => ({ value: codeOf(row), label: labelOf(row), detail: text(row["region"]), synonyms: [text(row["seat"])] }));
export const dependencyChoices = (): Option[] =>
  rows("dependencies").map((row) => ({ value: codeOf(row), label: labelOf(row), detail: text(row["acronym"]), synonyms: [text(row["former_names"]), text(row["topics"])] }));
export const areaChoices = (): Option[] => rows("areas").map((row) => ({ value: codeOf(row), label: labelOf(row), detail: codeOf(row) }));
export const queueChoices = (): Option[] => choices("queues");
/** Everybody who ever was, for looking back; and whoever is here now, for giving something to. */
export const staffChoices = (): Option[] => choices("staff");
export const activeStaffChoices = (): Option[] => rows("staff").filter((row) => row["active"] !== false).map((row) => ({ value: codeOf(row), label: labelOf(row) }));
export const dispositionChoices = (): Option[] => choices("dispositions");
