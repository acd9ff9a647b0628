"""Petitions before they are registered: what must be filled in, what looks like a duplicate. Pure.

Source: DOMAIN §2.1 (fields by kind), §2.9 rules 2–6. Errors are codes per field; the screens have the words. Guessing a
draft from a conversation is in `rules.prefill`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from contact_center.rules.catalogues import CITIZEN_STATUS
from contact_center.rules.identity import curp_check
from contact_center.rules.model import IntakeMedium, PetitionKind, PetitionState, Priority
from contact_center.rules.textfold import TextRefused, fold, safe_text

SUBJECT_LEN: Final = (10, 200)
DESCRIPTION_LEN: Final = (20, 8000)
EXTRA_MAX: Final = 500
BENEFICIARIES_MAX: Final = 1_000_000
DUPLICATE_DAYS: Final = 30
OUTSIDE_SONORA: Final = "outside"
"""The municipality of people outside Sonora; it needs `outside_place` and is not among the 72 (rule 5)."""

ANONYMOUS_KINDS: Final = frozenset(
    {PetitionKind.orientation, PetitionKind.complaint, PetitionKind.suggestion, PetitionKind.congratulation}
)


class ExtraType(StrEnum):
    """How an extra field is filled in."""

    text = "text"
    day = "day"
    number = "number"
    choice = "choice"
    curp = "curp"


@dataclass(frozen=True, slots=True)
class ExtraField:
    """A field that only one kind of petition has. `choices` are (code, es, en)."""

    key: str
    label_es: str
    label_en: str
    type: ExtraType = ExtraType.text
    is_required: bool = True
    choices: tuple[tuple[str, str, str], ...] = ()


CIVIL_ACTS: Final = (
    ("birth", "Nacimiento", "Birth"),
    ("marriage", "Matrimonio", "Marriage"),
    ("death", "Defunción", "Death"),
    ("divorce", "Divorcio", "Divorce"),
    ("annotation", "Anotación marginal", "Marginal note"),
)

EXTRA_FIELDS: Final[Mapping[PetitionKind, tuple[ExtraField, ...]]] = MappingProxyType(
    {
        PetitionKind.civil_registry: (
            ExtraField("act", "Acto", "Act", ExtraType.choice, choices=CIVIL_ACTS),
            ExtraField("record_name", "Nombre en el acta", "Name on the record"),
            ExtraField("record_date", "Fecha del acto", "Date of the act", ExtraType.day),
            ExtraField("record_place", "Lugar de registro", "Place of registration"),
        ),
        PetitionKind.no_criminal_record: (
            ExtraField("curp", "CURP", "CURP", ExtraType.curp, is_required=False),
            ExtraField("birth_date", "Fecha de nacimiento", "Date of birth", ExtraType.day, is_required=False),
            ExtraField("birth_place", "Lugar de nacimiento", "Place of birth", is_required=False),
            ExtraField("purpose", "Motivo", "Purpose"),
        ),
        PetitionKind.complaint: (
            ExtraField("facts", "Hechos", "Facts"),
            ExtraField("place", "Lugar de los hechos", "Place"),
            ExtraField("date", "Fecha de los hechos", "Date", ExtraType.day),
            ExtraField("body", "Dependencia señalada", "Body complained about"),
            ExtraField("accused", "Persona señalada", "Person complained about", is_required=False),
        ),
        PetitionKind.support: (
            ExtraField("dependants", "Dependientes económicos", "Dependants", ExtraType.number),
            ExtraField("support_type", "Tipo de apoyo", "Kind of support"),
        ),
        PetitionKind.legal_advice: (
            ExtraField("matter", "Materia", "Matter"),
            ExtraField("counterpart", "Contraparte", "Other party"),
        ),
    }
)
"""Extra required fields by kind (DOMAIN §2.1); kinds that are absent have none."""


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks. Empty texts are what was not given."""

    name: str = ""
    phone: str = ""
    """E.164, already normalised."""
    email: str = ""
    address: str = ""

    @property
    def is_anonymous(self) -> bool:
        """Whether nothing identifies the person."""
        return not (self.name.strip() or self.phone or self.email or self.address.strip())


