"""The one writer of a node: takes every waiting command, runs them in one transaction, commits once, answers them all.

An answer leaves only after the commit, here and nowhere else (PROMISES §4.13). A command whose caller is gone is
finished all the same, so its retry gets the same answer. A command that fails is undone to its savepoint and does not
touch its neighbours.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby
from typing import Any

import anyio
import msgspec
import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.actions.kernel import VERBS, Answer, Body, Tx, Verb, actor_key, flush_events
from contact_center.crash import crash_point
from contact_center.errors import ClientIdReused, Conflict, ContactCenterError, IllegalMove, Unavailable
from contact_center.ports import Clock, Ids
from contact_center.rules import lifecycle
from contact_center.rules.access import Actor
from contact_center.rules.messaging import ChannelLimits
from contact_center.store import commands as command_store
from contact_center.store import events as event_log
from contact_center.store.conversations import NewMessage
from contact_center.store.db import Database, is_transient
from contact_center.store.events import NewEvent
from contact_center.store.views import News, row_of

MAX_WAITING = 5_000
"""Commands in line before new ones are told to come back (503)."""
MAX_BATCH = 512
MAX_TRIES = 8
"""How often a batch that met a deadlock with another node's runs before its callers are told to come back."""
RETRY_S = 0.005

log = structlog.get_logger(__name__)


class Job:
    """One command in line, and the future that its caller awaits."""

    __slots__ = ("actor", "body", "body_hash", "client_id", "done", "key", "verb")

    def __init__(self, verb: Verb, actor: Actor, body: Body, client_id: str | None) -> None:
        self.verb = verb
        self.actor = actor
        self.body: Any = body
        self.client_id = client_id
        self.key = (actor_key(actor), client_id or "")
        self.body_hash = b""
        self.done: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()


Outcome = Answer | ContactCenterError


class Writer:
    """Serve with `run()` inside the process's task group; hand in commands with `submit()`."""

    def __init__(self, db: Database, clock: Clock, ids: Ids) -> None:
        self._db = db
        self._clock = clock
        self._ids = ids
        self._waiting: deque[Job] = deque()
        self._wake = asyncio.Event()
        self._after_commit: list[Callable[[News | None], None]] = []
        self.limits: Mapping[str, ChannelLimits] = {}
        """What each messaging channel can carry, by its name; set before the first command."""

    def after_commit(self, call: Callable[[News | None], None]) -> None:
        """Call this after every commit that recorded events, with them when all are at hand; it must not block."""
        self._after_commit.append(call)

    @property
    def depth(self) -> int:
        """Return how many commands are in line."""
        return len(self._waiting)

    async def submit(self, actor: Actor, name: str, body: Body, client_id: str | None = None) -> Answer:
        """Run one command and return its answer after the commit.

        Idempotent on (actor, client_id): the same body answers the same, another body raises ClientIdReused. Raises the
        verb's own errors, Unavailable when the line is full or the database cannot commit. Cancelling the caller does
        not take the command back: it is stored whole or not at all, and a retry is answered the same.
        """
        if len(self._waiting) >= MAX_WAITING:
            raise Unavailable(retry_after_s=2)
        job = Job(VERBS[name], actor, body, client_id)
        self._waiting.append(job)
        self._wake.set()
        return await job.done

    async def run(self) -> None:
        """Commit batches until cancelled. What is in line at cancellation is refused, not lost:
        nothing was acknowledged.
        """
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MAX_BATCH))]
                    await self._commit(batch)
        finally:
            for job in self._waiting:
                _fail(job, Unavailable(retry_after_s=2))
            self._waiting.clear()

    async def _commit(self, batch: list[Job]) -> None:
        outcomes: list[tuple[Job, Outcome]] = []
        happened, news = False, None
        crash_point("batch_taken")
        try:
            with anyio.CancelScope(shield=True):
                for attempt in range(1, MAX_TRIES + 1):
                    try:
                        outcomes, happened, news = await self._db.in_transaction(
                            partial(self._transaction, batch), brief=all(job.verb.batch for job in batch)
                        )
                        break
                    except DBAPIError as error:
                        if not is_transient(error) or attempt == MAX_TRIES:
                            raise
                        await anyio.sleep(RETRY_S * attempt)  # whoever won is given time to end
        except (OperationalError, DBAPIError, OSError) as error:
            log.error("commit_failed", jobs=len(batch), error=type(error).__name__, detail=str(error.args[:1])[:300])
            for job in batch:
                _fail(job, Unavailable(retry_after_s=2))
            return
        except BaseException as error:
            for job in batch:
                _fail(job, Unavailable(retry_after_s=2))
            log.error("writer_stopped", error=type(error).__name__)
            raise
        crash_point("after_commit")
        for job, outcome in outcomes:
            if isinstance(outcome, ContactCenterError):
                _fail(job, outcome)
            elif not job.done.done():
                job.done.set_result(outcome)
        crash_point("after_answers")
        if happened:
            for call in self._after_commit:
                call(news)

    async def _transaction(
        self, batch: list[Job], conn: AsyncConnection
    ) -> tuple[list[tuple[Job, Outcome]], bool, News | None]:
        """Run a batch and return what became of each job, whether anything happened, and what, if nothing but plain
        words was said. Waits for `conn` only.
        """
        outcomes: list[tuple[Job, Outcome]] = []
        events: list[NewEvent] = []
        said: dict[str, NewMessage] = {}
        keyed = [job for job in batch if job.client_id and not job.verb.batch]
        answered = await command_store.find(conn, (job.key for job in keyed)) if keyed else {}
        for together, run in groupby(batch, key=lambda job: job.verb.batch):
            jobs = list(run)
            if together:
                tx = Tx(conn, self._clock.now(), self._ids, jobs[0].actor, limits=self.limits)
                outcomes += await together(tx, jobs)
                events += tx.events
                said |= tx.said
                continue
            for job in jobs:
                tx = Tx(conn, self._clock.now(), self._ids, job.actor, limits=self.limits)
                outcomes.append((job, await _answer(tx, job, answered)))
                events += tx.events
        crash_point("before_events")
        await flush_events(conn, events)
        news = None
        if said and all(event.message_id in said for event in events):
            appended = await event_log.just_appended(conn, events)
            news = News(appended, {one: row_of(new) for one, new in said.items()}) if appended else None
        crash_point("before_commit")
        return outcomes, bool(events), news


