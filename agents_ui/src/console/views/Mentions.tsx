/** Notes that name me, until I have opened them. */
import { signal } from "@preact/signals";
import type { Mention } from "../../shared/protocol";
import { when } from "../format";
import { staffName } from "../reference";
import { deskHash, go } from "../route";
import { minute, state } from "../store";
import { t } from "../text";
import { Icon } from "./Icon";

const SEEN = "console.mentions";
const seen = signal<readonly string[]>((localStorage.getItem(SEEN) ?? "").split(" "));
const keyOf = (one: Mention): string => `${one.conversation}/${one.seq}`;

function open(one: Mention): void {
  seen.value = [...seen.value, keyOf(one)].slice(-100);
  localStorage.setItem(SEEN, seen.value.join(" "));
  go(deskHash(one.conversation));
}

export function Mentions() {
  const fresh = (state.value?.mentions ?? []).filter((one) => !seen.value.includes(keyOf(one)));
  if (fresh.length === 0) return null;
  return (
    <section class="list-section" aria-label={t("mentions.title")}>
      <h2>{t("mentions.title")} <span class="count">{fresh.length}</span></h2>
      <ul class="rows">
        {fresh.map((one) => (
          <li key={keyOf(one)}>
            <button type="button" class="row" data-row={keyOf(one)} onClick={() => open(one)}>
              <span class="channel"><Icon name="note" size={16} /></span>
              <span class="row-main">
                <span class="row-top"><span class="row-name">{staffName(one.by)}</span><span class="clock">{when(one.at, minute.value)}</span></span>
                <span class="row-bottom"><span class="row-text">{t("mentions.row")}</span></span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
