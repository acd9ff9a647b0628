"""How petitions, people and contacts look on the wire: rows in, masked objects of docs/protocol.md out.

One place for the shapes, so that an answer, a list and an event show the same thing. Pure; a row is anything with the
columns' names as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.identity import mask_curp, mask_phone, short_label
from contact_center.rules.model import OPEN_PETITION_STATES, PetitionState
from contact_center.rules.petitions import citizen_status
from contact_center.rules.privacy import mask_email as mask_email

View = dict[str, Any]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN: Final = frozenset(state.value for state in OPEN_PETITION_STATES)
_PARTS: Final = ("names", "first_surname", "second_surname")
HIDDEN: Final = "••••"


def ms(value: datetime | None) -> int | None:
    """Return an instant as it travels: milliseconds since the epoch."""
    return None if value is None else (value - _EPOCH) // timedelta(milliseconds=1)


def from_ms(value: int) -> datetime:
    """Return the instant of a number that travelled."""
    return _EPOCH + timedelta(milliseconds=value)


def office_day(now: datetime) -> date:
    """Return the office's date at an instant."""
    return now.astimezone(ZoneInfo(OFFICE_ZONE)).date()


def petition_rows(rows: Iterable[Any], now: datetime) -> list[View]:
    """Return PetitionRow views."""
    return [petition_row(one, now) for one in rows]


def petition_row(one: Any, now: datetime) -> View:
    """Return a PetitionRow view of a row of `store.petitions`."""
    return {
        "folio": one.folio,
        "kind": one.kind,
        "subject": one.subject,
        "category": one.category,
        "municipality": one.municipality,
        "state": one.state,
        "public_status": public_status(one),
        "received_at": ms(one.received_at),
        "citizen_label": short_label(full_name(one.requester)) or None,
        "area": one.area_id,
        "dependency": one.dependency_id,
        "priority": one.priority,
        "is_overdue": is_overdue(one, now),
        "last_action_at": ms(one.updated_at),
    }


def petition(one: Any, now: datetime) -> View:
    """Return the Petition view of a row of `store.petitions.get`."""
    return {
        "folio": one.folio,
        "kind": one.kind,
        "medium": one.medium,
        "received_at": ms(one.received_at),
        "citizen": one.citizen_id,
        "requester": masked_person(one.requester),
        "beneficiary": None if one.beneficiary is None else masked_person(one.beneficiary),
        "beneficiaries": one.beneficiaries,
        "confidential": one.confidential,
        "subject": one.subject,
        "description": one.description,
        "category": one.category,
        "municipality": one.municipality,
        "locality": one.locality,
        "outside_place": one.outside_place,
        "location": one.location,
        "priority": one.priority,
        "area": one.area_id,
        "responsible": one.responsible_id,
        "dependency": one.dependency_id,
        "copies": one.copies,
        "referral_document": one.referral_document,
        "accused_dependency": one.accused_dependency_id,
        "external_reference": one.external_reference,
        "state": one.state,
        "due_on": one.due_on,
        "is_overdue": is_overdue(one, now),
        "extra": {key: mask_curp(value) if key == "curp" else value for key, value in one.extra.items()},
        "version": one.version,
        "origin": one.origin_id,
        "public_status": public_status(one),
        "duplicate_of": one.duplicate_of,
        "conclusion": one.conclusion,
    }


def public_status(one: Any) -> str | None:
    """Return what the citizen is told of a petition's state; nothing for a draft."""
    state = PetitionState(one.state)
    if state is PetitionState.draft:
        return None
    return citizen_status(state, dependency=one.dependency_name or "", main_folio=one.duplicate_of or "")


def is_overdue(one: Any, now: datetime) -> bool:
    """Say whether the office owes an answer that was due before today. Computed, never stored."""
    return one.due_on is not None and one.state in _OPEN and one.due_on < office_day(now).isoformat()


def full_name(person: Mapping[str, Any]) -> str:
    """Return a person's whole name, empty when anonymous."""
    return " ".join(person[part] for part in _PARTS if person.get(part))


def masked_person(person: Mapping[str, Any]) -> View:
    """Return who asks or benefits, with what identifies them hidden."""
    seen = {part: person.get(part) for part in _PARTS}
    return {
        **seen,
        "phone": mask_phone(person["phone"]) if person.get("phone") else None,
        "email": mask_email(person["email"]) if person.get("email") else None,
        "address": HIDDEN if person.get("address") else None,
        "anonymous": bool(person.get("anonymous")),
    }


