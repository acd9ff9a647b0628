"""Time and ids that a test decides."""

from datetime import UTC, datetime, timedelta
from itertools import count

import anyio.lowlevel

MORNING = datetime(2026, 11, 24, 16, 12, tzinfo=UTC)
"""Tuesday 24 November 2026, 09:12 in Hermosillo: the office is open."""


class ManualClock:
    """A clock that stands still until it is told."""

    def __init__(self, now: datetime = MORNING) -> None:
        self._now = now
        self._monotonic = 1_000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._now += timedelta(seconds=seconds)
        self._monotonic += seconds


class AdvancingClock(ManualClock):
    """A clock on which sleeping takes no time but passes it: whoever paces itself can be watched pacing."""

    async def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))
        await anyio.lowlevel.checkpoint()


class SequentialIds:
    """UUID-shaped ids in order, and tokens that say which they are. `node` keeps two houses' ids apart."""

    def __init__(self, node: int = 0) -> None:
        self._node = node
        self._ids = count(1)
        self._tokens = count(1)

    def new(self) -> str:
        number = next(self._ids)
        return f"01900000-0000-7000-{0x8000 + self._node:04x}-{number:012x}"

    def token(self) -> str:
        return f"token-{self._node}-{next(self._tokens):06d}-" + "x" * 30
