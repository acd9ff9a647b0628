"""The alarm: what must ring, what must not, and that no disguise or length gets past it."""

import csv
import json
import re
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

import contact_center
from contact_center.rules import crisis
from contact_center.rules.crisis import SCAN_MAX, CrisisMatch, detect
from contact_center.rules.model import CrisisKind

DATA = Path(contact_center.__file__).parent / "data"
LIFE, VIOLENCE, EMERGENCY = CrisisKind.life, CrisisKind.violence, CrisisKind.emergency


def kind(text: str) -> CrisisKind | None:
    found = detect(text)
    return found.kind if found else None


def test_scenario_e08_rings_for_life() -> None:
    assert detect("ya no quiero vivir, ya no aguanto") == CrisisMatch(LIFE, "no quiero vivir")


@pytest.mark.parametrize(
    "text",
    [
        "pienso en el suicidio",
        "me quiero suicidar",
        "quiero quitarme la vida",
        "me voy a matar",
        "ya no quiero seguir viviendo",
        "no tengo ganas de vivir",
        "quisiera estar muerta",
        "me quiero morir",
        "mejor muerto",
        "mi hermano se quiere matar",
        "voy a acabar con mi vida",
        "me tomé todas las pastillas",
        "quiero hacerme daño",
        "tomó una sobredosis",
    ],
)
def test_danger_to_life_rings(text: str) -> None:
    assert kind(text) is LIFE


@pytest.mark.parametrize(
    "text",
    [
        "mi marido me pega",
        "mi esposo me golpeó ayer",
        "no me pega",
        "ya no me pega",
        "me amenaza con un cuchillo",
        "dice que me va a matar",
        "nos quiere matar",
        "le pega a mi mamá",
        "su papá los golpea",
        "me está pegando ahorita",
        "tengo miedo de que me mate",
        "abuso de menor",
        "abusaron sexualmente de ella",
        "abusó de mi hija",
        "sufro violencia familiar",
        "me tiene encerrada",
    ],
)
def test_violence_rings(text: str) -> None:
    assert kind(text) is VIOLENCE


@pytest.mark.parametrize(
    "text",
    [
        "hay una balacera afuera",
        "se oyen balazos",
        "hay un incendio en la casa de enfrente",
        "se está quemando el baldío",
        "secuestraron a mi vecino",
        "mi hija está desaparecida",
        "no aparece mi hijo",
        "se intoxicaron varios niños",
        "huele mucho a gas",
        "mi papá no puede respirar",
        "le está dando un infarto",
        "se la levantaron",
    ],
)
def test_emergencies_ring(text: str) -> None:
    assert kind(text) is EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "la calle está oscura",
        "me pega el sol en la parada del camión",
        "nos pega mucho el sol",
        "me pega la luz del semáforo",
        "Buenos días, oiga, en la colonia Prueba hay un bachezote en la calle Ejemplo",
        "llevamos cuatro días sin agua",
        "quiero saber de mi pensión y no me ha llegado la tarjeta",
        "Ocupo mi acta de defunción, falleció mi papá",
        "no me cortó el agua, me cortaron la luz",
        "me van a llamar mañana",
        "la voy a mandar por correo",
        "no aparece mi nombre en la lista",
        "no aparece mi folio",
        "no es un incendio, sólo humo",
        "no hay balacera",
        "pegué el recibo en la puerta",
        "matamos las cucarachas del parque",
        "la vida en la colonia es difícil",
        "tengo el folio 911",
        "a e i o",
    ],
)
def test_ordinary_sentences_do_not_ring(text: str) -> None:
    assert detect(text) is None


def test_no_turn_of_the_ordinary_scenarios_rings() -> None:
    scenarios = json.loads((DATA / "escenarios.json").read_text(encoding="utf-8"))["escenarios"]
    rung = {one["id"] for one in scenarios for turn in one["turnos"] if detect(turn["texto"])}
    assert rung == {"E08"}


