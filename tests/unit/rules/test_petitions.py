"""Petition drafts: every required field by kind, duplicates, and what the citizen is told."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.model import IntakeMedium, PetitionKind, PetitionState, Priority
from contact_center.rules.petitions import (
    ANONYMOUS_KINDS,
    EXTRA_FIELDS,
    OUTSIDE_SONORA,
    ExtraType,
    FieldError,
    PetitionDraft,
    PetitionFacts,
    Requester,
    citizen_status,
    duplicate_of,
    suggest_duplicates,
    validate,
)

TODAY = date(2026, 11, 24)
CATEGORIES, MUNICIPALITIES = frozenset({"SP01", "SA01"}), frozenset({"26030", "26018"})
MARIA = Requester("María Ejemplo Uno", "+526620000001")
GOOD = PetitionDraft(
    PetitionKind.petition,
    IntakeMedium.web_chat,
    "Bache en la calle Ejemplo",
    "En la colonia Prueba hay un bache grande, ya van dos carros.",
    "SP01",
    "26030",
    locality="Hermosillo",
    priority=Priority.normal,
    requester=MARIA,
)


def errors(**changes: Any) -> set[tuple[str, str]]:
    found = validate(replace(GOOD, **changes), today=TODAY, categories=CATEGORIES, municipalities=MUNICIPALITIES)
    return {(one.field, one.code) for one in found}


def test_a_complete_petition_has_no_errors() -> None:
    assert errors() == set()


def test_an_empty_draft_names_every_missing_field_once() -> None:
    found = validate(PetitionDraft(), today=TODAY, categories=CATEGORIES, municipalities=MUNICIPALITIES)
    assert [(one.field, one.code) for one in found] == [
        ("kind", "required"),
        ("medium", "required"),
        ("subject", "required"),
        ("description", "required"),
        ("municipality", "required"),
        ("category", "required"),
        ("priority", "required"),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"subject": "corto"}, "subject", "too_short"),
        ({"subject": "x" * 201}, "subject", "too_long"),
        ({"subject": "   \u200b "}, "subject", "required"),
        ({"subject": "con nulo \0 adentro"}, "subject", "text_nul"),
        ({"subject": "sustituto \ud800 suelto"}, "subject", "text_surrogate"),
        ({"description": "x" * 19}, "description", "too_short"),
        ({"description": "x" * 8001}, "description", "too_long"),
        ({"category": "ZZ99"}, "category", "unknown"),
        ({"municipality": "99999"}, "municipality", "unknown"),
        ({"municipality": OUTSIDE_SONORA}, "outside_place", "required"),
        ({"locality": ""}, "locality", "required"),
        ({"beneficiaries": 0}, "beneficiaries", "out_of_range"),
        ({"beneficiaries": 10**7}, "beneficiaries", "out_of_range"),
        ({"kind": PetitionKind.follow_up}, "kind", "links_only"),
        ({"kind": PetitionKind.orientation}, "kind", "no_folio"),
        ({"requester": Requester()}, "requester", "not_anonymous"),
        ({"requester": Requester("María")}, "requester.contact", "required"),
        ({"requester": Requester("", "+526620000001")}, "requester.name", "required"),
        ({"extras": {"surprise": "1"}}, "extras.surprise", "unknown"),
    ],
)
def test_each_bad_field_is_named_with_a_code(changes: dict[str, Any], field: str, code: str) -> None:
    assert errors(**changes) == {(field, code)}


def test_a_locality_may_be_left_open_once_and_people_abroad_name_their_place() -> None:
    assert errors(locality="", locality_pending=True) == set()
    assert errors(municipality=OUTSIDE_SONORA, outside_place="Tucson, Arizona", locality="") == set()
    assert errors(locality="x" * 161, locality_pending=True) == {("locality", "too_long")}


def test_an_orientation_gets_a_folio_where_the_office_wants_it() -> None:
    draft = replace(GOOD, kind=PetitionKind.orientation)
    assert (
        validate(draft, today=TODAY, categories=CATEGORIES, municipalities=MUNICIPALITIES, orientation_gets_folio=True)
        == ()
    )


COMPLAINT = {"facts": "Me pidieron dinero", "place": "Licencias", "date": "2026-11-20", "body": "SH"}
EXTRAS: dict[PetitionKind, dict[str, str]] = {
    PetitionKind.civil_registry: {
        "act": "birth",
        "record_name": "María",
        "record_date": "1980-01-01",
        "record_place": "Nogales",
    },
    PetitionKind.no_criminal_record: {"curp": "PUEU800101MSRRJN02", "purpose": "Empleo"},
    PetitionKind.complaint: COMPLAINT,
    PetitionKind.support: {"dependants": "3", "support_type": "Medicamento"},
    PetitionKind.legal_advice: {"matter": "Familiar", "counterpart": "Persona Dos"},
}
FULL = Requester("María Ejemplo Uno", "+526620000001", "", "Calle Ejemplo 1, Hermosillo")


@pytest.mark.parametrize("kind", EXTRAS)
def test_each_kind_passes_with_its_own_fields_and_not_without_them(kind: PetitionKind) -> None:
    assert errors(kind=kind, extras=EXTRAS[kind], requester=FULL) == set()
    required = {f"extras.{one.key}" for one in EXTRA_FIELDS[kind] if one.is_required}
    found = errors(kind=kind, extras={}, requester=FULL)
    assert {field for field, code in found if code == "required"} >= required


@pytest.mark.parametrize(
    ("kind", "key", "value", "code"),
    [
        (PetitionKind.civil_registry, "act", "baptism", "unknown"),
        (PetitionKind.civil_registry, "record_date", "1980-02-30", "invalid"),
        (PetitionKind.civil_registry, "record_date", "01/01/1980", "invalid"),
        (PetitionKind.civil_registry, "record_date", "2026-11-25", "in_future"),
        (PetitionKind.civil_registry, "record_date", "1789-07-14", "invalid"),
        (PetitionKind.civil_registry, "record_name", "x" * 501, "too_long"),
        (PetitionKind.no_criminal_record, "curp", "PUEU80", "invalid"),
        (PetitionKind.support, "dependants", "muchos", "invalid"),
        (PetitionKind.support, "dependants", "-1", "invalid"),
        (PetitionKind.complaint, "facts", "\u200b", "required"),
    ],
)
def test_extra_fields_are_checked_by_their_type(kind: PetitionKind, key: str, value: str, code: str) -> None:
    found = errors(kind=kind, extras={**EXTRAS[kind], key: value}, requester=FULL)
    assert found == {(f"extras.{key}", code)}


def test_a_wrong_check_digit_of_a_curp_does_not_block() -> None:
    extras = {"curp": "PUEU800101MSRRJN03", "purpose": "Empleo"}
    assert errors(kind=PetitionKind.no_criminal_record, extras=extras) == set()


def test_without_a_curp_date_and_place_of_birth_are_needed() -> None:
    kind = PetitionKind.no_criminal_record
    assert errors(kind=kind, extras={"purpose": "Empleo"}) == {
        ("extras.birth_date", "required"),
        ("extras.birth_place", "required"),
    }
    extras = {"purpose": "Empleo", "birth_date": "1980-01-01", "birth_place": "Nogales"}
    assert errors(kind=kind, extras=extras) == set()


def test_support_needs_a_way_to_reach_the_person_and_an_address() -> None:
    extras = EXTRAS[PetitionKind.support]
    only_address = Requester("María", address="Calle Ejemplo 1")
    assert errors(kind=PetitionKind.support, extras=extras, requester=only_address) == {
        ("requester.contact", "required")
    }
    assert errors(kind=PetitionKind.support, extras=extras, requester=MARIA) == {("requester.address", "required")}
    nothing = validate(
        replace(GOOD, kind=PetitionKind.support, extras=extras, requester=Requester("María")),
        today=TODAY,
        categories=CATEGORIES,
        municipalities=MUNICIPALITIES,
    )
    assert nothing.count(FieldError("requester.contact", "required")) == 1


@pytest.mark.parametrize("kind", sorted(ANONYMOUS_KINDS - {PetitionKind.orientation}))
def test_complaints_suggestions_and_thanks_may_be_anonymous(kind: PetitionKind) -> None:
    extras = EXTRAS.get(kind, {})
    assert errors(kind=kind, requester=Requester(), extras=extras) == set()
    assert errors(kind=kind, requester=Requester(phone="+526620000001"), extras=extras) == set()
    assert errors(kind=kind, requester=Requester("x" * 121), extras=extras) == {("requester.name", "too_long")}


def test_every_choice_has_its_choices_and_every_label_both_languages() -> None:
    for rows in EXTRA_FIELDS.values():
        assert len({one.key for one in rows}) == len(rows)
        for one in rows:
            assert one.label_es and one.label_en
            assert (one.type is ExtraType.choice) == bool(one.choices)


@given(
    subject=st.text(max_size=220),
    description=st.text(max_size=300),
    beneficiaries=st.integers(),
    kind=st.none() | st.sampled_from(PetitionKind),
    extras=st.dictionaries(st.sampled_from(["act", "date", "curp", "x"]), st.text(max_size=20)),
)
def test_any_input_at_all_is_judged_without_failing(
    subject: str, description: str, beneficiaries: int, kind: PetitionKind | None, extras: dict[str, str]
) -> None:
    found = errors(subject=subject, description=description, beneficiaries=beneficiaries, kind=kind, extras=extras)
    assert all(field and code for field, code in found)


# --- duplicates ------------------------------------------------------------------------------------------------------

OLD = PetitionFacts(
    "old", "SP01", "26030", TODAY - timedelta(days=10), "c1", "+526620000001", "Bache en la calle Ejemplo"
)
NEW = PetitionFacts("new", "SP01", "26030", TODAY, "c1", "+526620000001", "Bache grande en calle Ejemplo")


def test_same_person_topic_and_place_within_thirty_days_may_be_a_duplicate() -> None:
    found = duplicate_of(NEW, OLD)
    assert found is not None
    assert found.reasons == ("same_person", "same_phone", "similar_subject", "same_category", "same_municipality")
    assert 50 <= found.score <= 100


@pytest.mark.parametrize(
    "changes",
    [
        {"petition_id": "new"},
        {"category": "AG01"},
        {"municipality": "26018"},
        {"received_on": TODAY - timedelta(days=31)},
        {"citizen_id": "c2", "phone": "+526620000009"},
        {"citizen_id": None, "phone": None},
    ],
)
def test_anything_that_differs_in_the_rule_is_no_duplicate(changes: dict[str, Any]) -> None:
    assert duplicate_of(NEW, replace(OLD, **changes)) is None


def test_neighbours_on_one_phone_are_suggested_after_the_person_itself() -> None:
    neighbour = replace(OLD, petition_id="neighbour", citizen_id="c9", subject="")
    assert [one.petition_id for one in suggest_duplicates(NEW, [neighbour, OLD])] == ["old", "neighbour"]
    assert len(suggest_duplicates(NEW, [neighbour, OLD], limit=1)) == 1
    assert suggest_duplicates(NEW, [OLD], days=5) == []
    assert duplicate_of(NEW, replace(OLD, received_on=TODAY), days=0) is not None


# --- what the citizen is told ----------------------------------------------------------------------------------------


def test_citizens_never_see_internal_state_names() -> None:
    for state in set(PetitionState) - {PetitionState.draft}:
        for language in ("es", "en"):
            shown = citizen_status(state, language=language)
            assert shown and "{" not in shown and "_" not in shown
    with pytest.raises(KeyError):
        citizen_status(PetitionState.draft)


def test_the_status_names_the_body_and_the_main_folio() -> None:
    assert citizen_status(PetitionState.referred, dependency="H. Ayuntamiento") == "Turnada a H. Ayuntamiento"
    assert citizen_status(PetitionState.referred, dependency="{folio}", main_folio="x") == "Turnada a {folio}"
    assert (
        citizen_status(PetitionState.duplicate, main_folio="CEAC-2026-000001")
        == "Cerrada (duplicada de CEAC-2026-000001)"
    )
    assert citizen_status(PetitionState.registered, language="en") == "Received"
