"""Queues as clients see them: hours and who waits."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import views
from contact_center.rules import hours
from contact_center.store import hours as hours_store
from contact_center.store import views as store
from contact_center.store import work as work_store


async def queues(conn: AsyncConnection, now: datetime) -> list[views.View]:
    """Return every Queue view, with who waits."""
    calendars = await hours_store.load(conn)
    counts = await store.queue_counts(conn)
    found = []
    for row in await work_store.all_queues(conn):
        calendar = calendars[row.calendar_id]
        is_open = hours.is_open(calendar, now)
        waiting, longest = counts.get(row.id, (0, None))
        found.append(
            {
                "id": row.id,
                "name": row.name,
                "area": row.area_id,
                "is_open": is_open,
                "opens_at": None if is_open else views.ms(hours.next_opening(calendar, now)),
                "waiting": waiting,
                "longest_since": views.ms(longest),
                "target_s": row.target_s,
                "channels": row.channels,
                "priority": row.priority,
            }
        )
    return found
