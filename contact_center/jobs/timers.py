"""Time passing: leases, expiries, quiet citizens. Deadlines are rows;
these loops only look, and what is due looks again
inside its own transaction. APScheduler is the alarm clock: it rings, it remembers nothing (docs/decisions).
"""

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

import anyio
import structlog
from anyio.lowlevel import checkpoint
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from contact_center.actions import call_audit, call_line, callback_rules, calls, templates
from contact_center.actions.attachments import SweepUploads
from contact_center.actions.engine import (
    PLACE_AFTER_S,
    ConversationBody,
    HeldBody,
    ItemBody,
    Nothing,
    OfferBody,
    PlaceBody,
)
from contact_center.actions.inbound import Forget
from contact_center.actions.kernel import SYSTEM, Body
from contact_center.actions.presence import Beat, Lost
from contact_center.actions.writer import Writer
from contact_center.errors import Conflict, ContactCenterError
from contact_center.jobs import route
from contact_center.live.connection import StaffFace, VisitorFace
from contact_center.live.hub import Hub
from contact_center.ports import BlobStore, Clock
from contact_center.rules import waits
from contact_center.rules.model import Channel
from contact_center.rules.options import Options
from contact_center.store import due, people
from contact_center.store import inbound as inbound_store
from contact_center.store import options as option_store
from contact_center.store import promises as promise_store
from contact_center.store import templates as template_store
from contact_center.store import work as store
from contact_center.store.db import Database
from contact_center.store.due import Ages, Kind, Row

EVERY_S = {
    "beat": 5,
    "sweep": 1,
    "ping": 20,
    "places": 2,
    "visitors": 15,
    "sessions": 30,
    "audit": 60,
    "windows": 30,
    "hourly": 3600,
}

AT_ONCE: Final = 100
"""Clients dealt with in one go: whoever writes meanwhile does not wait for all of them."""
_ACTS: Final[Mapping[Kind, tuple[str, Callable[[Row], Body]]]] = {
    Kind.offer: ("engine.expire_offer", lambda row: OfferBody(offer_id=row.id)),
    Kind.scheduled: ("engine.due", lambda row: ItemBody(item_id=row.id)),
    Kind.promise: ("callback.break", lambda row: callback_rules.CallbackBody(callback_id=row.id)),
    Kind.wrap_up: ("engine.wrap_up_over", lambda row: ItemBody(item_id=row.id)),
    Kind.agent: ("presence.lost", lambda row: Lost(user_id=row.id)),
    Kind.no_reply: ("engine.no_first_reply", lambda row: HeldBody(item_id=row.id, epoch=row.epoch)),
    Kind.quiet: ("engine.quiet", lambda row: ConversationBody(conversation_id=row.id)),
    Kind.left: ("engine.left", lambda row: ConversationBody(conversation_id=row.id)),
    Kind.call_ended: ("call.close_out", lambda row: calls.CallBody(call_id=row.id)),
    Kind.call_alone: ("call.alone", lambda row: calls.CallBody(call_id=row.id)),
    Kind.call_unconnected: ("call.unconnected", lambda row: calls.CallBody(call_id=row.id)),
    Kind.long_wait: ("engine.long_wait", lambda row: ItemBody(item_id=row.id)),
}
"""What is done about each kind of thing that is due, in this order."""

log = structlog.get_logger(__name__)


