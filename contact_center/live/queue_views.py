"""Queues as clients see them: hours, who waits, who is free."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.live import views
from contact_center.rules import hours
from contact_center.store import hours as hours_store
from contact_center.store import views as store
from contact_center.store import work as work_store


async def queues(conn: AsyncConnection, now: datetime) -> list[views.View]:
    """Return every Queue view, with who waits and who is free."""
    calendars = await hours_store.load(conn)
    counts = await store.queue_counts(conn)
    free: dict[str, int] = {}
    for agent in (await views.agents(conn, None, now)).values():
        if agent["state"] == "available" and agent["connected"] and agent["held"] < agent["capacity"]["chat"]:
            for queue_id in agent["queues"]:
                free[queue_id] = free.get(queue_id, 0) + 1
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
                "agents_available": free.get(row.id, 0),
                "priority": row.priority,
            }
        )
    return found
