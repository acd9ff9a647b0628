/** Names in braces in a text: which are there, which are missing, which nobody knows. Pure. */
export const placeholdersOf = (value: string | readonly string[]): string[] =>
  [...new Set((typeof value === "string" ? [value] : value).flatMap((line) => [...line.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "")))];

export function compare(wanted: readonly string[], value: string | readonly string[]): { missing: string[]; unknown: string[] } {
  const given = placeholdersOf(value);
  return { missing: wanted.filter((one) => !given.includes(one)), unknown: given.filter((one) => !wanted.includes(one)) };
}

/** What stands in for each name in a preview. */
export const SAMPLES: Readonly<Record<string, string>> = {
  nombre_agente: "Ana Ejemplo", agente: "Ana Ejemplo", ciudadano: "María Ejemplo", nombre: "María Ejemplo", titular: "María Ejemplo", folio: "CEAC-2026-000123", horario: "lunes a viernes de 08:00 a 15:00",
  proximo_dia_habil: "lunes 24 de noviembre", posicion: "3", minutos: "4", area_destino: "Apoyos Sociales", fecha: "20 de noviembre", dependencia: "H. Ayuntamiento de Hermosillo",
  estado_legible: "En revisión", url_consulta: "la página de consulta de folios", motivo: "no procedente", area: "Call Center y Chat Sonora", fila: "Chat Sonora", hora: "10:42", oficina: "Chat Sonora",
};
export const preview = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => SAMPLES[name] ?? whole);
