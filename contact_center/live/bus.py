"""Between nodes: only "look at the log". The bus may die, lag or lose everything, and nothing changes but latency.

One node needs none: its writer nudges its own hub. Several share a NATS server; every hub polls the log anyway
(`hub.POLL_S`), so a message that never comes costs at most that.
"""

from collections.abc import Callable
from contextlib import suppress

import anyio
import structlog
from nats.aio.client import Client
from nats.errors import Error

SUBJECT = "contact_center.look"
RETRY_S = 5.0
"""How long to leave a server alone that cannot be reached."""
CONNECT_TIMEOUT_S = 3

log = structlog.get_logger(__name__)


class NatsBus:
    """Serve with `run()` inside the process's task group; `publish` is called after every commit and never blocks."""

    def __init__(self, url: str, nudge: Callable[[], None]) -> None:
        self._url = url
        self._nudge = nudge
        self._committed = anyio.Event()

    def publish(self, _news: object = None) -> None:
        """Tell the other nodes, soon, that there is something new. Many calls become one message."""
        self._committed.set()

    async def run(self) -> None:
        """Connect, listen and publish until cancelled; come back by itself whenever the server is gone."""
        while True:
            client = Client()
            try:
                await client.connect(
                    self._url,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=1,
                    error_cb=_quiet,
                )
                await client.subscribe(SUBJECT, cb=self._heard)
                log.info("bus_connected")
                while True:
                    await self._committed.wait()
                    self._committed = anyio.Event()
                    await client.publish(SUBJECT, b"")
            except (Error, OSError) as error:
                log.warning("bus_lost", error=type(error).__name__)
                await anyio.sleep(RETRY_S)
            finally:
                with anyio.move_on_after(3, shield=True), suppress(Error, OSError):
                    await client.close()

    async def _heard(self, _message: object) -> None:
        self._nudge()


async def _quiet(_error: Exception) -> None:
    """The library would print every failed attempt; `run` logs what matters."""
