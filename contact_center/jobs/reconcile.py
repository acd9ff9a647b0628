"""Every five minutes: the provider's own list of calls against ours. What no webhook told us is found (PROMISES P33).

A call nobody reported becomes one of ours, marked as found; one whose end was not reported ends; an order whose answer
was lost is settled by what the list shows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import anyio
import structlog

from contact_center.actions.call_orders import Resolve
from contact_center.actions.calls import FactBody, Report
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.recordings import Keep
from contact_center.actions.writer import Writer
from contact_center.errors import ContactCenterError, ProviderError
from contact_center.ports import Clock, ProviderCall, RecordingReport, VoiceProvider
from contact_center.rules.calls import NOT_REACHED, EventKind, OrderKind
from contact_center.rules.identity import normalise
from contact_center.rules.model import Direction
from contact_center.store import call_orders as order_store
from contact_center.store import calls as store
from contact_center.store import recordings as recording_store
from contact_center.store.db import Database

EVERY_S: Final = 300.0
AGAIN_S: Final = 30.0
"""After a list that could not be read."""
FIRST_LOOK: Final = timedelta(hours=24)
"""How far back the first look of a start goes: whatever happened while nobody was there."""
LOOK_BACK: Final = timedelta(hours=2)
"""How far back every other look goes; further when a call of ours is open for longer."""
SETTLED: Final = timedelta(seconds=90)
"""A call that ended less long ago may still be reported by itself."""
DIALLED_WITHIN: Final = timedelta(minutes=3)
"""How far apart our order to dial and the provider's own stamp of the call may be."""
LIST_S: Final = 120.0
_PAGE: Final = 200

log = structlog.get_logger(__name__)

_HOW: Final = {
    "busy": "busy",
    "no-answer": "no_answer",
    "failed": "out_of_service",
    "canceled": "cancelled",
}
"""How a call of ours ended that reached nobody, by the provider's word for it."""


