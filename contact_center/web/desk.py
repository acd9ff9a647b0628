"""What the console reads: the snapshot it starts with, threads, the floor, why an item went where it went."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.accounts import me_view
from contact_center.actions.conversations import scope_of
from contact_center.actions.kernel import Tx
from contact_center.errors import Missing
from contact_center.live import petition_views, snapshot, views
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.store import conversations as store
from contact_center.store import floor as floor_store
from contact_center.store import work as work_store
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

THREAD_ACTIONS = (
    "conversation.reply",
    "conversation.note",
    "conversation.whisper",
    "conversation.close",
    "conversation.flag",
    "conversation.watch",
    "work.transfer",
    "work.assign",
    "work.take_over",
    "work.wrap_up",
    "petition.create",
    "petition.link",
    "citizen.edit",
)

_NOT_IN_A_CALL = frozenset({"conversation.reply", "conversation.close"})
"""Nobody writes to a citizen in a call, and it ends when its line does."""


async def console_snapshot(request: Request) -> Response:
    """Everything a console starts with, and the cursor its events go on from."""
    house = house_of(request)
    session = auth.session_of(request)
    async with house.db.read() as conn:
        found = await snapshot.console(conn, auth.actor_of(request), house.clock.now())
    return inputs.json({**found, "me": me_view(session)})


class Page(BaseModel):
    """Which part of a thread."""

    model_config = ConfigDict(extra="forbid")

    before: int | None = Field(default=None, ge=1)


async def thread(request: Request) -> Response:
    """One conversation as staff see it. Reading a restricted one is recorded."""
    actor = auth.actor_of(request)
    house = house_of(request)
    page = inputs.query(request, Page)
    async with house.db.read() as conn:
        row, item, scope = await readable(conn, actor, request.path_params["id"], house.clock.now(), house.ids)
        found = await snapshot.thread(conn, row, item.id if item else None, house.clock.now(), before=page.before)
        found["citizen"] = await petition_views.citizen(conn, row.citizen_id) if row.citizen_id else None
        found["petitions"] = await petition_views.rows_of_interaction(conn, row.id, actor)
        spoken = _NOT_IN_A_CALL if row.channel == "phone" else frozenset()
        found["can"] = [one for one in THREAD_ACTIONS if one not in spoken and access.can(actor, one, scope)]
        interaction = await work_store.get_interaction(conn, row.id)
        assert interaction is not None
        found["draft_capture"] = {
            "disposition": interaction.disposition,
            "no_petition_reason": interaction.no_petition_reason,
            "note": interaction.note,
            "topic": interaction.topic,
        }
    if row.restricted:
        await record_reading(request, "conversation", row.id)
    return inputs.json(found)


async def readable(
    conn: AsyncConnection, actor: Actor, conversation_id: str, now: datetime, ids: Any
) -> tuple[Any, Any | None, access.Scope]:
    """Return (conversation, its newest item, its access facts). Raises Missing for what the actor may not read."""
    row = await store.get(conn, conversation_id)
    if row is None:
        raise Missing
    item = await work_store.open_item_of(conn, row.id)
    scope = await scope_of(Tx(conn, now, ids, actor), row, item)
    if not access.can(actor, "conversation.read", scope):
        raise Missing
    return row, item or await work_store.latest_item_of(conn, row.id), scope


async def record_reading(request: Request, kind: str, object_id: str) -> None:
    """Write down that somebody read a restricted record."""
    from contact_center.actions.office import Reading

    body = Reading(action=f"{kind}.read", object_kind=kind, object_id=object_id)
    await house_of(request).writer.submit(auth.actor_of(request), "access.record", body)


async def floor(request: Request) -> Response:
    """The floor as supervisors follow it: queues, agents, every open item, alerts and today's figures."""
    house = house_of(request)
    now = house.clock.now()
    async with house.db.read() as conn:
        found = await snapshot.console(conn, auth.actor_of(request), now)
        today = await floor_store.today(conn, now)
    figures = today["queues"]
    return inputs.json(
        {
            "cursor": found["cursor"],
            "now": found["now"],
            "queues": [{**queue, **figures.get(queue["id"], floor_store.NO_FIGURES)} for queue in found["queues"]],
            "agents": [{**agent, **today["agents"].get(agent["id"], {})} for agent in found["agents"]],
            "items": found["items"],
            "alerts": found["alerts"],
            "today": today["all"],
        }
    )


async def decisions(request: Request) -> Response:
    """Why an item went where it went: every offer with the router's reason, every move, every wait with its cause."""
    house = house_of(request)
    async with house.db.read() as conn:
        item = await work_store.get_item(conn, request.path_params["item"])
        if item is None:
            raise Missing
        rows = await floor_store.decisions(conn, item.id)
    return inputs.json({"rows": [{**row, "at": views.ms(row["at"])} for row in rows]})


routes: list[BaseRoute] = [
    auth.get("/api/v1/console/snapshot", console_snapshot, auth.SIGNED_IN),
    auth.get("/api/v1/conversations/{id}", thread, "conversation.read"),
    auth.get("/api/v1/floor", floor, "floor.read"),
    auth.get("/api/v1/work/{item}/decisions", decisions, "floor.read"),
]
