"""What happens to a petition after its folio: edits, moves of its life cycle, follow-ups, another area or priority."""

from datetime import timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import callback_rules, missing_data, petition_form
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.petition_form import PetitionFields
from contact_center.actions.petition_record import add_follow_up, by, emit, get_contact, load, view, words
from contact_center.actions.petitions import calendar
from contact_center.errors import Conflict, Denied, Invalid
from contact_center.rules import access, faces
from contact_center.rules.catalogues import CITIZEN_STATUS, UNSATISFACTORY_CAUSES
from contact_center.rules.lifecycle import PETITION, Facts, step
from contact_center.rules.model import PetitionKind, PetitionState, Priority
from contact_center.rules.sight import REFERRED_STATES, petition_scope
from contact_center.store import citizens as citizen_store
from contact_center.store import petitions as store

REOPEN_DAYS: Final = 90
"""How long a concluded petition may be reopened; later it is a new one (DOMAIN §2.4 [P])."""
_CAUSES: Final = frozenset(one.code for one in UNSATISFACTORY_CAUSES)
_CONCLUDED: Final = frozenset({PetitionState.concluded_satisfactory, PetitionState.concluded_unsatisfactory})
_SHOWN: Final = (
    "kind",
    "subject",
    "category",
    "municipality",
    "locality",
    "outside_place",
    "location",
    "beneficiaries",
    "external_reference",
)
_NAMED: Final = (
    *("description", "requester", "beneficiary", "extra", "confidential", "medium"),
    "accused_dependency_id",
)
_LABELS: Final = {
    "kind": "tipo",
    "subject": "asunto",
    "category": "categoría",
    "municipality": "municipio",
    "locality": "localidad",
    "outside_place": "lugar fuera de Sonora",
    "location": "ubicación",
    "beneficiaries": "beneficiarios",
    "description": "descripción",
    "requester": "persona solicitante",
    "beneficiary": "persona beneficiaria",
    "extra": "datos del trámite",
    "confidential": "confidencialidad",
    "medium": "medio",
    "external_reference": "referencia de otra dependencia",
    "accused_dependency_id": "dependencia señalada",
}


class EditPetition(PetitionFields):
    """The fields to change, and the version they were seen at."""

    folio: str = Field(max_length=40)
    version: int = Field(ge=1)


@verb("petition.edit", action="petition.edit")
async def edit(tx: Tx, body: EditPetition) -> Answer:
    """Change a petition's data; what was there before stays in its history.

    Raises Conflict `changed_meanwhile` when somebody was faster, Invalid `fields`.
    """
    row = await load(tx, body.folio, "petition.edit")
    known = await citizen_store.get(tx.conn, row.citizen_id) if row.citizen_id else None
    values = await petition_form.checked(tx, body, known=known, medium=None, stored=row)
    values["confidential"] = values["confidential"] or row.accused_user_id is not None
    if row.confidential and not values["confidential"] and not access.can(tx.actor, "petition.reassign"):
        raise Denied(action="petition.reassign")
    changed = [name for name in (*_SHOWN, *_NAMED) if values[name] != getattr(row, name)]
    if not changed:
        return {"petition": await view(tx, row.folio)}
    if "category" in changed or "municipality" in changed:
        values |= await _placed_again(tx, row, values)
    await _save(tx, row.folio, body.version, {**values, "updated_at": tx.now})
    said = [
        f"{_LABELS[name]}: «{getattr(row, name) or '—'}» → «{values[name] or '—'}»" if name in _SHOWN else _LABELS[name]
        for name in changed
    ]
    await add_follow_up(tx, row.folio, "edit", f"Datos corregidos: {'; '.join(said)}")
    await emit(tx, row.folio)
    return {"petition": await view(tx, row.folio)}


async def _placed_again(tx: Tx, row: Any, values: dict[str, Any]) -> dict[str, Any]:
    """A new category brings its own body and term, as long as nothing was referred."""
    if row.state in REFERRED_STATES:
        return {}
    category = await store.get_category(tx.conn, values["category"])
    assert category is not None
    placed: dict[str, Any] = {
        "dependency_id": await petition_form.proposed_dependency(
            tx, category, values["municipality"], accused=values.get("accused_dependency_id", row.accused_dependency_id)
        )
    }
    if values["category"] != row.category:
        received = faces.office_day(row.received_at)
        placed["due_on"] = petition_form.due_on(await calendar(tx, None), received, category.term_days)
    return placed


async def _save(tx: Tx, folio: str, version: int, values: dict[str, Any]) -> None:
    if not await store.change(tx.conn, folio, version, values):
        raise Conflict("changed_meanwhile")


class MovePetition(Body):
    """One step of the life cycle, with what it asks for."""

    folio: str = Field(max_length=40)
    version: int = Field(ge=1)
    event: str = Field(max_length=40)
    note: str | None = Field(default=None, max_length=8_000)
    cause: str | None = Field(default=None, max_length=40)
    main_folio: str | None = Field(default=None, max_length=40)
    area: str | None = Field(default=None, max_length=36)
    dependency: str | None = Field(default=None, max_length=20)
    copies: tuple[str, ...] = Field(default=(), max_length=10)
    document: str | None = Field(default=None, max_length=300)
    call_in_days: int | None = Field(default=None, ge=1, le=30)
    category: str | None = Field(default=None, max_length=10)
    priority: str | None = Field(default=None, max_length=10)


