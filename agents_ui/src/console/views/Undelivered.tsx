/** An answer that did not get through, or may not have: why, in plain words, what to do, and the deeds for it. */
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Message } from "../../shared/protocol";
import { resolveMessage } from "../api";
import { attempt } from "../errors";
import { tb, tbMaybe } from "../text/beyond";
import "../../styles/beyond.css";

export default function Undelivered({ message }: { message: Message }) {
  const [busy, setBusy] = useState(false);
  const line = useRef<HTMLSpanElement>(null);
  // It comes after the message was drawn, below what the log had scrolled to.
  useLayoutEffect(() => line.current?.scrollIntoView?.({ block: "nearest" }), []);
  const doubt = message.delivery === "uncertain";
  const reason = message.delivery_reason ?? "failed";
  const deed = (how: "again" | "arrived") => async (): Promise<void> => {
    setBusy(true);
    await attempt(() => resolveMessage(message.id, how));
    setBusy(false);
  };
  return (
    <span class="undelivered" role="status" ref={line}>
      <span>{doubt ? tb("doubt") : tbMaybe(`reason.${reason}`, tb("reason.failed"))}</span>
      {" "}<span class="muted">{doubt ? tb("do.doubt") : tbMaybe(`do.${reason}`, tb("do.failed"))}</span>
      <span class="undelivered-deeds">
        <button type="button" class="link" disabled={busy} onClick={() => void deed("again")()}>{tb("again")}</button>
        {doubt && <button type="button" class="link" disabled={busy} onClick={() => void deed("arrived")()}>{tb("arrived")}</button>}
      </span>
    </span>
  );
}
