"""What did not get through to citizens and waits for a decision. No words, no names: whoever may read, opens."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.live import views
from contact_center.rules import access
from contact_center.rules.access import Reach, Scope
from contact_center.store import outbox as store
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

MAX_ROWS: Final = 200


async def undelivered(request: Request) -> Response:
    """Messages that failed or are in doubt, the newest first: everybody's, or those of one's own conversations."""
    house, actor = house_of(request), auth.actor_of(request)
    everything = access.scope(actor, "outbox.manage") is Reach.all
    async with house.db.read() as conn:
        rows = await store.undelivered(conn, limit=MAX_ROWS)
    shown = [row for row in rows if everything or row.owner_id == actor.id]
    return inputs.json(
        {
            "rows": [
                {
                    "message": row.message_id,
                    "conversation": row.conversation_id,
                    "channel": row.channel,
                    "medium": row.medium,
                    "state": row.state,
                    "error": row.last_error,
                    "attempts": row.attempts,
                    "at": views.ms(row.created_at),
                    "agent": row.owner_id,
                    "readable": access.can(
                        actor, "conversation.read", Scope(owner_id=row.owner_id, restricted=row.restricted)
                    ),
                }
                for row in shown
            ]
        }
    )


routes: list[BaseRoute] = [auth.get("/api/v1/outbox", undelivered, "outbox.manage")]
