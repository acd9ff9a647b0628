/** What every form says. */
import { fill, locale, type Vars } from "../../text";

const ES = {
  save: "Guardar", saving: "Guardando…", saved: "Guardado", cancel: "Cancelar", discard: "Descartar cambios",
  goOn: "Seguir editando", unsaved: "Hay cambios sin guardar", unsavedHelp: "Si cierra ahora, lo que cambió se perderá.",
  restored: "Recuperamos los cambios que no guardó.",
  restoredChanged: "Recuperamos los cambios que no guardó. Mientras tanto alguien más cambió este registro: revise antes de guardar.",
  required: "{label}: falta este dato.", tooLong: "{label}: use como máximo {n} caracteres.", number: "{label}: escriba un número entre {min} y {max}.",
  refused: "{label}: el servicio no lo aceptó ({code}).", taken: "{label}: ya existe otro igual.",
};
const EN: Record<keyof typeof ES, string> = {
  save: "Save", saving: "Saving…", saved: "Saved", cancel: "Cancel", discard: "Discard changes",
  goOn: "Go on editing", unsaved: "There are unsaved changes", unsavedHelp: "If you close now, what you changed will be lost.",
  restored: "We put back the changes you had not saved.",
  restoredChanged: "We put back the changes you had not saved. Meanwhile somebody else changed this record: check before saving.",
  required: "{label}: this is missing.", tooLong: "{label}: use at most {n} characters.", number: "{label}: type a number between {min} and {max}.",
  refused: "{label}: the service did not take it ({code}).", taken: "{label}: there is another one like it.",
};
export const tf = (key: keyof typeof ES, vars?: Vars): string => fill((locale.value === "en" ? EN : ES)[key], vars);

/** Checks that most fields need: the text of what is wrong, or undefined. */
export const needed = (label: string, value: string | readonly unknown[]): string | undefined =>
  (typeof value === "string" ? value.trim() : value).length === 0 ? tf("required", { label }) : undefined;
export const within = (label: string, value: string, min: number, max: number): string | undefined => {
  const number = Number(value);
  return value.trim() === "" || !Number.isInteger(number) || number < min || number > max ? tf("number", { label, min, max }) : undefined;
};
export const refusalOf = (labels: Readonly<Record<string, string>>) => (field: string, code: string): string =>
  tf(code === "taken" || code === "duplicate" || code === "not_unique" ? "taken" : code === "required" ? "required" : "refused", { label: labels[field] ?? field, code });
/** Drops fields whose check found nothing. */
export const errorsOf = (all: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter((one): one is [string, string] => one[1] !== undefined));
