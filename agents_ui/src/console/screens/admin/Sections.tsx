/** The way among the sections of the administration. */
import { route } from "../../route";
import { ta } from "./words";

export const SECTIONS = ["usuarios", "areas", "filas", "horarios", "respuestas", "categorias", "textos", "sitios", "canales", "ajustes", "sin-entregar"] as const;
export type Section = (typeof SECTIONS)[number];

export function Sections() {
  const here = route.value.rest[0] ?? SECTIONS[0];
  return (
    <nav class="sections" aria-label={ta("sections")}>
      {SECTIONS.map((one) => <a key={one} href={`#/admin/${one}`} aria-current={one === here ? "page" : undefined}>{ta(`section.${one}`)}</a>)}
    </nav>
  );
}
