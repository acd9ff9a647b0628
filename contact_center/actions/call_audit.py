"""The audit of calls: what ended and says nothing of how is in somebody's list ten minutes later."""

from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import captures, desk
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Missing
from contact_center.rules.access import Scope
from contact_center.store import call_records as store
from contact_center.store import captures as capture_store

QUIET_S: Final = 600
"""How long after its end a call may lack its result (PROMISES P33)."""


MISSED_DAYS: Final = 30
"""How far back a missed call that nobody is to return is still asked about."""


class Audit(Body):
    """The contacts to look at again."""

    interactions: tuple[str, ...] = Field(max_length=500)


@verb("calls.audit", action="call.use", door="system")
async def audit(tx: Tx, body: Audit) -> Answer:
    """Put calls without a disposition into their agent's list. Idempotent: what is listed or captured stays."""
    since = tx.now - timedelta(seconds=QUIET_S)
    silent = set(await store.without_disposition(tx.conn, since))
    missed = set(await store.missed_without_callback(tx.conn, tx.now - timedelta(days=MISSED_DAYS), since))
    opened = [one for one in body.interactions if one in silent and await captures.open_finding(tx, one)]
    opened += [one for one in body.interactions if one in missed and await captures.open_finding(tx, one, store.MISSED)]
    return {"opened": len(opened)}


async def due_now(conn: Any, now: datetime) -> list[str]:
    """Return the contacts of calls that should have a result, or somebody to call back, by now; for the timers."""
    since = now - timedelta(seconds=QUIET_S)
    silent = await store.without_disposition(conn, since)
    missed = await store.missed_without_callback(conn, now - timedelta(days=MISSED_DAYS), since)
    return [*silent, *missed][:500]


class AssignFinding(Body):
    """A finding, and in whose list it belongs."""

    finding_id: str = Field(max_length=36)
    user_id: str = Field(max_length=36)


@verb("finding.assign", action="work.assign")
async def assign(tx: Tx, body: AssignFinding) -> Answer:
    """Give an open finding to somebody, who may then read and capture its contact (supervisors). Idempotent."""
    row = await capture_store.get_finding(tx.conn, body.finding_id)
    if row is None:
        raise Missing
    scope = Scope(
        owner_id=row.agent_id,
        queue_ids=frozenset({row.queue_id} - {None}),
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
    )
    tx.check_visible("work.assign", scope)
    await desk.check_can_hold(tx, body.user_id)
    if row.closed_at is not None or not await store.give_finding(tx.conn, row.id, body.user_id):
        raise Conflict("finding_closed")
    if row.agent_id == body.user_id:
        return {}
    if row.agent_id is not None:  # it leaves the list it was in
        tx.emit("finding.closed", user=row.agent_id, finding=row.id, interaction=row.interaction_id)
    tx.emit("finding.opened", user=body.user_id, finding=row.id, interaction=row.interaction_id)
    return {}
