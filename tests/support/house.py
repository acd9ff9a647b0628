"""The whole service in one process: real database, writer, hub, router and timers; time and ids are the test's.

Open it inside the test body: `async with open_house(database_url) as house`.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import anyio.lowlevel
import httpx2 as httpx
import msgspec

from contact_center.actions import all as _verbs
from contact_center.actions.intake import MessageIntake
from contact_center.actions.kernel import SYSTEM, VERBS, Answer
from contact_center.actions.writer import Writer
from contact_center.files import DiskBlobs
from contact_center.jobs.media import MediaFetcher
from contact_center.jobs.outbox import Outbox
from contact_center.jobs.route import Router
from contact_center.jobs.timers import Timers
from contact_center.live.connection import Connection, VisitorFace
from contact_center.live.hub import Hub
from contact_center.live.snapshot import face_of
from contact_center.ports import Channel, MessageDoor
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind, Role
from contact_center.settings import Settings
from contact_center.store import people
from contact_center.store.db import Database
from contact_center.web.app import build_app
from contact_center.web.house import House
from tests.support.clock import ManualClock, SequentialIds

_ = _verbs


@dataclass
class TestHouse:
    """A house with handles for a test."""

    __test__ = False

    house: House
    clock: ManualClock
    router: Router
    timers: Timers
    app: Any
    outbox: Outbox
    media: MediaFetcher
    _counter: int = 0

    @property
    def writer(self) -> Writer:
        return self.house.writer

    @property
    def db(self) -> Database:
        return self.house.db

    async def do(self, actor: Actor, verb: str, client_id: str | None = None, **fields: Any) -> Answer:
        """Run a verb as an actor, with a client id of its own unless one is given."""
        self._counter += 1
        body = VERBS[verb].body.model_validate(fields)
        return await self.writer.submit(actor, verb, body, client_id or f"client-{self._counter:06d}")

    async def visitor(self, *, name: str | None = None, phone: str | None = None) -> Actor:
        """A citizen who has accepted the notice."""
        self._counter += 1
        body = {
            "token_hash": f"{self._counter:064x}",
            "notice_version": "2026-11",
            "locale": "es",
            "name": name,
            "phone": phone,
        }
        answer = await self.writer.submit(SYSTEM, "visit.open", VERBS["visit.open"].body.model_validate(body))
        return Actor(kind=ActorKind.visitor, id=answer["visitor"])

    async def staff(
        self, username: str, *roles: Role, queues: tuple[str, ...] | None = None, state: str | None = "available"
    ) -> Actor:
        """A member of staff, in every queue unless told, in a state unless None."""
        from tests.support.seed import add_staff

        user_id = await add_staff(self, username, roles or (Role.agent,), queues)
        if state is not None:
            actor = await self.actor(user_id)
            await self.do(actor, "agent.set_state", state=state)
        return await self.actor(user_id)

    async def device(self, *agents: Actor, ready: bool = True) -> None:
        """Let the telephones in these people's browsers be ready, or no longer."""
        for one in agents:
            await self.do(SYSTEM, "phone.device", user_id=one.id, ready=ready)

    async def actor(self, user_id: str) -> Actor:
        async with self.db.read() as conn:
            found = await people.find(conn, user_id)
        assert found is not None
        return found.as_actor("session-" + user_id[-4:])

    async def route(self) -> int:
        """Let the router look once."""
        return await self.router.step()

    async def offer_of(self, agent: Actor) -> dict[str, Any]:
        """Return the one open offer of an agent; route first."""
        from contact_center.store import work

        await self.route()
        async with self.db.read() as conn:
            rows = [row for row in await work.open_offers(conn) if row.agent_id == agent.id]
        assert len(rows) == 1, rows
        return {"offer_id": rows[0].id, "item_id": rows[0].work_item_id}

    async def take_first(self, agent: Actor) -> dict[str, Any]:
        """Route, accept the agent's offer and return the Item view."""
        offer = await self.offer_of(agent)
        await self.do(agent, "work.accept", offer_id=offer["offer_id"])
        return await self.item(offer["item_id"])

    async def item(self, item_id: str) -> dict[str, Any]:
        from contact_center.live import views

        async with self.db.read() as conn:
            return (await views.items(conn, [item_id], self.clock.now()))[item_id]

    def watch(self, face: Any, *topics: str) -> "Ear":
        """A connection without a socket, that keeps every frame."""
        ear = Ear()
        connection = Connection(face, ear.take, ear.cut)
        connection.topics = set(topics)
        connection.cursor = self.house.hub.cursor
        connection.live = True
        ear.connection = connection
        self.house.hub.add(connection)
        return ear

    def watch_as(self, actor: Actor) -> "Ear":
        """The live feed of a member of staff, as their socket would have it."""
        from contact_center.rules import events

        face = face_of(actor)
        topics = {events.STAFF, events.user(actor.id), *(events.queue(one) for one in actor.queue_ids)}
        return self.watch(face, *topics, *({events.FLOOR} if face.floor else ()))

    def watch_citizen(self, visitor: Actor) -> "Ear":
        from contact_center.rules import events

        return self.watch(VisitorFace(visitor.id), events.visitor(visitor.id))

    async def settle(self) -> None:
        """Wait until the live feed has handed out everything that was committed."""
        from contact_center.store import events

        async with self.db.read() as conn:
            newest = await events.latest(conn)
        with anyio.fail_after(10):
            while self.house.hub.cursor < newest:
                await anyio.sleep(0.001)
            for _turn in range(5):
                await anyio.lowlevel.checkpoint()

    def http(self) -> httpx.AsyncClient:
        """An HTTP client of the application, from our own origin."""
        transport = httpx.ASGITransport(app=self.app)
        headers = {"origin": self.house.settings.public_url}
        return httpx.AsyncClient(transport=transport, base_url=self.house.settings.public_url, headers=headers)


