"""The queue engine: the order, the person, the reason; and what may never happen."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules.model import AgentState, Channel, Flag, Priority, WorkKind
from contact_center.rules.routing import (
    AgentView,
    Decision,
    Offer,
    Overflow,
    Policy,
    QueueView,
    Skip,
    SkipCode,
    Strategy,
    Waiting,
    decide,
    estimate_wait_s,
    free_slots,
    in_order,
)

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
CHAT, PHONE, MAIL = Channel.web_chat, Channel.phone, Channel.email


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def item(name: str = "i1", waited_s: float = 60, **changes: Any) -> Waiting:
    base = Waiting(name, "q1", WorkKind.conversation, CHAT, Priority.normal, ago(waited_s), ago(waited_s))
    return replace(base, **changes)


def agent(name: str = "a1", idle_s: float = 100, **changes: Any) -> AgentView:
    base = AgentView(
        name, AgentState.available, ago(idle_s), {CHAT: 3, PHONE: 1, MAIL: 5}, {"q1": 1}, idle_since=ago(idle_s)
    )
    return replace(base, **changes)


def queues(*changed: QueueView) -> Mapping[str, QueueView]:
    return {one.queue_id: one for one in (QueueView("q1"), QueueView("q2"), *changed)}


def one(waiting: Waiting, *agents: AgentView, policy: Policy | None = None, among: Any = None) -> Decision:
    (decision,) = decide(NOW, [waiting], agents, among or queues(), policy or Policy())
    return decision


def offered(decision: Decision) -> str:
    assert isinstance(decision, Offer), decision
    return decision.agent_id


def skipped(decision: Decision) -> SkipCode:
    assert isinstance(decision, Skip), decision
    return decision.code


# --- the order -------------------------------------------------------------------------------------------------------


def names(*waiting: Waiting, among: Any = None) -> list[str]:
    return [each.item_id for each in in_order(NOW, waiting, among or queues())]


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


# --- properties ------------------------------------------------------------------------------------------------------

AGENTS = ["a1", "a2", "a3", "a4"]
QUEUES = ["q1", "q2", "q3"]
CHANNELS = [CHAT, PHONE, MAIL]
instants = st.integers(0, 4000).map(ago)
counts = st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 3), max_size=2)


@st.composite
def agent_views(draw: st.DrawFn) -> list[AgentView]:
    return [
        AgentView(
            name,
            draw(st.sampled_from(AgentState)),
            draw(instants),
            draw(st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 4), min_size=1)),
            draw(st.dictionaries(st.sampled_from(QUEUES), st.integers(1, 2))),
            draw(counts),
            draw(st.dictionaries(st.sampled_from(CHANNELS), st.integers(0, 1), max_size=1)),
            draw(st.frozensets(st.sampled_from(["law", "tax"]))),
            draw(st.frozensets(st.sampled_from(["es", "yaqui"]))),
            draw(st.none() | instants),
            draw(st.none() | instants),
            draw(st.booleans()),
        )
        for name in draw(st.lists(st.sampled_from(AGENTS), unique=True))
    ]


@st.composite
def waiting_items(draw: st.DrawFn) -> list[Waiting]:
    return [
        Waiting(
            f"i{number}",
            draw(st.sampled_from([*QUEUES, "gone"])),
            WorkKind.conversation,
            draw(st.sampled_from(CHANNELS)),
            draw(st.sampled_from(Priority)),
            draw(instants),
            draw(instants),
            draw(st.none() | st.sampled_from(["es", "yaqui", "seri"])),
            draw(st.frozensets(st.sampled_from(["law", "tax"]), max_size=1)),
            draw(st.none() | st.sampled_from(AGENTS)),
            draw(st.none() | st.sampled_from(AGENTS)),
            draw(st.none() | st.just(NOW + timedelta(seconds=5))),
            draw(st.dictionaries(st.sampled_from(AGENTS), instants, max_size=2)),
            draw(st.frozensets(st.sampled_from([Flag.crisis_life, Flag.call_me]), max_size=1)),
            draw(st.frozensets(st.sampled_from(QUEUES), max_size=1)),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


queue_maps = st.fixed_dictionaries(
    {
        name: st.builds(
            QueueView,
            st.just(name),
            st.floats(0, 5),
            st.sampled_from(Strategy),
            st.just(30),
            st.none() | st.sampled_from([*QUEUES, "gone"]),
            st.integers(0, 100),
            st.floats(0, 2),
            st.booleans(),
        )
        for name in QUEUES
    }
)
policies = st.builds(Policy, st.integers(1, 3), st.booleans(), st.just(300), st.just(60))


class Books:
    """A second, plain opinion on capacity, kept by counting."""

    def __init__(self, agents: list[AgentView], policy: Policy) -> None:
        self.policy = policy
        self.agents = {each.agent_id: each for each in agents}
        self.taken = {each.agent_id: Counter(each.load) + Counter(each.offered) for each in agents}
        self.offers = {each.agent_id: sum(each.offered.values()) for each in agents}

    def fits(self, name: str, channel: Channel) -> bool:
        view = self.agents[name]
        capacity = view.capacity.get(channel, 0)
        if not (view.connected and view.state is AgentState.available and capacity):
            return False
        counted = [
            each for each in self.taken[name] if self.policy.voice_excludes_text or each.is_voice == channel.is_voice
        ]
        used = sum(self.taken[name][each] / max(1, view.capacity.get(each, 1)) for each in counted)
        return self.offers[name] < self.policy.max_offers and used + 1 / capacity < 1.0001

    def give(self, name: str, channel: Channel) -> None:
        self.taken[name][channel] += 1
        self.offers[name] += 1

    def able(self, waiting: Waiting) -> list[str]:
        return [
            name
            for name, view in self.agents.items()
            if waiting.queue_id in view.queues
            and (waiting.language is None or waiting.language in view.languages)
            and waiting.skills <= view.skills
        ]


@settings(max_examples=150)
@given(waiting=waiting_items(), agents=agent_views(), among=queue_maps, policy=policies)
def test_each_item_gets_one_decision_and_no_agent_more_than_the_capacity_allows(
    waiting: list[Waiting], agents: list[AgentView], among: dict[str, QueueView], policy: Policy
) -> None:
    decisions = decide(NOW, waiting, agents, among, policy)
    assert [each.item_id for each in decisions] == [each.item_id for each in in_order(NOW, waiting, among)]
    by_id = {each.item_id: each for each in waiting}
    books = Books(agents, policy)
    for decision in decisions:
        current = by_id[decision.item_id]
        match decision:
            case Offer(agent_id=name, reason=reason):
                assert books.fits(name, current.channel) or (current.is_crisis and reason["rule"] == "crisis")
                assert books.offers[name] <= policy.max_offers
                books.give(name, current.channel)
            case Overflow(to_queue_id=target):
                assert target in among and target != current.queue_id and target not in current.visited_queue_ids
            case Skip(code=code) if code not in (SkipCode.queue_closed, SkipCode.not_yet, SkipCode.waiting_for_agent):
                # Nobody who meets its needs is free: whoever is first in order and can be served, is served (P13).
                assert not [name for name in books.able(current) if books.fits(name, current.channel)]


@settings(max_examples=40)
@given(waiting=waiting_items(), agents=agent_views(), among=queue_maps, policy=policies, seed=st.integers())
def test_the_answer_does_not_depend_on_the_order_of_the_input(
    waiting: list[Waiting], agents: list[AgentView], among: dict[str, QueueView], policy: Policy, seed: int
) -> None:
    expected = decide(NOW, waiting, agents, among, policy)
    shuffled = random.Random(seed)
    shuffled.shuffle(waiting)
    shuffled.shuffle(agents)
    assert decide(NOW, waiting, agents, among, policy) == expected


@settings(max_examples=30)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 40))
def test_a_backlog_drains_in_order_and_nobody_is_passed_over(seed: int, count: int) -> None:
    """Serve one at a time as capacity appears: with equal priorities the order of arrival is the order of serving."""
    source = random.Random(seed)
    waiting = [item(f"i{number:02}", source.randint(0, 5000)) for number in range(count)]
    expected = names(*waiting)
    served: list[str] = []
    while waiting:
        (offer,) = [each for each in decide(NOW, waiting, [agent()], queues()) if isinstance(each, Offer)]
        served.append(offer.item_id)
        waiting = [each for each in waiting if each.item_id != offer.item_id]
    assert served == expected


# --- waits -----------------------------------------------------------------------------------------------------------


def test_the_estimate_grows_with_the_place_and_shrinks_with_the_agents() -> None:
    times = [300.0] * 10
    assert estimate_wait_s(1, times, 1) == 300
    assert estimate_wait_s(4, times, 2) == 600
    assert estimate_wait_s(4, times, 12) == 100


def test_one_forgotten_chat_does_not_frighten_everybody() -> None:
    assert estimate_wait_s(1, [300.0] * 19 + [86_400.0], 1) == 300


def test_nothing_is_promised_without_agents_or_without_experience() -> None:
    assert estimate_wait_s(1, [300.0] * 10, 0) is None
    assert estimate_wait_s(1, [300.0] * 4, 3) is None
    with pytest.raises(ValueError):
        estimate_wait_s(0, [300.0] * 10, 1)


@given(st.lists(st.floats(0, 1e5), min_size=5, max_size=60), st.integers(1, 50), st.integers(1, 50))
def test_an_estimate_is_never_negative_and_never_above_the_worst_case(
    times: list[float], position: int, slots: int
) -> None:
    wait = estimate_wait_s(position, times, slots)
    assert wait is not None
    assert 0 <= wait <= position * max(times) / slots + 1e-6


def test_free_places_count_only_members_who_are_at_work() -> None:
    crew = [
        agent("a", load={CHAT: 1}),
        agent("b", state=AgentState.paused),
        agent("c", queues={"q2": 1}),
        agent("d", load={PHONE: 1}),
        agent("e", connected=False),
        agent("f", capacity={PHONE: 1}),
        agent("g", offered={CHAT: 3}, load={CHAT: 0}),
    ]
    assert free_slots(crew, "q1", CHAT) == (2, 9)
