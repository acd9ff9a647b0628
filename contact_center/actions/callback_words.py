"""What a citizen is told of a promised call, where they can be told, and what the agent says to them."""

from datetime import datetime, timedelta
from typing import Any, Final

from contact_center.actions import callback_sms, conversations
from contact_center.actions.kernel import Tx
from contact_center.rules.callbacks import Told
from contact_center.rules.faces import ms
from contact_center.rules.when import in_words
from contact_center.store import conversations as chat_store
from contact_center.store import work as work_store

_TEXTS: Final = {
    "promised": "retorno_prometido",
    "moved": "retorno_movido",
    "cancelled": "retorno_cancelado",
    "not_reached": "retorno_sin_respuesta",
}
REACHABLE_DAYS: Final = 30
"""How long after its last word a conversation is still a place where somebody reads."""


async def chat_of(tx: Tx, row: Any) -> Any | None:
    """Return the conversation in which the citizen of a callback can be written to; None when there is none."""
    after = tx.now - timedelta(days=REACHABLE_DAYS)
    if row.visitor_id is not None:
        latest = await chat_store.latest_of_visitor(tx.conn, row.visitor_id)
        return await chat_store.get(tx.conn, latest) if latest else None
    if row.origin_id is not None:
        origin = await chat_store.get(tx.conn, row.origin_id)
        if origin is not None and origin.channel != "phone":
            return origin
    contact = await work_store.get_interaction(tx.conn, row.id)
    citizen_id = contact.citizen_id if contact is not None else None
    found = await chat_store.latest_written_of(tx.conn, citizen_id, after) if citizen_id else None
    return await chat_store.get(tx.conn, found) if found else None


async def _wants_none(tx: Tx, chat: Any) -> bool:
    """Say whether the citizen stopped messages in this channel: what nobody will read must not count as told."""
    if chat.source is None:
        return False
    visitor = await chat_store.get_visitor(tx.conn, chat.visitor_id)
    return visitor.opted_out_at is not None


async def tell(tx: Tx, row: Any, what: str, at: datetime | None = None, until: datetime | None = None) -> Told:
    """Tell a citizen what became of a promised call, in their channel and language; return how, `none` for no way.

    Who was not reached and never wrote is sent an SMS, where the office has that channel.
    """
    chat = await chat_of(tx, row)
    if chat is None and what == "not_reached":
        chat = await callback_sms.open_chat(tx, row)
    if chat is None or await _wants_none(tx, chat):
        return Told.none
    locale = chat.locale if chat.locale in ("es", "en") else "es"
    words = "" if at is None else in_words(at, tx.now, until=until, zone=row.zone, locale=locale)
    data: dict[str, Any] = {"callback": row.id, "at": ms(at), "until": ms(until)}
    named = {"es": f" Su folio es {row.folio}.", "en": f" Your folio is {row.folio}."}[locale] if row.folio else ""
    await conversations.say(tx, chat, f"callback_{what}", _TEXTS[what], data=data, cuando=words, con_folio=named)
    return Told.sms if chat.channel == "sms" else Told.chat
