"""The office around a contact: whether it is open, whose queue a contact starts in, who is told, who looked."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field
from sqlalchemy import insert, update

from contact_center.actions.kernel import Answer, Body, Tx, actor_key, verb
from contact_center.errors import Unavailable
from contact_center.rules import calendars, hours
from contact_center.rules.calendars import Calendar
from contact_center.rules.messaging import is_messaging
from contact_center.store import hours as hours_store
from contact_center.store import work as work_store
from contact_center.store.schema import access_log, mentions


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether an office is open at an instant, and the words for when it is."""

    calendar: Calendar
    now: datetime
    is_open: bool
    opens_at: datetime | None
    closes_at: datetime | None

    @property
    def closed_text(self) -> str:
        """Return the key of the text for now: a day without office hours, or out of hours."""
        return (
            "fuera_de_horario" if hours.is_business_day(self.calendar, self._local(self.now).date()) else "dia_inhabil"
        )

    def hours_text(self, locale: str) -> str:
        """Return the week's hours in words."""
        if locale == "es":
            return calendars.opening_text_es(self.calendar)
        days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        spans = ((day, self.calendar.weekly[n]) for n, day in enumerate(days))
        return "; ".join(f"{day} {', '.join(str(one) for one in ranges)}" for day, ranges in spans if ranges)

    def next_day_text(self, locale: str) -> str:
        """Return the next opening in words, nothing when there is none."""
        return "" if self.opens_at is None else _day(self._local(self.opens_at), locale)

    def today_text(self, locale: str) -> str:
        return _day(self._local(self.now), locale)

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(ZoneInfo(self.calendar.zone))


def _day(local: datetime, locale: str) -> str:
    if locale == "es":
        return calendars.day_text_es(local.date())
    from babel.dates import format_date

    return format_date(local.date(), "EEEE d MMMM", locale="en")


def opening_of(calendar: Calendar, now: datetime) -> Opening:
    """Say how an office stands at an instant."""
    is_open = hours.is_open(calendar, now)
    return Opening(
        calendar,
        now,
        is_open,
        None if is_open else hours.next_opening(calendar, now),
        hours.closing_time(calendar, now) if is_open else None,
    )


async def opening(tx: Tx, queue_id: str) -> Opening:
    """Say how the office behind a queue stands now."""
    queue = await work_store.get_queue(tx.conn, queue_id)
    assert queue is not None
    return opening_of((await hours_store.load(tx.conn))[queue.calendar_id], tx.now)


async def queue_for(tx: Tx, channel: str) -> Any:
    """Return the queue where a channel's contacts start. Raises Unavailable when none is set up.

    A messaging channel that no queue names starts where the web chat does: nobody's words go nowhere.
    """
    queues = await work_store.all_queues(tx.conn)
    for name in (channel, "web_chat") if is_messaging(channel) else (channel,):
        for queue in queues:
            if name in queue.channels:
                return queue
    raise Unavailable("no_queue", channel=channel)


def before(now: datetime, seconds: float) -> datetime:
    return now - timedelta(seconds=seconds)


def after(now: datetime, seconds: float) -> datetime:
    return now + timedelta(seconds=seconds)


async def log_access(tx: Tx, action: str, kind: str, object_id: str, reason: str | None = None) -> None:
    """Record that somebody looked at, or unlocked, something restricted."""
    await tx.conn.execute(
        insert(access_log).values(
            id=tx.ids.new(),
            at=tx.now,
            actor=actor_key(tx.actor),
            action=action,
            object_kind=kind,
            object_id=object_id,
            reason=reason,
            session_id=tx.actor.session_id,
        )
    )


async def mention(tx: Tx, conversation_id: str, message_id: str, seq: int, user_id: str) -> None:
    """Tell a colleague that a note names them."""
    await tx.conn.execute(
        insert(mentions).values(
            id=tx.ids.new(),
            conversation_id=conversation_id,
            message_id=message_id,
            seq=seq,
            user_id=user_id,
            by_user=tx.actor.id,
            at=tx.now,
        )
    )
    tx.emit("mention.added", conversation=conversation_id, message=message_id, user=user_id, seq=seq, by=tx.actor.id)


async def see_mentions(tx: Tx, conversation_id: str) -> None:
    """Take the actor's mentions in a conversation off their list."""
    mine = (mentions.c.user_id == tx.actor.id) & (mentions.c.conversation_id == conversation_id)
    await tx.conn.execute(update(mentions).where(mine, mentions.c.seen_at.is_(None)).values(seen_at=tx.now))


class Reading(Body):
    """What was read."""

    action: str = Field(max_length=60)
    object_kind: str = Field(max_length=30)
    object_id: str = Field(max_length=60)
    reason: str | None = Field(default=None, max_length=300)


@verb("access.record", action="session.use", door="house")
async def record_reading(tx: Tx, body: Reading) -> Answer:
    """Write down that the actor read a restricted record."""
    await log_access(tx, body.action, body.object_kind, body.object_id, body.reason)
    return {}
