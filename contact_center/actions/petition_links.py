"""Folios and contacts, many to many: linked, unlinked with a reason, and never forgotten (DOMAIN §2.9 rule 1)."""

from pydantic import Field

from contact_center.actions import captures
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.petition_record import (
    add_follow_up,
    attach,
    emit,
    get_contact,
    load,
    restrict,
    row_view,
    words,
)
from contact_center.errors import Conflict, Missing
from contact_center.store import petitions as store


class LinkPetition(Body):
    """A folio and the contact it came up in."""

    interaction_id: str = Field(max_length=36)
    folio: str = Field(max_length=40)


@verb("petition.link", action="petition.link")
async def link(tx: Tx, body: LinkPetition) -> Answer:
    """Link a folio that exists with a contact. Idempotent; many folios to many contacts (rule 1)."""
    contact = await get_contact(tx, body.interaction_id)
    assert contact is not None
    row = await load(tx, body.folio, "petition.link")
    if contact.state == "reviewed":
        raise Conflict("capture_reviewed")
    known = await store.find_link(tx.conn, row.folio, contact.id)
    if known is None:
        await attach(tx, contact, row.folio, "linked", None)
    elif known.unlinked_at is None:
        return {"petition": await row_view(tx, row.folio)}
    else:
        await store.change_link(
            tx.conn,
            row.folio,
            contact.id,
            unlinked_at=None,
            unlinked_by=None,
            unlinked_reason=None,
            by_user=tx.actor.id,
            at=tx.now,
        )
    await add_follow_up(tx, row.folio, "linked", "Atención vinculada.", interaction_id=contact.id)
    if row.confidential:
        await restrict(tx, contact, row.accused_user_id)
    await captures.recheck(tx, contact.id)
    await emit(tx, row.folio, extra_contact=contact)
    return {"petition": await row_view(tx, row.folio)}


class UnlinkPetition(LinkPetition):
    """Which link is undone, and why."""

    reason: str = Field(max_length=800)


@verb("petition.unlink", action="petition.link")
async def unlink(tx: Tx, body: UnlinkPetition) -> Answer:
    """Undo a link with a reason; the link stays on record. The contact a folio was born in keeps it: Conflict."""
    contact = await get_contact(tx, body.interaction_id)
    assert contact is not None
    row = await load(tx, body.folio, "petition.link")
    reason = words(body.reason, 200, "reason")
    known = await store.find_link(tx.conn, row.folio, contact.id)
    if known is None or known.unlinked_at is not None:
        raise Missing
    if known.relation == "created":
        raise Conflict("born_here")
    if contact.state == "reviewed":
        raise Conflict("capture_reviewed")
    await store.change_link(
        tx.conn, row.folio, contact.id, unlinked_at=tx.now, unlinked_by=tx.actor.id, unlinked_reason=reason
    )
    await add_follow_up(tx, row.folio, "unlinked", f"Atención desvinculada: {reason}", interaction_id=contact.id)
    await captures.recheck(tx, contact.id)
    await emit(tx, row.folio, extra_contact=contact)
    if contact.item_id is not None:
        tx.emit(
            "work.changed",
            item=contact.item_id,
            conversation=contact.id,
            user=contact.owner_id,
            queue=contact.queue_id,
        )
    return {"petition": await row_view(tx, row.folio)}
