"""The queue engine on anything: what may never happen; and the honesty of waits."""

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules.model import AgentState, Channel, Flag, Priority, WorkKind
from contact_center.rules.routing import (
    AgentView,
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
from tests.unit.rules.routing_cases import CHAT, MAIL, NOW, PHONE, agent, ago, item, names, queues

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
    calls_left = 0
    for decision in decisions:
        current = by_id[decision.item_id]
        match decision:
            case Offer(agent_id=name, reason=reason):
                assert books.fits(name, current.channel) or (current.is_crisis and reason["rule"] == "crisis")
                assert books.offers[name] <= policy.max_offers
                books.give(name, current.channel)
            case Overflow(to_queue_id=target):
                assert target in among and target != current.queue_id and target not in current.visited_queue_ids
            case Skip(code=SkipCode.kept_for_call):
                # A chat may wait for a call that is before it in order, and each such call keeps one desk at the most.
                free = [name for name in books.able(current) if books.fits(name, current.channel)]
                assert not current.channel.is_voice and len(free) <= calls_left
            case Skip(code=code) if code not in (SkipCode.queue_closed, SkipCode.not_yet, SkipCode.waiting_for_agent):
                # Nobody who meets its needs is free: whoever is first in order and can be served, is served (P13).
                assert not [name for name in books.able(current) if books.fits(name, current.channel)]
        calls_left += current.channel.is_voice and not isinstance(decision, Offer)


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
