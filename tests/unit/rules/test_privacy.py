"""Masks that hide enough, a notice that is not published half, and log lines without people in them."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import contact_center
from contact_center.rules.privacy import (
    NOTICE_KEY,
    RETENTION,
    fill,
    mask_email,
    masked,
    missing_settings,
    placeholders,
    redact,
    retention_class,
)

TEXTS = json.loads((Path(contact_center.__file__).parent / "data" / "textos.json").read_text(encoding="utf-8"))
NOTICE: str = TEXTS[NOTICE_KEY]
COMPLETE = {
    "domicilio": "Calle Ejemplo 1",
    "contacto_ut": "unidad@ejemplo.mx",
    "url_aviso_integral": "https://ejemplo.mx/aviso",
    "fecha_aviso": "24/11/2026",
}


def test_the_notice_is_not_published_while_anything_in_it_is_unknown() -> None:
    assert missing_settings(NOTICE, {}) == ("domicilio", "contacto_ut", "url_aviso_integral", "fecha_aviso")
    assert missing_settings(NOTICE, COMPLETE) == ()
    for stand_in in ("", "  ", "Pendiente", "POR DEFINIR", "—", "xxx"):
        assert missing_settings(NOTICE, {**COMPLETE, "domicilio": stand_in}) == ("domicilio",)


def test_texts_are_filled_once_and_braces_in_values_stay_text() -> None:
    assert fill(TEXTS["folio_generado"], {"folio": "{url_consulta}", "url_consulta": "x"}).count("{url_consulta}") == 1
    assert placeholders("{a} y {b} y {a} y {Grande} y {}") == ("a", "b")
    with pytest.raises(KeyError):
        fill("{folio}", {})


def test_masks_keep_enough_to_recognise_and_too_little_to_use() -> None:
    person = {
        "name": "María Ejemplo Uno",
        "phone": "+526620000001",
        "email": "maria@ejemplo.mx",
        "curp": "PUEU800101MSRRJN02",
        "address": "Calle Ejemplo 1",
        "birth_date": "1980-01-01",
        "municipality": "26030",
        "blood_type": "O+",
        "second_phone": "",
    }
    assert masked(person, keep=("municipality",)) == {
        "name": "María E.",
        "phone": "662 ••• •001",
        "email": "m•••@ejemplo.mx",
        "curp": "PU••••••••••••••02",
        "address": "•••",
        "birth_date": "1980",
        "municipality": "26030",
        "blood_type": "•••",
        "second_phone": "",
    }
    assert masked({"birth_date": "ayer"}) == {"birth_date": "•••"}
    assert mask_email("sin arroba") == "•••"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("llame al 662 000 0001 hoy", "llame al [phone] hoy"),
        ("from +526620000001", "from [phone]"),
        ("curp PUEU800101MSRRJN02.", "curp [curp]."),
        ("rfc PUEU800101AB1", "rfc [rfc]"),
        ("a maria@ejemplo.mx", "a [email]"),
        ("token=" + "aB3_" * 10, "token=[token]"),
        ("in 250 ms, 3 rows of 2026", "in 250 ms, 3 rows of 2026"),
        ("x\n2026 INFO login ok admin\x1b[2J", "x\\x0a2026 INFO login ok admin\\x1b[2J"),
        ("a\u2028b\u0085c", "a\\x2028b\\x85c"),
    ],
)
def test_log_lines_carry_no_people_and_cannot_be_forged(text: str, line: str) -> None:
    assert redact(text) == line


def test_log_lines_are_bounded() -> None:
    assert len(redact("a b " * 1_000_000)) == 2000


@given(st.text(max_size=200))
def test_a_log_line_is_one_line(text: str) -> None:
    assert len(redact(text).splitlines()) <= 1


@given(st.integers(2_000_000_000, 9_999_999_999), st.text(st.characters(categories=["Zs", "P"]), max_size=5))
def test_no_ten_digits_survive_in_a_log_line(number: int, around: str) -> None:
    if "-" not in around and "_" not in around:
        assert str(number) not in redact(f"{around} {number} {around}")


def test_every_retention_class_names_its_setting() -> None:
    assert retention_class("conversation").is_erasable
    assert not retention_class("audit").is_erasable
    assert len({one.term_setting for one in RETENTION.values()}) == len(RETENTION)
    with pytest.raises(KeyError):
        retention_class("misc")
