/** The office's accent, made readable on light and on dark ground whatever colour was chosen (WCAG 1.4.3). */
type Rgb = readonly [number, number, number];
export const WHITE: Rgb = [255, 255, 255];
export const BLACK: Rgb = [20, 22, 26];
const NEEDED = 4.6;

function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4)) as unknown as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
export function contrast(one: Rgb, other: Rgb): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
/** The colour, moved as little as needed away from `ground` until text of either on the other can be read. */
export function readable(colour: Rgb, ground: Rgb): Rgb {
  const away = ground === WHITE ? BLACK : WHITE;
  for (let step = 0; step < 1; step += 0.05) {
    const mixed = colour.map((part, i) => Math.round(part + (away[i]! - part) * step)) as unknown as Rgb;
    if (contrast(mixed, ground) >= NEEDED) return mixed;
  }
  return away;
}
/** `#rrggbb` as two colours, for light ground and for dark; null for anything else: the default stays. */
export function shades(accent: string | null | undefined): readonly [light: string, dark: string] | null {
  const parts = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(accent ?? "");
  if (parts === null) return null;
  const rgb = parts.slice(1).map((part) => parseInt(part, 16)) as unknown as Rgb;
  return [`rgb(${readable(rgb, WHITE).join(" ")})`, `rgb(${readable(rgb, BLACK).join(" ")})`];
}
