"""The petition form: what the wire sends, what the rules check, and what is stored.

Errors come back under the names the wire uses, so that a screen can put each beside its field.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from contact_center.actions.kernel import Body, Tx
from contact_center.errors import Invalid
from contact_center.rules import hours, identity
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.hours import Calendar
from contact_center.rules.identity import PhoneKind
from contact_center.rules.model import IntakeMedium, PetitionKind, Priority
from contact_center.rules.petitions import OUTSIDE_SONORA, PetitionDraft, Requester, validate
from contact_center.rules.textfold import TextRefused, fold, safe_line, safe_text
from contact_center.store import petitions as store

OUTSIDE = "00000"
"""The municipality of people outside Sonora, as it is stored and sent."""
ALWAYS_CONFIDENTIAL = frozenset({"GA01"})
_HIDDEN = "•"
"""What a masked value carries; it never is a new value."""
_EXTRA_ON_WIRE = {"name_on_record": "record_name", "dependency": "body"}
_NOT_CHECKED = frozenset({"full_name"})
_ON_WIRE = {
    "requester": "requester.names",
    "requester.name": "requester.names",
    "requester.contact": "requester.phone",
    "beneficiary.name": "beneficiary.names",
}
_NO_PHONE = frozenset({PhoneKind.invalid, PhoneKind.short_code, PhoneKind.emergency, PhoneKind.anonymous})


class Person(Body):
    """Somebody in a petition. Values with «•» in them are the masked ones and count as not given."""

    names: str | None = Field(default=None, max_length=500)
    first_surname: str | None = Field(default=None, max_length=400)
    second_surname: str | None = Field(default=None, max_length=400)
    phone: str | None = Field(default=None, max_length=60)
    email: str | None = Field(default=None, max_length=400)
    address: str | None = Field(default=None, max_length=1_000)
    anonymous: bool = False


class PetitionFields(Body):
    """What a person fills in. Everything may be left out, and then stays as it was or is said to be missing."""

    kind: str | None = Field(default=None, max_length=30)
    medium: str | None = Field(default=None, max_length=20)
    subject: str | None = Field(default=None, max_length=2_000)
    description: str | None = Field(default=None, max_length=36_000)
    category: str | None = Field(default=None, max_length=10)
    municipality: str | None = Field(default=None, max_length=10)
    locality: str | None = Field(default=None, max_length=1_000)
    outside_place: str | None = Field(default=None, max_length=1_000)
    location: str | None = Field(default=None, max_length=1_500)
    requester: Person | None = None
    beneficiary: Person | None = None
    beneficiaries: int | None = None
    confidential: bool | None = None
    external_reference: str | None = Field(default=None, max_length=400)
    accused_dependency: str | None = Field(default=None, max_length=20)
    extra: dict[str, str] | None = Field(default=None, max_length=20)


async def checked(
    tx: Tx, fields: PetitionFields, *, known: Any | None, medium: IntakeMedium | None, stored: Any | None = None
) -> dict[str, Any]:
    """Return the columns to store. Raises Invalid `fields` with every field that is wrong.

    `known` is the citizen's row, whose data fill in what was not given again; `stored` is the petition being changed.
    """
    wrong: dict[str, str] = {}
    requester = _person("requester", _requester(fields, stored), known, wrong)
    beneficiary = _beneficiary(fields, stored, wrong)
    values = _merged(fields, stored)
    municipality = values["municipality"] or ""
    category = await store.get_category(tx.conn, values["category"] or "")
    places = frozenset(row.key for row in await store.all_municipalities(tx.conn))
    draft = PetitionDraft(
        kind=_one_of(PetitionKind, "kind", values["kind"], wrong),
        medium=_one_of(IntakeMedium, "medium", values["medium"], wrong) or medium,
        subject=values["subject"] or "",
        description=values["description"] or "",
        category=values["category"] or "",
        municipality=OUTSIDE_SONORA if municipality == OUTSIDE else municipality,
        outside_place=values["outside_place"] or "",
        locality=values["locality"] or "",
        locality_pending=not values["locality"],
        priority=Priority(category.priority) if category is not None else Priority.normal,
        beneficiaries=1 if values["beneficiaries"] is None else values["beneficiaries"],
        requester=Requester(
            _name(requester), requester.get("phone", ""), requester.get("email", ""), requester.get("address", "")
        ),
        extras={_EXTRA_ON_WIRE.get(key, key): one for key, one in values["extra"].items() if key not in _NOT_CHECKED},
    )
    categories = frozenset({category.code}) if category is not None and category.closed_at is None else frozenset()
    for error in validate(draft, today=local_day(tx), categories=categories, municipalities=places):
        wrong.setdefault(_wire_name(error.field, values["extra"]), error.code)
    if beneficiary is not None and not beneficiary.get("names"):
        wrong.setdefault("beneficiary.names", "required")
    location = _line("location", values["location"], 300, wrong)
    reference = _line("external_reference", values["external_reference"], 80, wrong)
    accused = await _accused_body(tx, fields, stored, wrong)
    locality = _line("locality", values["locality"], 120, wrong)
    outside = _line("outside_place", values["outside_place"], 120, wrong) if municipality == OUTSIDE else None
    if wrong:
        raise Invalid("fields", fields=wrong)
    assert draft.kind is not None and draft.medium is not None and category is not None
    subject = safe_line(draft.subject, 200)
    return {
        "kind": draft.kind.value,
        "medium": draft.medium.value,
        "requester": requester or {"anonymous": True},
        "beneficiary": beneficiary,
        "beneficiaries": draft.beneficiaries,
        "phone": requester.get("phone"),
        "confidential": bool(values["confidential"]) or category.code in ALWAYS_CONFIDENTIAL,
        "subject": subject,
        "description": safe_text(draft.description, 8_000),
        "folded": folded(subject, locality, location, outside),
        "category": category.code,
        "municipality": municipality,
        "locality": locality,
        "outside_place": outside,
        "location": location,
        "external_reference": reference,
        "accused_dependency_id": accused,
        "extra": {key: safe_text(one, 500) for key, one in values["extra"].items() if one.strip()},
    }


def folded(*parts: str | None) -> str:
    """Return what a search looks through."""
    return fold(" ".join(part for part in parts if part))


def local_day(tx: Tx) -> date:
    """Return the office's date."""
    return tx.now.astimezone(ZoneInfo(OFFICE_ZONE)).date()


