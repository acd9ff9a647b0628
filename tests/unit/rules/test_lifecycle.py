"""Moves that exist, moves that do not, and the crisis rule that overrides the rest."""

from dataclasses import fields, replace
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.calls import OPEN_STATES, CallState
from contact_center.rules.lifecycle import (
    CAPTURE,
    CONVERSATION,
    GUARDS,
    OFFER,
    PETITION,
    TABLES,
    WORK,
    Facts,
    IllegalMove,
    Move,
    Table,
    Who,
    by_of,
    events_from,
    step,
)
from contact_center.rules.model import (
    ActorKind,
    CaptureState,
    ConversationState,
    OfferState,
    PetitionKind,
    PetitionState,
    Role,
    WorkState,
)

EVERYBODY: frozenset[Who] = frozenset(Role) | frozenset(ActorKind)
STATES: dict[str, type[StrEnum]] = {
    "conversation": ConversationState,
    "capture": CaptureState,
    "work": WorkState,
    "offer": OfferState,
    "call": CallState,
    "petition": PetitionState,
}
FINAL: dict[str, set[str]] = {
    "conversation": {
        "abandoned",
        "closed",
        "closed_inactivity",
        "closed_abuse",
        "closed_spam",
        "closed_self_service",
    },
    "capture": {"reviewed"},
    "work": {"done"},
    "offer": {"accepted", "declined", "expired", "withdrawn"},
    "call": {one.value for one in CallState if one not in OPEN_STATES},
    "petition": {"archived", "duplicate"},
}
YES = Facts(
    by=EVERYBODY,
    crisis=False,
    office_open=True,
    notice_shown=True,
    warned=True,
    is_author=True,
    is_reviewer_apart=True,
    checklist_complete=True,
    has_comment=True,
    captured=True,
    in_time=True,
    fields_complete=True,
    attempts_exhausted=True,
    oficio_authorised=True,
    has_cause=True,
    has_main_folio=True,
    within_reopen_term=True,
    file_complete=True,
    petition_kind=PetitionKind.suggestion,
)
SYSTEM: frozenset[Who] = frozenset({ActorKind.system})
VISITOR: frozenset[Who] = frozenset({ActorKind.visitor})
AGENT: frozenset[Who] = frozenset({Role.agent})

any_table = st.sampled_from(TABLES)
any_facts = st.builds(
    Facts,
    by=st.frozensets(st.sampled_from(sorted(EVERYBODY))),
    petition_kind=st.none() | st.sampled_from(PetitionKind),
    **{one.name: st.booleans() for one in fields(Facts) if one.type == "bool"},
)


@given(table=any_table, facts=any_facts, data=st.data())
def test_every_event_in_every_state_is_a_move_of_the_table_or_is_refused(
    table: Table[Any], facts: Facts, data: st.DataObject
) -> None:
    state = data.draw(st.none() | st.sampled_from(list(STATES[table.name])))
    event = data.draw(st.sampled_from([*sorted(table.events), "no_such_event"]))
    known = [move for move in table.moves if move.source == state and move.event == event]
    allowed = [
        move
        for move in known
        if not move.who.isdisjoint(facts.by) and (move.guard is None or GUARDS[move.guard](facts))
    ]
    if allowed:
        assert step(table, state, event, facts) == allowed[0].target
        return
    with pytest.raises(IllegalMove) as refused:
        step(table, state, event, facts)
    why = refused.value
    assert (why.table, why.state, why.event) == (table.name, state, event)
    assert (why.why == "state") == (not known)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_final_states_have_no_way_out_and_all_others_have_one(
    table: Table[Any],
) -> None:
    with_a_way = {move.source for move in table.moves if move.target != move.source}
    assert {str(one) for one in STATES[table.name]} - {str(one) for one in with_a_way} == FINAL[table.name]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_state_can_be_reached_from_nothing(table: Table[Any]) -> None:
    reached: set[StrEnum | None] = {None}
    while more := {move.target for move in table.moves if move.source in reached} - reached:
        reached |= more
    assert reached == {None, *STATES[table.name]}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_line_of_a_table_hides_another(table: Table[Any]) -> None:
    seen: set[tuple[Any, ...]] = set()
    for move in table.moves:
        key = (move.source, move.event, move.target, move.guard)
        assert key not in seen
        seen.add(key)
    for moves in table.index.values():
        assert len(moves) == 1 or all(move.guard for move in moves)


def test_every_guard_is_used_and_refuses_when_nothing_is_known() -> None:
    used = {move.guard for table in TABLES for move in table.moves if move.guard}
    assert used == set(GUARDS)
    nothing = Facts(by=EVERYBODY)
    assert {name for name, guard in GUARDS.items() if guard(nothing)} == {
        "open_or_crisis",
        "crisis",
    }


@given(
    facts=any_facts,
    state=st.sampled_from([one for one in ConversationState if one.is_open]),
    data=st.data(),
)
def test_a_conversation_in_crisis_is_ended_by_staff_closing_it_and_by_nothing_else(
    facts: Facts, state: ConversationState, data: st.DataObject
) -> None:
    event = data.draw(st.sampled_from(sorted(CONVERSATION.events)))
    try:
        target = step(CONVERSATION, state, event, replace(facts, crisis=True))
    except IllegalMove:
        return
    if not target.is_open:
        assert event == "close"
        assert not facts.by.isdisjoint({Role.agent, Role.supervisor, Role.area})


@pytest.mark.parametrize(
    "event",
    ["inactivity", "abuse", "spam", "citizen_end", "queue_timeout", "self_service"],
)
def test_no_automatic_end_passes_while_the_crisis_flag_is_up(event: str) -> None:
    for state in ConversationState:
        with pytest.raises(IllegalMove):
            step(CONVERSATION, state, event, replace(YES, crisis=True))


