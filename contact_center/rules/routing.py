"""Who is offered what, and why: one pure pass over everything that waits.

`decide` gives every waiting item exactly one decision with its reason, so that "why did this go there?" and "why is
this still waiting?" always have an answer. It owns no state: the caller writes the decisions in one transaction and
lets UNIQUE constraints settle races. Linear in waiting items (times the log of the agents): agents are kept in one
heap per kind of requirement, and are never sorted again for an item.

Order of items: crisis first, then points (priority, queue and ageing), then the original time of arrival, so an item
that comes back to its queue is at the place it had. A call needs somebody without a chat: one that waits keeps later
chats from whoever will be free first, or they would pass it over for ever. Sources: DOMAIN §2.5 and §2.9 rules 9 and
13, PROMISES P11, P13.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from contact_center.rules.model import AgentState, Channel, Priority
from contact_center.rules.routing_desks import Desk, Key, Pool, those_able
from contact_center.rules.routing_model import (
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
)
from contact_center.rules.waits import estimate_wait_s, free_slots

__all__ = [
    "DEFAULT_POLICY",
    "PRIORITY_POINTS",
    "AgentView",
    "Decision",
    "Offer",
    "Overflow",
    "Policy",
    "QueueView",
    "Skip",
    "SkipCode",
    "Strategy",
    "Waiting",
    "decide",
    "estimate_wait_s",
    "free_slots",
    "in_order",
]

PRIORITY_POINTS: Final[Mapping[Priority, float]] = MappingProxyType(
    {Priority.low: 0.0, Priority.normal: 10.0, Priority.high: 20.0, Priority.critical: 40.0}
)
"""What a priority is worth; with the default ageing of 1 point a minute, `low` passes a fresh `critical` in 40 min."""

DEFAULT_POLICY: Final = Policy()


def in_order(now: datetime, waiting: Iterable[Waiting], queues: Mapping[str, QueueView]) -> list[Waiting]:
    """The waiting items, first served first. The place of a citizen in a queue comes from this order and no other."""
    return [item for _, item in _ranked(now, waiting, queues)]


def decide(
    now: datetime,
    waiting: Iterable[Waiting],
    agents: Iterable[AgentView],
    queues: Mapping[str, QueueView],
    policy: Policy = DEFAULT_POLICY,
) -> list[Decision]:
    """One decision for every waiting item, in the order of serving.

    No agent is given more than the capacity allows, save by a crisis, which may add one; no item goes to two agents;
    an item whose requirements a free agent meets is never skipped. The same input in any order gives the same answer.
    """
    floor = _Floor(now, agents, queues, policy)
    return [floor.decide(item, points) for points, item in _ranked(now, waiting, queues)]


def _ranked(now: datetime, waiting: Iterable[Waiting], queues: Mapping[str, QueueView]) -> list[tuple[float, Waiting]]:
    ranked: list[tuple[bool, float, datetime, str, Waiting]] = []
    for item in waiting:
        queue = queues.get(item.queue_id)
        points = PRIORITY_POINTS[item.priority]
        if queue is not None:
            waited_s = max(0.0, (now - item.enqueued_at).total_seconds())
            points += queue.priority + queue.ageing * waited_s / 60
        calm = not (item.flags and item.is_crisis)
        ranked.append((calm, -points, item.enqueued_at, item.item_id, item))
    ranked.sort(key=lambda row: row[:4])
    return [(-row[1], row[4]) for row in ranked]


class _Floor:
    """The state of one pass."""

    def __init__(
        self, now: datetime, agents: Iterable[AgentView], queues: Mapping[str, QueueView], policy: Policy
    ) -> None:
        self.now = now
        self.queues = queues
        self.policy = policy
        self.desks = {agent.agent_id: Desk(agent, now) for agent in agents}
        self.members: dict[str, list[Desk]] = {}
        for desk in self.desks.values():
            for queue_id in desk.view.queues:
                self.members.setdefault(queue_id, []).append(desk)
        self.pools: dict[tuple[str, Channel, str | None, frozenset[str], bool], Pool] = {}

    def decide(self, item: Waiting, points: float) -> Decision:
        """The decision for the next item in order."""
        queue = self.queues.get(item.queue_id)
        if queue is None:
            return Skip(item.item_id, SkipCode.queue_unknown)
        crisis = bool(item.flags) and item.is_crisis
        if not crisis:
            if item.not_before is not None and item.not_before > self.now:
                return Skip(item.item_id, SkipCode.not_yet)
            if not queue.is_open:
                return self._overflow(item, queue, SkipCode.queue_closed)
        pool = self._pool(item, queue)
        if item.direct_agent_id is not None:
            direct = self._direct(item, pool)
            if isinstance(direct, Skip):
                return direct
            if direct is not None:
                return self._offer(item, points, pool, direct, "direct")
        if item.preferred_agent_id is not None:
            preferred = pool.members.get(item.preferred_agent_id)
            if (
                preferred is not None
                and preferred.fits(item.channel, self.policy)
                and not self._declined(item, preferred.id)
            ):
                return self._offer(item, points, pool, preferred, "preferred")
        chosen = self._pick(item, pool)
        if chosen is not None:
            return self._offer(item, points, pool, chosen, queue.strategy.value)
        if crisis:
            extra = self._crisis_desk(item, pool)
            if extra is not None:
                return self._offer(item, points, pool, extra, "crisis")
        if item.channel.is_voice and self.policy.voice_excludes_text:
            self._keep_one(pool)
        return self._overflow(item, queue, pool.exhausted or self._why_none(pool))

    def _keep_one(self, pool: Pool) -> None:
        """Let whoever of the pool will be free first run free for the call that waits."""
        if pool.none_to_keep:
            return
        busy_writing = [
            desk
            for desk in pool.members.values()
            if desk.available
            and not desk.kept
            and desk.text
            and not desk.voice
            and desk.view.capacity.get(pool.channel, 0)
        ]
        if busy_writing:
            min(busy_writing, key=lambda desk: (round(desk.text, 9), desk.idle, desk.id)).keep()
        pool.none_to_keep = not busy_writing

    def _pool(self, item: Waiting, queue: QueueView) -> Pool:
        key = (item.queue_id, item.channel, item.language, item.skills, item.needs_device)
        pool = self.pools.get(key)
        if pool is None:
            members = self.members.get(item.queue_id, [])
            if item.needs_device:  # never waived: without one there is nothing to speak into
                members = [desk for desk in members if desk.view.has_device]
            able, waived = those_able(members, item.language, item.skills)
            pool = Pool(queue, item.channel, {desk.id: desk for desk in able}, waived, [], item.needs_device)
            pool.heap = [
                (self._key(desk, pool), desk.version, desk) for desk in able if desk.fits(item.channel, self.policy)
            ]
            heapq.heapify(pool.heap)
            self.pools[key] = pool
        return pool

    def _key(self, desk: Desk, pool: Pool) -> Key:
        """Least is first. Keys only grow during a pass, so an old one in a heap is a safe lower bound."""
        level = float(desk.view.queues.get(pool.queue.queue_id, 0))
        idle = desk.idle.timestamp()
        last = desk.last_offer.timestamp() if desk.last_offer else 0.0
        use = round(desk.voice + desk.text, 9) if pool.queue.strategy is Strategy.least_busy else 0.0
        return (level, use, idle, last, desk.version, desk.id)

    def _pick(self, item: Waiting, pool: Pool) -> Desk | None:
        """The best free agent of the pool; those who declined this item lately only when there is nobody else."""
        if pool.exhausted is not None:
            return None
        heap, aside, chosen = pool.heap, [], None
        while heap:
            _, version, desk = entry = heapq.heappop(heap)
            if version != desk.version:
                if desk.fits(pool.channel, self.policy):
                    heapq.heappush(heap, (self._key(desk, pool), desk.version, desk))
                continue
            aside.append(entry)
            if not (item.declined_by and self._declined(item, desk.id)):
                chosen = desk
                break
        if chosen is None and aside:
            chosen = aside[0][2]
        for entry in aside:
            heapq.heappush(heap, entry)
        if chosen is None:
            pool.exhausted = self._why_none(pool)
        return chosen

    def _direct(self, item: Waiting, pool: Pool) -> Desk | Skip | None:
        """The person it was turned over to; a skip while that person is worth waiting for; None to use the queue."""
        desk = self.desks.get(item.direct_agent_id or "")
        if item.direct_until is not None and self.now < item.direct_until and not item.is_crisis:
            return self._kept(item, desk)
        if desk is None or not desk.available or item.is_crisis or self._declined(item, desk.id):
            return None
        if item.needs_device and not desk.view.has_device:
            return None
        if desk.fits(item.channel, self.policy):
            return desk
        waited_s = (self.now - item.queue_entered_at).total_seconds()
        if desk.view.capacity.get(item.channel, 0) > 0 and waited_s < self.policy.direct_wait_s:
            return Skip(item.item_id, SkipCode.waiting_for_agent)
        return None

    def _kept(self, item: Waiting, desk: Desk | None) -> Desk | Skip | None:
        """Whom an item is kept for, for the time being: that desk or nobody, unless they declined it."""
        if desk is not None and self._declined(item, desk.id):
            return None
        if desk is not None and desk.fits(item.channel, self.policy):
            return desk
        return Skip(item.item_id, SkipCode.waiting_for_agent)

    def _crisis_desk(self, item: Waiting, pool: Pool) -> Desk | None:
        """Somebody for a crisis though all are full: of the queue if possible, else of any queue."""
        for desks in (pool.members.values(), self.desks.values()):
            free = [
                desk
                for desk in desks
                if desk.fits_crisis(item.channel, self.policy)
                and not self._declined(item, desk.id)
                and (desk.view.has_device or not item.needs_device)
            ]
            if free:
                return min(free, key=lambda desk: (round(desk.voice + desk.text, 9), desk.offers, desk.idle, desk.id))
        return None

    def _declined(self, item: Waiting, agent_id: str) -> bool:
        at = item.declined_by.get(agent_id)
        return at is not None and (self.now - at).total_seconds() < self.policy.decline_memory_s

    def _offer(self, item: Waiting, points: float, pool: Pool, desk: Desk, rule: str) -> Offer:
        reason: dict[str, object] = {
            "rule": rule,
            "points": round(points, 2),
            "waited_s": int((self.now - item.enqueued_at).total_seconds()),
            "idle_s": int((self.now - desk.idle).total_seconds()),
            "use": round(desk.use(item.channel, self.policy), 3),
            "able": len(pool.members),
        }
        if pool.waived:
            reason["waived"] = list(pool.waived)
        if item.is_crisis:
            reason["crisis"] = True
        if item.declined_by:
            reason["declined_by"] = len(item.declined_by)
            reason["again"] = desk.id in item.declined_by
        desk.give(item.channel, self.now)
        expires_at = self.now + timedelta(seconds=pool.queue.offer_timeout_s)
        return Offer(item.item_id, desk.id, expires_at, reason)

    def _overflow(self, item: Waiting, queue: QueueView, code: SkipCode) -> Decision:
        """Move on to the overflow queue when its time has come and it is open, else leave the item with `code`."""
        target = self.queues.get(queue.overflow_queue_id or "")
        waited_s = (self.now - item.queue_entered_at).total_seconds()
        if (
            target is None
            or target.queue_id in (queue.queue_id, *item.visited_queue_ids)
            or waited_s < queue.overflow_after_s
            or not (target.is_open or item.is_crisis)
        ):
            return Skip(item.item_id, code)
        return Overflow(item.item_id, target.queue_id, {"rule": "overflow", "waited_s": int(waited_s), "because": code})

    def _why_none(self, pool: Pool) -> SkipCode:
        """Why nobody of the pool is free, said as usefully as one word can."""
        desks = pool.members.values()
        members = self.members.get(pool.queue.queue_id)
        if not members:
            return SkipCode.no_members
        if pool.needs_device and not desks and any(desk.available for desk in members):
            return SkipCode.no_device
        if not any(desk.view.connected and desk.view.state is not AgentState.offline for desk in desks):
            return SkipCode.nobody_connected
        available = [desk for desk in desks if desk.available]
        if not available:
            return SkipCode.nobody_available
        serving = [desk for desk in available if desk.view.capacity.get(pool.channel, 0) > 0]
        if not serving:
            return SkipCode.channel_not_served
        if any(desk.kept and desk.has_room(pool.channel, self.policy) for desk in serving):
            return SkipCode.kept_for_call
        if any(desk.offers >= self.policy.max_offers for desk in serving):
            return SkipCode.offers_pending
        return SkipCode.all_busy
