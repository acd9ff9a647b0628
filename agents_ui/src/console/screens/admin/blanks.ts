/** Whether the privacy notice may be published: every blank that the office has to fill in, filled. Pure. */
import type { SettingRow } from "./types";

export const NOTICE_KEY = "aviso_privacidad_simplificado";
/** Placeholder of the notice → the setting that fills it. */
export const NOTICE_BLANKS: Readonly<Record<string, string>> = {
  domicilio: "notice_address", contacto_ut: "notice_contact", url_aviso_integral: "notice_full_url", url_aviso: "notice_url", fecha_aviso: "notice_date",
};

/** The settings that are still empty, in the order of the notice. */
export function blanks(settings: readonly SettingRow[]): string[] {
  return Object.values(NOTICE_BLANKS).filter((key) => {
    const row = settings.find((one) => one.key === key);
    return row !== undefined && String(row.value).trim() === "";
  });
}
