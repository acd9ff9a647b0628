"""Calendars as the rules want them."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calendars import Calendar, Exceptional, calendar_of
from contact_center.store.schema import calendars, closures

_WEEKS: Final = select(calendars.c.id, calendars.c.zone, calendars.c.week)
_DAYS: Final = select(
    *(closures.c.calendar_id, closures.c.kind, closures.c.starts_on, closures.c.ends_on),
    *(closures.c.name, closures.c.ranges),
)


async def load(conn: AsyncConnection) -> dict[str, Calendar]:
    """Return every calendar by id, with the closures of its own and those of all."""
    weeks, days = (await conn.execute(_WEEKS)).all(), (await conn.execute(_DAYS)).all()
    return {
        calendar_id: calendar_of(zone, week, [Exceptional(*day[1:]) for day in days if day[0] in (None, calendar_id)])
        for calendar_id, zone, week in weeks
    }
