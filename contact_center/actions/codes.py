"""Continuity codes: issued once, used once, guessed in vain. Who says one goes on with the conversation it is of."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

from contact_center.actions.kernel import Tx, actor_key
from contact_center.rules import continuity
from contact_center.store import codes as store
from contact_center.store import conversations as chat_store
from contact_center.store import throttles
from contact_center.store import work as work_store
from contact_center.store.throttles import Throttle


def hash_code(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def issue(tx: Tx, conversation_id: str) -> str:
    """Return a new code for a conversation; those issued before are void."""
    await store.void(tx.conn, conversation_id, tx.now)
    code = continuity.make(hashlib.sha256(tx.ids.token().encode()).digest())
    await store.add(
        tx.conn,
        {
            "id": tx.ids.new(),
            "code_hash": hash_code(code),
            "conversation_id": conversation_id,
            "by_user": tx.actor.id,
            "at": tx.now,
            "expires_at": tx.now + timedelta(seconds=continuity.VALID_S),
        },
    )
    return code


async def redeem(tx: Tx, row: Any, code: str) -> Any | None:
    """Bind a conversation to the one a code is of: whose it is, and which agent knows it. None for a wrong code.

    Five wrong codes lock whoever guesses for 15 minutes; the answer is the same.
    """
    key = hashlib.sha256(f"{actor_key(tx.actor)}:{row.visitor_id or row.id}".encode()).hexdigest()[:40]
    known = next(iter(await throttles.find(tx.conn, "continuity", [key])), None)
    if known is not None and known.locked_until is not None and known.locked_until > tx.now:
        return None
    found = await store.use(tx.conn, hash_code(code), now=tx.now, used_in=row.id)
    if found is None or found == row.id:
        await _miss(tx, key, known)
        return None
    if known is not None:
        await throttles.forget(tx.conn, "continuity", key)
    origin = await chat_store.get(tx.conn, found)
    assert origin is not None
    await chat_store.change(tx.conn, row.id, previous_id=origin.id)
    if row.citizen_id is None and origin.citizen_id is not None:
        await work_store.change_interaction(tx.conn, row.id, citizen_id=origin.citizen_id)
    item = await work_store.open_item_of(tx.conn, row.id)
    if item is not None and item.state == "waiting" and origin.agent_id is not None:
        await work_store.change_item(tx.conn, item.id, preferred_agent_id=origin.agent_id)
    if item is not None:
        tx.emit("work.changed", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)
    tx.emit("conversation.changed", conversation=row.id)
    return origin


async def _miss(tx: Tx, key: str, known: Throttle | None) -> None:
    since = tx.now - timedelta(seconds=continuity.LOCK_S)
    if known is None or known.first_at < since:
        known = Throttle(key, 0, tx.now, None)
    failures = known.failures + 1
    locked = tx.now + timedelta(seconds=continuity.LOCK_S) if failures >= continuity.MISSES else None
    await throttles.save(tx.conn, "continuity", replace(known, failures=failures, locked_until=locked))