def test_only_the_grave_categories_have_words_that_ring() -> None:
    with (DATA / "categorias.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    rung = {row["codigo"] for row in rows for word in row["palabras_clave"].split("|") if detect(word)}
    assert rung == {"AS06", "JL07", "JL08"}


@pytest.mark.parametrize(
    "text",
    [
        "SUICIDIO",
        "suicídio",
        "s u i c i d i o",
        "S.U.I.C.I.D.I.O",
        "s-u-i-c-i-d-i-o",
        "s_u_i_c_i_d_i_o",
        "suiciiiiidiooooo",
        "sui\u200bci\u00addio",
        "ѕuісіdіо",
        "su1c1d10",
        "$uicid!o",
        "sui cidio",
        "noquierovivir",
        "n o   q u i e r o   v i v i r",
        "no\nquiero\tvivir",
        "NO   QUIERO, ¡VIVIR!",
    ],
)
def test_disguises_do_not_help(text: str) -> None:
    assert kind("oiga " + text + " gracias") is LIFE


def test_emergencies_spelt_out_ring_too() -> None:
    assert kind("b a l a c e r a") is EMERGENCY


def test_the_gravest_kind_wins() -> None:
    assert kind("hay un incendio y me pega y no quiero vivir") is LIFE
    assert kind("hay un incendio y me pega") is VIOLENCE


def test_a_number_by_itself_stays_a_number() -> None:
    assert detect("5 1 0 1 0 0") is None
    assert detect("mi número es 51010") is None


@pytest.mark.parametrize("unit", ["a", "a ", "no quiero ", "me ", "\u0301", "no quiero ya ", "s ", "abuso de ", "$"])
def test_four_megabytes_are_read_at_once(unit: str) -> None:
    """Anything worse than linear would not come back within the patience of the test run."""
    assert detect((unit * (4_000_000 // len(unit)))[:4_000_000]) is None


def test_a_number_after_an_endless_word_is_reached_at_once() -> None:
    assert detect("a" * 4_000_000 + " calle 12") is None


def test_the_ends_of_a_very_long_text_are_read() -> None:
    filler = "hola " * SCAN_MAX
    assert kind("no quiero vivir " + filler) is LIFE
    assert kind(filler + " no quiero vivir") is LIFE


def test_patterns_are_written_the_way_text_is_read() -> None:
    for terms in (crisis._LIFE, crisis._VIOLENCE, crisis._EMERGENCY):
        for term in terms:
            words = re.sub(r"\\[wsb]|\[[^]]*\]|\(\?[:!<=]*|[^a-z ]", " ", term)
            assert not re.search(r"([a-z])\1", words), term
            assert term.isascii() and term.replace(r"\w", "").islower()


@pytest.mark.parametrize("term", [*crisis._LIFE, *crisis._VIOLENCE, *crisis._EMERGENCY])
def test_nothing_that_rings_is_without_a_mark(term: str) -> None:
    rings = re.compile(rf"\b(?:{term})(?!\w)", re.ASCII)

    @hypothesis.settings(max_examples=25)
    @given(st.from_regex(rings))
    def check(text: str) -> None:
        spaced = crisis._DOUBLED.sub("", crisis._as_it_sounds(text))
        if rings.search(spaced):
            compact = crisis._DOUBLED.sub("", spaced.replace(" ", ""))
            assert any(mark in compact for mark in crisis._MARKS)

    check()


@given(st.sampled_from(list(crisis._COMPACT.values())).flatmap(st.from_regex))
def test_nothing_compact_that_rings_is_without_a_mark(text: str) -> None:
    assert any(mark in text for mark in crisis._MARKS)


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_read_without_failing(text: str) -> None:
    detect(text)


@given(st.text(max_size=40), st.text(max_size=40))
def test_what_stands_around_a_plain_cry_does_not_silence_it(before: str, after: str) -> None:
    assert detect(f"{before}. no quiero vivir. {after}") is not None