@dataclass(frozen=True, slots=True)
class PetitionDraft:
    """A petition as it is filled in. Who asks and who benefits are kept apart (rule 2)."""

    kind: PetitionKind | None = None
    medium: IntakeMedium | None = None
    subject: str = ""
    description: str = ""
    category: str = ""
    municipality: str = ""
    outside_place: str = ""
    locality: str = ""
    locality_pending: bool = False
    """«Por precisar»: allowed once, the petition then goes to verification (rule 6)."""
    priority: Priority | None = None
    beneficiaries: int = 1
    beneficiary_name: str = ""
    requester: Requester = Requester()
    extras: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing to mend. `code`: required, too_short, too_long, invalid, unknown, in_future, out_of_range, links_only,
    no_folio, not_anonymous, or what `TextRefused` says.
    """

    field: str
    code: str


def validate(
    draft: PetitionDraft,
    *,
    today: date,
    categories: frozenset[str],
    municipalities: frozenset[str],
    orientation_gets_folio: bool = False,
) -> tuple[FieldError, ...]:
    """Everything that keeps the draft from being registered, in the order of the form; empty when nothing does.

    A wrong check digit of a CURP is a warning elsewhere and no error here (DOMAIN §4).
    """
    errors: list[FieldError] = []
    kind = draft.kind
    if kind is None:
        errors.append(FieldError("kind", "required"))
    elif kind is PetitionKind.follow_up:
        errors.append(FieldError("kind", "links_only"))
    elif kind is PetitionKind.orientation and not orientation_gets_folio:
        errors.append(FieldError("kind", "no_folio"))
    if draft.medium is None:
        errors.append(FieldError("medium", "required"))
    errors += _text_errors("subject", draft.subject, *SUBJECT_LEN)
    errors += _text_errors("description", draft.description, *DESCRIPTION_LEN)
    errors += _place_errors(draft, municipalities)
    if not draft.category:
        errors.append(FieldError("category", "required"))
    elif draft.category not in categories:
        errors.append(FieldError("category", "unknown"))
    if draft.priority is None:
        errors.append(FieldError("priority", "required"))
    if not 1 <= draft.beneficiaries <= BENEFICIARIES_MAX:
        errors.append(FieldError("beneficiaries", "out_of_range"))
    if kind is not None:
        errors += _requester_errors(kind, draft.requester)
        errors += _extra_errors(kind, draft.extras, today)
    return tuple(errors)


def _place_errors(draft: PetitionDraft, municipalities: frozenset[str]) -> list[FieldError]:
    if not draft.municipality:
        return [FieldError("municipality", "required")]
    if draft.municipality == OUTSIDE_SONORA:
        return _text_errors("outside_place", draft.outside_place, 2, 120)
    if draft.municipality not in municipalities:
        return [FieldError("municipality", "unknown")]
    if draft.locality_pending and not draft.locality.strip():
        return []
    return _text_errors("locality", draft.locality, 1, 160)


def _requester_errors(kind: PetitionKind, who: Requester) -> list[FieldError]:
    if who.is_anonymous:
        return [] if kind in ANONYMOUS_KINDS else [FieldError("requester", "not_anonymous")]
    errors: list[FieldError] = []
    if kind in ANONYMOUS_KINDS:
        return _optional_text_errors("requester.name", who.name, 120)
    errors += _text_errors("requester.name", who.name, 2, 120)
    if not (who.phone or who.email or who.address.strip()):
        errors.append(FieldError("requester.contact", "required"))
    if kind is PetitionKind.support:
        if not (who.phone or who.email):
            errors.append(FieldError("requester.contact", "required"))
        errors += _text_errors("requester.address", who.address, 5, 300)
    return list(dict.fromkeys(errors))


def _extra_errors(kind: PetitionKind, extras: Mapping[str, str], today: date) -> list[FieldError]:
    fields = {one.key: one for one in EXTRA_FIELDS.get(kind, ())}
    errors = [FieldError(f"extras.{key}", "unknown") for key in extras if key not in fields]
    for key, one in fields.items():
        value = extras.get(key, "").strip()
        if not value:
            if one.is_required:
                errors.append(FieldError(f"extras.{key}", "required"))
            continue
        code = _extra_error(one, value, today)
        if code:
            errors.append(FieldError(f"extras.{key}", code))
    if kind is PetitionKind.no_criminal_record and not extras.get("curp", "").strip():
        errors += [
            FieldError(f"extras.{key}", "required")
            for key in ("birth_date", "birth_place")
            if not extras.get(key, "").strip()
        ]
    return errors


def _extra_error(one: ExtraField, value: str, today: date) -> str | None:
    match one.type:
        case ExtraType.text:
            found = _text_errors("", value, 1, EXTRA_MAX)
            return found[0].code if found else None
        case ExtraType.choice:
            return None if value in {code for code, _, _ in one.choices} else "unknown"
        case ExtraType.number:
            return None if re.fullmatch(r"[0-9]{1,2}", value) else "invalid"
        case ExtraType.curp:
            return None if curp_check(value).ok_format else "invalid"
        case ExtraType.day:
            return _day_error(value, today)


def _day_error(value: str, today: date) -> str | None:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) is None:
        return "invalid"
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return "invalid"
    if day > today:
        return "in_future"
    return "invalid" if day.year < 1880 else None


def _text_errors(name: str, value: str, least: int, most: int) -> list[FieldError]:
    try:
        text = safe_text(value, most)
    except TextRefused as refused:
        code = {"text_empty": "required", "text_too_long": "too_long"}.get(refused.code, refused.code)
        return [FieldError(name, code)]
    return [FieldError(name, "too_short")] if len(text) < least else []


def _optional_text_errors(name: str, value: str, most: int) -> list[FieldError]:
    return _text_errors(name, value, 1, most) if value.strip() else []


@dataclass(frozen=True, slots=True)
class PetitionFacts:
    """What decides whether two petitions may be one."""

    petition_id: str
    category: str
    municipality: str
    received_on: date
    citizen_id: str | None = None
    phone: str | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class DuplicateSuggestion:
    """A petition that may be the same one; the agent decides, and neighbours may still have one each (rule 3)."""

    petition_id: str
    score: int
    reasons: tuple[str, ...]


def duplicate_of(new: PetitionFacts, old: PetitionFacts, *, days: int = DUPLICATE_DAYS) -> DuplicateSuggestion | None:
    """Rule 3: same person or phone, same category, same municipality, within `days`. None when it does not apply.

    Words shared by both subjects only raise the score, for sorting.
    """
    age = abs((new.received_on - old.received_on).days)
    if new.petition_id == old.petition_id or age > days:
        return None
    if new.category != old.category or new.municipality != old.municipality:
        return None
    reasons = []
    if new.citizen_id is not None and new.citizen_id == old.citizen_id:
        reasons.append("same_person")
    if new.phone is not None and new.phone == old.phone:
        reasons.append("same_phone")
    if not reasons:
        return None
    mine, theirs = (set(re.findall(r"[a-z0-9]{4,}", fold(one.subject))) for one in (new, old))
    alike = len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0
    if alike >= 0.5:
        reasons.append("similar_subject")
    score = 50 + 10 * (len(reasons) - 1) + round(20 * alike) + round(10 * (1 - age / max(1, days)))
    return DuplicateSuggestion(old.petition_id, min(100, score), (*reasons, "same_category", "same_municipality"))


def suggest_duplicates(
    new: PetitionFacts, others: Iterable[PetitionFacts], *, days: int = DUPLICATE_DAYS, limit: int = 5
) -> list[DuplicateSuggestion]:
    """The likeliest duplicates, best first."""
    found = [one for old in others if (one := duplicate_of(new, old, days=days)) is not None]
    return sorted(found, key=lambda one: (-one.score, one.petition_id))[:limit]


def citizen_status(state: PetitionState, *, dependency: str = "", main_folio: str = "", language: str = "es") -> str:
    """The state as the citizen is told it; internal names are never shown. Raises `KeyError` for a draft."""
    row = CITIZEN_STATUS[state]
    text = row.label_en if language == "en" else row.label_es
    if "{dependencia}" in text and not dependency:
        return "In progress" if language == "en" else "En atención"
    if "{folio}" in text and not main_folio:
        return "Closed" if language == "en" else "Cerrada"
    # One pass, not str.format: a name with braces in it is only a name.
    values = {"{dependencia}": dependency, "{folio}": main_folio}
    return re.sub(r"\{(?:dependencia|folio)\}", lambda found: values[found.group()], text)
