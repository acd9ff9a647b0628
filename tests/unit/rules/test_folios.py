"""Folios: written one way, read many ways, counted in the year of Hermosillo."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.folios import Asked, Folio, FolioFormat, FolioRefused, find_last4, folio_year

FORMAT = FolioFormat()


def test_a_folio_is_written_by_the_template() -> None:
    assert FORMAT.write(Folio(2026, 123)) == "CEAC-2026-000123"
    assert FORMAT.write(Folio(2026, 1_234_567)) == "CEAC-2026-1234567"
    assert FolioFormat("AAAA/NNNN-SON").write(Folio(2027, 5)) == "2027/0005-SON"
    assert FolioFormat("CEAC-AAAA-NNNNNN") == FORMAT


@pytest.mark.parametrize(
    "template",
    ["", "CEAC", "CEAC-AAAA", "CEAC-NNNNNN", "CEAC-AAAA-NN", "<AAAA-NNNN>", "X" * 40 + "AAAANNNN", "ceac-AAAA-NNNNNN"],
)
def test_a_template_without_one_year_and_one_number_is_refused(template: str) -> None:
    with pytest.raises(FolioRefused, match="folio_template"):
        FolioFormat(template)


@pytest.mark.parametrize("folio", [Folio(2026, 0), Folio(2026, -1), Folio(1999, 1), Folio(2026, 10**9)])
def test_a_folio_that_cannot_be_is_not_written(folio: Folio) -> None:
    with pytest.raises(FolioRefused, match="folio_number"):
        FORMAT.write(folio)


@pytest.mark.parametrize(
    "text",
    [
        "CEAC-2026-000123",
        "ceac 2026 123",
        "CEAC2026000123",
        "Ceac-2026-123",
        "C E A C 2026 / 123",
        "CEAC–2026–000123",
        "CEAC.2026.000123",
        "ＣＥＡＣ－２０２６－０００１２３",
        "CEAC-\u200b2026-000123",
        "  CEAC # 2026 : 123 ",
    ],
)
def test_a_folio_is_read_however_it_is_typed(text: str) -> None:
    assert FORMAT.read(text) == Folio(2026, 123)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-000123",
        "CEAC-2026-000000",
        "CEAC-1926-000123",
        "XCEAC-2026-000123",
        "CEAC-2026-000123A",
        "CEAC-2026-0001234567",
        "CEAC-2026",
        "hola CEAC-2026-000123",
        "CEAC-٢٠٢٦-000123x",
    ],
)
def test_what_is_not_a_folio_alone_is_not_read(text: str) -> None:
    assert FORMAT.read(text) is None


def test_folios_are_found_in_sentences_once_each() -> None:
    text = "Tengo ceac 2026 123 y CEAC-2026-000130; el ceac-2026-000123 es el primero"
    assert FORMAT.find_all(text) == [Folio(2026, 123), Folio(2026, 130)]
    assert FORMAT.find_all("no tengo folio") == []
    assert FolioFormat("AAAA/NNNN-SON").find_all("es el 2027/5 son, gracias") == [Folio(2027, 5)]


@pytest.mark.parametrize(
    ("text", "last4"),
    [
        ("CEAC-2026-000123, 0001", "0001"),
        ("0001, CEAC-2026-000123", "0001"),
        ("ceac 2026 123 0001", "0001"),
        ("mi folio es CEAC-2026-000123 y mi cel 662 000 0001", "0001"),
        ("CEAC-2026-000123 tel +52 1 662 000 0001", "0001"),
        ("CEAC-2026-000123", None),
        ("CEAC-2026-000123, 01", None),
    ],
)
def test_the_four_digits_beside_a_folio_are_found(text: str, last4: str | None) -> None:
    assert FORMAT.ask(text) == Asked(Folio(2026, 123), last4)


def test_a_text_without_a_folio_asks_nothing() -> None:
    assert FORMAT.ask("Hola, quiero saber cómo va mi folio") is None
    assert FORMAT.ask("CEAC-2026-000000, 0001") is None


def test_four_digits_sent_alone_are_found() -> None:
    assert find_last4("0001") == "0001"
    assert find_last4("son 12345") is None
    assert find_last4("nada") is None


def test_the_year_rolls_at_midnight_in_hermosillo() -> None:
    assert folio_year(datetime(2027, 1, 1, 6, 59, 59, tzinfo=UTC)) == 2026
    assert folio_year(datetime(2027, 1, 1, 7, 0, 0, tzinfo=UTC)) == 2027


@given(
    st.integers(2000, 2199),
    st.integers(1, 999_999_999),
    st.sampled_from(["CEAC-AAAA-NNNNNN", "SON/AAAA/NNN", "AAAA-NNNN"]),
)
def test_what_is_written_is_read_back(year: int, number: int, template: str) -> None:
    form = FolioFormat(template)
    folio = Folio(year, number)
    assert form.read(form.write(folio)) == folio
    assert form.find_all(f"mi folio es {form.write(folio).lower()}.") == [folio]


@given(st.text(max_size=200))
def test_any_text_is_searched_without_failing(text: str) -> None:
    FORMAT.find_all(text)
    FORMAT.ask(text + " CEAC-2026-1")
