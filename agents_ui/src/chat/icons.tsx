/** The few drawings of the chat, one stroke each. */
const PATHS = {
  send: "M4 12 20 4l-5 16-4-7zM11 13l9-9",
  clip: "m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5L14.5 8",
  photo: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.3 3.3 0 1 0 0-6.6 3.3 3.3 0 0 0 0 6.6",
  close: "m6 6 12 12M18 6 6 18",
  back: "m14 6-6 6 6 6",
  down: "m6 10 6 6 6-6",
};
export const Icon = ({ name }: { name: keyof typeof PATHS }) => (
  <svg viewBox="0 0 24 24" aria-hidden="true"><path d={PATHS[name]} /></svg>
);

export const IconButton = (props: { icon: keyof typeof PATHS; label: string; onClick?: () => void; class?: string; disabled?: boolean; type?: "submit" }) => (
  <button type={props.type ?? "button"} class={`icon ${props.class ?? ""}`} aria-label={props.label} title={props.label} disabled={props.disabled} onClick={props.onClick}>
    <Icon name={props.icon} />
  </button>
);
