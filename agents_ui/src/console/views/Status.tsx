/** Whether I want work: the state, for how long, and the reasons of a pause. */
import { setAgentState } from "../api";
import { choices } from "../reference";
import { agent, apply, me } from "../store";
import { t, type Key } from "../text";
import { toastError } from "../errors";
import { nameOf } from "../reference";
import { Clock } from "./Clock";
import { Icon } from "./Icon";
import { Popover } from "./Popover";

async function change(next: string, close: () => void, reason?: string): Promise<void> {
  close();
  try {
    const { agent: fresh } = await setAgentState(next, reason);
    apply((before) => {
      const known = before.agents[fresh.id];
      return known === undefined ? before : { ...before, agents: { ...before.agents, [fresh.id]: { ...known, ...fresh } } };
    });
  } catch (error) {
    toastError(error);
  }
}

export function Status() {
  const mine = agent.value;
  if (mine === null || me.value === null) return <div class="status skeleton-line" aria-hidden="true" />;
  const word = t(`agent.${mine.state}` as Key);
  const detail = mine.state === "paused" && mine.reason ? nameOf("pause_reasons", mine.reason) : "";
  return (
    <div class="status">
      <Popover
        label={`${t("status.label")}: ${word}${detail === "" ? "" : `, ${detail}`}`}
        buttonClass="status-button" named
        button={
          <>
            <span class={`dot dot-${mine.state}`} aria-hidden="true" />
            <span class="status-word">{word}</span>
            {detail !== "" && <span class="status-detail">{detail}</span>}
            <Clock since={mine.since} label={t("status.since")} />
            <Icon name="down" size={16} />
          </>
        }
      >
        {(close) => (
          <div class="pop-menu">
            <button type="button" aria-pressed={mine.state === "available"} onClick={() => void change("available", close)}>
              <span class="dot dot-available" aria-hidden="true" /> {t("agent.available")}
            </button>
            <p class="pop-title">{t("status.pause")}</p>
            {choices("pause_reasons").map((one) => (
              <button type="button" key={one.value} aria-pressed={mine.state === "paused" && mine.reason === one.value} onClick={() => void change("paused", close, one.value)}>
                <span class="dot dot-paused" aria-hidden="true" /> {one.label}
              </button>
            ))}
            <hr />
            <button type="button" aria-pressed={mine.state === "offline"} onClick={() => void change("offline", close)}>
              <span class="dot dot-offline" aria-hidden="true" /> {t("agent.offline")}
            </button>
          </div>
        )}
      </Popover>
    </div>
  );
}
