/** The icons that only the telephone needs, on the same grid as the others. */
const PATHS = {
  mic: "M10 12a2.500 2.500 0 0 0 2.500-2.500v-4a2.500 2.500 0 0 0-5 0v4A2.500 2.500 0 0 0 10 12zM5 9.500a5 5 0 0 0 10 0M10 14.500V17M7.500 17h5",
  micOff: "M12.500 9V5.500a2.500 2.500 0 0 0-4.800-1M7.500 8v1.500a2.500 2.500 0 0 0 3.700 2.200M5 9.500a5 5 0 0 0 7.600 4.300M15 9.500c0 .9-.2 1.700-.6 2.400M10 14.500V17M7.500 17h5M3.500 3.500l13 13",
  keypad: "M5.500 4.500h.01M10 4.500h.01M14.500 4.500h.01M5.500 9h.01M10 9h.01M14.500 9h.01M5.500 13.500h.01M10 13.500h.01M14.500 13.500h.01M10 17h.01",
  hangUp: "M3 12.500c4-3.700 10-3.700 14 0l-1.800 2.500-3-1.500v-2a9 9 0 0 0-4.400 0v2l-3 1.500z",
  pause: "M7 4.500v11M13 4.500v11",
  play: "M6.500 4v12l9.500-6z",
  record: "M10 14.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9z",
  headset: "M4 13v-3a6 6 0 0 1 12 0v3M4 11.500h2.500v4H4.800A.8.8 0 0 1 4 14.700zM16 11.500h-2.500v4h1.700a.8.8 0 0 0 .8-.8z",
  join: "M7 9a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM2 15.500c.4-3 2.400-4.500 5-4.500 1.200 0 2.300.3 3.200 1M14 9.500v6M11 12.500h6",
} as const;
export type PhoneIconName = keyof typeof PATHS;

export function PhoneIcon({ name, size = 16 }: { name: PhoneIconName; size?: number }) {
  return (
    <svg class={`icon phone-icon phone-icon-${name}`} viewBox="0 0 20 20" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
