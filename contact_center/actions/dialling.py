"""The one check before a number is dialled, with the facts of this moment: desk, browser phone and house alike."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from contact_center.actions.kernel import Tx
from contact_center.errors import Conflict, Invalid
from contact_center.rules import dialling as rules
from contact_center.rules.calendars import Calendar
from contact_center.rules.dialling import Dial, Policy, Refusal
from contact_center.rules.faces import ms
from contact_center.rules.identity import Phone, normalise
from contact_center.rules.zones import local_day, zones_of
from contact_center.store import calls as call_store
from contact_center.store import citizens as citizen_store
from contact_center.store import hours as hours_store
from contact_center.store import promises as store
from contact_center.store import work as work_store


async def policy(tx: Tx) -> Policy:
    """Return the office's settings of dialling."""
    return Policy.of(await tx.options())


async def office_of(tx: Tx, queue_id: str | None) -> Calendar:
    """Return the hours of a queue, else of the telephone's queue, else of the office."""
    calendars = await hours_store.load(tx.conn)
    queues = await work_store.all_queues(tx.conn)
    chosen = next((one for one in queues if one.id == queue_id), None)
    chosen = chosen or next((one for one in queues if "phone" in one.channels), None) or next(iter(queues), None)
    return calendars[chosen.calendar_id] if chosen is not None else next(iter(calendars.values()))


async def refusal(
    tx: Tx,
    phone: Phone,
    *,
    queue_id: str | None = None,
    zone: str | None = None,
    citizen_id: str | None = None,
    callback: Any | None = None,
    but_call: str | None = None,
) -> Refusal | None:
    """Return why a number may not be dialled at this moment, None when it may. `but_call` is this one, not counted.

    A number that belongs to somebody who asked not to be contacted is refused, unless another person is meant by name.
    """
    rule = await policy(tx)
    wrong = rules.refuse_number(phone, rule.prefixes)
    if wrong is not None:
        return wrong
    assert phone.e164 is not None
    said = zone or (callback.zone if callback is not None else None) or None
    dial = Dial(phone, said)
    since = min(local_day(tx.now, one) for one in dial.zones)
    last: datetime | None = None
    if callback is not None:
        counted = [one for one in await store.tries_of(tx.conn, callback.id) if one.id != but_call and _rang(one)]
        last = max((one.started_at for one in counted), default=None)
    dial = Dial(
        phone,
        said,
        do_not_contact=await is_barred(tx, phone.e164, citizen_id)
        or (callback is not None and callback.source == "rule" and await is_barred(tx, phone.e164, None)),
        dialled_today=await store.dialled_since(tx.conn, phone.e164, since, but=but_call),
        last_tried_at=last,
    )
    return rules.check(dial, rule, await office_of(tx, queue_id), tx.now)


def _rang(call: Any) -> bool:
    return call.state not in ("failed", "cancelled")


async def is_barred(tx: Tx, number: str | None, citizen_id: str | None) -> bool:
    """Say whether the person meant, or anybody a number belongs to when nobody is meant, is «no contactar»."""
    if citizen_id is not None:
        family = await citizen_store.family_of(tx.conn, citizen_id)
        people = await citizen_store.get_many(tx.conn, family or [citizen_id])
        return any(one.do_not_contact for one in people.values())
    return number is not None and await store.not_to_contact(tx.conn, number)


def raise_for(found: Refusal | None) -> None:
    """Raise what a refusal is on the wire: Invalid `fields.number`, or Conflict with its code and `next_at`."""
    if found is None:
        return
    if found.is_number:
        raise Invalid("invalid", fields={"number": found.code})
    more: dict[str, Any] = {} if found.next_at is None else {"next_at": ms(found.next_at)}
    if found.name:
        more["name"] = found.name
    raise Conflict(found.code, **more)


async def check(tx: Tx, phone: Phone, **facts: Any) -> None:
    """Raise unless a number may be dialled now; see `refusal`."""
    raise_for(await refusal(tx, phone, **facts))


async def refuse_order(tx: Tx, call_id: str) -> Refusal | None:
    """Return why an order to dial may not leave at this moment; asked by whoever is about to send it."""
    call = await call_store.get(tx.conn, call_id)
    if call is None or call.direction != "outbound":
        return None
    contact = await work_store.get_interaction(tx.conn, call.interaction_id)
    assert contact is not None
    return await refusal(
        tx,
        normalise(call.number or ""),
        queue_id=contact.queue_id,
        citizen_id=contact.citizen_id,
        callback=await call_store.get_callback(tx.conn, call.interaction_id),
        but_call=call.id,
    )


async def windows(tx: Tx, number: str, zone: str | None, queue_id: str | None) -> Sequence[Calendar]:
    """Return everybody's hours that a call to this number has to lie in: the citizen's zones', and the queue's."""
    rule, office = await policy(tx), await office_of(tx, queue_id)
    zones = zones_of(number, zone or None)
    return [*(rules.window_of(rule, one, office) for one in zones), office]


def soon(calendars: Sequence[Calendar], at: datetime) -> datetime:
    """Return the first instant from `at` on within all these hours; `at` itself when they never meet."""
    return rules.next_common(calendars, at) or at


def end_of(calendars: Sequence[Calendar], at: datetime, window_s: int) -> datetime:
    """Return until when a promise for an instant holds: its window, but not past the hours of calling."""
    until = at + timedelta(seconds=window_s)
    shut = rules.closes_at(calendars, at)
    return until if shut is None else min(until, max(shut, at + timedelta(minutes=5)))