def due_on(calendar: Calendar | None, day: date, term_days: int | None) -> str | None:
    """Return the date by which a category's term of working days ends; none without a term or an office that works."""
    if calendar is None or not term_days:
        return None
    try:
        return hours.add_business_days(calendar, day, term_days).isoformat()
    except ValueError:
        return None


async def _accused_body(tx: Tx, fields: PetitionFields, stored: Any | None, wrong: dict[str, str]) -> str | None:
    """Return the body a complaint is about; an empty text takes it away."""
    if "accused_dependency" not in fields.model_fields_set:
        return None if stored is None else stored.accused_dependency_id
    if not fields.accused_dependency:
        return None
    if await store.get_dependency(tx.conn, fields.accused_dependency) is None:
        wrong["accused_dependency"] = "unknown"
    return fields.accused_dependency


async def proposed_dependency(tx: Tx, category: Any, municipality: str, *, accused: str | None = None) -> str | None:
    """Return the body a category is usually referred to: the own town hall for `MUN`, none outside Sonora.

    Never the body that a complaint is about.
    """
    code = f"MUN-{municipality}" if category.dependency_id == "MUN" else category.dependency_id
    if not code or code == accused or await store.get_dependency(tx.conn, code) is None:
        return None
    return str(code)


_PLAIN = (
    "kind",
    "medium",
    "subject",
    "description",
    "category",
    "municipality",
    "locality",
    "outside_place",
    "location",
    "beneficiaries",
    "confidential",
    "external_reference",
)


def _merged(fields: PetitionFields, stored: Any | None) -> dict[str, Any]:
    given = fields.model_fields_set
    values = {
        name: getattr(fields, name) if stored is None or name in given else getattr(stored, name) for name in _PLAIN
    }
    kept = stored.extra if stored is not None and "extra" not in given else (fields.extra or {})
    return {**values, "extra": {key: one for key, one in kept.items() if _HIDDEN not in one}}


def _requester(fields: PetitionFields, stored: Any | None) -> Person:
    if stored is None:
        return fields.requester or Person()
    before = Person.model_validate({k: v for k, v in stored.requester.items() if k in Person.model_fields})
    if fields.requester is None:
        return before
    return before.model_copy(update=fields.requester.model_dump(exclude_unset=True, exclude_none=True))


def _beneficiary(fields: PetitionFields, stored: Any | None, wrong: dict[str, str]) -> dict[str, Any] | None:
    if stored is not None and "beneficiary" not in fields.model_fields_set:
        return stored.beneficiary  # type: ignore[no-any-return]  # JSON column
    return None if fields.beneficiary is None else _person("beneficiary", fields.beneficiary, None, wrong)


def _person(field: str, given: Person, known: Any | None, wrong: dict[str, str]) -> dict[str, Any]:
    """Return what is stored of a person: only what was given, or is known of them."""
    if given.anonymous:
        return {}
    if known is not None and given.names and fold(given.names) != fold(known.names or ""):
        known = None  # somebody else asks
    stored: dict[str, Any] = {}
    for name, limit in (("names", 120), ("first_surname", 80), ("second_surname", 80), ("address", 300)):
        value = _given(given, known, name)
        if value:
            stored[name] = _line(f"{field}.{name}", value, limit, wrong)
    if phone := _given(given, known, "phone"):
        number = identity.normalise(phone)
        if number.e164 is None or number.kind in _NO_PHONE:
            wrong[f"{field}.phone"] = "phone"
        stored["phone"] = number.e164
    if email := _given(given, known, "email"):
        stored["email"] = identity.normalise_email(email)
        if stored["email"] is None:
            wrong[f"{field}.email"] = "email"
    return {key: value for key, value in stored.items() if value}


def _given(given: Person, known: Any | None, name: str) -> str | None:
    value: str | None = getattr(given, name)
    if value is not None and value.strip() and _HIDDEN not in value:
        return value
    # An emptied field of a form is not sent as a value either: what the office knows of the person stands.
    return None if known is None else getattr(known, name)


def _name(person: Mapping[str, Any]) -> str:
    return " ".join(person[part] for part in ("names", "first_surname", "second_surname") if person.get(part))


def _line(field: str, value: str | None, limit: int, wrong: dict[str, str]) -> str | None:
    if value is None or not value.strip():
        return None
    try:
        return safe_line(value, limit)
    except TextRefused as error:
        wrong.setdefault(field, error.code.removeprefix("text_"))
        return None


def _one_of(kind: Any, field: str, value: str | None, wrong: dict[str, str]) -> Any:
    if not value:
        return None
    try:
        return kind(value)
    except ValueError:
        wrong[field] = "unknown"
        return None


def _wire_name(field: str, extra: Iterable[str]) -> str:
    head, dot, key = field.partition(".")
    if head != "extras" or not dot:
        return _ON_WIRE.get(field, field)
    wire = next((one for one, rule in _EXTRA_ON_WIRE.items() if rule == key and key not in extra), key)
    return f"extra.{wire}"