async def _answer(tx: Tx, job: Job, answered: dict[tuple[str, str], command_store.Answered]) -> Outcome:
    """Run one job in a savepoint, or replay what its client id was answered before."""
    if job.client_id:
        job.body_hash = body_hash(job.verb.name, job.body)
        if job.key in answered:
            return _replay(job, answered[job.key])
    try:
        result = await run_in_savepoint(tx, job)
    except IntegrityError as error:
        tx.events.clear()
        return await _answered_elsewhere(tx.conn, job, error)
    except lifecycle.IllegalMove as error:
        refusal = IllegalMove(table=error.table, state=error.state, event=error.event, why=error.why)
        return await _refused(tx, job, refusal)
    except ContactCenterError as error:
        return await _refused(tx, job, error)
    except DBAPIError:
        raise  # the whole batch runs again, or fails
    except Exception:
        # A fault in one verb must not take the node down for everybody: its savepoint is undone, its caller told.
        tx.events.clear()
        log.exception("verb_failed", verb=job.verb.name)
        return ContactCenterError()
    if job.client_id:
        answered[job.key] = (job.verb.name, job.body_hash, result)
    return result


async def run_in_savepoint(tx: Tx, job: Job) -> Answer:
    """Check the role, run the verb and record its answer; undo all of it on an error."""
    tx.check(job.verb.action)
    assert job.verb.run is not None
    async with tx.conn.begin_nested():
        result = await job.verb.run(tx, job.body)
        if job.client_id:
            await command_store.record(
                tx.conn, job.key[0], job.client_id, job.verb.name, job.body_hash, result, tx.now_us
            )
    return result


async def _refused(tx: Tx, job: Job, error: ContactCenterError) -> Outcome:
    """Refuse, unless another node answered this client id in the meantime: what stands in the way is its own effect."""
    tx.events.clear()
    found = await command_store.find(tx.conn, [job.key]) if job.client_id else {}
    return _replay(job, found[job.key]) if job.key in found else error


async def _answered_elsewhere(conn: AsyncConnection, job: Job, error: IntegrityError) -> Outcome:
    """Another node answered this client id first, or a UNIQUE rule says no."""
    if job.client_id:
        found = await command_store.find(conn, [job.key])
        if job.key in found:
            return _replay(job, found[job.key])
    log.warning("unique_refused", verb=job.verb.name, detail=type(error.orig).__name__)
    return Conflict()


def _replay(job: Job, answered: command_store.Answered) -> Outcome:
    name, digest, result = answered
    if (name, digest) != (job.verb.name, job.body_hash):
        return ClientIdReused()
    return result  # type: ignore[no-any-return]  # JSON of what the verb answered


def body_hash(name: str, body: Body) -> bytes:
    """Return what tells two bodies of one client id apart."""
    text = msgspec.json.encode([name, body.model_dump(mode="json")], order="deterministic")
    return hashlib.blake2b(text, digest_size=16).digest()


def _fail(job: Job, error: ContactCenterError) -> None:
    if not job.done.done():
        job.done.set_exception(error)
