"""The outbox at work: claims what may go, hands it to its channel outside of any transaction, writes what became of it.

One loop a channel. The pause between two sendings is kept here to the instant; the rate of all nodes together by the
claim. A channel whose provider fails again and again is left alone for a while (PROMISES P14, P23, P24).
"""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import anyio
import structlog
from anyio.abc import TaskGroup

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.outbox import LEASE_S, Claim, Found, Health, Settle
from contact_center.actions.writer import Writer
from contact_center.crash import crash_point
from contact_center.errors import ContactCenterError, Missing, ProviderError
from contact_center.live.hub import Hub
from contact_center.ports import BlobStore, Channel, Clock
from contact_center.rules.backoff import Breaker, Outcome, Patience, delay_s
from contact_center.rules.messaging import ChannelLimits, OutboundFile, OutboundMessage, parts_of
from contact_center.store import outbox as store
from contact_center.store.db import Database

IDLE_S: Final = 1.0
"""How late a message can be when no nudge came."""
SEND_S: Final = 40.0
"""How long one sending may take; less than its lease."""
AT_ONCE: Final = 16
LOOK_EVERY_S: Final = 30.0
PATIENCE: Final = Patience(base_s=1.0, most_s=300.0, tries=12)

assert SEND_S < LEASE_S

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Sent:
    outcome: Outcome
    parts: int = 1
    external_ids: Sequence[str] = ()
    error: str | None = None
    again_in_s: float = 0.0


