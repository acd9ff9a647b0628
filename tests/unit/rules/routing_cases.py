"""A queue, an agent and an item to start from, shared by the tests of the queue engine."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contact_center.rules.model import AgentState, Channel, Priority, WorkKind
from contact_center.rules.routing import (
    AgentView,
    Decision,
    Offer,
    Policy,
    QueueView,
    Skip,
    SkipCode,
    Waiting,
    decide,
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


def names(*waiting: Waiting, among: Any = None) -> list[str]:
    return [each.item_id for each in in_order(NOW, waiting, among or queues())]
