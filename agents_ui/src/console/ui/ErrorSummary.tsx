/** What is wrong with a form, at its top, with a link to each control; it takes the focus when it appears. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { say } from "./words";

export interface FormError { field: string | null; text: string }

/** `attempt` grows with each try to save, so that the same errors take the focus again. */
export function ErrorSummary({ errors, attempt = 0 }: { errors: readonly FormError[]; attempt?: number }) {
  const box = useRef<HTMLDivElement>(null);
  const shown = errors.length > 0;
  // Before it is seen: taken a moment later, it would be from whoever already mends the first field, with what they typed.
  useLayoutEffect(() => {
    if (shown) box.current?.focus();
  }, [shown, attempt]);
  if (!shown) return null;
  return (
    <div class="error-summary" role="alert" tabIndex={-1} ref={box}>
      <p>{say("errors")}</p>
      <ul>
        {errors.map((one) => (
          <li key={`${one.field ?? ""}${one.text}`}>
            {one.field === null ? one.text : (
              <button type="button" class="link" onClick={() => document.getElementById(one.field ?? "")?.focus()}>{one.text}</button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
