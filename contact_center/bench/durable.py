"""`durable_commands`: acknowledged commands per second with 200 callers, beside raw sqlite3 in batches of 200."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import anyio

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.messages import ChatSend
from contact_center.actions.presence import Joined
from contact_center.actions.writer import Writer
from contact_center.bench import rawsql, seed
from contact_center.bench.model import Effort, Entry, alternate
from contact_center.bench.words import sentence
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from contact_center.store.db import Database
from contact_center.system import SystemClock, SystemIds

CALLERS = 200


def run(effort: Effort) -> Entry:
    """Measure stored and answered messages per second; both sides write the same rows of the same tables."""
    callers = effort.scaled(CALLERS)
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        office = seed.make(folder, conversations=callers, agents=max(1, callers // 20))
        product, limit = alternate(
            effort.rounds,
            lambda: _product(folder, office.citizens, effort.seconds),
            lambda: _limit(folder, office.citizens, effort.seconds),
        )
        one_by_one = _one_by_one(folder, office.staff, min(2.0, effort.seconds))
    detail = {"callers": callers, "other_commands_per_s": round(one_by_one)}
    return Entry("durable_commands", "commands/s", "higher", product, limit, floor=0.5, aim=0.75, detail=detail)


def _fresh(folder: Path, name: str) -> Path:
    """Return a copy of the seeded database, with nothing of the rounds before."""
    copy = folder / name
    for old in folder.glob(name + "*"):
        old.unlink()
    shutil.copyfile(folder / "house.db", copy)
    return copy


def _product(folder: Path, citizens: Sequence[seed.Citizen], seconds: float) -> float:
    path = _fresh(folder, "product.db")
    answered = 0

    async def caller(writer: Writer, number: int, until: float) -> None:
        nonlocal answered
        actor = Actor(kind=ActorKind.visitor, id=citizens[number].visitor_id)
        sent = 0
        while perf_counter() < until:
            body = ChatSend.model_construct(text=sentence(number + sent), attachment_ids=())
            await writer.submit(actor, "chat.send", body, f"bench-{number:04}-{sent:07}")
            answered += 1
            sent += 1

    async def measure() -> float:
        async with Database(f"sqlite:///{path}") as db, anyio.create_task_group() as tasks:
            writer = Writer(db, SystemClock(), SystemIds())
            tasks.start_soon(writer.run)
            started = perf_counter()
            async with anyio.create_task_group() as callers:
                for number in range(len(citizens)):
                    callers.start_soon(caller, writer, number, started + seconds)
            took = perf_counter() - started
            tasks.cancel_scope.cancel()
        return took

    took = anyio.run(measure, backend_options={"use_uvloop": True})
    return answered / took


def _limit(folder: Path, citizens: Sequence[seed.Citizen], seconds: float) -> float:
    """The same rows with sqlite3 alone: one transaction for a message of everybody, FULL, again and again."""
    conn = rawsql.connect(_fresh(folder, "limit.db"))
    store = rawsql.Messages(conn)
    chats = [(one.visitor_id, one.conversation_id) for one in citizens]
    stored = turn = 0
    started = perf_counter()
    while perf_counter() - started < seconds:
        stored += len(
            store.add(
                [
                    (visitor, chat, sentence(number + turn), f"bench-{number:04}-{turn:07}")
                    for number, (visitor, chat) in enumerate(chats)
                ]
            )
        )
        turn += 1
    took = perf_counter() - started
    conn.close()
    return stored / took


def _one_by_one(folder: Path, staff: Sequence[seed.StaffMember], seconds: float) -> float:
    """Return how many commands a second that are not messages, each in a savepoint of its own, one node takes."""
    path = _fresh(folder, "product.db")
    answered = 0

    async def caller(writer: Writer, user_id: str, until: float) -> None:
        nonlocal answered
        while perf_counter() < until:
            await writer.submit(SYSTEM, "presence.joined", Joined(user_id=user_id))
            answered += 1

    async def measure() -> float:
        async with Database(f"sqlite:///{path}") as db, anyio.create_task_group() as tasks:
            writer = Writer(db, SystemClock(), SystemIds())
            tasks.start_soon(writer.run)
            started = perf_counter()
            async with anyio.create_task_group() as callers:
                for one in staff:
                    callers.start_soon(caller, writer, one.user_id, started + seconds)
            took = perf_counter() - started
            tasks.cancel_scope.cancel()
        return took

    took = anyio.run(measure, backend_options={"use_uvloop": True})
    return answered / took
