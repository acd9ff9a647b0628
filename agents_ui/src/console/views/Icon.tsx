/** Line icons of one weight, drawn on a 20 px grid. They are decoration: whoever uses one says the words beside it. */
const PATHS = {
  inbox: "M3 11.5 5 4.5h10l2 7v4H3zM3 11.5h4l1 2h4l1-2h4",
  folder: "M5 3h7l3 3v11H5zM12 3v3h3M7.5 10h5M7.5 13h5",
  list: "M7 5h10M7 10h10M7 15h10M3 5h.5M3 10h.5M3 15h.5",
  day: "M3 16.5h14M5.5 16V11M10 16V5M14.5 16V8.5",
  floor: "M3 4h6v5H3zM11 4h6v5h-6zM3 11h6v5H3zM11 11h6v5h-6z",
  calendar: "M3.5 5h13v11.500h-13zM3.5 8.500h13M7 3v3.500M13 3v3.500M7 12h2",
  gear: "M10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM10 3v2M10 15v2M3 10h2M15 10h2M5.1 5.1l1.4 1.4M13.5 13.5l1.4 1.4M14.9 5.1l-1.4 1.4M6.5 13.5l-1.4 1.4",
  search: "M9 14A5 5 0 1 0 9 4a5 5 0 0 0 0 10zM12.8 12.8 17 17",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M10 14.5h.01M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15z",
  web_chat: "M3.5 4.5h13v9H9l-3.5 3v-3h-2z",
  phone: "M6 3.5 8 7.5 6.5 9a9 9 0 0 0 4.5 4.5l1.5-1.5 4 2v2.5c-7 1-13.5-5.5-13-13z",
  whatsapp: "M3.5 16.5 4.6 13A6.8 6.8 0 1 1 7.2 15.5zM8 7.5c0 3 1.8 4.6 4.2 4.8M8 7.5l1 1.5M12.2 12.3 11 11.2",
  telegram: "M17 3.5 2.8 9.2l4.4 1.6L9 16.5l2.6-3.3 3.6 2.8zM7.2 10.8 17 3.5",
  sms: "M3.5 4.5h13v9H9l-3.5 3v-3h-2zM7 9h.01M10 9h.01M13 9h.01",
  email: "M3 5h14v10H3zM3 5.5l7 5.5 7-5.5",
  facebook: "M12.5 4.5H11A2.5 2.5 0 0 0 8.5 7v10M6.5 10h5.5",
  in_person: "M10 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
  webhook: "M6 6.5h8v7H6zM3 10h3M14 10h3",
  person: "M10 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c.5-3.5 3-5 6-5s5.5 1.5 6 5",
  people: "M7.5 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2.5 16c.4-3 2.4-4.5 5-4.5s4.6 1.5 5 4.5M13 4.5a2.3 2.3 0 0 1 0 4.3M14.5 12c1.8.5 2.8 1.9 3 4",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  flag: "M5 17V3.5h9l-2 3.5 2 3.5H5",
  alert: "M10 3 2.5 16.5h15zM10 8v4M10 14.2h.01",
  clip: "M14.5 9.5 9.8 14.2a3 3 0 0 1-4.3-4.3l5.6-5.5a2 2 0 0 1 2.9 2.9l-5.4 5.3a1 1 0 0 1-1.4-1.4l4.6-4.6",
  send: "M10 16V4M5 9l5-5 5 5",
  note: "M4 3.5h12v9l-4 4H4zM12 16.5v-4h4M7 7.5h6M7 10.5h3",
  transfer: "M3 7h12M12 4l3 3-3 3M17 13H5M8 10l-3 3 3 3",
  back: "M8 5 3.5 9.5 8 14M4 9.5h8a4 4 0 0 1 4 4V16",
  check: "M4 10.5 8 14.5 16 5.5",
  checks: "M2 10.5l4 4 7.5-8.5M10 14.5 18 5.5",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.8 1.8",
  moon: "M16 12.2A6.7 6.7 0 0 1 7.8 4a6.7 6.7 0 1 0 8.2 8.2z",
  sun: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5v1.7M10 15.8v1.7M2.5 10h1.7M15.8 10h1.7M4.7 4.7l1.2 1.2M14.1 14.1l1.2 1.2M15.3 4.7l-1.2 1.2M5.9 14.1l-1.2 1.2",
  close: "M5 5l10 10M15 5 5 15",
  down: "M5 7.5l5 5 5-5",
  right: "M7.5 5l5 5-5 5",
  eye: "M2.5 10c2-3.5 4.5-5 7.5-5s5.5 1.5 7.5 5c-2 3.5-4.5 5-7.5 5s-5.5-1.5-7.5-5zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  edit: "M4 16l.7-3.200L13.5 4l2.5 2.5-8.8 8.800zM11.5 6l2.5 2.5",
  plus: "M10 4v12M4 10h12",
  link: "M8.5 11.500l3-3M7 9l-2 2a2.8 2.8 0 0 0 4 4l2-2M13 11l2-2a2.8 2.8 0 0 0-4-4L9 7",
  retry: "M4 10a6 6 0 1 1 1.8 4.300M4 15.500v-4h4",
  download: "M10 3v9M6 8.500l4 4 4-4M4 16.500h12",
  bell: "M5 14V9a5 5 0 0 1 10 0v5l1.5 1.500h-13zM8.5 17.500h3",
  sound: "M3.5 8v4H6l4 3.500v-11L6 8zM13 7.500a3.5 3.5 0 0 1 0 5M15.2 5.500a6.5 6.5 0 0 1 0 9",
  exit: "M8 3.500H4v13h4M12 6.500l3.5 3.5-3.5 3.500M15 10H7.5",
  shield: "M10 2.8 4 5v5c0 3.6 2.5 6 6 7.3 3.5-1.3 6-3.7 6-7.300V5z",
  wrap: "M4 4h12v12H4zM7 10l2 2 4-4",
  pin: "M10 17.500c3.5-4 5-6.4 5-8.800a5 5 0 0 0-10 0c0 2.4 1.5 4.8 5 8.800zM10 10.200a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.400z",
  reply: "M8 5 3.5 9.5 8 14M4 9.500h7.500a5 5 0 0 1 5 5v1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** The way a contact came in, as a mark with its name for whoever cannot see it. */
export function ChannelIcon({ channel, label }: { channel: string; label: string }) {
  const name = channel in PATHS ? (channel as IconName) : "web_chat";
  return (
    <span class="channel" title={label}>
      <Icon name={name} size={16} />
      <span class="sr-only">{label}</span>
    </span>
  );
}
