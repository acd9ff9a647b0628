"""A call is the fold of its facts: in any order, however often they come."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.calls import NOT_REACHED, CallState, EventKind, Fact, fold, holds_of, seconds_within
from contact_center.rules.model import Direction

START = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
K = EventKind


def fact(
    kind: EventKind, after_s: int, *, key: str = "", timed: bool = True, user: str | None = None, **data: str
) -> Fact:
    leg = f"leg-{user}" if user else None
    return Fact(key or f"{kind}:{after_s}:{user}", kind, START + timedelta(seconds=after_s), timed, leg, user, data)


ANSWERED = [
    fact(K.entered, 0),
    fact(K.queued, 10),
    fact(K.joined, 30, user="ana"),
    fact(K.held, 50),
    fact(K.resumed, 65),
    fact(K.ended, 90, how="completed", by="citizen"),
]


def test_all_720_orders_of_a_six_event_call_give_the_same_call() -> None:
    expected = fold(Direction.inbound, ANSWERED)
    assert (expected.state, expected.wait_s, expected.talk_s, expected.hold_s) == (CallState.completed, 20, 45, 15)
    for order in permutations(ANSWERED):
        assert fold(Direction.inbound, order) == expected


kinds = st.sampled_from([K.entered, K.queued, K.joined, K.left, K.held, K.resumed, K.callback_asked, K.ended])
facts = st.lists(
    st.builds(
        lambda kind, at, user: fact(kind, at, user=user if kind in (K.joined, K.left) else None),
        kinds,
        st.integers(0, 600),
        st.sampled_from(["ana", "berta"]),
    ),
    min_size=1,
    max_size=20,
)


@given(known=facts, data=st.data())
def test_no_order_and_no_repeat_changes_a_call(known: list[Fact], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(known + data.draw(st.lists(st.sampled_from(known)))))
    assert fold(Direction.inbound, mixed) == fold(Direction.inbound, known)


@given(known=facts)
def test_times_are_never_negative_and_nobody_talks_longer_than_the_call(known: list[Fact]) -> None:
    call = fold(Direction.inbound, known)
    assert call.hold_s >= 0
    assert call.talk_s >= 0
    if call.ended_at and call.answered_at:
        assert (
            call.talk_s + call.hold_s <= max(0, (call.ended_at - min(call.started_at, call.answered_at)).seconds) + 600
        )
    spans = holds_of(known, call.ended_at)
    for leg in call.agents:
        assert seconds_within(leg, spans, call.ended_at) >= 0


@pytest.mark.parametrize("how", sorted(NOT_REACHED))
def test_a_call_of_ours_that_nobody_answers_ends_as_what_it_met(how: CallState) -> None:
    known = [fact(K.dialled, 0), fact(K.ended, 20, how=how.value)]
    assert fold(Direction.outbound, known).state is how


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (K.queued, CallState.abandoned),
        (K.message_left, CallState.message_left),
        (K.callback_asked, CallState.callback_asked),
        (K.served, CallState.self_service),
    ],
)
def test_a_caller_nobody_spoke_with_ends_as_what_they_did(kind: EventKind, state: CallState) -> None:
    known = [fact(K.entered, 0), fact(kind, 5), fact(K.ended, 20)]
    assert fold(Direction.inbound, known).state is state


def test_a_supervisor_who_listens_is_no_agent_who_answered() -> None:
    known = [fact(K.entered, 0), Fact("join", K.joined, START, leg="leg-x", data={"role": "listen"})]
    assert fold(Direction.inbound, known).answered_at is None


def test_the_providers_own_time_is_believed_before_the_moment_we_heard_of_it() -> None:
    heard = fact(K.ended, 300, key="ours", timed=False)
    said = fact(K.ended, 60, key="theirs")
    assert fold(Direction.inbound, [fact(K.entered, 0), heard, said]).ended_at == said.at


def test_a_call_without_facts_is_none() -> None:
    with pytest.raises(ValueError, match="without facts"):
        fold(Direction.inbound, [])


def test_a_stay_that_is_told_by_the_leg_and_by_the_room_counts_once_from_the_providers_time() -> None:
    known = [
        fact(K.entered, 0),
        fact(K.joined, 31, key="by_leg", timed=False, user="ana"),
        fact(K.joined, 30, key="by_room", user="ana"),
        fact(K.left, 60, user="ana"),
        fact(K.joined, 70, key="back", user="ana"),
        fact(K.ended, 90),
    ]
    call = fold(Direction.inbound, known)
    assert [(leg.joined, leg.left) for leg in call.agents] == [
        (START + timedelta(seconds=30), START + timedelta(seconds=60)),
        (START + timedelta(seconds=70), START + timedelta(seconds=90)),
    ]
    assert call.stay_of("ana") == 50
