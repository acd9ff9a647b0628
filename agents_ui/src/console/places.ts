/** Where one may go in the console. */
import { can } from "./store";
import type { Key } from "./text";
import type { IconName } from "./views/Icon";

/** The screens of the console and the right that opens each; the rail and the palette both read this. */
export const SCREENS: { hash: string; label: Key; icon: IconName; action: string | null }[] = [
  { hash: "#/bandeja", label: "nav.desk", icon: "inbox", action: "work.see_queue" },
  { hash: "#/citas", label: "nav.callbacks", icon: "calendar", action: "callback.read" },
  { hash: "#/peticiones", label: "nav.petitions", icon: "folder", action: "petition.read" },
  { hash: "#/atenciones", label: "nav.contacts", icon: "list", action: "capture.read" },
  { hash: "#/registros", label: "nav.calls", icon: "phone", action: "register.read" },
  { hash: "#/piso", label: "nav.floor", icon: "floor", action: "floor.read" },
  { hash: "#/mi-dia", label: "nav.day", icon: "day", action: "report.own" },
  { hash: "#/admin/usuarios", label: "nav.admin", icon: "gear", action: "admin.read" },
];
export const screens = (): typeof SCREENS => SCREENS.filter((one) => one.action === null || can(one.action));