class Outbox:
    """Serve with `run()` inside the process's task group."""

    def __init__(
        self,
        db: Database,
        writer: Writer,
        hub: Hub,
        clock: Clock,
        blobs: BlobStore,
        channels: Sequence[Channel],
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._blobs = blobs
        self._channels = {one.name: one for one in channels}
        self._draw = draw
        self._breakers = {name: Breaker() for name in self._channels}
        self._paces = {name: Pace(clock, one.limits) for name, one in self._channels.items()}
        self._down = dict.fromkeys(self._channels, False)
        self._woken = {name: hub.listen() for name in self._channels}
        self._on_their_way = dict.fromkeys(self._channels, 0)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with anyio.create_task_group() as tasks:
            for name in self._channels:
                tasks.start_soon(self._serve, name, name=f"outbox {name}")
                if self._channels[name].limits.can_look_up:
                    tasks.start_soon(self._reconcile, name, name=f"outbox doubts {name}")

    async def _serve(self, name: str) -> None:
        """Keep every lane of a channel busy: one that the provider keeps waiting holds up no other."""
        async with anyio.create_task_group() as tasks:
            while True:
                with anyio.move_on_after(IDLE_S):
                    await self._woken[name].wait()
                self._woken[name].clear()
                try:
                    while rows := await self._claim(name):
                        self._start(name, rows, tasks)
                    await self._tell_health(name)
                except ContactCenterError as error:
                    log.warning("outbox_refused", channel=name, code=error.code)
                    await self._clock.sleep(IDLE_S)

    async def step(self, name: str) -> int:
        """Send what may go now over one channel and wait for its end; return how many sendings that were."""
        rows = await self._claim(name)
        async with anyio.create_task_group() as tasks:
            self._start(name, rows, tasks)
        await self._tell_health(name)
        return len(rows)

    async def _claim(self, name: str) -> Sequence[Mapping[str, Any]]:
        """Lease what the free lanes of a channel can take."""
        room = self._breakers[name].room(self._clock.monotonic(), AT_ONCE - self._on_their_way[name])
        if room <= 0 or self._paces[name].held_s > 0 or not await self._is_anything_due(name):
            return ()
        claimed = await self._writer.submit(SYSTEM, "outbox.claim", Claim(channel=name, limit=room))
        rows: Sequence[Mapping[str, Any]] = claimed["messages"]
        return rows

    def _start(self, name: str, rows: Sequence[Mapping[str, Any]], tasks: TaskGroup) -> None:
        for row in rows:
            self._on_their_way[name] += 1
            tasks.start_soon(self._lane, name, row)

    async def _lane(self, name: str, row: Mapping[str, Any]) -> None:
        try:
            await self._one(name, row)
        finally:
            self._on_their_way[name] -= 1
            self._woken[name].set()

    async def _is_anything_due(self, name: str) -> bool:
        """Look without writing, so that an idle channel costs the writer nothing."""
        now = self._clock.now()
        async with self._db.read() as conn:
            return bool(await store.is_due(conn, name, now))

    async def _one(self, name: str, row: Mapping[str, Any]) -> None:
        sent = await self._send(name, row)
        body = Settle(
            id=row["id"],
            epoch=row["epoch"],
            outcome=sent.outcome.value,
            parts=sent.parts,
            external_ids=tuple(sent.external_ids),
            error=sent.error,
            again_in_s=sent.again_in_s,
        )
        # The provider has answered: what it said is written down even when this node is being stopped.
        with anyio.CancelScope(shield=True):
            await self._surely(lambda: self._writer.submit(SYSTEM, "outbox.settle", body))

    async def _surely(self, write: Callable[[], Awaitable[Any]]) -> None:
        """Write within the lease, whatever the database does; after that the row is in doubt by itself."""
        with anyio.move_on_after(LEASE_S - SEND_S):
            while True:
                try:
                    await write()
                    return
                except ContactCenterError as error:
                    log.warning("settle_refused", code=error.code)
                    await self._clock.sleep(IDLE_S)

    async def _send(self, name: str, row: Mapping[str, Any]) -> _Sent:
        """Do one sending and say what became of it. Never twice."""
        channel, breaker = self._channels[name], self._breakers[name]
        parts = parts_of(row["text"], [one["media_type"] for one in row["files"]], channel.limits)
        try:
            message = await self._message(row, parts[min(row["part"], len(parts) - 1)])
        except Missing:
            return _Sent(Outcome.failed, len(parts), error="file_gone")
        await self._paces[name].wait()
        held_s = self._paces[name].held_s
        if held_s > 0:  # the provider asked for a pause while this one waited its turn
            return _Sent(Outcome.again, len(parts), error="held", again_in_s=held_s)
        breaker.began()
        try:
            with anyio.fail_after(SEND_S):
                external_ids = await channel.send(message)
        except TimeoutError:
            self._broke(name)
            return _Sent(Outcome.uncertain, len(parts), error="no_answer")
        except ProviderError as error:
            return self._failed(name, row, error, len(parts))
        crash_point("after_provider_answer")
        breaker.worked()
        return _Sent(Outcome.done, len(parts), external_ids)

    def _failed(self, name: str, row: Mapping[str, Any], error: ProviderError, parts: int) -> _Sent:
        told = error.data.get("reason")
        reason = told if isinstance(told, str) else error.code
        if error.code == "uncertain":
            self._broke(name)
            return _Sent(Outcome.uncertain, parts, error="no_answer")
        if not error.retryable:
            self._breakers[name].worked()  # the provider is well, it only says no
            return _Sent(Outcome.failed, parts, error=reason)
        if error.retry_after_s is None:
            self._broke(name)
        else:
            self._breakers[name].worked()
            self._paces[name].hold(error.retry_after_s)
        if row["attempts"] >= PATIENCE.tries:
            return _Sent(Outcome.failed, parts, error=reason)
        wait_s = delay_s(row["attempts"], self._draw(), PATIENCE, retry_after_s=error.retry_after_s)
        return _Sent(Outcome.again, parts, error=reason, again_in_s=wait_s)

    def _broke(self, name: str) -> None:
        if self._breakers[name].broke(self._clock.monotonic()):
            log.error("channel_broken", channel=name)

    async def _tell_health(self, name: str) -> None:
        """Ring when a provider stopped taking anything, stop ringing when it does again."""
        is_open = self._breakers[name].is_open
        if is_open != self._down[name]:
            body = Health(channel=name, way="out", problem="provider_down" if is_open else None)
            await self._writer.submit(SYSTEM, "channel.health", body)
            self._down[name] = is_open

    async def _message(self, row: Mapping[str, Any], part: Any) -> OutboundMessage:
        chosen = [row["files"][place] for place in part.files]
        files = [OutboundFile(one["name"], one["media_type"], await self._read(one["blob"])) for one in chosen]
        return OutboundMessage(
            id=f"{row['id']}.{row['part']}",
            conversation_id=row["conversation_id"],
            address=row["address"],
            text=part.text,
            files=tuple(files),
            reply_to=row["reply_to"],
            last_citizen_at=row["last_citizen_at"],
            thread=tuple(row["thread"]),
            extra=row["extra"],
        )

    async def _read(self, blob: str) -> bytes:
        return b"".join([chunk async for chunk in self._blobs.read(blob)])

    async def _reconcile(self, name: str) -> None:
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            try:
                await self.look_up(name)
            except ContactCenterError as error:
                log.warning("look_up_refused", channel=name, code=error.code)

    async def look_up(self, name: str) -> int:
        """Ask the provider about every sending in doubt whose time has come; return how many doubts ended."""
        channel, ended = self._channels[name], 0
        async with self._db.read() as conn:
            rows = await store.doubtful(conn, name, before=self._clock.now())
            envelopes = [(row, await store.envelope(conn, row)) for row in rows]
            files = {row.id: await store.files_of(conn, row.message_id) for row in rows}
        for row, envelope in envelopes:
            if envelope is None:
                continue
            parts = parts_of(envelope.text, [one.media_type for one in files[row.id]], channel.limits)
            part = parts[min(row.part, len(parts) - 1)]
            message = OutboundMessage(
                id=f"{row.id}.{row.part}",
                conversation_id=row.conversation_id,
                address=envelope.address,
                text=part.text,
                extra=row.extra or {},
            )
            try:
                with anyio.fail_after(SEND_S):
                    known = await channel.look_up(message, row.begun_at - timedelta(seconds=60))
            except (ProviderError, TimeoutError):
                continue
            ids = None if known is None else tuple(known)
            body = Found(id=row.id, epoch=row.lease_epoch, external_ids=ids, parts=len(parts))
            await self._writer.submit(SYSTEM, "outbox.found", body)
            ended += 1
        return ended


class Pace:
    """Keeps sendings of one channel apart, on this node, and holds all of them when the provider asks for it."""

    def __init__(self, clock: Clock, limits: ChannelLimits) -> None:
        self._clock = clock
        self._apart_s = 1.0 / limits.per_s
        self._next = self._held_until = 0.0

    @property
    def held_s(self) -> float:
        """Return for how long nothing may leave."""
        return max(0.0, self._held_until - self._clock.monotonic())

    async def wait(self) -> None:
        """Return when the next sending may leave; callers leave in the order they came."""
        now = self._clock.monotonic()
        mine = max(now, self._next)
        self._next = mine + self._apart_s
        if mine > now:
            await self._clock.sleep(mine - now)

    def hold(self, seconds: float) -> None:
        """Let nothing leave for a while: the provider said so of all of us."""
        self._held_until = max(self._held_until, self._clock.monotonic() + seconds)
