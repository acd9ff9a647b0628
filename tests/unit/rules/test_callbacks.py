"""What becomes of a promised call: states, standings, the protocol of tries, words, load, the ledger's figures."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules import callbacks as rules
from contact_center.rules import ledger, shift
from contact_center.rules.calendars import Calendar, Closure, Range
from contact_center.rules.callbacks import CALLBACK, CallbackState, Protocol, Standing, after, after_try
from contact_center.rules.calls import CallState
from contact_center.rules.dialling import Policy, window_of
from contact_center.rules.lifecycle import IllegalMove
from contact_center.rules.options import Options
from contact_center.rules.when import in_words

ZONE = "America/Hermosillo"
HOURS = (Range.parse("08:00-15:00"),)
OFFICE = Calendar(ZONE, (HOURS, HOURS, HOURS, HOURS, HOURS, (), ()), (Closure(date(2026, 11, 16), date(2026, 11, 16)),))
POLICY = Policy.of(Options())
CALENDARS = [window_of(POLICY, ZONE, OFFICE), OFFICE]
TUESDAY = datetime(2026, 11, 24, 16, 12, tzinfo=UTC)
"""09:12 in Hermosillo."""


def test_what_is_over_never_opens_again() -> None:
    for state in CallbackState:
        moves = {move.event for move in CALLBACK.moves if move.source is state}
        assert bool(moves - {"receive"}) is state.is_open
    assert after("achieved", "receive") == "closed"
    with pytest.raises(IllegalMove):
        after("cancelled", "again")


@pytest.mark.parametrize(
    ("minutes", "standing"), [(-1, Standing.kept), (15, Standing.kept), (16, Standing.late), (121, Standing.broken)]
)
def test_the_first_try_says_what_became_of_a_promise(minutes: int, standing: Standing) -> None:
    tried = TUESDAY + timedelta(minutes=minutes)
    assert rules.standing_of_try(tried, TUESDAY + timedelta(minutes=15), TUESDAY + timedelta(hours=2)) is standing


def test_a_move_that_the_citizen_does_not_hear_of_breaks_the_promise() -> None:
    until = TUESDAY + timedelta(hours=2)
    assert rules.standing_of_move("chat", "chat", until, TUESDAY) is Standing.moved
    assert rules.standing_of_move("said", "none", until, TUESDAY) is Standing.broken
    assert rules.standing_of_move("none", "none", until, TUESDAY) is Standing.moved
    assert rules.standing_of_move("chat", "chat", until, until + timedelta(seconds=1)) is Standing.broken


def test_three_tries_two_hours_apart_at_other_hours_then_the_requester() -> None:
    first = after_try(CallState.no_answer, [TUESDAY], Protocol(), ZONE, CALENDARS)
    assert (first.event, first.at) == ("again", TUESDAY + timedelta(hours=2))
    late = TUESDAY.replace(hour=21)  # 14:00: two hours later the office is shut
    second = after_try(CallState.busy, [TUESDAY, late], Protocol(), ZONE, CALENDARS)
    assert second.at == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
    eight = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)
    third = after_try(CallState.busy, [eight, late], Protocol(attempts=4), ZONE, CALENDARS)
    assert third.at is not None and third.at.astimezone(ZoneInfo(ZONE)).hour not in (8, 14)
    assert after_try(CallState.no_answer, [TUESDAY] * 3, Protocol(), ZONE, CALENDARS).event == "exhaust"
    assert after_try(CallState.wrong_number, [TUESDAY], Protocol(), ZONE, CALENDARS).event == "exhaust"
    assert after_try(CallState.failed, [TUESDAY] * 3, Protocol(), ZONE, CALENDARS).event == "again"


@settings(max_examples=150)
@given(st.lists(st.integers(0, 60 * 24 * 30), min_size=1, max_size=5), st.integers(1, 6))
def test_the_next_try_is_apart_inside_the_hours_and_at_an_hour_not_tried(minutes: list[int], attempts: int) -> None:
    tried = [TUESDAY + timedelta(minutes=one) for one in sorted(minutes)]
    found = after_try(CallState.no_answer, tried, Protocol(attempts), ZONE, CALENDARS)
    assert (found.event == "exhaust") is (len(tried) >= attempts)
    if found.at is None:
        return
    local = found.at.astimezone(ZoneInfo(ZONE))
    assert found.at >= tried[-1] + timedelta(hours=2)
    assert 8 <= local.hour < 15 and local.weekday() < 5
    hours = {one.astimezone(ZoneInfo(ZONE)).hour for one in tried}
    assert local.hour not in hours or hours >= set(range(8, 15))


def test_an_answer_fits_its_question() -> None:
    def wrong(kind: str, value: object, **more: object) -> str | None:
        return rules.answer_error({"kind": kind, **more}, value)

    assert wrong("yes_no", True) is None and wrong("yes_no", "sí") == "wrong_type"
    assert wrong("number", 12.5) is None and wrong("number", True) == "wrong_type"
    assert wrong("number", 1e300) == "wrong_type"
    assert wrong("date", "2026-02-28") is None and wrong("date", "2026-02-29") == "bad_date"
    assert wrong("choice", "B", choices=["A", "B"]) is None and wrong("choice", "C", choices=["A"]) == "not_a_choice"
    assert wrong("text", "x" * 2_001) == "too_long" and wrong("text", "  ") == "wrong_type"
    questions = [{"id": "a", "required": True}, {"id": "b", "required": False}, {"id": "c", "required": True}]
    assert rules.missing_answers(questions, [{"question": "a"}]) == ["c"]


@pytest.mark.parametrize(
    ("at", "until", "zone", "es", "en"),
    [
        (TUESDAY, None, "", "hoy a las 9:12", "today at 9:12 AM"),
        (TUESDAY + timedelta(hours=25), None, "", "mañana a las 10:12", "tomorrow at 10:12 AM"),
        (TUESDAY + timedelta(days=2), None, "", "pasado mañana a las 9:12", "on Thursday, November 26 at 9:12 AM"),
        (
            TUESDAY + timedelta(hours=3, minutes=48),
            TUESDAY + timedelta(hours=5),
            "",
            "hoy entre las 13:00 y las 14:12",
            "today between 1:00 PM and 2:12 PM",
        ),
        (
            TUESDAY.replace(hour=20) + timedelta(days=6),
            None,
            "",
            "el lunes 30 de noviembre a las 13:12",
            "on Monday, November 30 at 1:12 PM",
        ),
        (
            datetime(2027, 1, 12, 20, 0, tzinfo=UTC),
            None,
            "America/Tijuana",
            "el martes 12 de enero de 2027 a las 12:00 (hora de Tijuana)",
            "on Tuesday, January 12, 2027 at 12:00 PM (Tijuana time)",
        ),
        (TUESDAY - timedelta(hours=8), None, "", "hoy a la 1:12", "today at 1:12 AM"),
        (
            TUESDAY,
            TUESDAY + timedelta(days=1),
            "",
            "de hoy a las 9:12 a mañana a las 9:12",
            "from today at 9:12 AM to tomorrow at 9:12 AM",
        ),
    ],
)
def test_times_in_words(at: datetime, until: datetime | None, zone: str, es: str, en: str) -> None:
    assert in_words(at, TUESDAY, until=until, zone=zone) == es
    assert in_words(at, TUESDAY, until=until, zone=zone, locale="en") == en


def test_an_hour_carries_what_its_people_can_call() -> None:
    team = shift.Shift(members=4, minutes=8, share_pct=50)
    hours = list(shift.hours_of_days(TUESDAY, 1, OFFICE, team, POLICY, (ZONE,)))
    assert [one.capacity for one in hours] == [15] * 7 + [0] * 5
    assert {one.why for one in hours[7:]} == {"closed"}
    holiday = list(shift.hours_of_days(datetime(2026, 11, 16, 16, tzinfo=UTC), 1, OFFICE, team, POLICY, (ZONE,)))
    assert {one.why for one in holiday} == {"holiday"}
    empty = shift.hour_at(TUESDAY, OFFICE, shift.Shift(0, 8, 50), POLICY, (ZONE,))
    assert empty.capacity == 0
    early = shift.hour_at(TUESDAY.replace(hour=15), OFFICE, team, POLICY, ("America/Tijuana",))
    assert early.why == "outside_window"


@given(
    st.lists(
        st.builds(
            ledger.Count,
            st.sampled_from(["a", "b", None]),
            st.sampled_from([one.value for one in Standing]),
            st.integers(0, 50),
            st.integers(0, 5),
        )
    )
)
def test_the_lines_of_the_ledger_add_up_to_its_total(counts: list[ledger.Count]) -> None:
    total, lines = ledger.figures(counts), ledger.grouped(counts)
    for name in ("due", "kept", "late", "broken", "pending", "moved", "withdrawn", "reached"):
        assert sum(getattr(line, name) for line in lines.values()) == getattr(total, name)
    assert total.due + total.moved + total.withdrawn == sum(one.count for one in counts)
    decided = total.kept + total.late + total.broken
    assert total.rate_kept == (None if decided == 0 else total.kept / decided)
