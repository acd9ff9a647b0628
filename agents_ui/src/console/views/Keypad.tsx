/** Twelve keys for whoever answers with a menu. What is typed on the keyboard counts as well. */
import { useState } from "preact/hooks";
import { press } from "../phone";
import { t } from "../text";
import { PhoneIcon } from "./PhoneIcon";
import { Popover } from "./Popover";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const SHOWN = 24;

function Keys() {
  const [sent, setSent] = useState("");
  const send = (key: string): void => {
    press(key);
    setSent((before) => (before + key).slice(-SHOWN));
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || !KEYS.includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    send(event.key);
  };
  return (
    <div class="keypad" onKeyDown={onKey}>
      <p class="keypad-sent num" role="status" aria-label={t("line.sent")}>{sent === "" ? "\u00a0" : sent}</p>
      <div class="keypad-keys">{KEYS.map((key) => <button key={key} type="button" onClick={() => send(key)}>{key}</button>)}</div>
      <p class="muted">{t("line.keypadHelp")}</p>
    </div>
  );
}

export function Keypad() {
  return <Popover label={t("line.keypad")} named button={<span class="call-deed" data-key="#"><PhoneIcon name="keypad" /> {t("line.keypad")}<kbd aria-hidden="true">#</kbd></span>} buttonClass="">{() => <Keys />}</Popover>;
}
