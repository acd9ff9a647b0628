"""When a promised call may be: clock times and instants checked, the hours of calling, the room in the shift."""

from datetime import datetime, timedelta
from typing import Any, Final

from contact_center.actions import callbacks, dialling
from contact_center.actions.kernel import Tx
from contact_center.errors import Conflict, Invalid
from contact_center.rules import dialling as dial_rules
from contact_center.rules import shift
from contact_center.rules.faces import from_ms, ms
from contact_center.rules.identity import Phone, normalise
from contact_center.rules.zones import LocalTimeRefused, is_zone, local_instant, zones_of
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

FARTHEST_DAYS: Final = 366


def checked_zone(zone: str | None) -> str:
    """Return a zone that was said, empty for none. Raises Invalid for what is no zone."""
    if not zone:
        return ""
    if not is_zone(zone):
        raise Invalid("invalid", fields={"zone": "unknown"})
    return zone


def times(
    tx: Tx, due_at: int | None, due_local: str | None, not_after: int | None, zone: str, phone: Phone
) -> tuple[datetime, datetime | None]:
    """Return (when, until when). Raises Invalid: required, past, too_far, bad_date, no_such_time, before_due."""
    if due_local is not None:
        due = instant(tx, "due_local", _local_ms(due_local, zone or zones_of(phone.e164)[0]))
    elif due_at is None:
        raise Invalid("invalid", fields={"due_at": "required"})
    else:
        due = instant(tx, "due_at", due_at)
    if not_after is None:
        return due, None
    last = instant(tx, "not_after", not_after)
    if last <= due:
        raise Invalid("invalid", fields={"not_after": "before_due"})
    return due, last


def _local_ms(text: str, zone: str) -> int:
    try:
        return ms(local_instant(text, zone)) or 0
    except LocalTimeRefused as error:
        more = {} if error.next_at is None else {"next_at": ms(error.next_at)}
        raise Invalid("invalid", fields={"due_local": error.code}, **more) from error


def instant(tx: Tx, name: str, value: int) -> datetime:
    """Return an instant to come. Raises Invalid: `past`, `too_far`."""
    if not 0 < value < 253_402_300_800_000:
        raise Invalid("invalid", fields={name: "too_far"})
    at = from_ms(value)
    if at < tx.now - timedelta(minutes=1):
        raise Invalid("invalid", fields={name: "past"})
    if at > tx.now + timedelta(days=FARTHEST_DAYS):
        raise Invalid("invalid", fields={name: "too_far"})
    return max(at, tx.now)


async def check_time(
    tx: Tx, phone: Phone, zone: str, queue: Any, at: datetime, citizen_id: str | None, *, despite_load: bool
) -> None:
    """Raise unless a call to this number may be promised for this instant: number, person, hours, room in the shift."""
    rule, calendar = await dialling.policy(tx), await dialling.office_of(tx, queue.id)
    dialling.raise_for(dial_rules.refuse_number(phone, rule.prefixes))
    if await dialling.is_barred(tx, phone.e164, citizen_id):
        raise Conflict("do_not_contact")
    zones = zones_of(phone.e164, zone or None)
    dialling.raise_for(dial_rules.refuse_time(zones, rule, calendar, at))
    if despite_load:
        return
    hour = await hour_of(tx, queue.id, at, zones)
    promised = len(await promise_store.times_promised(tx.conn, queue.id, hour.at, hour.until))
    if promised >= hour.capacity > 0:
        free = await next_room(tx, queue.id, hour.until, zones)
        raise Conflict("no_room", next_at=ms(free), promised=promised, capacity=hour.capacity)


async def hour_of(tx: Tx, queue_id: str, at: datetime, zones: tuple[str, ...]) -> shift.Hour:
    """Return the hour of a queue that an instant lies in."""
    return shift.hour_at(
        at, await dialling.office_of(tx, queue_id), await shift_of(tx, queue_id), await dialling.policy(tx), zones
    )


async def shift_of(tx: Tx, queue_id: str) -> shift.Shift:
    options = await tx.options()
    members = await promise_store.members_of(tx.conn, queue_id)
    return shift.Shift(members, options.callback_minutes, options.callback_share_pct)


async def next_room(tx: Tx, queue_id: str, after: datetime, zones: tuple[str, ...]) -> datetime | None:
    """Return the beginning of the next hour with room, within two weeks."""
    calendar, rule, its_shift = (
        await dialling.office_of(tx, queue_id),
        await dialling.policy(tx),
        await shift_of(tx, queue_id),
    )
    until = after + timedelta(days=14)
    counts: dict[datetime, int] = {}
    for at in await promise_store.times_promised(tx.conn, queue_id, after, until):
        hour = shift.hour_of(at, calendar.zone)
        counts[hour] = counts.get(hour, 0) + 1
    for one in shift.hours_of_days(after, 14, calendar, its_shift, rule, zones):
        if one.at >= after and one.is_open and counts.get(one.at, 0) < one.capacity:
            calendars = [dial_rules.window_of(rule, zone, calendar) for zone in zones]
            return dialling.soon([*calendars, calendar], one.at)
    return None


async def retime(
    tx: Tx, row: Any, item: Any | None, due: datetime, last: datetime | None, *, despite_load: bool
) -> None:
    """Move a callback that nobody else has in hand. Raises Conflict: callback_over, call_in_progress, held."""
    if item is None or not callbacks.is_open(row):
        raise Conflict("callback_over")
    if row.dialling_id is not None:
        raise Conflict("call_in_progress")
    if item.owner_id not in (None, tx.actor.id):
        raise Conflict("held")
    contact = await work_store.get_interaction(tx.conn, row.id)
    assert contact is not None
    queue = await work_store.get_queue(tx.conn, contact.queue_id)
    await check_time(tx, normalise(row.number), row.zone, queue, due, contact.citizen_id, despite_load=despite_load)
    tries = await promise_store.tries_of(tx.conn, row.id)
    if tries:
        apart = timedelta(seconds=(await tx.options()).callback_apart_s)
        if tries[-1].answered_at is None and due < tries[-1].started_at + apart:
            raise Conflict("too_soon", next_at=ms(tries[-1].started_at + apart))
    spoke = bool(tries) and tries[-1].answered_at is not None and item.state in {"held", "wrap_up"}
    await callbacks.move_to(tx, row, item, due, last, said=spoke, how="postponed")
