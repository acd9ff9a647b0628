"""What a message takes along besides its words, when its channel has a place for it: subject, folio, quotation."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from contact_center.actions.kernel import Tx
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.model import Channel
from contact_center.store import envelopes as store

_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


async def extra_of(tx: Tx, row: Any) -> dict[str, Any]:
    """Return what the channel gets with a row of the outbox: what the agent chose, and what the conversation says."""
    extra: dict[str, Any] = dict(row.extra or {})
    limits = tx.limits.get(row.channel)
    if limits is None or limits.medium is not Channel.email:
        return extra
    letter = await store.letter(tx.conn, row.conversation_id, row.message_id)
    if letter is None:
        return extra
    extra.setdefault("subject", letter.subject or "")
    if letter.folio:
        extra["folio"] = letter.folio
    if letter.author_kind == "system":
        extra["automatic"] = True
    if extra.pop("quote", False) and letter.said:
        extra |= {"quote": letter.said, "quote_head": _head(letter.said_at, letter.locale)}
    return extra


def _head(at: datetime, locale: str) -> str:
    """Return the line above a quotation, as mail programs write it."""
    local = at.astimezone(ZoneInfo(OFFICE_ZONE))
    if locale == "en":
        return f"On {local:%Y-%m-%d} at {local:%H:%M} you wrote:"
    return f"El {local.day} de {_MONTHS[local.month - 1]} de {local.year} a las {local:%H:%M} usted escribió:"
