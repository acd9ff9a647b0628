"""What planning would say, how full the hours are, and the script of a call. Reads only; a `Tx` without a writer."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from contact_center.actions import callback_times, dialling
from contact_center.actions.kernel import Tx
from contact_center.errors import Conflict, Invalid
from contact_center.rules import dialling as dial_rules
from contact_center.rules import shift
from contact_center.rules.faces import from_ms, full_name, ms, public_status
from contact_center.rules.identity import normalise
from contact_center.rules.model import PetitionState
from contact_center.rules.petitions import citizen_status
from contact_center.rules.when import in_words
from contact_center.rules.zones import zones_of
from contact_center.store import citizens as citizen_store
from contact_center.store import petitions as petition_store
from contact_center.store import promises as promise_store
from contact_center.store import texts
from contact_center.store import work as work_store

View = dict[str, Any]


async def queue_id_of(tx: Tx, queue_id: str | None) -> str:
    """Return a queue that is there: the one asked for, else the telephone's, else the first."""
    queues = await work_store.all_queues(tx.conn)
    chosen = next((one for one in queues if one.id == queue_id), None)
    chosen = chosen or next((one for one in queues if "phone" in one.channels), None)
    return str((chosen or queues[0]).id)


async def hours(
    tx: Tx, queue_id: str | None, start: datetime, days: int, zones: tuple[str, ...] | None = None
) -> list[View]:
    """Return the hours of local days with capacity and what is promised."""
    chosen = await queue_id_of(tx, queue_id)
    office, rule = await dialling.office_of(tx, chosen), await dialling.policy(tx)
    its_shift = await callback_times.shift_of(tx, chosen)
    found = list(shift.hours_of_days(start, days, office, its_shift, rule, zones or (office.zone,)))
    if not found:
        return []
    times = await promise_store.times_promised(tx.conn, chosen, found[0].at, found[-1].until)
    promised = Counter(shift.hour_of(at, office.zone) for at in times)
    return [hour_view(one, promised[one.at]) for one in found]


def hour_view(one: shift.Hour, promised: int) -> View:
    return {
        "at": ms(one.at),
        "until": ms(one.until),
        "capacity": one.capacity,
        "promised": promised,
        "open": one.is_open,
        "why": one.why,
        "name": one.name or None,
    }


async def preview(
    tx: Tx,
    *,
    number: str,
    citizen_id: str | None,
    zone: str,
    queue_id: str | None,
    due_at: int | None,
    due_local: str | None,
    not_after: int | None,
) -> View:
    """Return every reason for which this promise would be refused, its words, and the hour it falls into."""
    chosen = await queue_id_of(tx, queue_id)
    queue = await work_store.get_queue(tx.conn, chosen)
    phone, refusals = normalise(number), list[View]()
    try:
        known = callback_times.checked_zone(zone)
    except Invalid as error:
        return _refused(_fields(error))
    zones = zones_of(phone.e164, known or None)
    rule, office = await dialling.policy(tx), await dialling.office_of(tx, chosen)
    wrong = dial_rules.refuse_number(phone, rule.prefixes) if number else dial_rules.Refusal("required")
    if wrong is not None:
        refusals.append({"code": wrong.code, "field": "number"})
    elif await dialling.is_barred(tx, phone.e164, citizen_id):
        refusals.append({"code": "do_not_contact"})
    try:
        due, last = callback_times.times(tx, due_at, due_local, not_after, known, phone)
    except Invalid as error:
        return _refused([*refusals, *_fields(error)], zones)
    off = dial_rules.refuse_time(zones, rule, office, due)
    if off is not None:
        refusals.append({"code": off.code, "next_at": ms(off.next_at), "name": off.name or None})
    hour = await callback_times.hour_of(tx, chosen, due, zones)
    promised = len(await promise_store.times_promised(tx.conn, chosen, hour.at, hour.until))
    if off is None and wrong is None:
        try:
            await callback_times.check_time(tx, phone, known, queue, due, citizen_id, despite_load=False)
        except Conflict as error:
            if error.code == "no_room":
                refusals.append({"code": "no_room", **error.data})
    return {
        "ok": not refusals,
        "refusals": refusals,
        "due_at": ms(due),
        "words": in_words(due, tx.now, until=last, zone=known),
        "words_en": in_words(due, tx.now, until=last, zone=known, locale="en"),
        "zones": list(zones),
        "load": hour_view(hour, promised),
    }