class Ear:
    """What a connection was sent."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self.connection: Connection

    async def take(self, frame: bytes) -> None:
        self.frames.append(msgspec.json.decode(frame))

    def cut(self, code: int, reason: str) -> None:
        self.closed = (code, reason)

    @property
    def events(self) -> list[dict[str, Any]]:
        """Every event heard, in order."""
        return [event for frame in self.frames if frame["type"] == "events" for event in frame["events"]]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


def _files_beside(database_url: str) -> Path:
    """Return a folder for files: beside a SQLite file, else in the system's place for what may be thrown away."""
    name = database_url.removeprefix("sqlite:///")
    return Path(gettempdir()) / "contact-center-test" if name == database_url else Path(name).parent / "blobs"


@asynccontextmanager
async def open_house(
    database_url: str,
    *,
    node: int = 0,
    clock: ManualClock | None = None,
    data_dir: Path | None = None,
    seed: bool = True,
    channels: Callable[[MessageDoor], Sequence[Channel]] | None = None,
) -> AsyncIterator[TestHouse]:
    """Open a house on a migrated database, with the office's first data. `node` keeps several apart on one database.

    `channels` makes messaging channels on the house's door; `outbox.step` and `media.step` do their work.
    """
    settings = Settings(
        database_url=database_url,
        public_url="http://127.0.0.1:8000",
        data_dir=data_dir or _files_beside(database_url),
        unlimited_networks=("127.0.0.0/8",),
    )
    time = clock or ManualClock()
    ids = SequentialIds(node)
    async with Database(settings.database_url) as db:
        writer = Writer(db, time, ids)
        hub = Hub(db, time)
        blobs = DiskBlobs(settings.data_dir)
        house = House(settings=settings, db=db, writer=writer, hub=hub, blobs=blobs, clock=time, ids=ids)
        writer.after_commit(hub.nudge)
        ways = tuple(channels(MessageIntake(writer))) if channels is not None else ()
        writer.limits = {one.name: one.limits for one in ways}
        made = TestHouse(
            house,
            time,
            Router(db, writer, hub, time),
            Timers(db, writer, hub, time, blobs),
            build_app(house, ways),
            Outbox(db, writer, hub, time, blobs, ways, draw=lambda: 0.5),
            MediaFetcher(db, writer, hub, time, blobs, ways, draw=lambda: 0.5),
        )
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.run)
            if seed:
                from tests.support.seed import seed_office

                await seed_office(made)
            await hub.start()
            tasks.start_soon(hub.run)
            yield made
            tasks.cancel_scope.cancel()
