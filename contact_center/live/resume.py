"""Joining the live feed from a cursor, with nothing missed and nothing twice.

The connection joins the hub first, at the hub's cursor, and what arrives is held back; the gap between the client's
cursor and that point is then read from the log and sent before it.
"""

from collections.abc import Iterable

from contact_center.live import frames
from contact_center.live.connection import Connection
from contact_center.live.hub import Hub
from contact_center.ports import Clock
from contact_center.rules import events as topics
from contact_center.store import events as event_log
from contact_center.store.db import Database

MAX_BEHIND = 2_000
"""Events a client may be owed; more, and a snapshot is cheaper."""
MAX_SCAN = 20_000


async def join(
    hub: Hub, db: Database, clock: Clock, connection: Connection, own_topics: Iterable[str], cursor: int
) -> str | None:
    """Make a connection live from `cursor`. Returns None, or why the client must resync: nothing is sent then.

    Cancelling is safe: the caller removes the connection from the hub whatever happens.
    """
    followed = set(own_topics)
    while True:
        start = hub.cursor
        hub.remove(connection)
        connection.start_over(followed, max(start, cursor))
        hub.add(connection)
        if cursor > start:
            # The snapshot may be ahead of this node's tail by a breath; beyond that the cursor is not ours.
            async with db.read() as conn:
                if cursor > await event_log.latest(conn):
                    return "unknown_cursor"
            break
        if cursor == start:
            break
        missed = await _missed(db, clock, connection, cursor, start)
        if missed is None:
            return "too_old"
        # What became theirs while they were away may have been asked for too early: its thread is followed from there.
        came = {topic for event, frame in missed for topic, inside in connection.follow(event, frame) if inside}
        if came <= followed:
            await connection.replay(missed, start)
            break
        followed |= came
    connection.live = True
    return None


async def _missed(
    db: Database, clock: Clock, connection: Connection, cursor: int, end: int
) -> list[tuple[event_log.Event, frames.Frame]] | None:
    """Return what a connection hears of after its cursor up to `end`; None when that is too much or too long ago."""
    if end - cursor > MAX_SCAN:
        return None
    async with db.read() as conn:
        if cursor < await event_log.oldest(conn) - 1:
            return None
        missed = [
            event
            for event in await event_log.since(conn, cursor, MAX_SCAN)
            if event.id <= end and _hears(connection, event)
        ]
        if len(missed) > MAX_BEHIND:
            return None
        made = await frames.make(conn, missed, clock.now())
    return [(event, made[event.id]) for event in missed]


def _hears(connection: Connection, event: event_log.Event) -> bool:
    heard = topics.audience(
        event.type,
        conversation_id=event.conversation_id,
        user_id=event.user_id,
        queue_id=event.queue_id,
        data=event.data,
    )
    return not connection.topics.isdisjoint(heard)
