"""Who is there: agents' states with reasons, heartbeats, and what happens when an agent is gone."""

from typing import Literal

from pydantic import Field

from contact_center.actions import captures, conversations, desk, work
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Invalid
from contact_center.rules.catalogues import PAUSE_REASONS
from contact_center.store import calls as call_store
from contact_center.store import conversations as chat_store
from contact_center.store import work as store

_REASONS = frozenset(reason.code for reason in PAUSE_REASONS)


class SetState(Body):
    """An agent's state. `reason` is a code of the pause reasons, needed for a pause."""

    state: Literal["available", "paused", "offline"]
    reason: str | None = Field(default=None, max_length=40)


@verb("agent.set_state", action="agent.set_state")
async def set_state(tx: Tx, body: SetState) -> Answer:
    """Change one's own state; the time in each is kept. What is held stays held."""
    if body.state == "paused" and body.reason not in _REASONS:
        raise Invalid("invalid", fields={"reason": "unknown"})
    current = await store.get_status(tx.conn, tx.actor.id)
    reason = body.reason if body.state == "paused" else None
    if current is None or (current.state, current.reason) != (body.state, reason):
        await store.set_status(tx.conn, tx.actor.id, state=body.state, reason=reason, now=tx.now, log_id=tx.ids.new())
        tx.emit("agent.changed", user=tx.actor.id)
    await store.change_status(tx.conn, tx.actor.id, seen_at=tx.now)
    return {"agent": {"id": tx.actor.id, "state": body.state, "reason": reason}}


class Beat(Body):
    """Who has a socket open on this node."""

    user_ids: tuple[str, ...] = ()
    visitor_ids: tuple[str, ...] = ()


@verb("presence.beat", action="agent.set_state", door="system")
async def beat(tx: Tx, body: Beat) -> Answer:
    """Renew the leases of everybody connected to a node."""
    await chat_store.seen_agents(tx.conn, body.user_ids, tx.now_us)
    await chat_store.touch_visitors(tx.conn, body.visitor_ids, tx.now_us)
    return {}


class Joined(Body):
    """An agent whose first socket just opened."""

    user_id: str


@verb("presence.joined", action="agent.set_state", door="system")
async def joined(tx: Tx, body: Joined) -> Answer:
    """Record that an agent is here; somebody new starts offline until they say otherwise."""
    status = await store.get_status(tx.conn, body.user_id)
    if status is None:
        await store.set_status(tx.conn, body.user_id, state="offline", reason=None, now=tx.now, log_id=tx.ids.new())
    await store.change_status(tx.conn, body.user_id, seen_at=tx.now)
    tx.emit("agent.changed", user=body.user_id)
    return {}


class Lost(Body):
    """An agent nobody has heard of for the whole grace."""

    user_id: str


@verb("presence.lost", action="agent.set_state", door="system")
async def lost(tx: Tx, body: Lost) -> Answer:
    """Give back what an absent agent holds, at the head of its queue; each citizen is told once (PROMISES P12)."""
    options = await tx.options()
    status = await store.get_status(tx.conn, body.user_id)
    if status is None or status.state == "offline":
        return {}
    seen = status.seen_at or status.since
    if (tx.now - seen).total_seconds() < options.agent_grace_s:
        return {}
    await store.set_status(tx.conn, body.user_id, state="offline", reason="gone", now=tx.now, log_id=tx.ids.new())
    await store.change_status(tx.conn, body.user_id, phone_at=None)
    items = await store.held_by(tx.conn, body.user_id)
    for item in items:
        if item.state == "wrap_up":
            await captures.open_finding(tx, item.interaction_id)
            await desk.leave_wrap_up(tx, item, "wrap_up_expired")
            continue
        if item.kind in {"call", "callback"} and await call_store.open_of(tx.conn, item.interaction_id) is not None:
            continue  # they may well be talking: the line does not need the console
        await work.put_back(tx, item, event="release", how="agent_gone", from_agent_id=body.user_id)
        if item.conversation_id and item.channel != "phone":
            row = await chat_store.get(tx.conn, item.conversation_id)
            await conversations.say(tx, row, "agent_gone", "agente_desconectado")
    if items:
        await work.alert(
            tx,
            "agent_gone",
            subject=body.user_id,
            item=None,
            level="warning",
            data={"agent": body.user_id, "items": len(items)},
        )
    tx.emit("agent.changed", user=body.user_id)
    return {}
