"""Today's figures and the story of one item, for supervisors. A day is cut at 00:00 America/Hermosillo."""

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.model import Channel, Direction
from contact_center.store.schema import conversations, events, interactions, offers, queues, segments

ZONE = ZoneInfo("America/Hermosillo")
NO_FIGURES: dict[str, Any] = {
    "offered": 0,
    "answered": 0,
    "abandoned": 0,
    "short_abandoned": 0,
    "service_level": None,
    "asa_s": None,
    "longest_wait_s": None,
    "open": 0,
}
SHORT_ABANDON_S = 10
"""Left before this was never waiting for us (FEATURES §4, chat)."""


def day_start(now: datetime) -> datetime:
    """Return when today began, by the office's clock."""
    return now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)


async def today(conn: AsyncConnection, now: datetime) -> dict[str, Any]:
    """Return today's figures: of each queue, of each agent, and of all.

    A chat is answered by the first human message, a call when an agent is on the line (FEATURES §4). What we began is
    not offered to us.
    """
    start = day_start(now)
    query = (
        select(
            interactions.c.queue_id,
            conversations.c.queued_at,
            case(
                (interactions.c.channel == Channel.phone, interactions.c.answered_at),
                else_=conversations.c.first_reply_at,
            ).label("answered_at"),
            conversations.c.closed_at,
            conversations.c.state,
            queues.c.target_s,
        )
        .join(conversations, conversations.c.id == interactions.c.id)
        .join(queues, queues.c.id == interactions.c.queue_id)
        .where(
            interactions.c.started_at >= start,
            interactions.c.direction == Direction.inbound,
            conversations.c.queued_at.is_not(None),
        )
    )
    by_queue: dict[str, list[Any]] = defaultdict(list)
    for row in await conn.execute(query):
        by_queue[row.queue_id].append(row)
    everything = [row for rows in by_queue.values() for row in rows]
    return {
        "queues": {queue_id: _figures(rows) for queue_id, rows in by_queue.items()},
        "agents": await _agents(conn, start),
        "all": _figures(everything) if everything else NO_FIGURES,
    }


def _figures(rows: list[Any]) -> dict[str, Any]:
    waits = [(row.answered_at - row.queued_at).total_seconds() for row in rows if row.answered_at]
    left = [
        (row.closed_at - row.queued_at).total_seconds()
        for row in rows
        if row.state == "abandoned" and row.closed_at and not row.answered_at
    ]
    short = [one for one in left if one < SHORT_ABANDON_S]
    within = [1 for row, wait in _answered(rows) if wait <= row.target_s]
    over = len(waits) + len(left) - len(short)
    return {
        "offered": len(rows),
        "answered": len(waits),
        "abandoned": len(left),
        "short_abandoned": len(short),
        "service_level": None if over == 0 else len(within) / over,
        "asa_s": None if not waits else sum(waits) / len(waits),
        "longest_wait_s": max([*waits, *left], default=None),
        "open": sum(1 for row in rows if row.closed_at is None),
    }


def _answered(rows: list[Any]) -> list[tuple[Any, float]]:
    return [(row, (row.answered_at - row.queued_at).total_seconds()) for row in rows if row.answered_at]


async def _agents(conn: AsyncConnection, start: datetime) -> dict[str, dict[str, Any]]:
    query = select(segments.c.agent_id, segments.c.started_at, segments.c.ended_at, segments.c.wrap_ended_at).where(
        segments.c.started_at >= start
    )
    spans: dict[str, list[float]] = defaultdict(list)
    for agent_id, began, ended, wrapped in await conn.execute(query):
        if ended is not None:
            spans[agent_id].append(((wrapped or ended) - began).total_seconds())
    return {agent: {"handled": len(times), "aht_s": sum(times) / len(times)} for agent, times in spans.items()}


async def decisions(conn: AsyncConnection, item_id: str) -> list[dict[str, Any]]:
    """Return the story of an item, oldest first: what happened, to whom, and the router's reason where it decided."""
    reasons = {
        row.id: (row.agent_id, row.reason)
        for row in await conn.execute(
            select(offers.c.id, offers.c.agent_id, offers.c.reason).where(offers.c.work_item_id == item_id)
        )
    }
    query = (
        select(events.c.at, events.c.type, events.c.user_id, events.c.queue_id, events.c.data, events.c.actor)
        .where(events.c.item_id == item_id, events.c.type.like("work.%") | (events.c.type == "decision.skipped"))
        .order_by(events.c.id)
    )
    story = []
    for row in await conn.execute(query):
        data = row.data or {}
        agent, reason = reasons.get(data.get("offer", ""), (row.user_id, None))
        kind = row.type.removeprefix("work.").removeprefix("decision.")
        if kind in {"changed"}:
            continue
        story.append(
            {
                "at": row.at,
                "kind": kind,
                "agent": agent,
                "queue": row.queue_id,
                "actor": row.actor,
                "reason": reason or data.get("reason") or ({"code": data["code"]} if "code" in data else {}),
                "how": data.get("how"),
            }
        )
    return story
