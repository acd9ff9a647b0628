"""One tail of the event log for the whole node:
reads each event once, makes its frames once, hands them to connections.

The log is the truth; a nudge after a commit, or from another node, only says "look now", and a poll looks anyway. Words
that were committed here may come with it: what follows the last event handed out without a gap is not read again. A
connection that does not keep up is told to resync; nothing is buffered for it without bound.
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterable
from functools import partial

import anyio
import structlog
from anyio.abc import TaskGroup
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import frames
from contact_center.live.connection import Connection
from contact_center.ports import Clock
from contact_center.rules import events as topics
from contact_center.store import events as event_log
from contact_center.store import views
from contact_center.store.db import Database
from contact_center.store.events import Event
from contact_center.store.views import News

POLL_S = 1.0
"""How late an event can be when every nudge is lost."""
READ_LIMIT = 1_000
NEWS_LIMIT = 100
"""Commits that may wait to be passed on from memory; what is beyond is read from the log."""

log = structlog.get_logger(__name__)

Heard = tuple[Event, tuple[str, ...]]
"""An event and the topics that carry it."""


class Hub:
    """Serve with `run()` inside the process's task group."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._cursor = 0
        self._wake = asyncio.Event()
        self._news: deque[News] = deque()
        self._by_topic: dict[str, set[Connection]] = defaultdict(set)
        self._connections: set[Connection] = set()
        self._listeners: list[asyncio.Event] = []
        self._tasks: TaskGroup | None = None
        self.places: dict[str, tuple[int, int | None]] = {}
        """Place in line and estimated wait of every waiting conversation, as last worked out."""

    @property
    def connections(self) -> frozenset[Connection]:
        """Return every connection on this node."""
        return frozenset(self._connections)

    def has(self, connection: Connection) -> bool:
        """Say whether a connection is still there."""
        return connection in self._connections

    @property
    def cursor(self) -> int:
        """Return the id of the last event handed out."""
        return self._cursor

    def nudge(self, news: News | None = None) -> None:
        """Say that there may be something new in the log; `news` is the next of it, when it is at hand."""
        if news is not None and len(self._news) < NEWS_LIMIT:
            self._news.append(news)
        self._wake.set()

    def listen(self) -> asyncio.Event:
        """Return an event that is set whenever something but a message happened; the router waits on one."""
        woken = asyncio.Event()
        self._listeners.append(woken)
        return woken

    def add(self, connection: Connection) -> None:
        self._connections.add(connection)
        for topic in connection.topics:
            self._by_topic[topic].add(connection)

    def remove(self, connection: Connection) -> None:
        self._connections.discard(connection)
        for topic in list(connection.topics):
            self.leave(connection, topic)

    def join(self, connection: Connection, topic: str) -> None:
        connection.topics.add(topic)
        self._by_topic[topic].add(connection)

    def leave(self, connection: Connection, topic: str) -> None:
        connection.topics.discard(topic)
        members = self._by_topic.get(topic)
        if members is not None:
            members.discard(connection)
            if not members:
                del self._by_topic[topic]

    def members(self, topic: str) -> Iterable[Connection]:
        return tuple(self._by_topic.get(topic, ()))

    def send_soon(self, connection: Connection) -> None:
        """Let a connection write what it holds; a task of this hub goes on when the client does not take it at once."""
        if self._tasks is not None:
            rest = connection.write()
            if rest is not None:
                self._tasks.start_soon(connection.finish, rest)

    def show_places(self, found: dict[str, tuple[int, int | None]]) -> None:
        """Tell the citizens connected here whose place in line changed. Not stored: the next one replaces it."""
        for conversation_id, place in found.items():
            if self.places.get(conversation_id) != place:
                frame = {"type": "place", "position": place[0], "wait_s": place[1]}
                for connection in self.members(topics.chat(conversation_id)):
                    connection.tell(frame)
                    self.send_soon(connection)
        self.places = found

    async def start(self) -> None:
        """Begin at the end of the log; connections catch up on what came before by themselves."""
        async with self._db.read() as conn:
            self._cursor = await event_log.latest(conn)

    async def run(self) -> None:
        """Tail the log until cancelled."""
        async with anyio.create_task_group() as self._tasks:
            self._tasks.start_soon(self._look_again, name="hub's look")
            while True:
                await self._wake.wait()
                self._wake.clear()
                while await self._pump() == READ_LIMIT or self._news:
                    pass

    async def _look_again(self) -> None:
        """Look now and then without having been told: another process may have written."""
        while True:
            await anyio.sleep(POLL_S)
            self._wake.set()

    async def _pump(self) -> int:
        """Hand out the next events; return how many there were."""
        if news := self._next_news():
            return self._pass_on(news)
        heard, made = await self._db.glance(self._read)
        events = [event for event, _ in heard]
        if not events:
            self._news.clear()  # the log is the truth: what is not in it yet is not handed out
            return 0
        # Somebody may have joined meanwhile: look again until nobody's frames are missing, then hand out in one go.
        while wanted := self._unmade(heard, made):
            made |= await self._db.glance(partial(self._make, wanted))
        self._hand_out(heard, made)
        if any(not event.type.startswith("message.") for event in events):  # words move nobody in line
            for listener in self._listeners:
                listener.set()
        return len(events)

    def _next_news(self) -> News | None:
        """Return what was given of the log from the cursor on, as far as it goes without a gap."""
        found = News([], {})
        while self._news and self._news[0].events[0].id <= self._cursor + 1 + len(found.events):
            first, news = self._news[0].events[0].id, self._news.popleft()
            if first == self._cursor + 1 + len(found.events):  # else it was read from the log before
                found.events.extend(news.events)
                found.messages.update(news.messages)
        return found if found.events else None

    def _pass_on(self, news: News) -> int:
        """Hand out words that were just committed here, without reading them again."""
        heard = [(event, _topics_of(event)) for event in news.events]
        self._hand_out(heard, frames.of_words(self._unmade(heard, {}), news.messages))
        return len(heard)

    async def _read(self, conn: AsyncConnection) -> tuple[list[Heard], dict[int, frames.Frame]]:
        """Return the next events, whom each is for, and the frames of those that somebody here hears of."""
        events, messages = await views.heard(conn, self._cursor, READ_LIMIT)
        heard = [(event, _topics_of(event)) for event in events]
        return heard, await frames.make(conn, self._unmade(heard, {}), self._clock.now(), messages)

    async def _make(self, events: list[Event], conn: AsyncConnection) -> dict[int, frames.Frame]:
        return await frames.make(conn, events, self._clock.now())

    def _hand_out(self, heard: list[Heard], made: dict[int, frames.Frame]) -> None:
        touched: set[Connection] = set()
        for event, told in heard:
            self._cursor = event.id
            members = self._audience(told)
            for connection in members:
                self._deliver(connection, event, made[event.id])
            touched |= members
        for connection in touched:
            self.send_soon(connection)

    def _unmade(self, heard: list[Heard], made: dict[int, frames.Frame]) -> list[Event]:
        """Return the events that somebody hears of and that have no frame yet.

        An event that changes who follows a conversation may bring its listeners to the later ones of the same batch.
        """
        if not self._connections:
            return []
        moved = {e.conversation_id for e, _ in heard if e.conversation_id and not e.type.startswith("message.")}
        return [
            event
            for event, told in heard
            if event.id not in made
            and (event.conversation_id in moved or any(topic in self._by_topic for topic in told))
        ]

    def _audience(self, told: tuple[str, ...]) -> set[Connection]:
        found: set[Connection] = set()
        for topic in told:
            found |= self._by_topic.get(topic, set())
        return found

    def _deliver(self, connection: Connection, event: Event, frame: frames.Frame) -> None:
        if event.id <= connection.cursor:
            return
        for topic, inside in connection.follow(event, frame):
            (self.join if inside else self.leave)(connection, topic)
        connection.push(event, frame)


def _topics_of(event: Event) -> tuple[str, ...]:
    return topics.audience(
        event.type,
        conversation_id=event.conversation_id,
        user_id=event.user_id,
        queue_id=event.queue_id,
        data=event.data,
    )