class Reconciler:
    """Serve with `run()` inside the process's task group."""

    def __init__(self, db: Database, writer: Writer, clock: Clock, provider: VoiceProvider) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._provider = provider
        self._is_first = True

    async def run(self) -> None:
        """Compare until cancelled."""
        while True:
            await self._clock.sleep(EVERY_S if await self.step() is not None else AGAIN_S)

    async def step(self) -> int | None:
        """Compare once; return how many calls were found or ended, None when the list could not be read."""
        now = self._clock.now()
        since = now - (FIRST_LOOK if self._is_first else LOOK_BACK)
        async with self._db.read() as conn:
            oldest = await store.oldest_open(conn, self._provider.name)
        since = min(since, oldest - timedelta(minutes=1)) if oldest is not None else since
        since = max(since, now - FIRST_LOOK)
        found = 0
        try:
            with anyio.fail_after(LIST_S):
                listed = [call async for call in self._provider.calls_since(since)]
                sounds = [one async for one in self._provider.recordings_since(since)]
            for start in range(0, len(listed), _PAGE):
                found += await self._compare(listed[start : start + _PAGE], now)
            found += await self._settle(listed, since)
            found += await self._keep(sounds)
        except (ProviderError, TimeoutError) as error:
            log.warning("calls_not_compared", error=type(error).__name__)
            return None
        except ContactCenterError as error:  # the database is busy: the next look finds the same
            log.warning("calls_not_compared", code=error.code)
            return None
        self._is_first = False
        if found:
            log.info("calls_compared", found=found)
        return found

    async def _compare(self, page: Sequence[ProviderCall], now: datetime) -> int:
        if not page:
            return 0
        async with self._db.read() as conn:
            known = await store.known_of_provider(conn, self._provider.name, [one.provider_call_id for one in page])
        found = 0
        for one in page:
            is_over = one.ended_at is not None and one.ended_at <= now - SETTLED
            state = known.get(one.provider_call_id)
            if one.provider_call_id not in known:
                if is_over and not one.number.startswith("client:"):
                    report = report_of(self._provider.name, one, is_new=True, room=await self._dialled(one))
                    await self._writer.submit(SYSTEM, "call.report", report)
                    found += 1
            elif state is not None and is_over:
                await self._writer.submit(SYSTEM, "call.report", report_of(self._provider.name, one, is_new=False))
                found += 1
        return found

    async def _keep(self, sounds: Sequence[RecordingReport]) -> int:
        """Note the recordings that no webhook told of: a message left while we could not answer."""
        found = 0
        for one in sounds:
            async with self._db.read() as conn:
                known = await recording_store.by_provider(conn, one.provider, one.provider_id)
            if known is None and one.provider_call_id:
                body = Keep(
                    provider=one.provider,
                    provider_id=one.provider_id,
                    provider_call_id=one.provider_call_id,
                    kind="voicemail" if one.kind == "voicemail" else "recording",
                    seconds=max(0, min(one.seconds, 86_400)),
                )
                await self._writer.submit(SYSTEM, "recording.keep", body)
                found += 1
        return found

    async def _dialled(self, one: ProviderCall) -> str | None:
        """Return the call of ours that a line of the list is, when the answer to its order was lost."""
        number = normalise(one.number).e164
        if one.direction == Direction.inbound.value or number is None:
            return None
        first, last = one.started_at - DIALLED_WITHIN, one.started_at + DIALLED_WITHIN
        async with self._db.read() as conn:
            return await store.dialled_to(conn, self._provider.name, number, first, last)

    async def _settle(self, listed: Sequence[ProviderCall], since: datetime) -> int:
        """Settle the orders of unknown fate that the list can tell about: a call was made or not, ended or not."""
        now = self._clock.now()
        async with self._db.read() as conn:
            rows = await order_store.uncertain(conn)
            orders = [(one, await store.get(conn, one.call_id)) for one in rows if one.created_at >= since]
        settled = 0
        for order, call in orders:
            if call is None or order.created_at > now - SETTLED:
                continue
            done = _was_done(order, call, listed)
            if done is not None:
                body = Resolve(id=order.id, outcome="done" if done else "failed")
                await self._writer.submit(SYSTEM, "order.resolve", body)
                settled += 1
        return settled


def _was_done(order: Any, call: Any, listed: Sequence[ProviderCall]) -> bool | None:
    """Return whether the list shows that an order was obeyed; None when it cannot tell."""
    if order.kind == OrderKind.dial:
        to = [one for one in listed if one.direction != Direction.inbound.value]
        return any(
            normalise(one.number).e164 == call.number and abs(one.started_at - order.created_at) <= DIALLED_WITHIN
            for one in to
        )
    if order.kind == OrderKind.hang_up:
        line = next((one for one in listed if one.provider_call_id == call.provider_call_id), None)
        return None if line is None else line.ended_at is not None
    return None


def report_of(provider: str, one: ProviderCall, *, is_new: bool, room: str | None = None) -> Report:
    """Return what a line of the provider's list says, as facts under keys of its own."""
    inbound = one.direction == Direction.inbound.value
    facts: list[FactBody] = []
    if is_new:
        kind = EventKind.entered if inbound else EventKind.dialled
        facts.append(FactBody(key=f"listed:{kind.value}", kind=kind, at=one.started_at))
        if not inbound and one.status == "completed" and one.seconds > 0:
            facts.append(FactBody(key="listed:answered", kind=EventKind.answered, at=one.started_at))
    if one.ended_at is not None:
        how = _HOW.get(one.status, "completed") if not inbound else "completed"
        assert how == "completed" or how in NOT_REACHED
        data = {"how": how, "by": "system"}
        facts.append(FactBody(key="listed:ended", kind=EventKind.ended, at=one.ended_at, data=data))
    return Report(
        provider=provider,
        provider_call_id=one.provider_call_id,
        room=room,
        direction=Direction(one.direction),
        number=one.number,
        line=one.line,
        found_late=is_new and room is None,
        facts=tuple(facts),
    )