def _fields(error: Invalid) -> list[View]:
    more = {"next_at": error.data["next_at"]} if "next_at" in error.data else {}
    return [{"code": code, "field": name, **more} for name, code in error.data.get("fields", {}).items()]


def _refused(refusals: list[View], zones: tuple[str, ...] = ()) -> View:
    empty = {"due_at": None, "words": None, "words_en": None, "load": None}
    return {"ok": False, "refusals": refusals, "zones": list(zones), **empty}


async def free_hours(tx: Tx, number: str, day: datetime, limit: int) -> list[View]:
    """Return the hours of a week from a day on in which somebody may be called and there is room."""
    chosen = await queue_id_of(tx, None)
    zones = zones_of(number)
    office, rule = await dialling.office_of(tx, chosen), await dialling.policy(tx)
    calendars = [*(dial_rules.window_of(rule, one, office) for one in zones), office]
    found: list[View] = []
    for one in await hours(tx, chosen, max(day, tx.now), 8, zones):
        if not one["open"] or one["promised"] >= one["capacity"] or one["until"] <= ms(tx.now):
            continue
        at = dialling.soon(calendars, max(from_ms(one["at"]), tx.now + timedelta(minutes=10)))
        until = from_ms(one["until"])
        if at >= until:
            continue
        words = in_words(at, tx.now), in_words(at, tx.now, locale="en")
        found.append({"at": ms(at), "until": ms(until), "words": words[0], "words_en": words[1]})
        if len(found) == limit:
            break
    return found


async def script(tx: Tx, row: Any, petition: Any | None, *, agent: str) -> View:
    """Return what the agent says, in both languages, with the petition's state as its citizen is told it."""
    contact = await work_store.get_interaction(tx.conn, row.id)
    citizen_id = contact.citizen_id if contact is not None else None
    citizen = await citizen_store.get(tx.conn, citizen_id) if citizen_id else None
    parts = ("names", "first_surname", "second_surname")
    named = full_name({part: getattr(citizen, part) for part in parts}) if citizen is not None else ""
    holder = named or (full_name(petition.requester) if petition is not None else "")
    status = since = last = None
    statuses: dict[str, str] = {}
    if petition is not None and petition.state != PetitionState.draft:
        told = {"dependency": petition.dependency_name or "", "main_folio": petition.duplicate_of or ""}
        status = public_status(petition)
        statuses = {
            "es": status or "",
            "en": citizen_status(PetitionState(petition.state), **told, language="en"),
        }
        since = await petition_store.last_move(tx.conn, petition.folio) or petition.received_at
        public = await petition_store.last_public(tx.conn, petition.folio)
        last = None if public is None else public.text
    key = {"inform": "guion_llamada_informativa", "ask": "guion_mayor_informacion"}.get(row.reason, "guion_retorno")
    said = {
        locale: await texts.render(
            tx.conn,
            key,
            locale,
            nombre_agente=agent,
            titular=holder or {"es": "la persona solicitante", "en": "the applicant"}[locale],
            folio=row.folio or "",
            estado_legible=statuses.get(locale, ""),
            preguntas="; ".join(one["text"] for one in row.questions),
        )
        for locale in ("es", "en")
    }
    check = await texts.render(tx.conn, "guion_identidad", "es", titular=holder)
    return {
        "text": said["es"],
        "text_en": said["en"],
        "identity": check,
        "identity_en": await texts.render(tx.conn, "guion_identidad", "en", titular=holder),
        "status": status,
        "since": ms(since),
        "last_public": last,
    }
