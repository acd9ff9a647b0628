"""Reading what is restricted leaves a trace: who, what, when, why (DOMAIN §2.2, PROMISES S30)."""

from pydantic import Field

from contact_center.actions import office
from contact_center.actions.kernel import Answer, Body, Tx, verb


class Looked(Body):
    """What was looked at. Made by the endpoints that show it, never by a client."""

    action: str = Field(max_length=60)
    kind: str = Field(max_length=30)
    object_id: str = Field(max_length=60)
    reason: str | None = Field(default=None, max_length=300)


@verb("reading.note", action="session.use", door="house")
async def note(tx: Tx, body: Looked) -> Answer:
    """Record that somebody read something restricted."""
    await office.log_access(tx, body.action, body.kind, body.object_id, body.reason)
    return {}