class Timers:
    """Serve with `run()` inside the process's task group."""

    def __init__(self, db: Database, writer: Writer, hub: Hub, clock: Clock, blobs: BlobStore) -> None:
        self._db = db
        self._blobs = blobs
        self._writer = writer
        self._hub = hub
        self._clock = clock

    async def run(self) -> None:
        """Ring until cancelled. A job that fails in an unforeseen way ends the process:
        a dead timer must not look alive.
        """
        failed: list[BaseException] = []
        over = anyio.Event()
        # It would report as errors the jobs that a stop cancels, and those that `guard` answers for.
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})

        def guard(job: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[None]]:
            async def ring() -> None:
                try:
                    await job()
                except ContactCenterError as error:
                    log.warning("timer_refused", job=job.__name__, code=error.code)
                except Exception as error:  # noqa: BLE001 - it ends the process
                    failed.append(error)
                    over.set()

            return ring

        jobs = {
            "beat": self.beat,
            "sweep": self.sweep,
            "ping": self.ping,
            "places": self.places,
            "visitors": self.beat_visitors,
            "sessions": self.check_sessions,
            "audit": self.audit,
            "windows": self.windows,
            "hourly": self.hourly,
        }
        for name, job in jobs.items():
            scheduler.add_job(guard(job), "interval", seconds=EVERY_S[name], max_instances=1, id=name)
        await guard(self.catch_up)()
        scheduler.start()
        try:
            await over.wait()
        finally:
            scheduler.shutdown(wait=False)
        raise failed[0]

    async def beat(self) -> None:
        """Renew the leases of the agents connected here."""
        users = sorted({c.face.actor.id for c in self._hub.connections if isinstance(c.face, StaffFace)})
        if users:
            await self._writer.submit(SYSTEM, "presence.beat", Beat(user_ids=tuple(users)))

    async def beat_visitors(self) -> None:
        """Record which citizens are still there."""
        visitors = sorted({c.face.visitor_id for c in self._hub.connections if isinstance(c.face, VisitorFace)})
        for start in range(0, len(visitors), AT_ONCE):
            some = tuple(visitors[start : start + AT_ONCE])
            await self._writer.submit(SYSTEM, "presence.beat", Beat(visitor_ids=some))

    async def ping(self) -> None:
        """Ask every client whether it is there."""
        everybody = list(self._hub.connections)
        for start in range(0, len(everybody), AT_ONCE):
            for connection in everybody[start : start + AT_ONCE]:
                if self._hub.has(connection):
                    connection.ping()
                    self._hub.send_soon(connection)
            await checkpoint()

    async def check_sessions(self) -> None:
        """Cut sockets whose session ended without an event reaching this node (PROMISES S4)."""
        staff = [
            (c, c.face.actor.session_id)
            for c in self._hub.connections
            if isinstance(c.face, StaffFace) and c.face.actor.session_id
        ]
        if not staff:
            return
        async with self._db.read() as conn:
            for connection, session_id in staff:
                if not await people.is_session_open(conn, session_id):
                    connection.cut(4401, "session ended")

    async def sweep(self) -> None:
        """Look for everything that is due and act on each."""
        async with self._db.read() as conn:
            found = await due.look(conn, self._clock.now(), _ages(await option_store.load(conn)))
        for kind, (verb, body) in _ACTS.items():
            await self._all(verb, map(body, found[kind]))

    async def catch_up(self) -> None:
        """Once, at the start: what was promised while nobody was there comes first, and the supervisors hear of it."""
        await self._writer.submit(SYSTEM, "callback.catch_up", callback_rules.Nothing())

    async def _all(self, verb: str, bodies: Iterable[Body]) -> None:
        for body in bodies:
            try:
                await self._writer.submit(SYSTEM, verb, body)
            except Conflict as error:  # another node was faster; what else is due does not wait for it
                log.info("timer_overtaken", verb=verb, code=error.code)

    async def places(self) -> None:
        """Work out every citizen's place in line and tell those connected here whose place changed."""
        now = self._clock.now()
        async with self._db.read() as conn:
            ordered = await route.places(conn, now)
            if not ordered and not self._hub.places:
                return
            agents = await route.agent_views(conn, now)
            conversations = await store.conversations_of_items(conn, [item.item_id for item in ordered])
            untold = await inbound_store.places_untold(conn, now - timedelta(seconds=PLACE_AFTER_S))
            handling = await store.recent_handling(conn, now - timedelta(days=7))
        before: dict[str, int] = {}
        found: dict[str, tuple[int, int | None]] = {}
        for item in ordered:
            position = before[item.queue_id] = before.get(item.queue_id, 0) + 1
            _free, slots = waits.free_slots(agents, item.queue_id, Channel.web_chat)
            wait = waits.estimate_wait_s(position, handling.get(item.queue_id, ()), slots)
            conversation_id = conversations.get(item.item_id)
            if conversation_id is not None:
                found[conversation_id] = (position, None if wait is None else int(wait))
        self._hub.show_places(found)
        for item_id, told in untold.items():
            conversation_id = conversations.get(item_id)
            if conversation_id in found and (told is None or found[conversation_id][0] < told):
                body = PlaceBody(conversation_id=conversation_id, position=found[conversation_id][0])
                await self._writer.submit(SYSTEM, "engine.tell_place", body)

    async def windows(self) -> None:
        """Tell agents whose channel takes no free words much longer, and stop ringing where it does again."""
        now = self._clock.now()
        async with self._db.read() as conn:
            closing: list[str] = []
            for name, window_s in templates.windows(self._writer.limits):
                ends = now - timedelta(seconds=window_s)
                warn = ends + timedelta(seconds=templates.REMIND_BEFORE_S)
                closing += await template_store.closing_windows(conn, name, after=ends, before=warn)
            settled = await template_store.settled_windows(conn)
        await self._all("engine.window_closing", (templates.WindowBody(conversation_id=one) for one in closing))
        await self._all("engine.window_settled", (templates.WindowBody(conversation_id=one) for one in settled))

    async def audit(self) -> None:
        """Put calls that ended ten minutes ago without a result into somebody's list."""
        async with self._db.read() as conn:
            bare = await call_audit.due_now(conn, self._clock.now())
        if bare:
            await self._writer.submit(SYSTEM, "calls.audit", call_audit.Audit(interactions=tuple(bare)))
        await self._writer.submit(SYSTEM, "callback.caught_up", callback_rules.Nothing())
        async with self._db.read() as conn:
            since = self._clock.now() - timedelta(seconds=calls.LOST_TRY_S)
            lost = await promise_store.lost_tries(conn, since)
        await self._all("call.lost_try", (calls.LostTry(call_id=one) for one in lost))

    async def hourly(self) -> None:
        """Mark captures that are overdue; remove files that were never sent, and what repeats are known by no more."""
        await self._writer.submit(SYSTEM, "engine.captures_overdue", Nothing())
        swept = await self._writer.submit(SYSTEM, "uploads.sweep", SweepUploads())
        for name in swept["files"]:
            await self._blobs.remove(name, unused_since_us=swept["before"])
        while (await self._writer.submit(SYSTEM, "inbox.sweep", Forget()))["more"]:
            pass


def _ages(options: Options) -> Ages:
    return Ages(
        agent_gone=options.agent_grace_s,
        no_reply=options.first_reply_limit_s,
        quiet=options.inactivity_notice_s,
        quiet_elsewhere=options.messaging_close_s,
        left=options.queue_timeout_s,
        long_wait=options.long_wait_s,
        call_ended=calls.CLOSE_OUT_S,
        call_alone=call_line.ALONE_S,
        call_failed=call_line.CONNECT_S,
        call_rings=call_line.RINGS_S,
    )
