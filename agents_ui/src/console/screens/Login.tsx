/** Signing in: password, second step, and what has to be put in order before the console opens. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import "../../styles/login.css";
import type { Me, Session } from "../../shared/protocol";
import { ApiError, session as readSession, signIn, signOut } from "../api";
import { goLive } from "../desk";
import { go, route } from "../route";
import { session } from "../store";
import { Field } from "../ui/Field";
import { loadOffice, office } from "./parts/office";
import { EnrolTotp } from "./parts/EnrolTotp";
import { NewPassword } from "./parts/NewPassword";
import { forgetReads } from "./parts/read";
import { PasswordField } from "./parts/PasswordField";
import { Setup } from "./parts/Setup";
import { signInError, tl } from "./parts/signin";

interface Props { onSignedIn?: (me: Me, csrf: string) => void }

/** Unless told otherwise, whoever signs in goes straight to a live desk; who has none, to what they are here for. */
function enter(me: Me, csrf: string): void {
  session.value = { me, csrf };
  if (route.peek().screen === "bandeja" && !me.can.includes("work.see_queue")) go(me.can.includes("petition.read") ? "#/peticiones" : "#/admin/usuarios", true);
  void goLive();
}
type Step = "password" | "code" | "change" | "enrol";

const stepOf = (one: Session | null | undefined): Step =>
  one?.me.must_change_password === true ? "change" : one?.me.must_enrol_totp === true ? "enrol" : "password";

export default function Login({ onSignedIn = enter }: Props) {
  const token = route.value.screen === "setup" ? route.value.rest[0] : undefined;
  return token !== undefined ? <Setup token={token} onDone={() => go("#/admin/usuarios", true)} /> : <SignIn onSignedIn={onSignedIn} />;
}

function SignIn({ onSignedIn }: Required<Props>) {
  const [step, setStep] = useState<Step>(() => stepOf(session.peek()));
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [tried, setTried] = useState(false);
  const title = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    // Nothing of whoever was here before stays in memory.
    forgetReads();
    void loadOffice();
  }, []);
  useLayoutEffect(() => {
    // What is to be typed takes the focus; where there is more to read, the title does.
    if (!first.current) (document.getElementById(step === "code" ? "login-code" : step === "password" ? "login-user" : "") ?? title.current)?.focus();
    first.current = false;
  }, [step]);

  const arrive = (fresh: Session): void => {
    const next = stepOf(fresh);
    if (next === "password") return onSignedIn(fresh.me, fresh.csrf);
    setStep(next);
  };
  const goOn = async (): Promise<void> => {
    try {
      arrive(await readSession());
    } catch (cause) {
      setError(signInError(cause));
      setStep("password");
    }
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setTried(true);
    setError(null);
    if (username.trim() === "" || password === "" || (step === "code" && code.trim() === "")) {
      document.getElementById(step === "code" ? "login-code" : username.trim() === "" ? "login-user" : "login-password")?.focus();
      return;
    }
    setBusy(true);
    try {
      arrive(await signIn(username.trim(), password, step === "code" ? code.replace(/\s/g, "") : undefined));
    } catch (cause) {
      if (cause instanceof ApiError && cause.code === "totp_required") {
        setTried(false);
        setStep("code");
      } else {
        setError(signInError(cause));
        if (step === "code") setCode("");
      }
    } finally {
      setBusy(false);
    }
  };
  const leave = async (): Promise<void> => {
    await signOut().catch(() => undefined);
    location.reload();
  };
  const titles: Record<Step, string> = { password: tl("title"), code: tl("codeTitle"), change: tl("changeTitle"), enrol: tl("enrolTitle") };

  return (
    <main class="login">
      <div class="login-card">
        <p class="login-office">{office.value ?? tl("office")}</p>
        <h1 tabIndex={-1} ref={title}>{titles[step]}</h1>
        {error !== null && <p class="login-error" role="alert"><span aria-hidden="true">▲ </span>{error}</p>}
        {(step === "password" || step === "code") && (
          <form onSubmit={(event) => void submit(event)} noValidate>
            {step === "password" ? (
              <>
                <Field label={tl("username")} id="login-user" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} autofocus value={username} error={tried && username.trim() === "" ? tl("needUsername") : null} onInput={(event) => setUsername((event.target as HTMLInputElement).value)} />
                <PasswordField label={tl("password")} id="login-password" autocomplete="current-password" value={password} error={tried && password === "" ? tl("needPassword") : null} onInput={setPassword} />
              </>
            ) : (
              <Field label={tl("code")} help={tl("codeHelp")} id="login-code" class="input login-digits num" inputMode="text" autocomplete="one-time-code" autofocus value={code} maxLength={24} error={tried && code.trim() === "" ? tl("needCode") : null} onInput={(event) => setCode((event.target as HTMLInputElement).value)} />
            )}
            <div class="login-actions">
              <button type="submit" class="primary" disabled={busy}>{busy ? tl("signingIn") : step === "code" ? tl("verify") : tl("signIn")}</button>
              {step === "code" && <button type="button" class="ghost" onClick={() => { setStep("password"); setCode(""); setError(null); }}>{tl("back")}</button>}
            </div>
            {step === "password" && <p class="field-help">{tl("forgot")}</p>}
          </form>
        )}
        {step === "change" && <NewPassword intro={tl("changeIntro")} current={password} onDone={goOn} />}
        {step === "enrol" && <EnrolTotp intro={tl("enrolIntro")} onDone={goOn} />}
        {(step === "change" || step === "enrol") && <button type="button" class="link login-leave" onClick={() => void leave()}>{tl("signOut")}</button>}
      </div>
    </main>
  );
}
