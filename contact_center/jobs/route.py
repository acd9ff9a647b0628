"""The router: whenever something happened, and each second anyway, decide who is offered what.

It reads, `rules.routing` decides, and each decision is a verb that compares and sets. Two nodes may route at once:
one of them wins each item.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import anyio
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.actions.engine import MakeOffer, MoveQueue, Skips
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.writer import Writer
from contact_center.errors import ContactCenterError
from contact_center.live.hub import Hub
from contact_center.live.views import is_connected
from contact_center.ports import Clock
from contact_center.rules import hours, routing
from contact_center.rules.model import AgentState, Channel, Flag, Priority, WorkKind
from contact_center.rules.options import Options
from contact_center.rules.routing_model import AgentView, Offer, Overflow, Policy, QueueView, Skip, Strategy, Waiting
from contact_center.store import calls as call_store
from contact_center.store import hours as hours_store
from contact_center.store import options as option_store
from contact_center.store import work as store
from contact_center.store.db import Database
from contact_center.store.types import from_us

IDLE_S = 1.0
"""How late a decision can be when no nudge came."""

log = structlog.get_logger(__name__)


class Router:
    """Serve with `run()` inside the process's task group."""

    def __init__(self, db: Database, writer: Writer, hub: Hub, clock: Clock) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._woken = hub.listen()

    async def run(self) -> None:
        """Route until cancelled."""
        while True:
            with anyio.move_on_after(IDLE_S):
                await self._woken.wait()
            self._woken.clear()
            await self.step()

    async def step(self) -> int:
        """Look once and act on every decision; return how many offers and overflows were asked for."""
        now = self._clock.now()
        async with self._db.read() as conn:
            rows = await store.waiting_items(conn)
            if not rows:
                return 0
            queues = await queue_views(conn, now)
            agents = await agent_views(conn, now)
            options = await option_store.load(conn)
        waiting = [_waiting(row) for row in rows]
        decisions = routing.decide(now, waiting, agents, queues, policy_of(options))
        noted = {row.id: row.skipped for row in rows}
        skips: list[tuple[str, str]] = []
        acted = 0
        for decision in decisions:
            try:
                match decision:
                    case Offer():
                        acted += 1
                        await self._writer.submit(
                            SYSTEM,
                            "engine.offer",
                            MakeOffer(
                                item_id=decision.item_id,
                                agent_id=decision.agent_id,
                                expires_at=decision.expires_at,
                                reason=dict(decision.reason),
                            ),
                        )
                    case Overflow():
                        acted += 1
                        body = MoveQueue(
                            item_id=decision.item_id, to_queue_id=decision.to_queue_id, reason=dict(decision.reason)
                        )
                        await self._writer.submit(SYSTEM, "engine.overflow", body)
                    case Skip():
                        if noted.get(decision.item_id) != decision.code.value:
                            skips.append((decision.item_id, decision.code.value))
            except ContactCenterError as error:
                log.warning("routing_refused", code=error.code)
        if skips:
            await self._writer.submit(SYSTEM, "engine.skip", Skips(rows=tuple(skips[:500])))
        return acted


def policy_of(options: Options) -> Policy:
    return Policy(voice_excludes_text=not options.chats_beside_call)


async def queue_views(conn: AsyncConnection, now: datetime) -> dict[str, QueueView]:
    """Return every queue as the rules want it."""
    calendars = await hours_store.load(conn)
    return {
        row.id: QueueView(
            queue_id=row.id,
            priority=float(row.priority),
            strategy=Strategy(row.strategy),
            offer_timeout_s=row.offer_timeout_s,
            overflow_queue_id=row.overflow_queue_id,
            overflow_after_s=row.overflow_after_s or 0,
            is_open=hours.is_open(calendars[row.calendar_id], now),
        )
        for row in await store.all_queues(conn)
    }


async def agent_views(conn: AsyncConnection, now: datetime) -> list[AgentView]:
    """Return everybody who may be offered something, with what they hold and were offered."""
    levels: dict[str, dict[str, int]] = {}
    for queue_id, user_id, level in await store.memberships(conn):
        levels.setdefault(user_id, {})[queue_id] = level
    load: dict[str, dict[Channel, int]] = {}
    for owner, channel, _state, count in await store.loads(conn):
        mine = load.setdefault(owner, {})
        mine[Channel(channel)] = mine.get(Channel(channel), 0) + count
    offered: dict[str, dict[Channel, int]] = {}
    for row in await store.open_offers(conn):
        mine = offered.setdefault(row.agent_id, {})
        mine[Channel(row.channel)] = mine.get(Channel(row.channel), 0) + 1
    for agent_id in await call_store.consulted(conn):  # their telephone rings: nothing else is for them meanwhile
        mine = offered.setdefault(agent_id, {})
        mine[Channel.phone] = mine.get(Channel.phone, 0) + 1
    return [
        AgentView(
            agent_id=row.id,
            state=AgentState(row.state),
            since=row.since,
            capacity=_capacity(row),
            queues=levels[row.id],
            load=load.get(row.id, {}),
            offered=offered.get(row.id, {}),
            skills=frozenset(row.skills),
            languages=frozenset({"es", *row.languages}),
            last_offer_at=row.last_offer_at,
            idle_since=row.idle_since,
            connected=is_connected(row.seen_at, now),
            has_device=row.phone_at is not None,
        )
        for row in await store.agents(conn)
        if row.state is not None and row.id in levels
    ]


def _capacity(row: Any) -> dict[Channel, int]:
    text = {channel: row.capacity_chat for channel in Channel if not channel.is_voice}
    return {**text, Channel.phone: row.capacity_voice}


def _waiting(row: Any) -> Waiting:
    return Waiting(
        item_id=row.id,
        queue_id=row.queue_id,
        kind=WorkKind(row.kind),
        channel=Channel(row.channel),
        priority=Priority(row.priority),
        enqueued_at=row.enqueued_at,
        queue_entered_at=row.queued_at,
        language=row.language,
        skills=frozenset(row.skills),
        preferred_agent_id=row.preferred_agent_id,
        direct_agent_id=row.direct_agent_id,
        direct_until=row.direct_until,
        declined_by={agent: from_us(at_us) for agent, at_us in row.declined},
        flags=flags_of(row.flags),
        needs_device=bool(row.needs_device),
        visited_queue_ids=frozenset(row.visited_queue_ids),
    )


def flags_of(names: Sequence[str]) -> frozenset[Flag]:
    known = set(Flag)
    return frozenset(Flag(name) for name in names if name in known)


async def places(conn: AsyncConnection, now: datetime) -> list[Waiting]:
    """Return every waiting item, first served first: where a citizen's place in line comes from."""
    rows = await store.waiting_items(conn)
    return routing.in_order(now, [_waiting(row) for row in rows], await queue_views(conn, now)) if rows else []
