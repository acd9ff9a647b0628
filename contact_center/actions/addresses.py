"""Whose an address is: a Telegram id, a number, a mailbox belong to a person only when somebody said so.

A telephone and a mailbox may be shared, so they never decide alone (DOMAIN §2.9 rule 4).
"""

from typing import Any

from sqlalchemy import insert

from contact_center.actions.kernel import Tx
from contact_center.rules import identity
from contact_center.rules.messaging import InboundMessage
from contact_center.store import citizens as citizen_store
from contact_center.store import conversations as store
from contact_center.store import inbound as inbound_store
from contact_center.store.schema import consents


async def visitor_for(tx: Tx, event: InboundMessage) -> Any:
    """Return the visitor that an address stands for, a new one the first time."""
    found = await inbound_store.visitor_at(tx.conn, event.channel, event.address)
    if found is not None:
        await store.lock_visitors(tx.conn, [found.id])
        if event.phone is not None and event.phone != found.phone:
            await store.change_visitor(tx.conn, found.id, phone=event.phone)
        return found
    visitor_id = tx.ids.new()
    await inbound_store.add_visitor(
        tx.conn,
        {
            "id": visitor_id,
            # Nobody holds this capability: it only keeps the column's promise.
            "token_hash": bytes.fromhex(_hash(tx.ids.token())),
            "name": _name(event.name),
            "phone": event.phone,
            "email": event.email,
            "locale": "en" if event.locale.lower().startswith("en") else "es",
            "notice_version": "",
            "notice_at": tx.now,
            "client_id": visitor_id,
            "created_at": tx.now,
            "seen_at": tx.now,
            "channel": tx.limits[event.channel].medium.value,
            "source": event.channel,
            "address": event.address,
        },
    )
    found = await inbound_store.visitor_at(tx.conn, event.channel, event.address)
    assert found is not None
    return found


def _hash(token: str) -> str:
    from hashlib import sha256

    return sha256(token.encode()).hexdigest()


def _name(raw: str) -> str | None:
    """Return a profile's name fit to show; None for one that shows nothing. A provider's word is never refused."""
    try:
        return identity.clean_name(raw[:2_000])[:120] if raw.strip() else None
    except ValueError:
        cleaned = "".join(c for c in raw[:400] if c.isprintable() and not 0xD800 <= ord(c) <= 0xDFFF)[:120].strip()
        try:
            return identity.clean_name(cleaned) if cleaned else None
        except ValueError:
            return None


async def whose(tx: Tx, visitor: Any) -> str | None:
    """Return the person that an address is known to belong to; None when it may also be somebody else's."""
    if visitor.source is None or visitor.citizen_id is None:
        return None
    root = await citizen_store.root_of(tx.conn, visitor.citizen_id)
    if root is None:
        return None
    limits = tx.limits.get(visitor.source)
    if limits is not None and limits.personal:
        return root
    family = await citizen_store.family_of(tx.conn, root)
    shared = await citizen_store.others_at(tx.conn, family, phone=visitor.phone, email=visitor.email)
    return None if shared else root


async def link(tx: Tx, visitor_id: str | None, citizen_id: str | None) -> None:
    """Note that a person said whose an address is; None takes it back. The web chat's browsers belong to nobody."""
    if visitor_id is None:
        return
    visitor = await store.get_visitor(tx.conn, visitor_id)
    if visitor.source is None or visitor.citizen_id == citizen_id:
        return
    await inbound_store.link_visitor(
        tx.conn,
        visitor.id,
        citizen_id=citizen_id,
        linked_by=tx.actor.id if citizen_id else None,
        linked_at=tx.now if citizen_id else None,
    )


async def note_notice(tx: Tx, visitor: Any, version: str) -> None:
    """Write down that the privacy notice was shown: version, instant and channel. Idempotent."""
    await store.change_visitor(tx.conn, visitor.id, notice_version=version, notice_at=tx.now)
    if await citizen_store.has_consent(tx.conn, visitor.id, "notice", version):
        return
    await tx.conn.execute(
        insert(consents).values(
            id=tx.ids.new(),
            visitor_id=visitor.id,
            kind="notice",
            version=version,
            channel=visitor.channel,
            at=tx.now,
        )
    )
