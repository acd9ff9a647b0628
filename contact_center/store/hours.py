"""Calendars as the rules want them."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.calendars import Calendar, Exceptional, calendar_of
from contact_center.store.schema import calendars, closures


async def load(conn: AsyncConnection) -> dict[str, Calendar]:
    """Return every calendar by id, with the closures of its own and those of all."""
    weeks = (await conn.execute(select(calendars.c.id, calendars.c.zone, calendars.c.week))).all()
    columns = (closures.c.kind, closures.c.starts_on, closures.c.ends_on, closures.c.name, closures.c.ranges)
    days = (await conn.execute(select(closures.c.calendar_id, *columns))).all()
    return {
        calendar_id: calendar_of(zone, week, [Exceptional(*day[1:]) for day in days if day[0] in (None, calendar_id)])
        for calendar_id, zone, week in weeks
    }
