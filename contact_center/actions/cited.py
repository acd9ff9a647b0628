"""A letter that cites a folio in its subject belongs to that petition, whatever thread its program put it into.

Our answers carry the folio in their subject, and people's answers bring it back. A folio that this very address has had
a contact about is linked with the new contact by itself; any other is only shown to the agent: anybody can write one.
"""

import re
from typing import Any, Final

from contact_center.actions import captures, folio_query
from contact_center.actions.kernel import Tx
from contact_center.actions.petition_record import add_follow_up, attach, emit, restrict
from contact_center.rules.folios import find_last4
from contact_center.rules.textfold import fold
from contact_center.store import folio_query as query_store
from contact_center.store import petitions as store
from contact_center.store import register

QUESTION_MAX: Final = 160
"""Characters of a letter that only asks; a longer one is read by a person, whatever the house answers."""
_ANSWERS: Final = re.compile(r"\s*(?:re|rv|fwd?|aw)\s*(?:\[\d+\])?:", re.IGNORECASE)
_ASKS: Final = re.compile(r"\?|\b(?:estado|estatus|status|seguimiento|avances?|informes?|como va|que paso)\b")


def as_question(subject: str, text: str) -> str:
    """Return what of a letter may be a question about a folio: with its subject, unless that only answers ours.

    Empty for a letter that names a folio and asks nothing: whoever adds to a petition writes to a person.
    """
    whole = text if _ANSWERS.match(subject) else f"{subject}\n{text}"
    return whole if _ASKS.search(fold(whole)) or find_last4(text) else ""


def only_asks(subject: str, text: str) -> bool:
    """Say whether the house's answer is all that a letter wants."""
    asks = _ASKS.search(fold(f"{subject}\n{text}")) is not None or not any(one.isalpha() for one in text)
    return asks and len(text) <= QUESTION_MAX


async def find(tx: Tx, subject: str) -> Any | None:
    """Return the first petition that a subject cites and that exists."""
    for folio in folio_query.folio_format(await tx.options()).find_all(subject)[:3]:
        found = await query_store.find(tx.conn, folio.year, folio.number)
        if found is not None:
            return await store.get(tx.conn, found.folio)
    return None


async def follow(tx: Tx, row: Any, interaction_id: str) -> None:
    """Link a cited petition with the contact of the visitor who acts, if they had one about it before. Idempotent."""
    if not await store.was_about(tx.conn, row.folio, tx.actor.id):
        return
    if await store.find_link(tx.conn, row.folio, interaction_id) is not None:
        return  # also one that a person has undone
    contact = await register.get_contact(tx.conn, interaction_id)
    assert contact is not None
    await attach(tx, contact, row.folio, "linked", None)
    await add_follow_up(
        tx, row.folio, "linked", "La persona respondió por correo.", origin="citizen", interaction_id=interaction_id
    )
    if row.confidential:
        await restrict(tx, contact, row.accused_user_id)
    await captures.recheck(tx, interaction_id)
    await emit(tx, row.folio, extra_contact=contact)
