"""What every action on a petition shares: finding it and its contact, checked; its history; who is told."""

from typing import Any

from contact_center.actions.kernel import Tx
from contact_center.errors import Invalid, Missing
from contact_center.rules import access, faces
from contact_center.rules.lifecycle import by_of
from contact_center.rules.sight import contact_scope, petition_scope
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import citizens as citizen_store
from contact_center.store import petitions as store
from contact_center.store import register
from contact_center.store import work as work_store


async def load(tx: Tx, folio: str, action: str) -> Any:
    """Return a petition the actor may do `action` to. Raises Missing when they may not even see it, else Denied."""
    row = await store.get(tx.conn, folio)
    if row is None:
        raise Missing
    scope = petition_scope(row, tx.actor)
    tx.check_visible("petition.read", scope)
    tx.check(action, scope)
    return row


async def get_contact(tx: Tx, interaction_id: str | None) -> Any | None:
    """Return the contact a petition is made or linked in. Raises Missing unless it is the actor's to work on."""
    if interaction_id is None:
        return None
    row = await register.get_contact(tx.conn, interaction_id)
    if row is None:
        raise Missing
    scope = contact_scope(row, await register.holders_of(tx.conn, row.id), tx.actor)
    if not (access.can(tx.actor, "conversation.note", scope) or access.can(tx.actor, "capture.read", scope)):
        raise Missing
    return row


async def attach(tx: Tx, contact: Any, folio: str, relation: str, citizen: Any | None) -> None:
    await store.add_link(
        tx.conn,
        {"folio": folio, "interaction_id": contact.id, "relation": relation, "by_user": tx.actor.id, "at": tx.now},
    )
    if citizen is not None and contact.citizen_id is None:
        await citizen_store.set_interaction_citizen(tx.conn, contact.id, citizen.id)
        tx.emit("citizen.changed", conversation=contact.id, user=contact.owner_id, citizen=citizen.id)
        tx.emit("conversation.changed", conversation=contact.id)


async def mark_contact(tx: Tx, contact: Any, flag: str) -> None:
    """Put a mark on the contact a petition was taken in, and on its open item. Idempotent."""
    row = await work_store.get_interaction(tx.conn, contact.id)
    assert row is not None
    if flag in row.flags:
        return
    flags = [*row.flags, flag]
    await work_store.change_interaction(tx.conn, contact.id, flags=flags)
    if contact.item_id is not None:
        await work_store.change_item(tx.conn, contact.item_id, flags=flags)


async def restrict(tx: Tx, contact: Any, accused_user_id: str | None) -> None:
    """What is said in confidence is as restricted in the contact as in the petition."""
    row = await work_store.get_interaction(tx.conn, contact.id)
    assert row is not None
    flags = [*row.flags, "restricted"] if "restricted" not in row.flags else list(row.flags)
    values: dict[str, Any] = {"flags": flags, "restricted": True}
    if accused_user_id is not None:
        values["accused_user_id"] = accused_user_id
    await work_store.change_interaction(tx.conn, contact.id, **values)
    if contact.item_id is not None:
        await work_store.change_item(tx.conn, contact.item_id, flags=flags)


async def add_follow_up(
    tx: Tx,
    folio: str,
    kind: str,
    text: str,
    *,
    visible: bool = False,
    origin: str = "internal",
    interaction_id: str | None = None,
) -> str:
    """Append to a petition's history; nothing in it is ever changed."""
    follow_up_id = tx.ids.new()
    await store.add_follow_up(
        tx.conn,
        {
            "id": follow_up_id,
            "folio": folio,
            "at": tx.now,
            "author_id": tx.actor.id,
            "origin": origin,
            "kind": kind,
            "text": text,
            "visible": visible,
            "interaction_id": interaction_id,
        },
    )
    await store.touch(tx.conn, folio, tx.now)
    return follow_up_id


async def emit(tx: Tx, folio: str, *, extra_contact: Any | None = None) -> None:
    """Tell every open thread that shows a petition, and who answers for it, that it changed."""
    row = await store.get(tx.conn, folio)
    assert row is not None
    told: set[str] = set()
    for one in await store.open_contacts_of(tx.conn, folio):
        told.add(one.interaction_id)
        tx.emit("petition.changed", conversation=one.interaction_id, user=row.responsible_id, folio=folio)
        tx.emit(
            "work.changed",
            item=one.item_id,
            conversation=one.conversation_id,
            user=one.owner_id,
            queue=one.queue_id,
        )
    if extra_contact is not None and extra_contact.id not in told:
        tx.emit("petition.changed", conversation=extra_contact.id, user=row.responsible_id, folio=folio)
    elif not told:
        tx.emit("petition.changed", user=row.responsible_id, folio=folio)


def words(text: str, limit: int, field: str) -> str:
    """Return what a person wrote, as it is stored. Raises Invalid with the field."""
    try:
        return safe_text(text, limit, field=field)
    except TextRefused as error:
        raise Invalid(
            "fields", fields={field: error.code.removeprefix(f"{field}_").replace("empty", "required")}
        ) from error


async def view(tx: Tx, folio: str) -> dict[str, Any]:
    row = await store.get(tx.conn, folio)
    assert row is not None
    return faces.petition(row, tx.now)


async def row_view(tx: Tx, folio: str) -> dict[str, Any] | None:
    found = await store.get_rows(tx.conn, [folio])
    return faces.petition_row(found[0], tx.now) if found else None


def by(tx: Tx) -> Any:
    return by_of(tx.actor.kind, tx.actor.roles)
