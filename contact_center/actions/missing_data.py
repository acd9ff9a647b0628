"""A petition lacks something: if it does not come in time, somebody calls to ask for it; if it comes, nobody does."""

from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from contact_center.actions import call_contact, callbacks, dialling
from contact_center.actions.kernel import Tx
from contact_center.actions.petition_form import local_day
from contact_center.errors import Invalid
from contact_center.rules import hours
from contact_center.rules.callbacks import Told
from contact_center.rules.identity import normalise
from contact_center.store import petition_facts as store
from contact_center.store import work as work_store

REASON: Final = "Los datos llegaron antes de la llamada."
_ASKED: Final = 300
"""Characters of the question."""


async def call_later(tx: Tx, petition: Any, days: int, missing: str) -> None:
    """Plan a call that asks for what is missing, so many working days from now. Raises Invalid `call_in_days`.

    One for each time that data were asked for.
    """
    phone = normalise(petition.phone or "")
    if phone.e164 is None or not phone.kind.is_callable:
        raise Invalid("fields", fields={"call_in_days": "phone"})
    if await dialling.is_barred(tx, phone.e164, petition.citizen_id):
        raise Invalid("fields", fields={"call_in_days": "do_not_contact"})
    queue = await call_contact.queue_for(tx, None, tx.actor.id)
    office = await dialling.office_of(tx, queue.id)
    try:
        day = hours.add_business_days(office, local_day(tx), days)
    except ValueError as error:
        raise Invalid("fields", fields={"call_in_days": "invalid"}) from error
    due = hours.next_opening(office, datetime.combine(day, time(), ZoneInfo(office.zone)))
    question = {"id": tx.ids.new(), "text": missing[:_ASKED], "kind": "text", "required": True}
    await callbacks.make(
        tx,
        reason="ask",
        number=phone.e164,
        queue_id=queue.id,
        due_at=due,
        citizen_id=petition.citizen_id,
        origin_id=petition.origin_id,
        folio=petition.folio,
        questions=[question],
        made_key=f"data:{petition.folio}:{petition.version}",
        told=Told.none,
    )


async def came(tx: Tx, folio: str) -> None:
    """Call off what was planned to ask for data that are there now; one being dialled goes on."""
    for callback_id in await store.open_data_calls(tx.conn, folio):
        row = await callbacks.load(tx, callback_id)
        if row.dialling_id is None:
            item = await work_store.open_item_of(tx.conn, callback_id)
            await callbacks.withdraw(tx, row, item, REASON, by="rule")
