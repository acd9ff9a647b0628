"""Petitions are registered, and linked with the contacts they are about; a folio is issued once and has no gaps."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field

from contact_center.actions import captures, petition_form
from contact_center.actions.folio_query import folio_format
from contact_center.actions.kernel import Answer, Tx, verb
from contact_center.actions.messages import add_system_message
from contact_center.actions.petition_form import PetitionFields, local_day
from contact_center.actions.petition_record import (
    add_follow_up,
    attach,
    by,
    emit,
    get_contact,
    mark_contact,
    restrict,
    view,
)
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import access, faces
from contact_center.rules.folios import Folio, folio_year
from contact_center.rules.lifecycle import PETITION, Facts, step
from contact_center.rules.model import Channel, IntakeMedium, PetitionState
from contact_center.rules.petitions import PetitionFacts, suggest_duplicates
from contact_center.rules.sight import sight_of
from contact_center.store import citizens as citizen_store
from contact_center.store import hours as hours_store
from contact_center.store import petition_facts as facts
from contact_center.store import petitions as store
from contact_center.store import texts
from contact_center.store import work as work_store

_FOLIO_PAGE = {"es": "la página de consulta de folios", "en": "the folio page"}
_DEFAULT_AREA = "03.07.02.01"
_NAME = ("names", "first_surname", "second_surname")
_CANDIDATES = 50


class CreatePetition(PetitionFields):
    """A petition to register, from a contact or by itself."""

    interaction_id: str | None = Field(default=None, max_length=36)
    citizen_id: str | None = Field(default=None, max_length=36)
    accused_user_id: str | None = Field(default=None, max_length=36)
    sensitive_consent: bool = False
    despite_duplicates: bool = False


@verb("petition.create", action="petition.create")
async def create(tx: Tx, body: CreatePetition) -> Answer:
    """Register a petition, issue its folio and tell the citizen in the same channel.

    Raises Invalid `fields`, Conflict `possible_duplicates` with `rows`. A failure leaves no gap in the numbers; a retry
    under the same client id gets the same folio.
    """
    contact = await get_contact(tx, body.interaction_id)
    citizen = await _citizen(tx, body.citizen_id or (contact.citizen_id if contact else None))
    medium = IntakeMedium.of_channel(Channel(contact.channel)) if contact else None
    values = await petition_form.checked(tx, body, known=citizen, medium=medium)
    is_sensitive = await _check_consent(tx, body, values)
    if not body.despite_duplicates:
        await _refuse_duplicates(tx, values, citizen)
    if citizen is None and values["requester"].get("names"):
        citizen = await _new_citizen(tx, values)
    values |= await _placement(tx, body, contact, values)
    state = step(PETITION, None, "start", Facts(by=by(tx)))
    state = step(PETITION, state, "register", Facts(by=by(tx), fields_complete=True))
    if not values["locality"] and values["municipality"] != petition_form.OUTSIDE:
        state = step(PETITION, state, "ask_data", Facts(by=by(tx), has_comment=True))
    number = Folio(folio_year(tx.now), await store.take_number(tx.conn, folio_year(tx.now)))
    folio = folio_format(await tx.options()).write(number)
    await store.add(
        tx.conn,
        {
            **values,
            "folio": folio,
            "year": number.year,
            "number": number.number,
            "received_at": tx.now,
            "citizen_id": citizen.id if citizen else None,
            "state": state.value,
            "origin_id": contact.id if contact else None,
            "created_by": tx.actor.id,
            "updated_at": tx.now,
        },
    )
    interaction_id = contact.id if contact else None
    await add_follow_up(tx, folio, "registered", "Petición registrada.", visible=True, interaction_id=interaction_id)
    if state is PetitionState.verifying:
        await add_follow_up(tx, folio, "move", "Falta precisar la localidad.", interaction_id=interaction_id)
    if is_sensitive:
        await _note_consent(tx, folio, contact, citizen)
    if contact is not None:
        await attach(tx, contact, folio, "created", citizen)
        if values["confidential"]:
            await restrict(tx, contact, values["accused_user_id"])
        await _tell(tx, contact, folio)
        await captures.recheck(tx, contact.id)
    await emit(tx, folio, extra_contact=contact)
    return {"petition": await view(tx, folio)}


async def _citizen(tx: Tx, citizen_id: str | None) -> Any | None:
    if citizen_id is None:
        return None
    root = await citizen_store.root_of(tx.conn, citizen_id)
    row = await citizen_store.get(tx.conn, root) if root else None
    if row is None:
        raise Missing
    return row


async def _new_citizen(tx: Tx, values: Mapping[str, Any]) -> Any:
    """Make the person a conversation did not have yet; likenesses are only suggested, never merged (rule 4)."""
    person = values["requester"]
    citizen_id = tx.ids.new()
    await citizen_store.add(
        tx.conn,
        {
            "id": citizen_id,
            **{
                part: person.get(part)
                for part in ("names", "first_surname", "second_surname", "phone", "email", "address")
            },
            "folded": petition_form.folded(
                person.get("names"), person.get("first_surname"), person.get("second_surname")
            ),
            "municipality": values["municipality"],
            "locality": values["locality"],
            "outside_place": values["outside_place"],
            "vulnerable_groups": [],
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )
    return await citizen_store.get(tx.conn, citizen_id)


async def duplicates_of(
    conn: Any,
    actor: access.Actor,
    *,
    today: Any,
    now: Any,
    days: int,
    citizen_ids: list[str],
    phone: str | None,
    category: str,
    municipality: str,
    subject: str,
) -> list[dict[str, Any]]:
    """Return petitions that may be the same one, best first, as PetitionRow with `score` and `reasons` (rule 3)."""
    sight = sight_of(actor, "petition.read")
    found: dict[str, Any] = {}
    for citizen_id in citizen_ids or [None]:  # type: ignore[list-item]  # no person: by phone alone
        rows = await facts.likely_duplicates(
            conn,
            sight,
            citizen_id=citizen_id,
            phone=phone,
            category=category,
            municipality=municipality,
            after=now - timedelta(days=days),
            limit=_CANDIDATES,
        )
        found |= {row.folio: row for row in rows}
    same_person = citizen_ids[0] if citizen_ids else None
    new = PetitionFacts("", category, municipality, today, same_person, phone, subject)
    others = [
        PetitionFacts(
            row.folio,
            row.category,
            row.municipality,
            faces.office_day(row.received_at),
            same_person if row.citizen_id in citizen_ids else row.citizen_id,
            row.phone,
            row.subject,
        )
        for row in found.values()
    ]
    return [
        {**faces.petition_row(found[one.petition_id], now), "score": one.score, "reasons": list(one.reasons)}
        for one in suggest_duplicates(new, others, days=days)
    ]


async def _refuse_duplicates(tx: Tx, values: Mapping[str, Any], citizen: Any | None) -> None:
    rows = await duplicates_of(
        tx.conn,
        tx.actor,
        today=local_day(tx),
        now=tx.now,
        days=(await tx.options()).duplicate_days,
        citizen_ids=await citizen_store.family_of(tx.conn, citizen.id) if citizen else [],
        phone=values["phone"],
        category=values["category"],
        municipality=values["municipality"],
        subject=values["subject"],
    )
    if rows:
        raise Conflict("possible_duplicates", rows=rows)


async def _placement(tx: Tx, body: CreatePetition, contact: Any | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a petition goes: area, body, priority, due date. An accused person's own area never gets it."""
    category = await store.get_category(tx.conn, values["category"])
    assert category is not None
    area = category.area_id or (contact.area_id if contact else None) or tx.actor.area_id or _DEFAULT_AREA
    if body.accused_user_id is not None:
        accused = await store.get_staff(tx.conn, body.accused_user_id)
        if accused is None:
            raise Invalid("fields", fields={"accused_user_id": "unknown"})
        own = await store.get_area(tx.conn, accused.area_id) if accused.area_id else None
        area = own.parent_id if own is not None and own.parent_id else area
    return {
        "accused_user_id": body.accused_user_id,
        "confidential": values["confidential"] or body.accused_user_id is not None,
        "area_id": area,
        "responsible_id": None,
        "dependency_id": await petition_form.proposed_dependency(
            tx, category, values["municipality"], accused=values["accused_dependency_id"]
        ),
        "priority": category.priority,
        "due_on": petition_form.due_on(await calendar(tx, contact), local_day(tx), category.term_days),
    }


