/** Small pieces that all screens share. */
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t, tError } from "./text";

export const Failure = ({ code, onRetry }: { code: string; onRetry?: () => void }) => (
  <div class="failure" role="alert">
    <p>{tError(code)}</p>
    {onRetry && <button type="button" class="button" onClick={onRetry}>{t("app.retry")}</button>}
  </div>
);

/** A screen that is fetched when it is first shown, or before. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> & { fetch: () => Promise<void> } {
  let Loaded: FunctionComponent<P> | null = null;
  const fetch = async (): Promise<void> => void (Loaded ??= await load());
  const Later = (props: P) => {
    const [tries, setTries] = useState(0);
    const [isFailed, setFailed] = useState(false);
    useEffect(() => {
      // Asked for even when it is here by now: it may have come between the drawing and this.
      fetch().then(() => setTries(-1), () => setFailed(true));
    }, [tries]);
    if (Loaded !== null) return <Loaded {...props} />;
    if (!isFailed) return <p class="muted wait" role="status">{t("app.loading")}</p>;
    return <Failure code="no_answer" onRetry={() => {
      setFailed(false);
      setTries(tries + 1);
    }} />;
  };
  return Object.assign(Later, { fetch });
}
