/** Whose console this is, before anybody signed in: the name and colour that the citizen's chat shows to everybody. */
import { signal } from "@preact/signals";

export const office = signal<string | null>(null);

/** Without an answer the page stays neutral; signing in does not need it. */
export async function loadOffice(): Promise<void> {
  try {
    const response = await fetch("/api/v1/chat/config", { headers: { Accept: "application/json" } });
    if (!response.ok) return;
    const { brand } = (await response.json()) as { brand?: { office?: string; accent?: string | null } };
    if (typeof brand?.office === "string" && brand.office !== "") office.value = brand.office;
    if (typeof brand?.accent === "string" && /^#[0-9a-f]{6}$/i.test(brand.accent)) document.documentElement.style.setProperty("--brand", brand.accent);
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error;
  }
}