async def calendar(tx: Tx, contact: Any | None) -> Any | None:
    """Return the calendar that terms count by: that of the contact's queue, else the office's first."""
    calendars = await hours_store.load(tx.conn)
    queues = await work_store.all_queues(tx.conn)
    mine = next((row for row in queues if contact is not None and row.id == contact.queue_id), None)
    chosen = mine or next(iter(queues), None)
    return calendars.get(chosen.calendar_id) if chosen is not None else next(iter(calendars.values()), None)


async def _check_consent(tx: Tx, body: CreatePetition, values: Mapping[str, Any]) -> bool:
    """Say whether sensitive data of a person are kept. Raises Invalid unless that person agreed to it expressly."""
    category = await store.get_category(tx.conn, values["category"])
    assert category is not None
    if not category.sensitive or not values["requester"].get("names"):
        return False
    if not body.sensitive_consent:
        raise Invalid("fields", fields={"sensitive_consent": "required"})
    return True


async def _note_consent(tx: Tx, folio: str, contact: Any | None, citizen: Any | None) -> None:
    """Write down that the person agreed, when, in which channel and who heard it; the contact carries the mark."""
    await facts.add_consent(
        tx.conn,
        {
            "id": tx.ids.new(),
            "citizen_id": citizen.id if citizen is not None else None,
            "kind": "sensitive_data",
            "version": await texts.version_of(tx.conn, "consentimiento_sensibles"),
            "channel": contact.channel if contact is not None else "in_person",
            "at": tx.now,
            "folio": folio,
            "by_user": tx.actor.id,
        },
    )
    if contact is not None:
        await mark_contact(tx, contact, "sensitive_data")


async def _tell(tx: Tx, contact: Any, folio: str) -> None:
    """Give the citizen the folio where they are; in speech the agent says it."""
    if contact.locale is None:
        return
    page = _FOLIO_PAGE.get(contact.locale, _FOLIO_PAGE["es"])
    text = await texts.render(tx.conn, "folio_generado", contact.locale, folio=folio, url_consulta=page)
    await add_system_message(tx, contact.id, "folio_issued", data={"folio": folio}, text=text or folio)