@verb("petition.move", action="petition.move")
async def move(tx: Tx, body: MovePetition) -> Answer:
    """Take a petition one step on. A step that its table does not have is a 409 `illegal_move`.

    What is written at the end of a petition is for the citizen to read. Raises Conflict `changed_meanwhile`, Invalid
    `fields` for an unknown cause, area, body, category or main folio.
    """
    row = await load(tx, body.folio, "petition.move")
    note = words(body.note, 4_000, "note") if body.note and body.note.strip() else None
    if body.cause is not None and body.cause not in _CAUSES:
        raise Invalid("fields", fields={"cause": "unknown"})
    main = await _main(tx, row, body.main_folio)
    document = _document(body)
    before = PetitionState(row.state)
    facts = Facts(
        by=by(tx),
        has_comment=note is not None,
        has_cause=body.cause is not None,
        has_main_folio=main is not None,
        within_reopen_term=before in _CONCLUDED and tx.now - _concluded_at(row) <= timedelta(days=REOPEN_DAYS),
        fields_complete=True,
        oficio_authorised=document is not None,
        petition_kind=PetitionKind(row.kind),
    )
    after = step(PETITION, before, body.event, facts)
    values: dict[str, Any] = {"state": after.value, "updated_at": tx.now}
    if after in _CONCLUDED:
        values["conclusion"] = {
            "sense": "satisfactory" if after is PetitionState.concluded_satisfactory else "unsatisfactory",
            "cause": body.cause,
            "text": note,
            "by": tx.actor.id,
            "at": faces.ms(tx.now),
        }
    elif before in _CONCLUDED and after is PetitionState.following_up:
        values["conclusion"] = None
    if main is not None and after is PetitionState.duplicate:
        values["duplicate_of"] = main.folio
    if body.event == "route_inside":
        values |= {"area_id": await _area(tx, row, body.area), "responsible_id": None}
    if body.event == "refer":
        values |= await _referral(tx, row, body)
    if body.event == "classify":
        values |= await _classified(tx, row, body)
    await _save(tx, row.folio, body.version, values)
    is_told = note is not None and (after in _CONCLUDED or after is PetitionState.duplicate)
    said = f"{_status(before)} → {_status(after)}" + await _sent(tx, values) + (f": {note}" if note else "")
    await add_follow_up(tx, row.folio, "move", note if is_told and note else said, visible=is_told)
    if body.event == "ask_data" and body.call_in_days is not None:
        await missing_data.call_later(tx, row, body.call_in_days, note or "")
    elif before is PetitionState.verifying:
        await missing_data.came(tx, row.folio)
    if main is not None and after is PetitionState.duplicate:
        await add_follow_up(tx, main.folio, "duplicate", f"Se une el folio {row.folio} por ser el mismo asunto.")
        await emit(tx, main.folio)
    await emit(tx, row.folio)
    await callback_rules.inform_by_rule(tx, await store.get(tx.conn, row.folio), after.value)
    return {"petition": await view(tx, row.folio)}


async def _sent(tx: Tx, values: dict[str, Any]) -> str:
    """Return to whom a petition was referred, in words, for its history."""
    if not values.get("referral_document"):
        return ""
    names = [(await store.get_dependency(tx.conn, one)) for one in (values["dependency_id"], *values["copies"])]
    main, *copies = [one.name for one in names if one is not None]
    copied = f", con copia a {'; '.join(copies)}" if copies else ""
    return f" ({main}{copied}; oficio {values['referral_document']})"


def _status(state: PetitionState) -> str:
    row = CITIZEN_STATUS.get(state)
    return row.label_es.partition(" {")[0] if row else state.value


def _concluded_at(row: Any) -> Any:
    return row.updated_at if row.conclusion is None else faces.from_ms(row.conclusion["at"])


async def _main(tx: Tx, row: Any, folio: str | None) -> Any | None:
    if folio is None:
        return None
    main = await store.get(tx.conn, folio)
    if main is None or not access.can(tx.actor, "petition.read", petition_scope(main, tx.actor)):
        raise Invalid("fields", fields={"main_folio": "unknown"})
    if main.folio == row.folio or main.state == PetitionState.duplicate:
        raise Invalid("fields", fields={"main_folio": "invalid"})
    return main


async def _area(tx: Tx, row: Any, area_id: str | None) -> str:
    """Return an area that may get a petition: one that exists and is not that of a person it accuses."""
    area = await store.get_area(tx.conn, area_id) if area_id else None
    if area is None or area.closed_at is not None:
        raise Invalid("fields", fields={"area": "unknown" if area_id else "required"})
    if row.accused_area_id is not None and area.id == row.accused_area_id:
        raise Invalid("fields", fields={"area": "accused"})
    return str(area.id)


