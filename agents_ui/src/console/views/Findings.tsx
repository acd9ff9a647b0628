/** What ended without its capture: each row leads to the contact, or is justified with a reason. */
import "../text/later";
import { useState } from "preact/hooks";
import type { Finding } from "../../shared/protocol";
import { assignFinding, justify } from "../api";
import { attempt } from "../errors";
import { when } from "../format";
import { deskHash, go } from "../route";
import { agentName, apply, can, findings, minute, state } from "../store";
import { t, tMaybe } from "../text";
import { Dialog } from "../ui/Dialog";
import { Icon } from "./Icon";

export type Open = Pick<Finding, "id" | "kind" | "agent">;

export function Justify({ finding, onClose }: { finding: Open; onClose: () => void }) {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);
  const save = async (): Promise<void> => {
    if (text.trim().length < 5) return setWrong(true);
    if ((await attempt(() => justify(finding.id, text.trim()))) === null) return;
    apply((before) => {
      const { [finding.id]: _, ...rest } = before.findings;
      return { ...before, findings: rest };
    });
    onClose();
  };
  return (
    <Dialog
      title={t("finding.justify")}
      onClose={onClose}
      actions={<button type="button" class="primary" onClick={() => void save()}>{t("finding.save")}</button>}
    >
      <p>{tMaybe(`finding.${finding.kind}`, finding.kind)}</p>
      <label class="field">
        <span class="field-label">{t("finding.reason")}</span>
        <textarea rows={3} value={text} maxLength={300} aria-invalid={wrong} aria-describedby="justify-error" onInput={(event) => setText(event.currentTarget.value)} />
        <span class="field-error" id="justify-error" role="alert">{wrong ? t("finding.reasonShort") : ""}</span>
      </label>
    </Dialog>
  );
}

/** Puts the finding into somebody's list; the row with its new owner comes by the socket, as to everybody. */
export function Assign({ finding, onClose }: { finding: Open; onClose: () => void }) {
  const [to, setTo] = useState("");
  const [wrong, setWrong] = useState(false);
  const people = Object.values(state.value?.agents ?? {})
    .filter((one) => one.id !== finding.agent)
    .sort((a, b) => a.name.localeCompare(b.name));
  const save = async (): Promise<void> => {
    if (to === "") return setWrong(true);
    if ((await attempt(() => assignFinding(finding.id, to))) !== null) onClose();
  };
  return (
    <Dialog
      title={t("finding.assign")}
      onClose={onClose}
      actions={<button type="button" class="primary" onClick={() => void save()}>{t("finding.assign")}</button>}
    >
      <p>{tMaybe(`finding.${finding.kind}`, finding.kind)}</p>
      <label class="field">
        <span class="field-label">{t("finding.assignTo")}</span>
        <select value={to} aria-invalid={wrong} aria-describedby="assign-error" onChange={(event) => { setTo(event.currentTarget.value); setWrong(false); }}>
          <option value="">{t("choose")}</option>
          {people.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
        </select>
        <span class="field-error" id="assign-error" role="alert">{wrong ? t("finding.assignNeeded") : ""}</span>
      </label>
    </Dialog>
  );
}

export default function Findings() {
  const [open, setOpen] = useState<Finding | null>(null);
  const [giving, setGiving] = useState<Finding | null>(null);
  if (findings.value.length === 0) return null;
  return (
    <section class="list-section" aria-label={t("findings.title")}>
      <h2 class="warn">{t("findings.title")} <span class="count">{findings.value.length}</span></h2>
      <ul class="rows">
        {findings.value.map((one) => (
          <li key={one.id} class="finding">
            <button type="button" class="row" data-row={one.id} onClick={() => go(deskHash(one.interaction))}>
              <span class="channel"><Icon name="wrap" size={16} /></span>
              <span class="row-main">
                <span class="row-top"><span class="row-name">{one.label ?? t("item.anonymous")}</span><span class="clock">{when(one.opened_at, minute.value)}</span></span>
                <span class="row-bottom"><span class="row-text">{[tMaybe(`finding.${one.kind}`, one.kind), agentName(one.agent)].filter(Boolean).join(" · ")}</span></span>
              </span>
            </button>
            {can("work.assign") && <button type="button" class="link" onClick={() => setGiving(one)}>{t("finding.assign")}</button>}
            <button type="button" class="link" onClick={() => setOpen(one)}>{t("finding.justify")}</button>
          </li>
        ))}
      </ul>
      {giving !== null && <Assign finding={giving} onClose={() => setGiving(null)} />}
      {open !== null && <Justify finding={open} onClose={() => setOpen(null)} />}
    </section>
  );
}
