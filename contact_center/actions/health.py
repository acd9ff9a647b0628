"""The test write behind /health/ready."""

from pydantic import Field
from sqlalchemy import delete, insert

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.store.schema import throttles


class Probe(Body):
    """Which node asks."""

    node: str = Field(max_length=60)


@verb("health.probe", action="session.use", door="system")
async def probe(tx: Tx, body: Probe) -> Answer:
    """Write one row that says when this node could last store anything."""
    await tx.conn.execute(delete(throttles).where(throttles.c.scope == "health", throttles.c.key == body.node))
    await tx.conn.execute(insert(throttles).values(scope="health", key=body.node, failures=0, first_at=tx.now))
    return {}