def _document(body: MovePetition) -> str | None:
    """Return the number of the authorised letter: nothing leaves the office without one (DOMAIN §2.1)."""
    if body.event != "refer":
        return None
    if not body.document or not body.document.strip():
        raise Invalid("fields", fields={"document": "required"})
    return words(body.document, 60, "document")


async def _referral(tx: Tx, row: Any, body: MovePetition) -> dict[str, Any]:
    """Return the body that answers and those that get a copy; never the one that the petition is about."""
    main = await _dependency(tx, body.dependency)
    copies = [await _dependency(tx, one, "copies") for one in dict.fromkeys(body.copies) if one != main]
    for field, found in (("dependency", [main]), ("copies", copies)):
        if row.accused_dependency_id is not None and row.accused_dependency_id in found:
            raise Invalid("fields", fields={field: "accused"})
    return {"dependency_id": main, "copies": copies, "referral_document": _document(body)}


async def _dependency(tx: Tx, dependency_id: str | None, field: str = "dependency") -> str:
    found = await store.get_dependency(tx.conn, dependency_id) if dependency_id else None
    if found is None:
        raise Invalid("fields", fields={field: "unknown" if dependency_id else "required"})
    return str(found.id)


async def _classified(tx: Tx, row: Any, body: MovePetition) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if body.category is not None and body.category != row.category:
        category = await store.get_category(tx.conn, body.category)
        if category is None or category.closed_at is not None:
            raise Invalid("fields", fields={"category": "unknown"})
        values["category"] = category.code
        values["confidential"] = row.confidential or category.code in petition_form.ALWAYS_CONFIDENTIAL
        values |= await _placed_again(tx, row, {"category": category.code, "municipality": row.municipality})
    if body.priority is not None:
        values["priority"] = _priority(body.priority)
    return values


def _priority(value: str) -> str:
    if value not in {one.value for one in Priority}:
        raise Invalid("fields", fields={"priority": "unknown"})
    return value


class FollowUp(Body):
    """What was done or said, and whether the citizen may read it."""

    folio: str = Field(max_length=40)
    text: str = Field(max_length=16_000)
    visible: bool
    interaction_id: str | None = Field(default=None, max_length=36)


@verb("petition.follow_up", action="petition.follow_up")
async def follow_up(tx: Tx, body: FollowUp) -> Answer:
    """Append to a petition's history. A correction is another row."""
    row = await load(tx, body.folio, "petition.follow_up")
    contact = await get_contact(tx, body.interaction_id)
    origin = "dependency" if not access.can(tx.actor, "petition.create") else "internal"
    text = words(body.text, 4_000, "text")
    interaction_id = contact.id if contact else None
    follow_up_id = await add_follow_up(
        tx, row.folio, "note", text, visible=body.visible, origin=origin, interaction_id=interaction_id
    )
    await emit(tx, row.folio)
    rows = await store.follow_ups_of(tx.conn, [row.folio])
    added = next(one for one in rows if one.id == follow_up_id)
    return {"follow_up": faces.follow_up(added)}


class ReassignPetition(Body):
    """Who answers for a petition from now on, and how urgent it is."""

    folio: str = Field(max_length=40)
    version: int = Field(ge=1)
    area: str | None = Field(default=None, max_length=36)
    responsible: str | None = Field(default=None, max_length=36)
    priority: str | None = Field(default=None, max_length=10)
    reason: str | None = Field(default=None, max_length=1_200)


@verb("petition.reassign", action="petition.reassign")
async def reassign(tx: Tx, body: ReassignPetition) -> Answer:
    """Give a petition to another area or person, or another priority, with a reason in its history."""
    row = await load(tx, body.folio, "petition.reassign")
    values: dict[str, Any] = {"updated_at": tx.now}
    said = []
    if body.area is not None:
        values |= {"area_id": await _area(tx, row, body.area), "responsible_id": None}
        said.append(f"área {values['area_id']}")
    if body.responsible is not None:
        values["responsible_id"] = await _responsible(tx, row, body.responsible)
        said.append("responsable")
    if body.priority is not None:
        values["priority"] = _priority(body.priority)
        said.append(f"prioridad {body.priority}")
    if not said:
        raise Invalid("fields", fields={"area": "required"})
    reason = f": {words(body.reason, 300, 'reason')}" if body.reason and body.reason.strip() else ""
    await _save(tx, row.folio, body.version, values)
    await add_follow_up(tx, row.folio, "reassign", f"Reasignada ({', '.join(said)}){reason}")
    if row.responsible_id is not None:
        tx.emit("petition.changed", user=row.responsible_id, folio=row.folio)
    await emit(tx, row.folio)
    return {"petition": await view(tx, row.folio)}


async def _responsible(tx: Tx, row: Any, user_id: str) -> str:
    staff = await store.get_staff(tx.conn, user_id)
    if staff is None or staff.disabled_at is not None:
        raise Invalid("fields", fields={"responsible": "unknown"})
    accused_area = row.accused_area_id is not None and staff.area_id == row.accused_area_id
    if staff.id == row.accused_user_id or accused_area:
        raise Invalid("fields", fields={"responsible": "accused"})
    return str(staff.id)
