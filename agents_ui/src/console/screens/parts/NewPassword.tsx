/** Choosing a password: the one that was given for the first time, or one's own again. */
import { useState } from "preact/hooks";
import { changePassword } from "../../api";
import { PasswordField } from "./PasswordField";
import { SHORTEST, signInError, tl } from "./signin";

interface Props { intro: string; current?: string; onDone: () => void | Promise<void> }

export function NewPassword({ intro, current = "", onDone }: Props) {
  // What was just typed to sign in need not be typed again.
  const [old, setOld] = useState(current);
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const [left, setLeft] = useState<Readonly<Record<string, boolean>>>({});
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const errors = {
    old: old === "" ? tl("needPassword") : null,
    next: next.length < SHORTEST ? tl("tooShort") : next === old ? tl("same") : null,
    again: again !== next ? tl("differ") : null,
  };
  const shown = (name: keyof typeof errors): string | null => (left[name] === true ? errors[name] : null);
  const leave = (name: string) => (): void => setLeft({ ...left, [name]: true });
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setLeft({ old: true, next: true, again: true });
    setRefused(null);
    const bad = (Object.keys(errors) as (keyof typeof errors)[]).find((name) => errors[name] !== null);
    if (bad !== undefined) {
      document.getElementById(`password-${bad}`)?.focus();
      return;
    }
    setBusy(true);
    try {
      await changePassword(old, next);
      await onDone();
    } catch (cause) {
      setRefused(signInError(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <p class="login-intro">{intro}</p>
      {refused !== null && <p class="login-error" role="alert"><span aria-hidden="true">▲ </span>{refused}</p>}
      {current === "" && <PasswordField label={tl("current")} id="password-old" autocomplete="current-password" value={old} onInput={setOld} onBlur={leave("old")} error={shown("old")} />}
      <PasswordField label={tl("next")} id="password-next" help={tl("nextHelp")} autocomplete="new-password" value={next} onInput={setNext} onBlur={leave("next")} error={shown("next")} />
      <PasswordField label={tl("again")} id="password-again" autocomplete="new-password" value={again} onInput={setAgain} onBlur={leave("again")} error={shown("again")} />
      <div class="login-actions"><button type="submit" class="primary" disabled={busy}>{tl(busy ? "saving" : "save")}</button></div>
    </form>
  );
}
