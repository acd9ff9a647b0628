"""Cancels a coroutine at exactly its n-th await: every point where a caller may vanish can be tried (PROMISES P5)."""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import anyio


class CancelledAt:
    """Awaits a coroutine and is cancelled when it waits for the `at`-th time; 0 only counts.

    `awaits` is how often it waited: run once with 0 to learn how many points there are. `run_scoped` and `run_as_task`
    say how it is cancelled.
    """

    def __init__(self, inner: Coroutine[Any, Any, Any], at: int) -> None:
        self._inner = inner
        self._at = at
        self.cancel: Callable[[], object] = lambda: None
        self.awaits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        steps = self._inner.__await__()
        step: Callable[[Any], Any] = steps.send
        value: Any = None
        while True:
            try:
                waits_for = step(value)
            except StopIteration as stop:
                return stop.value
            self.awaits += 1
            if self.awaits == self._at:
                self.cancel()
            try:
                value = yield waits_for
                step = steps.send
            except BaseException as error:  # noqa: BLE001 - handed on to where it belongs
                value, step = error, steps.throw


async def run_scoped(watched: CancelledAt) -> None:
    """Run until done, or until the cancel scope around it is cancelled, as the house cuts a socket."""
    with anyio.CancelScope() as scope:
        watched.cancel = scope.cancel
        await watched


async def run_as_task(watched: CancelledAt) -> None:
    """Run until done, or until the task is cancelled: no shield holds that off."""

    async def run() -> None:
        await watched

    task = asyncio.get_running_loop().create_task(run())
    watched.cancel = task.cancel
    try:
        await task
    except asyncio.CancelledError:
        task.cancel()
        if not task.cancelled():
            raise
