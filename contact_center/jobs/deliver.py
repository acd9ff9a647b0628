"""Orders to a voice provider on their way: claimed, sent once each, settled.

What a node claimed and never settled becomes uncertain when its lease is over: nobody sends it again by itself
(PROMISES P14). A provider that fails is left alone for a while (P23); what cannot wait is shown to its agent.
"""

import random
from typing import Any, Final

import anyio
import structlog

from contact_center.actions.call_orders import Claim, Settle
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.writer import Writer
from contact_center.crash import crash_point
from contact_center.errors import ContactCenterError
from contact_center.jobs.sending import Verdict, send_one
from contact_center.live.hub import Hub
from contact_center.ports import Clock, VoiceOrder, VoiceProvider
from contact_center.rules.backoff import Breaker, Outcome
from contact_center.rules.call_orders import PATIENCE
from contact_center.rules.calls import OrderKind
from contact_center.store import call_orders as store
from contact_center.store.db import Database

IDLE_S: Final = 1.0
"""How late an order can leave when no nudge came."""
MOST: Final = 20
"""Orders on their way at once."""
REQUEST_S: Final = 12.0
"""How long the provider may take; well below the lease of an order."""

log = structlog.get_logger(__name__)


class Orders:
    """Serve with `run()` inside the process's task group."""

    def __init__(
        self, db: Database, writer: Writer, hub: Hub, clock: Clock, provider: VoiceProvider, draw: Any = random.random
    ) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._provider = provider
        self._woken = hub.listen()
        self._draw = draw
        self._on_way = 0
        self.breaker = Breaker()

    async def run(self) -> None:
        """Deliver until cancelled. What is on its way then stays leased."""
        async with anyio.create_task_group() as tasks:
            while True:
                with anyio.move_on_after(IDLE_S):
                    await self._woken.wait()
                self._woken.clear()
                for order in await self._claim():
                    self._on_way += 1
                    tasks.start_soon(self._one, order)

    async def step(self) -> int:
        """Look once, send what is due, wait for all of it; return how many were sent."""
        claimed = await self._claim()
        async with anyio.create_task_group() as tasks:
            for order in claimed:
                self._on_way += 1
                tasks.start_soon(self._one, order)
        return len(claimed)

    async def _claim(self) -> list[dict[str, Any]]:
        now = self._clock.now()
        async with self._db.read() as conn:
            wanted = len(await store.ready(conn, now, MOST)) or len(await store.lost(conn, now, 1))
        room = self.breaker.room(self._clock.monotonic(), min(wanted, MOST - self._on_way))
        if not wanted or room <= 0:
            return []
        try:
            answer = await self._writer.submit(SYSTEM, "order.claim", Claim(limit=room))
        except ContactCenterError as error:
            log.warning("orders_not_claimed", code=error.code)
            return []
        claimed: list[dict[str, Any]] = answer["orders"]
        return claimed

    async def _one(self, order: dict[str, Any]) -> None:
        try:
            verdict = await self._send(order)
            crash_point("order_sent")
            await self._settle(order, verdict)
        finally:
            self._on_way -= 1

    async def _send(self, order: dict[str, Any]) -> Verdict:
        asked = VoiceOrder(
            id=order["id"],
            kind=OrderKind(order["kind"]),
            call_id=order["call_id"],
            provider_call_id=order["provider_call_id"],
            room=order["room"],
            number=order["number"],
            line=order["line"],
            data=order["data"],
        )
        crash_point("order_leased")
        return await send_one(
            lambda: self._provider.perform(asked),
            attempt=order["attempts"],
            patience=PATIENCE,
            timeout_s=REQUEST_S,
            breaker=self.breaker,
            clock=self._clock,
            draw=self._draw(),
            provider=self._provider.name,
        )

    async def _settle(self, order: dict[str, Any], verdict: Verdict) -> None:
        body = Settle(
            id=order["id"],
            epoch=order["epoch"],
            outcome=verdict.outcome.value,
            provider_id=(verdict.provider_id or "")[:64] or None,
            error=verdict.error,
            again_in_s=min(3_600.0, verdict.again_in_s),
        )
        if verdict.outcome is not Outcome.done:
            log.warning("order_not_done", kind=order["kind"], outcome=verdict.outcome.value, error=verdict.error)
        try:
            await self._writer.submit(SYSTEM, "order.settle", body)
        except ContactCenterError as error:  # it stays leased, and is uncertain when that is over
            log.error("order_not_settled", kind=order["kind"], code=error.code)
