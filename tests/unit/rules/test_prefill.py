"""The first guess at a petition: right on the scenarios, harmless on anything else."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contact_center
from contact_center.rules.identity import normalise
from contact_center.rules.model import PETITION_KIND_FROM_SPANISH, PetitionKind
from contact_center.rules.prefill import Guess, guess
from contact_center.rules.reference import parse_category, parse_municipality

DATA = Path(contact_center.__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


CATEGORIES = [parse_category(row) for row in rows("categorias.csv")]
MUNICIPALITIES = [parse_municipality(row) for row in rows("municipios.csv")]
SCENARIOS: list[dict[str, Any]] = json.loads((DATA / "escenarios.json").read_text(encoding="utf-8"))["escenarios"]


def read(*texts: str) -> Guess:
    return guess(texts, CATEGORIES, MUNICIPALITIES)


@pytest.mark.parametrize(
    "scenario", [one for one in SCENARIOS if one["id"] not in ("E08", "E18")], ids=lambda one: one["id"]
)
def test_the_category_and_kind_of_each_scenario_are_guessed(scenario: dict[str, Any]) -> None:
    texts = [turn["texto"] for turn in scenario["turnos"] if turn["de"] == "ciudadania"]
    found = read(*texts)
    assert found.categories[0].code == scenario["esperado"]["categoria"]
    assert found.kind is PETITION_KIND_FROM_SPANISH[scenario["esperado"]["tipo"]]


def test_e01_is_placed_by_the_area_code_of_the_phone_given() -> None:
    found = read("hay un bachezote en la calle Ejemplo esquina con Muestra", "mi cel es 662 000 0001")
    assert found.municipality == "26030"
    assert found.phone is not None and found.phone.e164 == "+526620000001"
    assert found.reasons["municipality"] == "area code 662"
    assert found.reasons["phone"] == "text"


def test_e03_takes_the_first_place_named_and_the_curp() -> None:
    found = read("Ocupo mi acta de nacimiento, nací en Nogales pero ando en Hermosillo", "pueu800101msrrjn02")
    assert found.municipality == "26043"
    assert found.curp is not None and found.curp.ok_digit
    assert found.reasons["curp"] == "text"


def test_a_phone_the_office_knows_helps_to_place_the_citizen() -> None:
    found = guess(["sin agua"], CATEGORIES, MUNICIPALITIES, known_phone=normalise("6440000002"))
    assert (found.municipality, found.phone) == ("26018", None)
    foreign = guess(["sin agua"], CATEGORIES, MUNICIPALITIES, known_phone=normalise("+15203032671"))
    assert foreign.municipality is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("vivo en Ciudad Obregón", "26018"),
        ("soy de obregon", "26018"),
        ("aquí en Heroica Guaymas", "26029"),
        ("estoy en San Luis Río Colorado", "26055"),
        ("la calle Benito Juárez está oscura", None),
        ("hablo de la colonia Hermosillo", None),
        ("habla Rosario Pérez", None),
        ("soy de Rosario", "26051"),
        ("Hermosillo, colonia Prueba", "26030"),
        ("no sé", None),
    ],
)
def test_places_are_told_from_streets_and_names(text: str, code: str | None) -> None:
    assert read(text).municipality == code


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("quiero poner una queja por el bache", PetitionKind.complaint),
        ("les felicito por el alumbrado", PetitionKind.congratulation),
        ("tengo una sugerencia para el parque", PetitionKind.suggestion),
        ("hay un bache", PetitionKind.petition),
        ("hola", None),
    ],
)
def test_words_that_name_the_kind_win_over_the_topic(text: str, kind: PetitionKind | None) -> None:
    assert read(text).kind is kind


def test_longer_phrases_weigh_more_and_the_words_are_told() -> None:
    found = read("mi acta de nacimiento y mi curp")
    assert [one.code for one in found.categories][:2] == ["RC01", "RC06"]
    assert found.reasons["category"] == "acta de nacimiento"
    assert found.categories[0].words == ("acta de nacimiento",)


def test_a_complaint_about_a_topic_goes_to_the_categories_of_complaints_first() -> None:
    found = read("una queja: el camión de la ruta no pasa y la basura tampoco")
    assert found.categories[0].code == "SP07"


def test_subject_and_description_come_from_what_was_written() -> None:
    long = "En la colonia Prueba " + "hay muchos baches " * 20
    found = read("Hola.", long)
    assert found.subject.startswith("En la colonia Prueba hay")
    assert len(found.subject) <= 121 and found.subject.endswith("…")
    assert found.description == "Hola.\n" + long.strip()
    assert read("Hola").subject == ""
    assert read("escríbame a maria@ejemplo.mx").email == "maria@ejemplo.mx"
    assert read("escríbame a maria@ejemplo.mx").reasons["email"] == "text"


def test_a_keyword_of_signs_alone_matches_nothing() -> None:
    odd = parse_category({**rows("categorias.csv")[0], "palabras_clave": "\u0301"})
    assert guess(["hola"], [odd], MUNICIPALITIES).categories == ()


def test_an_empty_conversation_gives_an_empty_guess() -> None:
    found = read()
    assert (found.kind, found.categories, found.municipality, found.subject, found.reasons) == (None, (), None, "", {})


@settings(max_examples=40)
@given(st.lists(st.text(max_size=200), max_size=4))
def test_any_conversation_is_read_without_failing(texts: list[str]) -> None:
    found = read(*texts)
    assert len(found.description) <= 8000
    assert len(found.subject) <= 121


def test_a_curp_is_found_but_masked_in_the_description() -> None:
    found = read("Ocupo mi acta de nacimiento", "PUEU800101MSRRJN02", "mi CURP es PUEU800101MSRRJN02, gracias")
    assert found.curp is not None and found.curp.value == "PUEU800101MSRRJN02"
    assert found.description == "Ocupo mi acta de nacimiento\nmi CURP es PU••••••••••••••02, gracias"
