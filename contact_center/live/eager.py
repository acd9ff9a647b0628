"""Running a coroutine at once as far as it goes, so that what does not have to wait costs no task."""

from collections.abc import Coroutine, Generator
from typing import Any


class Rest:
    """What is left of a coroutine that had to wait: await it to go on. Closed when nobody will."""

    __slots__ = ("_coroutine", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        try:
            yield self._waits_for
        except BaseException:
            self._coroutine.close()
            raise
        return (yield from self._coroutine.__await__())


def begin(coroutine: Coroutine[Any, Any, Any]) -> Rest | None:
    """Run `coroutine` until it first has to wait. Returns None when it ran through, else what is left.

    It must not ask which task it runs in: the rest runs in the one that awaits it. Raises what it raises.
    """
    try:
        waits_for = coroutine.send(None)
    except StopIteration:
        return None
    return Rest(coroutine, waits_for)
