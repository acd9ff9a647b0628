"""The voice menu: nobody is trapped in it, every path ends, and what it says is what the office said."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules.calls import CallState, EventKind
from contact_center.rules.ivr import MOST_TURNS, begin, step
from contact_center.rules.ivr_steps import (
    AgentThere,
    Ask,
    Event,
    Go,
    HangUp,
    Join,
    Keys,
    Line,
    Place,
    Recorded,
    Say,
    Silence,
    State,
    TakeMessage,
    Told,
    Turn,
    VoiceStep,
)
from contact_center.rules.ivr_texts import SPOKEN, words

OPEN = Line(CallState.ringing, is_open=True, waiting=False, has_number=True, recording=False)
WAITING = replace(OPEN, waiting=True, position=3, wait_s=130)
CLOSED = replace(OPEN, is_open=False)


def run(state: State, event: Event, line: Line) -> Turn:
    """One request: what a channel does with a turn that says nothing yet; the house queues whom it is told of."""
    facts: list[object] = []
    for _ in range(8):
        turn = step(state, event, line)
        facts += turn.facts
        if any(one.kind is EventKind.queued for one in turn.facts):
            line = replace(line, waiting=True, position=line.position or 1)
        if turn.question is None and turn.steps:
            return replace(turn, facts=tuple(facts))  # type: ignore[arg-type]
        event = None if turn.question is None else Told("No encontramos ese folio.", False, False)
        state = turn.state
    raise AssertionError(f"{state} goes in circles")


def said(turn: Turn) -> str:
    texts: list[str] = []
    for one in turn.steps:
        texts += [one.text] if isinstance(one, Say) else []
        texts += [prompt.text for prompt in one.prompts if isinstance(prompt, Say)] if isinstance(one, Ask) else []
    return " ".join(texts)


def last(turn: Turn) -> VoiceStep:
    return turn.steps[-1]


def after_silence(turn: Turn) -> State:
    end = last(turn)
    assert isinstance(end, Go)
    return end.state


def test_the_greeting_says_who_speaks_where_emergencies_go_and_what_becomes_of_the_data() -> None:
    turn = run(begin(), None, OPEN)
    for part in ("Coordinación Ejecutiva", "9 1 1", "aviso de privacidad", "marque 0"):
        assert part in said(turn)
    assert "se graba" not in said(turn)
    assert "se graba" in said(run(begin(), None, replace(OPEN, recording=True)))


@pytest.mark.parametrize("event", [Keys("0"), Keys("7"), Keys("*"), Keys("123456"), Silence()])
def test_zero_a_wrong_key_and_silence_lead_to_a_person(event: Event) -> None:
    turn = run(State(Place.menu, 1), event, OPEN)
    assert [one.kind for one in turn.facts] == [EventKind.chose, EventKind.queued]
    assert turn.facts[0].data == {"choice": "person"}
    assert turn.state.place is Place.line and "marque 1" in said(turn)


def test_one_is_a_new_petition_and_nine_says_it_again() -> None:
    assert run(State(Place.menu, 1), Keys("1"), OPEN).facts[0].data == {"choice": "new_petition"}
    again = run(State(Place.menu, 1), Keys("9"), OPEN)
    assert again.facts == () and "marque 0" in said(again) and "Coordinación" not in said(again)


def test_who_waits_hears_the_place_and_an_honest_time() -> None:
    state = State(Place.line, 4)
    assert "Su lugar en la fila es el 3." in said(run(state, None, WAITING))
    assert "3 minutos" in said(run(state, None, WAITING))
    assert "un minuto" in said(run(state, None, replace(WAITING, wait_s=10)))
    assert "minuto" not in said(run(state, None, replace(WAITING, wait_s=None)))
    first = said(run(state, None, replace(WAITING, position=1)))
    assert "siguiente persona" in first and "minuto" not in first
    assert "siga en la línea" in said(run(state, None, replace(WAITING, position=None, wait_s=None)))


def test_a_callback_is_offered_only_to_who_can_be_called() -> None:
    state = State(Place.line, 4)
    asked = run(state, Keys("1"), WAITING)
    assert [one.kind for one in asked.facts] == [EventKind.callback_asked] and last(asked) == HangUp()
    hidden = replace(WAITING, has_number=False)
    assert "le llamemos" not in said(run(state, None, hidden))
    assert run(state, Keys("1"), hidden).facts == ()


def test_a_closed_office_takes_messages_and_callbacks_and_still_knows_folios() -> None:
    turn = run(begin(), None, CLOSED)
    assert "cerrada" in said(turn) and "marque 3" in said(turn) and "aviso de privacidad" in said(turn)
    there = after_silence(turn)
    assert there.place is Place.closed
    assert any(isinstance(one, TakeMessage) for one in run(there, Silence(), CLOSED).steps)
    assert run(there, Keys("3"), CLOSED).facts[0].kind is EventKind.callback_asked
    assert run(there, Keys("2"), CLOSED).state.place is Place.folio
    assert "marque 3" not in said(run(begin(), None, replace(CLOSED, has_number=False)))


def test_a_message_is_a_fact_and_two_silences_end_kindly() -> None:
    left = run(State(Place.message, 5), Recorded("RE1", 9), OPEN)
    assert [(one.key, one.kind) for one in left.facts] == [("message_left:RE1", EventKind.message_left)]
    assert last(left) == HangUp()
    once = run(State(Place.message, 5), Silence(), OPEN)
    assert "No escuchamos" in said(once)
    twice = run(after_silence(once), Silence(), OPEN)
    assert last(twice) == HangUp()


def test_a_message_counts_though_the_caller_hung_up_to_end_it() -> None:
    over = replace(OPEN, state=CallState.abandoned)
    assert run(State(Place.message, 5), Recorded("RE1", 9), over).facts != ()
    assert run(State(Place.line, 5), None, over).steps == (HangUp(),)


def test_three_wrong_folios_lead_to_a_person() -> None:
    state = State(Place.folio, 2)
    for _ in range(3):
        turn = run(state, Keys("2026000123"), OPEN)
        asked = turn.steps[0]
        assert isinstance(asked, Ask) and asked.digits == 4
        turn = run(asked.state, Keys("0000"), OPEN)
        state = turn.steps[0].state if isinstance(turn.steps[0], Ask) else after_silence(turn)
    assert run(state, Silence(), OPEN).facts[-1].kind is EventKind.queued


def test_a_locked_query_says_so_and_leads_to_a_person() -> None:
    turn = step(State(Place.last4, 3, folio="2026000123"), Told("Espere quince minutos.", False, True), OPEN)
    assert said(turn) == "Espere quince minutos."
    assert run(after_silence(turn), Silence(), OPEN).facts[-1].kind is EventKind.queued


def test_a_found_folio_is_served_and_more_is_offered() -> None:
    turn = step(State(Place.last4, 3, folio="2026000123"), Told("Está en atención.", True, False), OPEN)
    assert [one.kind for one in turn.facts] == [EventKind.served]
    assert after_silence(turn).place is Place.more
    assert run(after_silence(turn), Silence(), OPEN).steps[-1] == HangUp()
    assert run(after_silence(turn), Keys("0"), OPEN).state.place is Place.line
    assert run(after_silence(turn), Keys("2"), OPEN).state.place is Place.folio


def test_somebody_who_is_taken_and_never_brought_may_leave_a_message() -> None:
    state, taken = State(Place.line, 4, tries=30), OPEN
    for _ in range(12):
        turn = run(state, None, taken)
        state = after_silence(turn)
        if state.place is Place.message:
            return
        assert "comunicando" in said(turn)
    raise AssertionError("trapped")


def test_a_caller_whose_agent_is_in_the_room_joins_and_later_goes_on() -> None:
    turn = run(State(Place.line, 4, lost=1), AgentThere(), OPEN)
    joined = last(turn)
    assert isinstance(joined, Join) and joined.state.place is Place.after
    assert run(joined.state, None, OPEN).steps[-1] == HangUp()
    assert "otra persona" in said(run(joined.state, None, WAITING))


def test_the_offices_words_come_first_unless_a_blank_is_open() -> None:
    assert words({"voz_despedida": "Hasta pronto."}, "voz_despedida") == "Hasta pronto."
    assert words({"voz_lugar": "Lugar {posicion}."}, "voz_lugar", posicion="4") == "Lugar 4."
    assert words({"voz_lugar": "Lugar {lugar}."}, "voz_lugar", posicion="4") == "Su lugar en la fila es el 4."
    assert len(words({"voz_despedida": "x" * 9_000}, "voz_despedida")) == 3_000
    assert all("{" not in words({}, key, posicion="1", minutos="2") for key in SPOKEN)


def states() -> st.SearchStrategy[State]:
    return st.builds(
        State,
        st.sampled_from(Place),
        st.integers(0, MOST_TURNS + 2),
        st.integers(0, 40),
        st.sampled_from(["", "2026000123"]),
        st.integers(0, 12),
    )


def lines() -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        st.sampled_from(CallState),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.none() | st.integers(1, 900),
        st.none() | st.integers(0, 90_000),
        st.dictionaries(st.sampled_from(sorted(SPOKEN)), st.text(max_size=40), max_size=4),
    )


EVENTS = st.one_of(
    st.none(),
    st.just(Silence()),
    st.just(AgentThere()),
    st.builds(Keys, st.text("0123456789*#", min_size=1, max_size=15)),
    st.builds(Recorded, st.just("RE1"), st.integers(0, 200)),
)


@given(states(), EVENTS, lines())
def test_every_answer_ends_or_leads_on_and_its_state_survives_the_address(
    state: State, event: Event, line: Line
) -> None:
    turn = run(state, event, line)
    assert isinstance(last(turn), HangUp | Go | Join)
    asks = [one for one in turn.steps if isinstance(one, Ask | TakeMessage)]
    assert not asks or isinstance(last(turn), Go)  # silence is never the end of a question
    for one in turn.steps:
        if isinstance(one, Ask | TakeMessage | Go | Join):
            assert State.read(one.state.params()) == one.state
            assert one.state.turn == state.turn + 1
    if last(turn) == HangUp() and line.state.is_open:
        assert len(turn.steps) > 1  # nobody is cut off without a word


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["0", "1", "2", "3", "9", "2026000123", "1234", "", "x"]), max_size=12), lines())
def test_a_caller_who_presses_anything_and_then_nothing_comes_to_an_end(pressed: list[str], line: Line) -> None:
    line, state = replace(line, state=CallState.ringing), begin()
    event: Event = None
    keys = iter(pressed)
    for _ in range(MOST_TURNS + 20):
        turn = run(state, event, line)
        if turn.state.place is Place.line and any(getattr(one, "kind", "") is EventKind.queued for one in turn.facts):
            line = replace(line, waiting=True)
        asks = [one for one in turn.steps if isinstance(one, Ask)]
        digits = next(keys, "") if asks else ""
        if digits:
            state, event = asks[0].state, Keys(digits)
        elif isinstance(last(turn), Go):
            end = last(turn)
            assert isinstance(end, Go)
            state, event = end.state, Silence() if end.silent else None
        else:
            return
    raise AssertionError("a caller is trapped")


@pytest.mark.parametrize(
    "params",
    [{}, {"at": "nowhere"}, {"at": "menu", "n": "-1"}, {"at": "menu", "n": "99999"}, {"at": "last4", "f": "1;2"}],
)
def test_an_address_that_is_no_state_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        State.read(params)


def test_a_day_off_is_told_in_the_offices_own_words() -> None:
    day_off = replace(CLOSED, texts={"cerrado": "Hoy es día inhábil.", "fuera_de_horario": "Cerrado."})
    assert "día inhábil" in said(run(begin(), None, day_off)) and "Cerrado." not in said(run(begin(), None, day_off))
