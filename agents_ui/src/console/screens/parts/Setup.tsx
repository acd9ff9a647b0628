/** The first account of an empty house, made with the address that the service printed when it started. */
import { useState } from "preact/hooks";
import { newId } from "../../../shared/uuid";
import { ApiError } from "../../api";
import { Field } from "../../ui/Field";
import { toast } from "../../ui/Toast";
import { PasswordField } from "./PasswordField";
import { SHORTEST, signInError, tl } from "./signin";

async function create(fields: Record<string, string>): Promise<void> {
  const response = await fetch("/api/v1/setup", { method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(fields), credentials: "same-origin" })
    .catch(() => { throw new ApiError(0, "no_answer", ""); });
  if (response.ok) return;
  const { error } = (await response.json().catch(() => ({}))) as { error?: { code?: string; fields?: Record<string, string>; retry_after_s?: number } };
  const code = error?.code === "invalid" ? (Object.values(error.fields ?? {})[0] ?? "invalid") : (error?.code ?? `http_${response.status}`);
  throw new ApiError(response.status, code, "", {}, {}, error?.retry_after_s ?? null);
}

export function Setup({ token, onDone }: { token: string; onDone: () => void }) {
  const [values, setValues] = useState({ name: "", username: "", password: "", again: "" });
  const [left, setLeft] = useState<Readonly<Record<string, boolean>>>({});
  const [refused, setRefused] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [form] = useState(() => `setup-${newId().slice(0, 4)}`);
  const errors: Record<keyof typeof values, string | null> = {
    name: values.name.trim() === "" ? tl("needName") : null, username: values.username.trim().length < 3 ? tl("needUsername") : null,
    password: values.password.length < SHORTEST ? tl("tooShort") : null, again: values.again !== values.password ? tl("differ") : null,
  };
  const part = (name: keyof typeof values) => ({
    id: `${form}-${name}`, value: values[name], error: left[name] === true ? errors[name] : null, onBlur: (): void => setLeft((before) => ({ ...before, [name]: true })),
  });
  const set = (name: keyof typeof values, value: string): void => setValues((before) => ({ ...before, [name]: value }));
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setLeft({ name: true, username: true, password: true, again: true });
    setRefused(null);
    const bad = (Object.keys(errors) as (keyof typeof errors)[]).find((name) => errors[name] !== null);
    if (bad !== undefined) return document.getElementById(`${form}-${bad}`)?.focus();
    setBusy(true);
    try {
      await create({ token, username: values.username.trim(), name: values.name.trim(), password: values.password });
      toast(tl("created"), { kind: "ok" });
      onDone();
    } catch (cause) {
      setRefused(signInError(cause));
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="login">
      <form class="login-card" noValidate onSubmit={(event) => void submit(event)}>
        <p class="login-office">{tl("office")}</p>
        <h1>{tl("setupTitle")}</h1>
        <p class="login-intro">{tl("setupIntro")}</p>
        {refused !== null && <p class="login-error" role="alert"><span aria-hidden="true">▲ </span>{refused}</p>}
        <Field label={tl("name")} required autocomplete="name" maxLength={200} {...part("name")} onInput={(event) => set("name", (event.target as HTMLInputElement).value)} />
        <Field label={tl("username")} required autocomplete="username" autocapitalize="none" maxLength={60} help={tl("usernameHelp")} {...part("username")} onInput={(event) => set("username", (event.target as HTMLInputElement).value)} />
        <PasswordField label={tl("next")} required autocomplete="new-password" help={tl("nextHelp")} {...part("password")} onInput={(value) => set("password", value)} />
        <PasswordField label={tl("again")} required autocomplete="new-password" {...part("again")} onInput={(value) => set("again", value)} />
        <div class="login-actions"><button type="submit" class="primary" disabled={busy}>{tl(busy ? "saving" : "create")}</button></div>
      </form>
    </main>
  );
}