def test_the_way_of_a_chat_from_opening_to_closing() -> None:
    state = None
    for by, event, expected in [
        (VISITOR, "open", "started"),
        (VISITOR, "citizen_message", "queued"),
        (SYSTEM, "assign", "assigned"),
        (SYSTEM, "no_first_reply", "queued"),
        (SYSTEM, "assign", "assigned"),
        (AGENT, "agent_message", "active"),
        (AGENT, "wait", "waiting"),
        (VISITOR, "citizen_message", "active"),
        (AGENT, "transfer", "queued"),
        (SYSTEM, "assign", "assigned"),
        (AGENT, "agent_message", "active"),
        (AGENT, "close", "closed"),
    ]:
        state = step(CONVERSATION, state, event, replace(YES, by=by))
        assert state == expected


def test_out_of_hours_a_text_is_a_left_message_but_a_crisis_goes_to_the_queue() -> None:
    shut = replace(YES, by=VISITOR, office_open=False)
    assert step(CONVERSATION, ConversationState.started, "citizen_message", shut) is ConversationState.message_left
    crisis = replace(shut, crisis=True)
    assert step(CONVERSATION, ConversationState.started, "citizen_message", crisis) is ConversationState.queued
    assert step(CONVERSATION, ConversationState.message_left, "citizen_message", shut) is ConversationState.message_left
    by_system = replace(crisis, by=SYSTEM)
    assert step(CONVERSATION, ConversationState.message_left, "crisis", by_system) is ConversationState.queued


def test_a_conversation_does_not_open_before_the_privacy_notice_was_shown() -> None:
    with pytest.raises(IllegalMove) as refused:
        step(CONVERSATION, None, "open", replace(YES, notice_shown=False))
    assert refused.value.why == "notice_shown"
    assert "open from nothing refused (notice_shown)" in str(refused.value)


def test_abuse_closes_only_after_a_warning() -> None:
    with pytest.raises(IllegalMove):
        step(CONVERSATION, ConversationState.active, "abuse", replace(YES, warned=False))
    assert step(CONVERSATION, ConversationState.active, "abuse", YES) is ConversationState.closed_abuse


def test_a_visitor_cannot_make_the_moves_of_an_agent() -> None:
    with pytest.raises(IllegalMove) as refused:
        step(
            CONVERSATION,
            ConversationState.active,
            "close",
            replace(YES, by=VISITOR),
        )
    assert refused.value.why == "who"


def test_nobody_reviews_an_own_capture_and_a_return_needs_a_comment() -> None:
    for facts in (replace(YES, is_reviewer_apart=False), replace(YES, checklist_complete=False)):
        with pytest.raises(IllegalMove):
            step(CAPTURE, CaptureState.captured, "approve", facts)
    with pytest.raises(IllegalMove):
        step(CAPTURE, CaptureState.captured, "return", replace(YES, has_comment=False))
    assert step(CAPTURE, CaptureState.captured, "return", YES) is CaptureState.returned
    with pytest.raises(IllegalMove):
        step(CAPTURE, CaptureState.returned, "correct", replace(YES, is_author=False))
    assert step(CAPTURE, CaptureState.overdue, "capture", YES) is CaptureState.captured


def test_an_offer_is_answered_once_and_in_time() -> None:
    assert step(OFFER, OfferState.open, "accept", YES) is OfferState.accepted
    with pytest.raises(IllegalMove):
        step(OFFER, OfferState.open, "accept", replace(YES, in_time=False))
    for state in (
        OfferState.accepted,
        OfferState.expired,
        OfferState.declined,
        OfferState.withdrawn,
    ):
        with pytest.raises(IllegalMove):
            step(OFFER, state, "accept", YES)


def test_work_leaves_the_agent_captured_or_as_an_open_finding() -> None:
    with pytest.raises(IllegalMove):
        step(WORK, WorkState.wrap_up, "finish", replace(YES, captured=False))
    assert step(WORK, WorkState.wrap_up, "wrap_up_expired", replace(YES, captured=False)) is WorkState.done
    assert step(WORK, WorkState.held, "release", YES) is WorkState.waiting


def test_a_suggestion_may_be_thanked_and_a_complaint_may_not() -> None:
    assert step(PETITION, PetitionState.registered, "thank", YES) is PetitionState.concluded_satisfactory
    with pytest.raises(IllegalMove):
        step(
            PETITION,
            PetitionState.registered,
            "thank",
            replace(YES, petition_kind=PetitionKind.complaint),
        )


def test_agents_register_but_do_not_refer_or_conclude() -> None:
    agent = replace(YES, by=AGENT)
    assert step(PETITION, PetitionState.draft, "register", agent) is PetitionState.registered
    for state, event in [
        (PetitionState.analysing, "refer"),
        (PetitionState.answered, "conclude_satisfactory"),
        (PetitionState.concluded_satisfactory, "reopen"),
    ]:
        with pytest.raises(IllegalMove):
            step(PETITION, state, event, agent)


def test_staff_count_by_role_and_others_by_kind() -> None:
    assert by_of(ActorKind.staff, frozenset({Role.agent})) == {Role.agent}
    assert by_of(ActorKind.visitor, frozenset({Role.agent})) == {ActorKind.visitor}


def test_a_screen_can_ask_which_moves_to_offer() -> None:
    assert events_from(OFFER, OfferState.open, AGENT) == {"accept", "decline"}
    assert events_from(CONVERSATION, ConversationState.closed, EVERYBODY) == frozenset()


def test_a_table_may_be_compared_and_printed_without_its_index() -> None:
    move = Move(None, "make", OfferState.open, SYSTEM)
    assert Table("offer", (move,)) == Table("offer", (move,))
    assert "index" not in repr(Table("offer", (move,)))
