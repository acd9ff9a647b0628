"""When to try a provider again, and when to leave it alone for a while. Pure: time and chance are parameters.

Shared by everything that is sent from rows: call orders, messages, recordings. Source: PROMISES P14, P23.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What became of a row that was sent once."""

    done = "done"
    again = "again"
    """The provider surely did nothing; it may be sent again after a while."""
    failed = "failed"
    uncertain = "uncertain"
    """It was sent and no answer came: nobody sends it again by itself."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a row is worth trying. Seconds; `tries` counts the first one."""

    base_s: float = 1.0
    most_s: float = 300.0
    tries: int = 12


def delay_s(attempt: int, draw: float, patience: Patience, *, retry_after_s: float | None = None) -> float:
    """Return the wait before the next try: full jitter, never shorter than what the provider asked for.

    `attempt` counts from 1, `draw` is a random number of [0, 1). An answer with Retry-After is obeyed exactly, with a
    tenth on top at random so that all who were refused together do not come back together.
    """
    if attempt < 1:
        raise ValueError("attempts count from 1")
    if retry_after_s is not None:
        return retry_after_s * (1 + draw / 10)
    return draw * float(min(patience.most_s, patience.base_s * 2.0 ** min(attempt, 60)))


OPEN_AFTER: Final = 5
"""Failures one after another that open a breaker."""
TRY_AFTER_S: Final = 5.0
"""How long an open breaker stays open the first time; twice as long each time that the probe fails, up to
`TRY_MOST_S`."""
TRY_MOST_S: Final = 120.0


class Breaker:
    """Whether a provider is worth asking. Time is any clock that never steps back, in seconds.

    Closed: everything passes. Open: nothing does. After a while one request passes as a probe; its end closes the
    breaker or opens it for longer. What the provider refuses for its own reasons (a 4xx) is no failure of the provider.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: float | None = None
        self._wait_s = TRY_AFTER_S
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether requests are being held back, the probe apart."""
        return self._open_until is not None

    def room(self, now: float, wanted: int) -> int:
        """Return how many of the wanted requests may leave now."""
        if self._open_until is None:
            return wanted
        if self._probing or now < self._open_until:
            return 0
        return min(1, wanted)

    def began(self) -> None:
        """Note that a request leaves; while open it is the probe."""
        self._probing = self._open_until is not None

    def worked(self) -> None:
        """Note that the provider answered."""
        self._failures = 0
        self._open_until, self._probing, self._wait_s = None, False, TRY_AFTER_S

    def broke(self, now: float) -> bool:
        """Note that the provider failed or kept silent; say whether this opened the breaker."""
        self._failures += 1
        was_open, self._probing = self._open_until is not None, False
        if was_open:
            self._wait_s = min(TRY_MOST_S, self._wait_s * 2)
        if was_open or self._failures >= OPEN_AFTER:
            self._open_until = now + self._wait_s
        return not was_open and self._open_until is not None
