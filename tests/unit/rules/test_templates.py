"""Templates: every blank filled, on one line, and nothing else."""

import pytest

from contact_center.rules.templates import TemplateRefused, blanks_of, fill

BODY = "Hola {{1}}, su folio {{ folio }} avanzó. {{1}}."


def test_blanks_come_once_in_their_order_and_are_filled_everywhere() -> None:
    assert blanks_of(BODY) == ("1", "folio")
    assert fill(BODY, {"1": "Ana", "folio": "CEAC-1"}) == "Hola Ana, su folio CEAC-1 avanzó. Ana."
    assert fill("Sin blancos", {}) == "Sin blancos"


@pytest.mark.parametrize(
    ("variables", "blank"),
    [
        ({}, "1"),
        ({"1": "Ana"}, "folio"),
        ({"1": " ", "folio": "x"}, "1"),
        ({"1": "a\nb", "folio": "x"}, "1"),
        ({"1": "a    b", "folio": "x"}, "1"),
        ({"1": "x" * 301, "folio": "x"}, "1"),
        ({"1": "a", "folio": "b", "2": "c"}, "2"),
    ],
)
def test_a_blank_that_the_provider_would_refuse_is_named(variables: dict[str, str], blank: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        fill(BODY, variables)
    assert (caught.value.code, caught.value.blank) == ("template_blanks", blank)


def test_what_fills_a_blank_is_never_read_as_a_blank() -> None:
    assert fill("{{1}} {{2}}", {"1": "{{2}}", "2": "b"}) == "{{2}} b"
