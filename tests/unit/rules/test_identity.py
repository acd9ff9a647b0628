"""Who somebody may be: numbers, keys, names; and that nothing here ever decides that two are one."""

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.identity import (
    CurpResult,
    PersonFacts,
    Phone,
    PhoneKind,
    clean_name,
    curp_check,
    find_curp,
    find_email,
    find_phones,
    last4,
    mask_curp,
    mask_phone,
    match_score,
    normalise,
    normalise_email,
    same_name,
    short_label,
    suggest_matches,
)
from contact_center.rules.textfold import TextRefused

HERMOSILLO = Phone(PhoneKind.mexican, "+526620000001", "662 000 0001")


@pytest.mark.parametrize(
    "raw",
    [
        "6620000001",
        "662 000 0001",
        "(662) 000-0001",
        "662.000.0001",
        "+52 662 000 0001",
        "+52 1 662 000 0001",
        "+52 01 662 000 0001",
        "52 662 000 0001",
        "5216620000001",
        "0052 662 000 0001",
        "01 662 000 0001",
        "044 662 000 0001",
        "045 662 000 0001",
        "1 662 000 0001",
        "whatsapp:+5216620000001",
        "tel:+526620000001",
        "６６２０００００ ０１",
        "662\u200b0000001",
        "\u202a+52 662 000 0001\u202c",
    ],
)
def test_one_number_written_in_any_way_is_one_number(raw: str) -> None:
    assert normalise(raw) == HERMOSILLO


@pytest.mark.parametrize(
    "raw",
    ["662 000 0001 ext 12", "662 000 0001 EXT. 12", "6620000001x12", "662 000 0001, extensión: 12", "6620000001 #12"],
)
def test_an_extension_is_kept_apart(raw: str) -> None:
    assert normalise(raw) == Phone(PhoneKind.mexican, "+526620000001", "662 000 0001", "12")


@pytest.mark.parametrize(
    ("raw", "kind", "e164"),
    [
        ("800 911 2000", PhoneKind.toll_free, "+528009112000"),
        ("888 123 4567", PhoneKind.toll_free, "+528881234567"),
        ("900 123 4567", PhoneKind.premium, "+529001234567"),
        ("911", PhoneKind.emergency, None),
        ("066", PhoneKind.emergency, None),
        ("089", PhoneKind.short_code, None),
        ("079", PhoneKind.short_code, None),
        ("22000", PhoneKind.short_code, None),
        ("+1 520 303 2671", PhoneKind.foreign, "+15203032671"),
        ("00 44 20 7946 0958", PhoneKind.foreign, "+442079460958"),
        ("+1 900 555 1234", PhoneKind.premium, "+19005551234"),
        ("+1 800 555 1234", PhoneKind.toll_free, "+18005551234"),
        ("+881 612345678", PhoneKind.satellite, "+881612345678"),
        ("anonymous", PhoneKind.anonymous, None),
        ("+266696687", PhoneKind.anonymous, None),
        ("+7378742833", PhoneKind.anonymous, None),
        ("", PhoneKind.anonymous, None),
        ("client:x", PhoneKind.invalid, None),
        ("662 000 0001 ext A1", PhoneKind.invalid, None),
        ("662-FLOWERS", PhoneKind.invalid, None),
        ("٦٦٢٠٠٠٠٠٠١", PhoneKind.invalid, None),
        ("162 000 0001", PhoneKind.invalid, None),
        ("662 000 000", PhoneKind.invalid, None),
        ("+52 662 000", PhoneKind.invalid, None),
        ("+999 123 4567", PhoneKind.invalid, None),
        ("+1 555", PhoneKind.invalid, None),
        ("1", PhoneKind.invalid, None),
        ("+", PhoneKind.invalid, None),
        ("9" * 61, PhoneKind.invalid, None),
        ("=cmd|'/C calc'!A0", PhoneKind.invalid, None),
    ],
)
def test_each_kind_of_number_is_known(raw: str, kind: PhoneKind, e164: str | None) -> None:
    phone = normalise(raw)
    assert (phone.kind, phone.e164) == (kind, e164)


def test_only_ordinary_numbers_may_be_called_back() -> None:
    assert {one for one in PhoneKind if one.is_callable} == {PhoneKind.mexican, PhoneKind.foreign}


