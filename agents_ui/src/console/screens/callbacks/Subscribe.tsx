/** One's own calls in a calendar elsewhere: a private address, made anew whenever it may have been seen by others. */
import { useState } from "preact/hooks";
import { calendarAddress } from "../../callbacks";
import { tb } from "../../callbackWords";
import { attempt } from "../../errors";
import { Dialog } from "../../ui/Dialog";
import { toast } from "../../ui/Toast";

export function Subscribe({ onClose }: { onClose: () => void }) {
  const [url, setUrl] = useState("");
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    setBusy(true);
    const made = await attempt(calendarAddress);
    setBusy(false);
    if (made !== null) setUrl(new URL(made.url, location.href).href);
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(url);
    toast(tb("ics.copied"), { kind: "ok" });
  };
  return (
    <Dialog
      title={tb("ics.title")} onClose={onClose}
      actions={<><a class="button" href="/api/v1/callbacks/mine.ics" download>{tb("ics.file")}</a>{url === "" ? <button type="button" class="primary" disabled={busy} onClick={() => void make()}>{tb("ics.make")}</button> : <button type="button" class="primary" onClick={() => void copy()}>{tb("ics.copy")}</button>}</>}
    >
      <p class="muted">{tb("ics.help")}</p>
      {url !== "" && <label class="field"><span class="field-label">{tb("ics.address")}</span><input class="input" readOnly value={url} onFocus={(event) => event.currentTarget.select()} /></label>}
    </Dialog>
  );
}
