"""The queue engine by example: the order, the person, the reason."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_center.rules.model import AgentState, Channel, Flag, Priority, WorkKind
from contact_center.rules.routing import Offer, Overflow, Policy, QueueView, SkipCode, Strategy, decide
from tests.unit.rules.routing_cases import (
    CHAT,
    MAIL,
    NOW,
    PHONE,
    agent,
    ago,
    item,
    names,
    offered,
    one,
    queues,
    skipped,
)

# --- the order -------------------------------------------------------------------------------------------------------


def test_crisis_comes_first_then_priority_then_the_longest_wait() -> None:
    assert names(
        item("old", 500),
        item("high", 60, priority=Priority.high),
        item("crisis", 1, priority=Priority.low, flags=frozenset({Flag.crisis_life})),
        item("older", 600),
    ) == ["crisis", "high", "older", "old"]


def test_an_old_low_item_ends_up_before_a_fresh_critical_one() -> None:
    low = item("low", 41 * 60, priority=Priority.low)
    assert names(low, item("critical", 0, priority=Priority.critical)) == ["low", "critical"]
    low = item("low", 39 * 60, priority=Priority.low)
    assert names(low, item("critical", 0, priority=Priority.critical)) == ["critical", "low"]


def test_an_item_that_came_back_stands_where_it_stood() -> None:
    returned = item("returned", 900, queue_entered_at=ago(1))
    assert names(item("patient", 300), returned) == ["returned", "patient"]


def test_queue_priority_and_ageing_count_and_an_unknown_queue_does_not_stop_the_order() -> None:
    among = queues(QueueView("q2", priority=50))
    waiting = [item("plain", 300), item("vip", 0, queue_id="q2"), item("lost", 0, queue_id="gone")]
    assert names(*waiting, among=among) == ["vip", "plain", "lost"]
    assert names(item("a", 600), item("b", 0, priority=Priority.high), among=queues(QueueView("q1", ageing=0))) == [
        "b",
        "a",
    ]


# --- the person ------------------------------------------------------------------------------------------------------


def test_the_longest_idle_agent_is_offered_first_and_the_reason_says_so() -> None:
    decision = one(item(), agent("fresh", 10), agent("idle", 500), agent("middle", 100))
    assert isinstance(decision, Offer)
    assert decision.agent_id == "idle"
    assert decision.expires_at == NOW + timedelta(seconds=30)
    assert decision.reason == {
        "rule": "longest_idle",
        "points": 11.0,
        "waited_s": 60,
        "idle_s": 500,
        "use": 0.0,
        "able": 3,
    }


def test_the_least_busy_agent_is_offered_first_where_the_queue_says_so() -> None:
    among = queues(QueueView("q1", strategy=Strategy.least_busy))
    busy, free = agent("busy", 900, load={CHAT: 2}), agent("free", 5, load={CHAT: 1})
    assert offered(one(item(), busy, free, among=among)) == "free"
    assert offered(one(item(), busy, free)) == "busy"


def test_reserves_are_asked_after_the_first_line() -> None:
    assert offered(one(item(), agent("reserve", 900, queues={"q1": 2}), agent("first", 1))) == "first"


def test_among_equals_the_one_whose_last_offer_is_longest_ago_comes_first() -> None:
    assert offered(one(item(), agent("a", last_offer_at=ago(5)), agent("b", last_offer_at=ago(50)))) == "b"


def test_an_agent_without_an_idle_time_counts_from_the_start_of_the_state() -> None:
    assert offered(one(item(), agent("a", idle_since=None, since=ago(999)), agent("b", 500))) == "a"


def test_the_agent_who_last_spoke_with_the_citizen_goes_first_when_free() -> None:
    fresh, idle = agent("last", 1), agent("idle", 900)
    assert offered(one(item(preferred_agent_id="last"), fresh, idle)) == "last"
    full = replace(fresh, load={CHAT: 3})
    assert offered(one(item(preferred_agent_id="last"), full, idle)) == "idle"
    assert offered(one(item(preferred_agent_id="last", declined_by={"last": ago(5)}), fresh, idle)) == "idle"
    assert offered(one(item(preferred_agent_id="gone"), idle)) == "idle"
    assert offered(one(item(preferred_agent_id="last"), replace(fresh, queues={"q2": 1}), idle)) == "idle"


def test_language_and_skills_are_required_while_somebody_connected_has_them() -> None:
    plain = agent("plain", 900)
    yaqui = agent("yaqui", 1, languages=frozenset({"es", "yaqui"}))
    assert offered(one(item(language="yaqui"), plain, yaqui)) == "yaqui"
    assert skipped(one(item(language="yaqui"), plain, replace(yaqui, load={CHAT: 3}))) is SkipCode.all_busy
    paused = replace(yaqui, state=AgentState.paused)
    assert skipped(one(item(language="yaqui"), plain, paused)) is SkipCode.nobody_available


@pytest.mark.parametrize(
    ("language", "skills", "expected", "waived"),
    [
        ("yaqui", "legal", "speaker", ["skills"]),
        ("seri", "law", "skilled", ["language"]),
        ("seri", "legal", "speaker", ["skills", "language"]),
        ("seri", "", "speaker", ["language"]),
        (None, "legal", "speaker", ["skills"]),
    ],
)
def test_what_nobody_connected_has_is_waived_and_the_reason_says_which(
    language: str | None, skills: str, expected: str, waived: list[str]
) -> None:
    speaker = agent("speaker", 900, languages=frozenset({"es", "yaqui"}))
    skilled = agent("skilled", 100, skills=frozenset({"law"}))
    decision = one(item(language=language, skills=frozenset(skills.split())), speaker, skilled)
    assert isinstance(decision, Offer)
    assert (decision.agent_id, decision.reason["waived"]) == (expected, waived)


def test_a_call_needs_a_whole_agent_and_a_chat_does_not_reach_somebody_on_the_phone() -> None:
    call = item(channel=PHONE, kind=WorkKind.call)
    writing, calling = agent(load={CHAT: 1}), agent(load={PHONE: 1})
    assert skipped(one(call, writing)) is SkipCode.all_busy
    assert skipped(one(item(), calling)) is SkipCode.all_busy
    both = Policy(voice_excludes_text=False)
    assert offered(one(call, writing, policy=both)) == "a1"
    assert offered(one(item(), calling, policy=both)) == "a1"
    assert skipped(one(call, calling, policy=both)) is SkipCode.all_busy


def test_a_waiting_call_keeps_later_chats_from_who_will_be_free_first() -> None:
    call, chat = item("call", 60, channel=PHONE, kind=WorkKind.call), item("chat", 5)
    fuller, emptier = agent("fuller", load={CHAT: 2}), agent("emptier", load={CHAT: 1})
    by_item = {each.item_id: each for each in decide(NOW, [call, chat], [fuller, emptier], queues())}
    assert skipped(by_item["call"]) is SkipCode.all_busy
    assert offered(by_item["chat"]) == "fuller"
    alone = {each.item_id: each for each in decide(NOW, [call, chat], [emptier], queues())}
    assert skipped(alone["chat"]) is SkipCode.kept_for_call
    earlier = item("earlier", 90)
    assert offered(decide(NOW, [call, earlier], [emptier], queues())[0]) == "emptier"


def test_chats_that_keep_coming_do_not_pass_a_call_over_for_ever() -> None:
    """Every minute one chat ends and another begins: the call is reached when the chats of one desk are over."""
    call = item("call", 0, channel=PHONE, kind=WorkKind.call)
    held = {"a": 2, "b": 3}
    for minute in range(1, 10):
        now = NOW + timedelta(minutes=minute)
        crew = [agent(name, load={CHAT: count}) for name, count in held.items()]
        chat = replace(item(f"chat{minute}"), enqueued_at=now, queue_entered_at=now)
        made = {each.item_id: each for each in decide(now, [call, chat], crew, queues())}
        if isinstance(made["call"], Offer):
            return
        if isinstance(made[chat.item_id], Offer):
            held[offered(made[chat.item_id])] += 1
        ends = "ab"[minute % 2]
        held[ends] = max(0, held[ends] - 1)
    raise AssertionError("the call was never offered")


def test_mixed_channels_share_one_capacity() -> None:
    assert skipped(one(item(), agent(load={CHAT: 2, MAIL: 2}))) is SkipCode.all_busy
    assert offered(one(item(channel=MAIL), agent(load={CHAT: 1, MAIL: 2}))) == "a1"
    assert skipped(one(item(), agent(load={Channel.sms: 1}))) is SkipCode.all_busy


def test_thirds_of_an_agent_add_up_to_a_whole_one() -> None:
    assert offered(one(item(), agent(load={CHAT: 2}))) == "a1"
    assert skipped(one(item(), agent(load={CHAT: 3}))) is SkipCode.all_busy


def test_one_open_offer_at_a_time_unless_the_policy_allows_more() -> None:
    waiting = [item(f"i{each}", 100 - each) for each in range(5)]
    given = [each for each in decide(NOW, waiting, [agent()], queues()) if isinstance(each, Offer)]
    assert [each.item_id for each in given] == ["i0"]
    decisions = decide(NOW, waiting, [agent()], queues(), Policy(max_offers=9))
    assert [isinstance(each, Offer) for each in decisions] == [True, True, True, False, False]
    assert skipped(one(item(), agent(offered={CHAT: 1}))) is SkipCode.offers_pending


def test_work_is_spread_when_several_offers_may_be_open() -> None:
    waiting = [item(f"i{each}", 100 - each) for each in range(4)]
    decisions = decide(NOW, waiting, [agent("a", 9), agent("b", 5)], queues(), Policy(max_offers=9))
    assert [offered(each) for each in decisions] == ["a", "b", "a", "b"]


def test_whoever_declined_lately_comes_last_but_is_asked_again_when_alone() -> None:
    waiting = item(declined_by={"idle": ago(10)})
    assert offered(one(waiting, agent("idle", 900), agent("fresh", 1))) == "fresh"
    decision = one(waiting, agent("idle", 900))
    assert isinstance(decision, Offer)
    assert (decision.agent_id, decision.reason["again"], decision.reason["declined_by"]) == ("idle", True, 1)
    assert offered(one(item(declined_by={"idle": ago(301)}), agent("idle", 900), agent("fresh", 1))) == "idle"


def test_putting_decliners_aside_for_one_item_keeps_them_for_the_next() -> None:
    waiting = [item("first", 100, declined_by={"idle": ago(1)}), item("second", 50)]
    decisions = decide(NOW, waiting, [agent("idle", 900), agent("fresh", 1)], queues())
    assert [offered(each) for each in decisions] == ["fresh", "idle"]


def test_an_agent_of_two_queues_is_not_offered_twice() -> None:
    shared = agent(queues={"q1": 1, "q2": 1})
    decisions = decide(NOW, [item("x", 90), item("y", 50, queue_id="q2")], [shared], queues())
    assert offered(decisions[0]) == "a1"
    assert skipped(decisions[1]) is SkipCode.offers_pending


# --- turned over to a person -----------------------------------------------------------------------------------------


def test_an_item_turned_over_by_name_waits_a_while_for_that_person_and_then_goes_to_the_queue() -> None:
    expert = agent("expert", 1, queues={"q9": 1})
    other = agent("other", 900)
    waiting = item(direct_agent_id="expert", queue_entered_at=ago(5))
    decision = one(waiting, expert, other)
    assert isinstance(decision, Offer)
    assert (decision.agent_id, decision.reason["rule"]) == ("expert", "direct")
    busy = replace(expert, load={CHAT: 3})
    assert skipped(one(waiting, busy, other)) is SkipCode.waiting_for_agent
    assert offered(one(replace(waiting, queue_entered_at=ago(61)), busy, other)) == "other"
    assert offered(one(waiting, replace(expert, connected=False), other)) == "other"
    assert offered(one(waiting, other)) == "other"
    assert offered(one(replace(waiting, declined_by={"expert": ago(2)}), expert, other)) == "other"
    assert offered(one(waiting, replace(busy, capacity={PHONE: 1}), other)) == "other"


# --- crisis ----------------------------------------------------------------------------------------------------------

CRISIS = item("crisis", 1, flags=frozenset({Flag.crisis_violence}))


def test_a_crisis_may_be_one_more_than_capacity_but_not_during_a_call() -> None:
    full = agent("full", load={CHAT: 3})
    decision = one(CRISIS, full)
    assert isinstance(decision, Offer)
    assert (decision.agent_id, decision.reason["rule"], decision.reason["crisis"]) == ("full", "crisis", True)
    assert skipped(one(CRISIS, agent(load={CHAT: 4}))) is SkipCode.all_busy
    assert skipped(one(CRISIS, agent(load={PHONE: 1}))) is SkipCode.all_busy
    assert offered(one(CRISIS, agent(offered={CHAT: 1}))) == "a1"
    assert skipped(one(CRISIS, agent(offered={CHAT: 2}))) is SkipCode.offers_pending


def test_a_crisis_goes_to_another_queues_agent_when_its_own_has_nobody() -> None:
    stranger = agent("stranger", queues={"q2": 1})
    assert offered(one(CRISIS, stranger)) == "stranger"
    assert skipped(one(item(), stranger)) is SkipCode.no_members
    assert skipped(one(replace(CRISIS, declined_by={"stranger": ago(1)}), stranger)) is SkipCode.no_members


def test_a_crisis_knows_no_hours() -> None:
    shut = queues(QueueView("q1", is_open=False))
    later = replace(CRISIS, not_before=NOW + timedelta(hours=9))
    assert offered(one(later, agent(), among=shut)) == "a1"
    assert skipped(one(item(), agent(), among=shut)) is SkipCode.queue_closed


def test_a_crisis_does_not_wait_for_the_person_it_was_turned_over_to() -> None:
    expert = agent("expert", load={CHAT: 3})
    assert offered(one(replace(CRISIS, direct_agent_id="expert"), expert, agent("other"))) == "other"


# --- waiting on, and why ---------------------------------------------------------------------------------------------


def test_every_reason_for_waiting_has_its_own_word() -> None:
    assert skipped(one(item(queue_id="gone"), agent())) is SkipCode.queue_unknown
    assert skipped(one(item(not_before=NOW + timedelta(seconds=1)), agent())) is SkipCode.not_yet
    assert offered(one(item(not_before=NOW), agent())) == "a1"
    assert skipped(one(item())) is SkipCode.no_members
    assert skipped(one(item(), agent(connected=False))) is SkipCode.nobody_connected
    assert skipped(one(item(), agent(state=AgentState.offline))) is SkipCode.nobody_connected
    assert skipped(one(item(), agent(state=AgentState.paused))) is SkipCode.nobody_available
    assert skipped(one(item(channel=Channel.telegram), agent())) is SkipCode.channel_not_served
    assert skipped(one(item(), agent(load={CHAT: 3}))) is SkipCode.all_busy


def test_overflow_moves_an_item_when_its_time_has_come_and_the_target_is_open() -> None:
    over = QueueView("q1", overflow_queue_id="q2", overflow_after_s=120)
    late = item(waited_s=600, queue_entered_at=ago(121))
    decision = one(late, among=queues(over))
    assert decision == Overflow("i1", "q2", {"rule": "overflow", "waited_s": 121, "because": SkipCode.no_members})
    assert offered(one(late, agent(), among=queues(over))) == "a1"
    assert skipped(one(replace(late, queue_entered_at=ago(119)), among=queues(over))) is SkipCode.no_members
    assert skipped(one(late, among=queues(over, QueueView("q2", is_open=False)))) is SkipCode.no_members
    again = replace(late, visited_queue_ids=frozenset({"q2"}))
    assert skipped(one(again, among=queues(over))) is SkipCode.no_members
    assert skipped(one(late, among=queues(replace(over, overflow_queue_id="q1")))) is SkipCode.no_members
    assert skipped(one(late, among=queues(replace(over, overflow_queue_id="gone")))) is SkipCode.no_members
    shut = queues(replace(over, is_open=False))
    assert isinstance(one(late, among=shut), Overflow)
