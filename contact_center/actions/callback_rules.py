"""What the house does about promised calls by itself: their time comes, one is broken, an outage is caught up with,
a petition's change of state calls for a call. Each is idempotent: it looks again and does nothing when all is done.
"""

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field

from contact_center.actions import callbacks, dialling, work, work_later
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.rules import dialling as dial_rules
from contact_center.rules import hours
from contact_center.rules.callbacks import Standing, Told
from contact_center.rules.faces import ms
from contact_center.rules.identity import normalise
from contact_center.rules.model import Priority
from contact_center.rules.zones import zones_of
from contact_center.store import calls as store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

OVERDUE_S: Final = 15 * 60
"""A callback that waits longer than this past its time, at a start, is a sign of an outage."""
BOARD: Final = 500
_SUBJECT: Final = "callbacks"


async def due(tx: Tx, item: Any) -> bool:
    """A callback's time has come; False when nobody may be called now, and it waits for when they may.

    The agent's own dialling is checked again: this only keeps what cannot be dialled off their hands.
    """
    row = await store.get_callback(tx.conn, item.interaction_id)
    if row is None or not callbacks.is_open(row):
        return True
    rule, office = await dialling.policy(tx), await dialling.office_of(tx, item.queue_id)
    zones = zones_of(row.number, row.zone or None)
    found = dial_rules.refuse_time(zones, rule, office, tx.now)
    if found is not None and found.next_at is not None:
        calendars = await dialling.windows(tx, row.number, row.zone, item.queue_id)
        next_at = dialling.soon(calendars, found.next_at)
        await work_later.schedule(tx, item, next_at, how="outside_window")
        await store.change_callback(tx.conn, row.id, due_at=next_at)
        await callbacks.note_line(tx, row.id, "callback.waits", {"due": ms(next_at), "why": found.code})
        await callbacks.changed(tx, row.id)
        return False
    return True


class CallbackBody(Body):
    """A callback to look at again."""

    callback_id: str = Field(max_length=36)


@verb("callback.break", action="callback.plan", door="system")
async def broken(tx: Tx, body: CallbackBody) -> Answer:
    """Write down that a promise was not kept, and bring it before people: head of the line, an alert."""
    row = await store.get_callback(tx.conn, body.callback_id)
    pending = await promise_store.pending(tx.conn, body.callback_id) if row is not None else None
    if row is None or pending is None or pending.until >= tx.now:
        return {}
    await promise_store.settle(tx.conn, pending.id, standing=Standing.broken.value, settled_at=tx.now)
    item = await work_store.open_item_of(tx.conn, row.id)
    if item is None:
        if not callbacks.is_open(row):
            return {}
        await callbacks.requeue(tx, row, tx.now)
        item = await work_store.open_item_of(tx.conn, row.id)
    assert item is not None
    await work_store.change_item(tx.conn, item.id, priority=Priority.high.value)
    await callbacks.note_line(tx, row.id, "callback.broken", {"at": ms(pending.at), "until": ms(pending.until)})
    data = {"callback": row.id, "at": ms(pending.at), "owner": row.owner_id}
    await work.alert(tx, "callback_broken", subject=row.id, item=item.id, level="warning", data=data)
    await callbacks.changed(tx, row.id)
    return {"broken": row.id}


class Nothing(Body):
    """Nothing but the moment."""


@verb("callback.catch_up", action="callback.plan", door="system")
async def catch_up(tx: Tx, _body: Nothing) -> Answer:
    """After a start: order what is overdue by its age, and tell the supervisors how much there is. Idempotent."""
    late = await promise_store.overdue(tx.conn, tx.now - timedelta(seconds=OVERDUE_S), BOARD)
    for row in late:
        await work_store.change_item(tx.conn, row.item_id, enqueued_at=row.due_at)
    if not late:
        await work.clear_alerts(tx, _SUBJECT, ("callbacks_overdue",))
        return {"overdue": 0}
    data = {"count": len(late), "oldest_at": ms(late[0].due_at)}
    await work.alert(tx, "callbacks_overdue", subject=_SUBJECT, item=None, level="warning", data=data)
    return {"overdue": len(late)}


@verb("callback.caught_up", action="callback.plan", door="system")
async def caught_up(tx: Tx, _body: Nothing) -> Answer:
    """Quiet the alert of an outage once nothing of it is left."""
    if not await promise_store.overdue(tx.conn, tx.now - timedelta(seconds=OVERDUE_S), 1):
        await work.clear_alerts(tx, _SUBJECT, ("callbacks_overdue",))
    return {}


async def inform_by_rule(tx: Tx, petition: Any, state: str) -> str | None:
    """Make the call that tells a citizen of a petition's new state, where the office's rule says so; return its id.

    None for a state or kind that the rule leaves out, a confidential petition (a person decides), somebody «no
    contactar» or without a number to call, and while another such call is still to be made: it tells the state of
    its moment anyway. Once for each version of a petition.
    """
    options = await tx.options()
    kinds = [one for one in options.inform_kinds.split(",") if one]
    if state not in options.inform_states.split(",") or (kinds and petition.kind not in kinds):
        return None
    if petition.confidential or petition.accused_user_id is not None:
        return None
    phone = normalise(petition.phone or "")
    rule = await dialling.policy(tx)
    if not phone.kind.is_callable or dial_rules.refuse_number(phone, rule.prefixes) is not None:
        return None
    if await dialling.is_barred(tx, phone.e164, petition.citizen_id) or await dialling.is_barred(tx, phone.e164, None):
        return None  # whoever else has this number: nobody decided to call
    key = f"inform:{petition.folio}:{petition.version}"
    if await promise_store.open_inform(tx.conn, petition.folio) is not None:
        return None
    if await store.callback_made(tx.conn, key) is not None:
        return None
    assert phone.e164 is not None
    queues = [one for one in await work_store.all_queues(tx.conn) if "phone" in one.channels]
    queue = queues[0] if queues else (await work_store.all_queues(tx.conn))[0]
    office = await dialling.office_of(tx, queue.id)
    return await callbacks.make(
        tx,
        reason="inform",
        number=phone.e164,
        queue_id=queue.id,
        due_at=None,
        not_after=_end_of_day(office, tx.now, options.inform_days),
        citizen_id=petition.citizen_id,
        folio=petition.folio,
        made_key=key,
        source="rule",
        told=Told.none,
    )


def _end_of_day(office: hours.Calendar, now: datetime, days: int) -> datetime | None:
    """Return the closing of the office on the working day that many working days on; None when it never opens."""
    zone = ZoneInfo(office.zone)
    try:
        day = hours.add_business_days(office, now.astimezone(zone).date(), max(1, days))
    except ValueError:
        return None
    opening = hours.next_opening(office, datetime(day.year, day.month, day.day, tzinfo=zone))
    return None if opening is None else hours.closing_time(office, opening)


async def stop_for(tx: Tx, citizen_ids: list[str]) -> int:
    """Call off what is promised to somebody who asked not to be contacted; nobody is written to. Returns how many."""
    rows = await promise_store.open_of_citizens(tx.conn, citizen_ids)
    for row in rows:
        if row.dialling_id is None:
            item = await work_store.open_item_of(tx.conn, row.id)
            await callbacks.withdraw(tx, row, item, "no_contactar", by="house")
    return len(rows)
