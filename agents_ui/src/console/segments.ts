/** How a text goes through a telephone network: which alphabet it needs, into how many parts, how much room is left. */
const BASIC = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const EXTENDED = new Set("\f^{}\\[~]|€");

export interface Segments { alphabet: "GSM-7" | "UCS-2"; parts: number; used: number; room: number; because: string }

/** What people see as one sign; a part never ends inside one. */
const graphemes = (text: string): string[] => Array.from(new Intl.Segmenter("es").segment(text), (one) => one.segment);

/** `used` and `room` are of the last part; `because` is the first sign that needs the wide alphabet. */
export function segments(text: string): Segments {
  const because = [...text].find((one) => !BASIC.has(one) && !EXTENDED.has(one)) ?? "";
  const wide = because !== "";
  const sizes = wide ? graphemes(text).map((one) => one.length) : [...text].map((one) => (EXTENDED.has(one) ? 2 : 1));
  const total = sizes.reduce((sum, one) => sum + one, 0);
  const alone = wide ? 70 : 160;
  if (total <= alone) return { alphabet: wide ? "UCS-2" : "GSM-7", parts: 1, used: total, room: alone - total, because };
  const joined = wide ? 67 : 153;
  let parts = 1;
  let used = 0;
  for (const size of sizes) {
    if (used > 0 && used + size > joined) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return { alphabet: wide ? "UCS-2" : "GSM-7", parts, used, room: Math.max(0, joined - used), because };
}
