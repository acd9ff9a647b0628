"""Text from strangers: what is refused, what is cleaned, and what counts as the same."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.textfold import (
    CONFUSABLES,
    MARKS_MAX,
    TextRefused,
    clip_marks,
    fold,
    fold_lookalikes,
    has_bidi,
    is_blank,
    mixes_scripts,
    safe_line,
    safe_text,
)

anything = st.text(st.characters(exclude_categories=()), max_size=60)


def refused(text: str, max_len: int = 4000) -> str:
    with pytest.raises(TextRefused) as error:
        safe_text(text, max_len)
    return error.value.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text_empty"),
        (" \n\t ", "text_empty"),
        ("\u200b\u200b", "text_empty"),
        ("\u3164", "text_empty"),
        ("\u202e", "text_empty"),
        ("\x1b\x07", "text_empty"),
        ("\u0301" * 5, "text_empty"),
        ("a\0b", "text_nul"),
        ("\ud800", "text_surrogate"),
        ("a" * 4001, "text_too_long"),
        ("a" * 4_000_000, "text_too_long"),
    ],
)
def test_text_that_cannot_be_taken_is_refused_with_a_code(text: str, code: str) -> None:
    assert refused(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{7*7}} ${7*7} <%=7*7%>",
        "' OR 1=1 --",
        "=HYPERLINK('x')",
        "👩‍👩‍👧‍👦 familia",
        "línea uno\nlínea dos\tcon tabulador",
    ],
)
def test_markup_and_formulas_are_only_text_and_stay_as_they_are(text: str) -> None:
    assert safe_text(text) == text


def test_text_is_trimmed_and_composed_with_one_kind_of_line_end() -> None:
    assert safe_text("  Jose\u0301\r\nuno\rdos\u2028tres  ") == "José\nuno\ndos\ntres"
    assert safe_text("a\x1b[2Jb\x07") == "a[2Jb"
    assert safe_text("x" * 4000) == "x" * 4000
    assert safe_text("abc", 3) == "abc"
    assert refused("abcd", max_len=3) == "text_too_long"


def test_a_thousand_marks_on_one_letter_become_a_few() -> None:
    cleaned = safe_text("a" + "\u0301" * 1000)
    assert len(cleaned) <= MARKS_MAX + 1
    assert clip_marks("plain") == "plain"


def test_direction_controls_stay_in_messages_and_are_noticed() -> None:
    text = "factura\u202egpj.exe"
    assert safe_text(text) == text
    assert has_bidi(text) and not has_bidi("factura.jpg")


def test_one_line_fields_lose_what_cannot_be_seen() -> None:
    assert safe_line(" Ana\u202e \n María\u200b\t Uno ", 50) == "Ana María Uno"
    for text, code in [
        ("\u200b\u200b", "subject_empty"),
        ("a\0", "subject_nul"),
        ("\udc00", "subject_surrogate"),
        ("a" * 51, "subject_too_long"),
        ("a" * 5000, "subject_too_long"),
    ]:
        with pytest.raises(TextRefused) as error:
            safe_line(text, 50, field="subject")
        assert error.value.code == code


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José", "Jose\u0301"),
        ("PEÑÚÑURI  Ruiz", "penunuri ruiz"),
        ("straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("ﬁrma", "firma"),
        ("so\u200bfi\u00ada", "sofia"),
        ("línea\n\tdos", "linea dos"),
        ("\ud800ok\0", "ok"),
    ],
)
def test_folding_makes_spellings_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_lookalike_letters_are_read_as_latin_only_for_detecting() -> None:
    assert fold_lookalikes("Gobiеrno") == "gobierno"
    assert fold("Gobiеrno") != "gobierno"
    assert all(latin.isascii() for latin in CONFUSABLES.values())


def test_a_word_of_two_alphabets_is_noticed_and_two_words_are_not() -> None:
    assert mixes_scripts("Gobiеrno de Sonora")
    assert not mixes_scripts("Gobierno Иван 123")
    assert not mixes_scripts("日本 Peña")


@given(anything)
def test_accepted_text_is_clean_composed_bounded_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        cleaned = safe_text(text, 40)
    except TextRefused:
        return
    assert 1 <= len(cleaned) <= 40
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not is_blank(cleaned)
    assert "\0" not in cleaned and "\r" not in cleaned
    cleaned.encode()
    assert safe_text(cleaned, 40) == cleaned


@given(anything)
def test_accepted_lines_have_no_line_ends_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        cleaned = safe_line(text, 40)
    except TextRefused:
        return
    assert not has_bidi(cleaned)
    assert "\n" not in cleaned
    assert safe_line(cleaned, 40) == cleaned


@given(anything)
def test_folding_never_fails_and_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert fold(text.strip()) == fold(text)
