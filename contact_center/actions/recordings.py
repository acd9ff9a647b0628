"""Recordings and voicemails: announced, copied in with their hash, then removed at the provider, kept by rule.

The provider's copy is deleted only after ours is on disk and committed (PROMISES P34); every step may run again.
"""

from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import Field
from sqlalchemy.exc import IntegrityError

from contact_center.actions import call_orders, calls, work
from contact_center.actions.call_contact import make
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.rules.calls import EventKind, Fact, Mode
from contact_center.rules.identity import Phone, PhoneKind
from contact_center.rules.model import Direction
from contact_center.store import calls as call_store
from contact_center.store import recordings as store

LEASE_S: Final = 120
"""Longer than copying the longest recording may take."""
DAYS: Final = 90
"""For how long a recording is kept whose queue is gone."""
MAX_TRIES: Final = 12
"""A day and a half of trying, with the back-off of `jobs.recordings`; then a person has to look."""


class Keep(Body):
    """A recording that the provider holds."""

    provider: str = Field(max_length=20)
    provider_id: str = Field(min_length=1, max_length=64)
    provider_call_id: str = Field(min_length=1, max_length=64)
    kind: Literal["recording", "voicemail"]
    seconds: int = Field(ge=0, le=86_400)


@verb("recording.keep", action="call.use", door="system")
async def keep(tx: Tx, body: Keep) -> Answer:
    """Note a recording to be copied. Idempotent on the provider's id.

    A voicemail is a fact about its call; one that came in while we could not answer makes its call.
    """
    known = await store.by_provider(tx.conn, body.provider, body.provider_id)
    if known is not None:
        return {"recording_id": known.id, "call_id": known.call_id}
    call = await call_store.by_provider(tx.conn, body.provider, body.provider_call_id)
    call = call or await call_store.by_leg(tx.conn, body.provider, body.provider_call_id)
    if call is None:
        call = await make(
            tx,
            direction=Direction.inbound,
            phone=Phone(PhoneKind.anonymous),
            mode=Mode.browser,
            provider=body.provider,
            provider_call_id=body.provider_call_id,
            started_at=tx.now - timedelta(seconds=body.seconds),
            found_late=True,
        )
    recording_id = tx.ids.new()
    try:
        async with tx.conn.begin_nested():
            await store.add(
                tx.conn,
                {
                    "id": recording_id,
                    "call_id": call.id,
                    "kind": body.kind,
                    "provider": body.provider,
                    "provider_id": body.provider_id,
                    "state": "announced",
                    "seconds": body.seconds,
                    "next_at": tx.now,
                    "at": tx.now,
                },
            )
    except IntegrityError:  # another delivery was faster
        known = await store.by_provider(tx.conn, body.provider, body.provider_id)
        assert known is not None
        return {"recording_id": known.id, "call_id": known.call_id}
    if body.kind == "voicemail":
        left = Fact(f"message:{body.provider_id}", EventKind.message_left, tx.now, timed=False)
        await calls.add_facts(tx, call, [left])
    return {"recording_id": recording_id, "call_id": call.id}


class Claim(Body):
    """How many recordings a node works on at once."""

    limit: int = Field(ge=1, le=20)


@verb("recording.claim", action="call.use", door="system")
async def claim(tx: Tx, body: Claim) -> Answer:
    """Lease what is to be copied in or removed at the provider."""
    leased = []
    for row in await store.due(tx.conn, tx.now, body.limit):
        if await store.lease(tx.conn, row.id, attempts=row.attempts, until=tx.now + timedelta(seconds=LEASE_S)):
            one = {"id": row.id, "state": row.state, "provider": row.provider, "provider_id": row.provider_id}
            leased.append({**one, "attempts": row.attempts + 1})
    return {"recordings": leased}


class Stored(Body):
    """A recording whose bytes are on our disk, synced."""

    id: str = Field(max_length=36)
    attempts: int = Field(ge=1)
    media_type: str = Field(max_length=60)
    size_bytes: int = Field(ge=1)
    sha256: str = Field(min_length=64, max_length=64)


@verb("recording.stored", action="call.use", door="system")
async def stored(tx: Tx, body: Stored) -> Answer:
    """Write down that our copy is safe; from now on the provider's may go. Idempotent."""
    row = await store.get(tx.conn, body.id)
    if row is None or row.state != "announced":
        return {}
    days = await store.days_of(tx.conn, row.call_id)
    done = await store.settle(
        tx.conn,
        body.id,
        attempts=body.attempts,
        known_as="announced",
        values={
            "state": "stored",
            "media_type": body.media_type,
            "size_bytes": body.size_bytes,
            "sha256": body.sha256,
            "blob": body.sha256,
            "stored_at": tx.now,
            "attempts": 0,
            "next_at": tx.now,
            "expires_at": tx.now + timedelta(days=days or DAYS),
        },
    )
    if done:
        await call_orders.tell(tx, await call_store.get(tx.conn, row.call_id))
    return {"stored": done}


class Removed(Body):
    """A recording that is gone at the provider."""

    id: str = Field(max_length=36)


@verb("recording.removed", action="call.use", door="system")
async def removed(tx: Tx, body: Removed) -> Answer:
    """Write down that the provider's copy is gone. Idempotent."""
    row = await store.get(tx.conn, body.id)
    if row is not None and row.state == "stored":
        await store.change(tx.conn, row.id, state="removed_there", removed_there_at=tx.now, next_at=None)
    return {}


class Failed(Body):
    """A try that did not work. `again_in_s` None: it never will."""

    id: str = Field(max_length=36)
    attempts: int = Field(ge=1)
    again_in_s: float | None = Field(default=None, ge=0, le=86_400)
    error: str = Field(max_length=80)


@verb("recording.failed", action="call.use", door="system")
async def failed(tx: Tx, body: Failed) -> Answer:
    """Try again later, or give up and ring for the supervisors: a voicemail nobody can hear is a call to return."""
    row = await store.get(tx.conn, body.id)
    if row is None or row.attempts != body.attempts or row.state not in ("announced", "stored"):
        return {}
    if body.again_in_s is not None and row.attempts < MAX_TRIES:
        await store.change(tx.conn, row.id, next_at=tx.now + timedelta(seconds=body.again_in_s))
        return {}
    state = "failed" if row.state == "announced" else "removed_there"
    await store.change(tx.conn, row.id, state=state, next_at=None)
    data: dict[str, Any] = {"recording": row.id, "call": row.call_id, "kind": row.kind, "error": body.error}
    await work.alert(tx, "recording_lost", subject=row.id, item=None, level="warning", data=data)
    return {"given_up": True}


class Expire(Body):
    """Nothing but the moment."""


@verb("recordings.expire", action="call.use", door="system")
async def expire(tx: Tx, body: Expire) -> Answer:
    """Forget recordings whose time is over; answers the files that nobody needs any more. Idempotent."""
    files = []
    for row in await store.expired(tx.conn, tx.now):
        await store.change(tx.conn, row.id, state="expired", blob=None)
        if row.blob is not None and not await store.is_kept(tx.conn, row.blob):
            files.append(row.blob)
    return {"files": files, "before": tx.now_us}
