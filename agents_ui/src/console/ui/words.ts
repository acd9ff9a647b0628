/** The few words the kit itself says. Kept apart from the catalogues so that a kit part never pulls a screen's words in. */
import { fill, locale, type Vars } from "../text";

const ES = {
  close: "Cerrar",
  cancel: "Cancelar",
  required: "obligatorio",
  choose: "Elija una opción",
  clear: "Quitar lo elegido",
  noMatches: "Nada coincide. Pruebe con otra palabra.",
  matches: "{n} opciones",
  oneMatch: "1 opción",
  moreMatches: "Hay {n} más: siga escribiendo.",
  columns: "Columnas",
  columnsHelp: "Marque las que quiere ver y muévalas con las flechas.",
  moveUp: "Mover «{name}» antes",
  moveDown: "Mover «{name}» después",
  resetColumns: "Dejar como al inicio",
  ascending: "orden ascendente",
  descending: "orden descendente",
  totals: "Totales",
  empty: "Sin registros",
  loading: "Cargando…",
  errors: "Revise estos datos:",
  notices: "Avisos",
  dismiss: "Quitar aviso",
};

const EN: Record<keyof typeof ES, string> = {
  close: "Close",
  cancel: "Cancel",
  required: "required",
  choose: "Choose one",
  clear: "Clear the choice",
  noMatches: "Nothing matches. Try another word.",
  matches: "{n} options",
  oneMatch: "1 option",
  moreMatches: "{n} more: keep typing.",
  columns: "Columns",
  columnsHelp: "Tick the ones to see and move them with the arrows.",
  moveUp: "Move “{name}” before",
  moveDown: "Move “{name}” after",
  resetColumns: "Back to the default",
  ascending: "ascending",
  descending: "descending",
  totals: "Totals",
  empty: "No records",
  loading: "Loading…",
  errors: "Please check:",
  notices: "Notices",
  dismiss: "Dismiss",
};

export const say = (key: keyof typeof ES, vars?: Vars): string => fill((locale.value === "en" ? EN : ES)[key], vars);
