"""How time passes for the simulator: really, faster, or when a test says so."""

import heapq
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final, Protocol

import anyio
import anyio.lowlevel

QUIET_ROUNDS: Final = 30
"""Turns of the event loop without work after which a simulator on virtual time counts as quiet."""


class Elapse(Protocol):
    """Time as the simulated network, callers and agents live it. Seconds are simulated seconds."""

    def now(self) -> datetime:
        """Return the present, aware UTC."""
        ...

    def limit(self, seconds: float) -> AbstractContextManager[anyio.CancelScope]:
        """Cancel what is inside after so many simulated seconds."""
        ...

    def busy(self) -> AbstractContextManager[None]:
        """Say that work goes on outside simulated time, such as waiting for a webhook's answer."""
        ...


async def sleep(elapse: Elapse, seconds: float) -> None:
    """Let simulated seconds pass."""
    if seconds <= 0:
        await anyio.lowlevel.checkpoint()
        return
    with elapse.limit(seconds):
        await anyio.sleep_forever()


class PacedTime:
    """Real time, begun now or at another moment; waits are `pace` times shorter. Stamps run as the real clock does."""

    def __init__(self, pace: float = 1.0, start: datetime | None = None) -> None:
        self.pace = pace
        self._started = start or datetime.now(UTC)  # noqa: TID251 - the clock of this process
        self._origin = time.monotonic()

    def now(self) -> datetime:
        return self._started + timedelta(seconds=time.monotonic() - self._origin)

    def limit(self, seconds: float) -> AbstractContextManager[anyio.CancelScope]:
        return anyio.move_on_after(None if seconds == inf else seconds / self.pace)

    @contextmanager
    def busy(self) -> Iterator[None]:
        yield


@dataclass(order=True, slots=True)
class _Alarm:
    due: datetime
    number: int
    scope: anyio.CancelScope = field(compare=False)
    over: bool = field(default=False, compare=False)


class VirtualTime:
    """Time that stands still until `advance`, which wakes sleepers in their order and waits for what they do."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._alarms: list[_Alarm] = []
        self._count = 0
        self._busy = 0
        self._idle = anyio.Event()

    def now(self) -> datetime:
        return self._now

    @contextmanager
    def limit(self, seconds: float) -> Iterator[anyio.CancelScope]:
        with anyio.CancelScope() as scope:
            if seconds == inf:
                yield scope
                return
            self._count += 1
            alarm = _Alarm(self._now + timedelta(seconds=seconds), self._count, scope)
            heapq.heappush(self._alarms, alarm)
            try:
                yield scope
            finally:
                alarm.over = True

    @contextmanager
    def busy(self) -> Iterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            if self._busy == 0:
                self._idle.set()

    async def advance(self, seconds: float) -> None:
        """Let simulated seconds pass; returns when everything that was due has been done."""
        target = self._now + timedelta(seconds=seconds)
        await self.settle()
        while self._alarms and self._alarms[0].due <= target:
            due = self._alarms[0].due
            self._now = max(self._now, due)
            woken = False
            while self._alarms and self._alarms[0].due <= due:
                alarm = heapq.heappop(self._alarms)
                if not alarm.over:
                    alarm.scope.cancel()
                    woken = True
            if woken:
                await self.settle()
        self._now = max(self._now, target)
        await self.settle()

    async def settle(self) -> None:
        """Return when nothing is left to do at this instant."""
        quiet = 0
        while quiet < QUIET_ROUNDS:
            await anyio.lowlevel.checkpoint()
            quiet += 1
            if self._busy:
                quiet = 0
                self._idle = anyio.Event()
                await self._idle.wait()
