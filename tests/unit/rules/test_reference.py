"""The reference files are read whole, and a garbled row says which column is wrong."""

import csv
from pathlib import Path

import pytest

import contact_center
from contact_center.rules.model import PetitionKind, Priority
from contact_center.rules.reference import (
    RowRefused,
    Verification,
    parse_category,
    parse_dependency,
    parse_help_lines,
    parse_municipality,
)

DATA = Path(contact_center.__file__).parent / "data"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def test_every_row_of_every_file_is_read() -> None:
    categories = [parse_category(row) for row in rows("categorias.csv")]
    municipalities = [parse_municipality(row) for row in rows("municipios.csv")]
    dependencies = [parse_dependency(row) for row in rows("dependencias.csv")]
    lines = [line for row in rows("lineas_emergencia.csv") for line in parse_help_lines(row)]
    assert (len(categories), len(municipalities), len(dependencies), len(lines)) == (60, 72, 164, 11)
    assert len({one.code for one in municipalities}) == 72
    known = {one.code for one in dependencies} | {"MUN"}
    assert {one.dependency for one in categories} <= known


def test_a_category_has_its_parts() -> None:
    category = parse_category(rows("categorias.csv")[0])
    assert (category.code, category.kind, category.priority) == ("SP01", PetitionKind.petition, Priority.normal)
    assert category.keywords == ("bache", "hoyo", "pavimento", "calle")
    assert (category.term_business_days, category.is_sensitive, category.dependency) == (15, False, "MUN")


def test_a_line_of_several_numbers_becomes_several_lines() -> None:
    lines = parse_help_lines(rows("lineas_emergencia.csv")[-1])
    assert [one.number for one in lines] == ["060", "065", "066", "068", "080"]
    assert lines[0].verified is Verification.partial


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("codigo", ""),
        ("tipo_sugerido", "reclamo"),
        ("prioridad", "urgente"),
        ("plazo_propuesto_dias_habiles", "quince"),
        ("plazo_propuesto_dias_habiles", "-1"),
        ("datos_sensibles", "quizá"),
    ],
)
def test_a_garbled_category_is_refused_by_its_column(column: str, value: str) -> None:
    with pytest.raises(RowRefused) as refused:
        parse_category({**rows("categorias.csv")[0], column: value})
    assert (refused.value.column, refused.value.value) == (column, value)


def test_garbled_places_are_refused() -> None:
    row = rows("municipios.csv")[0]
    for code in ("2600", "26-01", ""):
        with pytest.raises(RowRefused):
            parse_municipality({**row, "cve_inegi": code})
    with pytest.raises(RowRefused):
        parse_dependency({})
