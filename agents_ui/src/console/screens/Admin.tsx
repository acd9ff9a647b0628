/** The administration, one section at a time. */
import type { FunctionComponent } from "preact";
import "../../styles/admin.css";
import { route } from "../route";
import { Guard } from "./parts/Guard";
import { Areas } from "./admin/Areas";
import { Categories } from "./admin/Categories";
import { Channels } from "./admin/Channels";
import { Hours } from "./admin/Hours";
import { Queues } from "./admin/Queues";
import { Replies } from "./admin/Replies";
import type { Section } from "./admin/Sections";
import { Settings } from "./admin/Settings";
import { Sites } from "./admin/Sites";
import { Texts } from "./admin/Texts";
import { Undelivered } from "./admin/Undelivered";
import { Users } from "./admin/Users";

const PARTS: Record<Section, FunctionComponent> = {
  usuarios: Users, areas: Areas, filas: Queues, horarios: Hours, respuestas: Replies, categorias: Categories, textos: Texts, sitios: Sites, canales: Channels, ajustes: Settings, "sin-entregar": Undelivered,
};

function Sectioned() {
  const section = route.value.rest[0] ?? "usuarios";
  const Part = PARTS[section as Section] ?? Users;
  return <Part key={section} />;
}

export default function Admin() {
  return <Guard action="admin.read"><Sectioned /></Guard>;
}
