"""One sending of one row, for every loop that sends: what its end means, how long to wait, when to leave a provider be.

The loops (call orders, messages, recordings) claim rows, hand each to `send_one`, and write down the verdict.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

import anyio
import structlog

from contact_center.errors import ProviderError
from contact_center.ports import Clock
from contact_center.rules.backoff import Breaker, Outcome, Patience, delay_s

UNCERTAIN: Final = "uncertain"
"""The code of a ProviderError whose request was sent and never answered."""
SILENT: Final = frozenset({UNCERTAIN, "timeout", "unreachable"})
"""Codes that say something about the provider's health, besides what is retryable."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row. `provider_id` when it is done, `error` a code, `again_in_s` when it may be sent again."""

    outcome: Outcome
    provider_id: str | None = None
    error: str | None = None
    again_in_s: float = 0.0


async def send_one(
    send: Callable[[], Awaitable[str]],
    *,
    attempt: int,
    patience: Patience,
    timeout_s: float,
    breaker: Breaker,
    clock: Clock,
    draw: float,
    provider: str,
) -> Verdict:
    """Send one row once and say what became of it; `draw` is a random number of [0, 1).

    A request that runs into our own time limit may have arrived: it is uncertain. Cancelling leaves the row leased;
    after its lease it is uncertain as well (PROMISES P14).
    """
    breaker.began()
    try:
        with anyio.fail_after(timeout_s):
            provider_id = await send()
    except TimeoutError:
        _broke(breaker, clock, provider)
        return Verdict(Outcome.uncertain, error="timeout")
    except ProviderError as error:
        return _judge(error, attempt, patience, breaker, clock, draw, provider)
    breaker.worked()
    return Verdict(Outcome.done, provider_id=provider_id)


def _judge(
    error: ProviderError, attempt: int, patience: Patience, breaker: Breaker, clock: Clock, draw: float, provider: str
) -> Verdict:
    if error.code in SILENT or error.retryable:
        # Told to slow down is an answer: the provider is well.
        if error.retry_after_s is None:
            _broke(breaker, clock, provider)
        else:
            breaker.worked()
    else:
        breaker.worked()
    if error.code == UNCERTAIN:
        return Verdict(Outcome.uncertain, error=str(error.data.get("why", UNCERTAIN))[:200])
    if not error.retryable or attempt >= patience.tries:
        return Verdict(Outcome.failed, error=error.code[:200])
    again = delay_s(attempt, draw, patience, retry_after_s=error.retry_after_s)
    return Verdict(Outcome.again, error=error.code[:200], again_in_s=again)


def _broke(breaker: Breaker, clock: Clock, provider: str) -> None:
    if breaker.broke(clock.monotonic()):
        log.warning("breaker_open", provider=provider)
