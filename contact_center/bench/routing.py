"""`routing`: one pass of the rule that decides who is offered what, 200 agents and 5,000 waiting."""

import random
from datetime import UTC, datetime, timedelta
from time import perf_counter

from contact_center.bench.model import Effort, Entry
from contact_center.rules.model import AgentState, Channel, Priority, WorkKind
from contact_center.rules.routing import AgentView, Offer, QueueView, Waiting, decide

AGENTS = 200
WAITING = 5_000
BAR_MS = 1.0
"""What a decision may take; there are no raw parts to compare a rule with."""
_NOW = datetime(2026, 11, 24, 16, tzinfo=UTC)
_QUEUES = 8


def run(effort: Effort) -> Entry:
    """Measure milliseconds per decision, and whether four times the line takes four times as long."""
    count = effort.scaled(WAITING)
    agents, queues = _agents(effort.scaled(AGENTS)), {f"q{n}": QueueView(f"q{n}") for n in range(_QUEUES)}
    line, quarter = _line(count), _line(max(1, count // 4))
    whole_s: list[float] = []
    quarter_s: list[float] = []
    offers = 0
    for _ in range(effort.rounds):
        started = perf_counter()
        made = decide(_NOW, line, agents, queues)
        whole_s.append(perf_counter() - started)
        offers = sum(isinstance(one, Offer) for one in made)
        started = perf_counter()
        decide(_NOW, quarter, agents, queues)
        quarter_s.append(perf_counter() - started)
    growth = min(whole_s) / min(quarter_s) / (len(line) / len(quarter))
    best = min(whole_s)
    return Entry(
        "routing",
        "ms per decision",
        "lower",
        [one * 1000 / count for one in whole_s],
        [BAR_MS] * effort.rounds,
        floor=1.0,
        aim=0.1,
        detail={
            "agents": len(agents),
            "waiting": count,
            "decisions_per_s": round(count / best),
            "offers": offers,
            "ms_per_offer": round(best * 1000 / max(1, offers), 4),
            "growth_per_item_from_a_quarter": round(growth, 2),
        },
    )


def _agents(count: int) -> list[AgentView]:
    draw = random.Random(1)
    return [
        AgentView(
            f"a{n:03}",
            AgentState.available,
            _NOW - timedelta(seconds=draw.randint(1, 999)),
            {Channel.web_chat: 3, Channel.phone: 1},
            {f"q{queue}": 1 for queue in draw.sample(range(_QUEUES), 3)},
            idle_since=_NOW - timedelta(seconds=draw.randint(1, 999)),
        )
        for n in range(count)
    ]


def _line(count: int) -> list[Waiting]:
    draw = random.Random(2)
    return [
        Waiting(
            f"i{n:05}",
            f"q{draw.randrange(_QUEUES)}",
            WorkKind.conversation,
            Channel.web_chat,
            draw.choice(list(Priority)),
            _NOW - timedelta(seconds=draw.randint(0, 9_000)),
            _NOW,
        )
        for n in range(count)
    ]
