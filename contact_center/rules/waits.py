"""How long the wait is: free places and an honest estimate. Pure; re-exported by `rules.routing`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from contact_center.rules.model import AgentState, Channel
from contact_center.rules.routing_model import AgentView

FULL: Final = 1.0 + 1e-9
"""A whole agent, with room for the rounding of thirds."""


def estimate_wait_s(position: int, handling_s: Sequence[float], slots: int, *, at_least: int = 5) -> float | None:
    """Seconds until the person at `position` (1 is next) is answered, or None when nothing honest can be said.

    `handling_s` are the recent times from accepting to the end of wrap-up; `slots` is how many contacts the agents who
    are now at work can hold at once, busy or not. One place moves up every mean handling time / slots. The longest
    tenth is cut down to the 90th percentile, so that one forgotten chat does not frighten everybody. Needs `at_least`
    recent contacts. Raises `ValueError` for a position below 1.
    """
    if position < 1:
        raise ValueError("position starts at 1")
    if slots < 1 or len(handling_s) < at_least:
        return None
    times = sorted(max(0.0, one) for one in handling_s)
    ceiling = times[(len(times) * 9 - 1) // 10]
    return position * sum(min(one, ceiling) for one in times) / len(times) / slots


def free_slots(agents: Iterable[AgentView], queue_id: str, channel: Channel) -> tuple[int, int]:
    """(free, all) places for `channel` with the connected, available members of a queue."""
    free = total = 0
    for agent in agents:
        capacity = agent.capacity.get(channel, 0)
        if queue_id in agent.queues and agent.connected and agent.state is AgentState.available and capacity > 0:
            total += capacity
            free += max(0, int((FULL - _use(agent)) * capacity))
    return free, total


def _use(agent: AgentView) -> float:
    """The part of the agent's attention that is taken: 1.0 is full."""
    used = 0.0
    for counts in (agent.load, agent.offered):
        for channel, count in counts.items():
            if count > 0:
                used += count / max(1, agent.capacity.get(channel, 1))
    return used