def test_big_cities_have_short_area_codes_and_other_regions_their_own_rules() -> None:
    assert normalise("5512345678").national == "55 1234 5678"
    assert normalise("(520) 303-2671", "US").e164 == "+15203032671"
    assert normalise("52", "US").kind is PhoneKind.short_code


def test_the_four_digits_that_open_a_folio_are_never_in_a_mask() -> None:
    assert last4(HERMOSILLO) == "0001"
    assert last4(normalise("911")) is None
    assert mask_phone("+526620000001") == "662 ••• •001"
    assert mask_phone("+15203032671") == "+1•••••••671"
    assert mask_phone("911") == "•••"


@given(st.text(string.digits + " +-()x", max_size=25))
def test_any_digits_are_understood_or_invalid_and_reading_again_changes_nothing(raw: str) -> None:
    phone = normalise(raw)
    if phone.e164 is not None:
        again = normalise(phone.e164)
        assert (again.kind, again.e164, again.national) == (phone.kind, phone.e164, phone.national)
        assert phone.e164[-4:] not in mask_phone(phone.e164)


@given(st.text(max_size=70))
def test_any_text_at_all_is_read_as_a_number_without_failing(raw: str) -> None:
    assert isinstance(normalise(raw), Phone)


def test_numbers_are_found_in_sentences() -> None:
    assert [
        one.e164 for one in find_phones("mi cel es 662 000 0001, o al +52 1 644 000 0002; ext 12; 662-000-0001")
    ] == [
        "+526620000001",
        "+526440000002",
    ]
    assert find_phones("folio CEAC-2026-000123, 12 familias, PUEU800101MSRRJN02") == []


# --- CURP ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("curp", "born", "sex", "state"),
    [
        ("AAPR630321HDFLRC09", date(1963, 3, 21), "H", "DF"),
        ("XEXX010101HNEXXXA4", date(2001, 1, 1), "H", "NE"),
        ("PUEU800101MSRRJN02", date(1980, 1, 1), "M", "SR"),
        ("EEPD550612HSRJRS09", date(1955, 6, 12), "H", "SR"),
        ("GEPT030915MSRNRRA7", date(2003, 9, 15), "M", "SR"),
        ("PUEU800109MSRRJN00", date(1980, 1, 9), "M", "SR"),
        (" pueu-800101 msrrjn02 ", date(1980, 1, 1), "M", "SR"),
    ],
)
def test_known_curps_are_right(curp: str, born: date, sex: str, state: str) -> None:
    result = curp_check(curp)
    assert result.ok_format and result.ok_digit
    assert (result.birth_date, result.sex, result.state) == (born, sex, state)


def test_a_wrong_digit_is_told_apart_from_a_wrong_form() -> None:
    assert curp_check("PUEU800101MSRRJN03") == CurpResult(
        "PUEU800101MSRRJN03", True, False, date(1980, 1, 1), "M", "SR"
    )
    for wrong in (
        "",
        "PUEU800101MSRRJN0",
        "PUEU800231MSRRJN02",
        "PUEU801301MSRRJN02",
        "PUEU800101MZZRJN02",
        "1" * 18,
        "P" * 500,
    ):
        assert not curp_check(wrong).ok_format


@pytest.mark.parametrize("curp", ["AAPR630321HDFLRC09", "PUEU800101MSRRJN02", "GEPT030915MSRNRRA7"])
def test_every_single_wrong_check_digit_is_noticed(curp: str) -> None:
    assert [digit for digit in string.digits if curp_check(curp[:17] + digit).ok_digit] == [curp[17]]


def test_a_curp_is_found_in_a_sentence_and_masked() -> None:
    found = find_curp("es la pueu800101msrrjn02, gracias")
    assert found is not None and found.ok_digit
    assert find_curp("no la traigo; mi clave es ABCD123456EFGHIJ78") is None
    assert mask_curp("PUEU800101MSRRJN02") == "PU••••••••••••••02"
    assert mask_curp("PUEU") == "••••"


# --- names, addresses ------------------------------------------------------------------------------------------------