def follow_up(one: Any) -> View:
    """Return a follow-up as staff see it."""
    return {
        "id": one.id,
        "folio": one.folio,
        "at": ms(one.at),
        "author": one.author_id,
        "author_name": getattr(one, "author_name", None),
        "origin": one.origin,
        "kind": one.kind,
        "text": one.text,
        "visible": one.visible,
        "interaction": one.interaction_id,
    }


CHANGES: Final = frozenset({"registered", "move", "edit", "reassign", "linked", "unlinked", "duplicate"})
"""Kinds of follow-up that say what was changed; the others are what was done or said."""


def change(one: View) -> View:
    """Return a follow-up view as a line of the change history."""
    return {"at": one["at"], "by": one["author"], "event": one["kind"], "note": one["text"]}


def link(one: Any) -> View:
    """Return a contact linked with a petition; undone links stay visible with who undid them and why."""
    return {
        "interaction": one.interaction_id,
        "relation": one.relation,
        "by": one.by_user,
        "at": ms(one.at),
        "unlinked_at": ms(one.unlinked_at),
        "unlinked_by": one.unlinked_by,
        "unlinked_reason": one.unlinked_reason,
        "channel": one.channel,
        "started_at": ms(one.started_at),
        "agent": one.agent_id,
    }


def citizen_view(one: Any) -> View:
    """Return a Citizen view; phone, mail, CURP and address are masked for everybody, `citizen.reveal` shows one."""
    name = " ".join(part for part in (one.names, one.first_surname, one.second_surname) if part)
    return {
        "id": one.id,
        "names": one.names,
        "first_surname": one.first_surname,
        "second_surname": one.second_surname,
        "phone": mask_phone(one.phone) if one.phone else None,
        "phone_last4": one.phone[-4:] if one.phone else None,
        "email": mask_email(one.email) if one.email else None,
        "curp": mask_curp(one.curp) if one.curp else None,
        "municipality": one.municipality,
        "locality": one.locality,
        "neighborhood": one.neighborhood,
        "address": HIDDEN if one.address else None,
        "postal_code": one.postal_code,
        "outside_place": one.outside_place,
        "birth_date": one.birth_date,
        "sex": one.sex,
        "language": one.language,
        "disability": one.disability,
        "vulnerable_groups": one.vulnerable_groups,
        "contact_preference": one.contact_preference,
        "do_not_contact": one.do_not_contact,
        "anonymous": one.anonymous,
        "merged_into": one.merged_into,
        "version": one.version,
        "label": name or f"Persona {one.id[-4:]}",
    }


def interaction_rows(rows: Sequence[Any], folios: Mapping[str, Sequence[str]]) -> list[View]:
    """Return InteractionRow views of rows of `store.register`; a restricted contact has no label."""
    return [_interaction_row(one, list(folios.get(one.id, ()))) for one in rows]


def _interaction_row(one: Any, folios: list[str]) -> View:
    start = one.queued_at or one.started_at
    survey = one.survey or {}
    return {
        "id": one.id,
        "item": one.item_id,
        "channel": one.channel,
        "direction": one.direction,
        "started_at": ms(one.started_at),
        "ended_at": ms(one.ended_at),
        "wait_s": one.wait_s,
        "first_reply_s": _seconds(start, one.first_reply_at),
        "duration_s": _seconds(one.started_at, one.ended_at),
        "messages": one.last_seq or 0,
        "agent": one.agent_id,
        "queue": one.queue_id,
        "label": None if one.restricted else contact_label(one),
        "state": one.conversation_state or ("closed" if one.ended_at else "active"),
        "capture": one.state,
        "disposition": one.disposition,
        "no_petition_reason": one.no_petition_reason,
        "petitions": folios,
        "flags": one.flags,
        "transfers": one.transfers,
        "survey_score": survey.get("score"),
    }


def contact_label(one: Any) -> str:
    """Return how a contact is called in a list: never a whole name, never a number."""
    if one.citizen_names:
        return short_label(f"{one.citizen_names} {one.citizen_surname or ''}".strip())
    if one.visitor_name:
        return short_label(one.visitor_name)
    return f"{'Llamada' if one.channel == 'phone' else 'Visitante'} {one.id[-4:]}"


def _seconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else max(0, int((end - start).total_seconds()))
