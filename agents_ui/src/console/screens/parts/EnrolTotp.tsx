/** Setting up the second step: a picture for the phone, one code to prove it works, and codes for the day it is lost. */
import { useEffect, useState } from "preact/hooks";
import { totpConfirm, totpStart } from "../../api";
import { Field } from "../../ui/Field";
import { Skeleton } from "../../ui/Skeleton";
import { toast } from "../../ui/Toast";
import { signInError, tl } from "./signin";

type Start = { secret: string; picture: string };

/** The QR as an image of its own: a picture cannot run anything, whatever it holds. Alone it has to say what it is. */
async function begin(): Promise<Start> {
  const { secret, svg } = await totpStart();
  const whole = svg.includes("xmlns=") ? svg : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  return { secret, picture: URL.createObjectURL(new Blob([whole], { type: "image/svg+xml" })) };
}
const inFours = (text: string): string => text.replace(/(.{4})(?=.)/g, "$1 ");

async function copy(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  toast(tl("copied"), { kind: "ok" });
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void | Promise<void> }) {
  const [kept, setKept] = useState(false);
  const text = `${codes.join("\n")}\n`;
  const [file] = useState(() => URL.createObjectURL(new Blob([text], { type: "text/plain" })));
  useEffect(() => () => URL.revokeObjectURL(file), [file]);
  return (
    <div>
      <h2 class="login-subtitle">{tl("codesTitle")}</h2>
      <p class="login-intro">{tl("codesIntro")}</p>
      <ul class="login-codes num">{codes.map((one) => <li key={one}><code>{one}</code></li>)}</ul>
      <div class="login-actions">
        <button type="button" onClick={() => void copy(text)}>{tl("copy")}</button>
        <a class="button" href={file} download={tl("codesFile")}>{tl("download")}</a>
      </div>
      <div class="check">
        <input type="checkbox" id="codes-kept" checked={kept} onChange={(event) => setKept(event.currentTarget.checked)} />
        <label for="codes-kept">{tl("codesKept")}</label>
      </div>
      <div class="login-actions"><button type="button" class="primary" disabled={!kept} onClick={() => void onDone()}>{tl("continue")}</button></div>
    </div>
  );
}

export function EnrolTotp({ intro, onDone }: { intro: string; onDone: () => void | Promise<void> }) {
  const [start, setStart] = useState<Start | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    let made: Start | null = null;
    begin().then((one) => { made = one; setStart(one); }, (cause: unknown) => setError(signInError(cause)));
    return () => {
      if (made !== null) URL.revokeObjectURL(made.picture);
    };
  }, []);
  if (codes !== null) return <Codes codes={codes} onDone={onDone} />;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    const digits = code.replace(/\s/g, "");
    if (!/^\d{6}$/.test(digits)) return setError(tl("needCode"));
    setBusy(true);
    setError(null);
    try {
      setCodes((await totpConfirm(digits)).recovery_codes);
    } catch (cause) {
      setError(signInError(cause));
      setCode("");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <p class="login-intro">{intro}</p>
      {start === null && error === null ? <Skeleton lines={6} /> : start !== null && (
        <ol class="login-steps">
          <li>
            {tl("enrolStep1")}
            <img class="login-qr" src={start.picture} alt={tl("qr")} width={184} height={184} />
            <details>
              <summary>{tl("enrolStep2")}</summary>
              <p><code class="login-secret num">{inFours(start.secret)}</code> <button type="button" class="link" onClick={() => void copy(start.secret)}>{tl("copy")}</button></p>
            </details>
          </li>
          <li>
            <Field label={tl("enrolStep3")} id="enrol-code" class="input login-digits num" inputMode="numeric" autocomplete="one-time-code" maxLength={7} value={code} error={error} onInput={(event) => setCode((event.target as HTMLInputElement).value)} />
          </li>
        </ol>
      )}
      {start === null && error !== null && <p class="login-error" role="alert">{error}</p>}
      <div class="login-actions"><button type="submit" class="primary" disabled={busy || start === null}>{tl("activate")}</button></div>
    </form>
  );
}