def test_names_are_cleaned_or_refused() -> None:
    assert clean_name("  Jose\u0301 \u202eMaría  Uno ") == "José María Uno"
    assert clean_name("<b onmouseover=alert(1)>Ana") == "<b onmouseover=alert(1)>Ana"
    with pytest.raises(TextRefused, match="name_empty"):
        clean_name("\u200b\u200b")
    with pytest.raises(TextRefused, match="name_too_long"):
        clean_name("a" * 121)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("María Ejemplo Uno", "María E."),
        ("Juan de la Cruz", "Juan C."),
        ("María del Carmen López", "María C."),
        ("Ángela ñuñez", "Ángela Ñ."),
        ("Sofía", "Sofía"),
        ("Ana 2", "Ana"),
        ("", ""),
    ],
)
def test_the_other_side_sees_a_short_label(name: str, label: str) -> None:
    assert short_label(name) == label


@pytest.mark.parametrize(
    ("raw", "email"),
    [
        (" Maria@Ejemplo.MX ", "maria@ejemplo.mx"),
        ("a.b+c@sub.ejemplo.com", "a.b+c@sub.ejemplo.com"),
        ("maria@ejemplo", None),
        ("maria ejemplo@x.mx", None),
        ("a..b@x.mx", None),
        (".a@x.mx", None),
        ("a.@x.mx", None),
        ("a@-x.mx", None),
        ("a@x-.mx", None),
        ("a@x.mx\r\nBcc: b@x.mx", None),
        ("ñ@x.mx", None),
        ("", None),
        ("a" * 60 + "@" + ("b" * 60 + ".") * 4 + "mx", None),
    ],
)
def test_mail_addresses_are_read_or_not_at_all(raw: str, email: str | None) -> None:
    assert normalise_email(raw) == email


def test_an_address_is_found_in_a_sentence() -> None:
    assert find_email("escríbame a Maria@ejemplo.mx por favor") == "maria@ejemplo.mx"
    assert find_email("no tengo correo @ nada") is None


# --- matches ---------------------------------------------------------------------------------------------------------

MARIA = PersonFacts(
    "p1",
    "María Ejemplo Uno",
    frozenset({"+526620000001"}),
    frozenset({"maria@ejemplo.mx"}),
    "PUEU800101MSRRJN02",
    "26030",
    frozenset({("telegram", "77")}),
)


def test_matches_are_scored_with_their_reasons() -> None:
    other = PersonFacts("p2", "maria ejemplo", frozenset({"+526620000001"}), municipality="26030")
    assert match_score(MARIA, other).reasons == ("phone", "name_and_municipality")
    assert match_score(MARIA, other).score == 70
    assert match_score(MARIA, PersonFacts("p3", "María Ejemplo Uno")).reasons == ("name",)
    same = match_score(MARIA, PersonFacts("p4", "", MARIA.phones, MARIA.emails, MARIA.curp, None, MARIA.handles))
    assert same.reasons == ("curp", "handle", "email", "phone") and same.score == 100


def test_a_shared_phone_with_another_curp_is_hardly_a_match() -> None:
    other = PersonFacts("p2", "Otra Persona", MARIA.phones, MARIA.emails, "EEPD550612HSRJRS09")
    assert match_score(MARIA, other).score == 10
    assert "curp_differs" in match_score(MARIA, other).reasons


def test_suggestions_come_best_first_without_oneself_or_strangers() -> None:
    others = [
        MARIA,
        PersonFacts("stranger", "Otra Persona"),
        PersonFacts("by_mail", emails=MARIA.emails),
        PersonFacts("by_phone", phones=MARIA.phones),
        PersonFacts("also_by_phone", phones=MARIA.phones),
    ]
    assert [one.person_id for one in suggest_matches(MARIA, others)] == ["by_mail", "also_by_phone", "by_phone"]
    assert len(suggest_matches(MARIA, others, limit=1)) == 1


def test_names_agree_without_accents_case_or_second_surname() -> None:
    assert same_name("María Ejemplo Uno", "MARIA EJEMPLO")
    assert same_name("Juan de la Cruz", "Juan Cruz Pérez")
    assert not same_name("María", "María")
    assert not same_name("", "")
    assert not same_name("María Ejemplo", "María Otra")
