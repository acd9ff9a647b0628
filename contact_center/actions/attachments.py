"""Attachments: an upload is stored first and belongs to its sender alone; a message claims it when it is sent."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Invalid, Missing, TooMany
from contact_center.rules.folios import OFFICE_ZONE
from contact_center.rules.sight import contact_scope
from contact_center.store import attachments as store
from contact_center.store import register


class StoredFile(Body):
    """A file whose bytes are stored already. Made by the upload endpoints, never by a client."""

    conversation_id: str | None = Field(default=None, max_length=36)
    name: str = Field(min_length=1, max_length=255)
    media_type: str = Field(max_length=100)
    size_bytes: int = Field(gt=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


@verb("attachment.store", action="conversation.reply", door="house")
async def store_for_staff(tx: Tx, body: StoredFile) -> Answer:
    """Record a file that the holder of a conversation is about to send. Raises Missing for anybody else."""
    if body.conversation_id is None:
        raise Missing
    row = await register.get_contact(tx.conn, body.conversation_id)
    if row is None:
        raise Missing
    tx.check_visible("conversation.reply", contact_scope(row, frozenset(), tx.actor))
    return await _add(tx, body, conversation_id=row.id, user_id=tx.actor.id)


@verb("attachment.store_visitor", action="chat.use", door="house")
async def store_for_visitor(tx: Tx, body: StoredFile) -> Answer:
    """Record a citizen's file. Raises TooMany `upload_quota` when the day's number is used up."""
    await check_quota(tx, tx.actor.id)
    return await _add(tx, body, visitor_id=tx.actor.id)


async def check_quota(tx: Tx, visitor_id: str) -> None:
    """Raise TooMany `upload_quota` when a visitor sent the day's number of files. Days are those of Hermosillo."""
    options = await tx.options()
    if await store.sent_since(tx.conn, visitor_id, day_start(tx.now)) >= options.uploads_per_day:
        raise TooMany("upload_quota", retry_after_s=seconds_to_midnight(tx.now))


def day_start(now: datetime) -> datetime:
    """Return the first instant of the office's day."""
    zone = ZoneInfo(OFFICE_ZONE)
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def seconds_to_midnight(now: datetime) -> int:
    """Return how long the office's day still lasts, at least 1."""
    return max(1, int((day_start(now) + timedelta(days=1) - now).total_seconds()))


async def _add(tx: Tx, body: StoredFile, **owner: Any) -> Answer:
    attachment_id = tx.ids.new()
    await store.add(
        tx.conn,
        {
            "id": attachment_id,
            "name": body.name,
            "media_type": body.media_type,
            "size_bytes": body.size_bytes,
            "sha256": body.sha256,
            "blob": body.sha256,
            "at": tx.now,
            **owner,
        },
    )
    return {
        "attachment": {
            "id": attachment_id,
            "name": body.name,
            "media_type": body.media_type,
            "size_bytes": body.size_bytes,
            "state": "stored",
        }
    }


async def claim_attachments(
    tx: Tx,
    ids: Sequence[str],
    conversation_id: str,
    message_id: str,
    *,
    visitor_id: str | None = None,
    user_id: str | None = None,
) -> None:
    """Give uploads to the message they are sent with, all or none.

    Raises Invalid `attachment_unknown` when one is not the sender's own, was sent before, or is another conversation's.
    """
    assert (visitor_id is None) != (user_id is None)
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return
    claimed = await store.claim(
        tx.conn,
        wanted,
        conversation_id=conversation_id,
        message_id=message_id,
        visitor_id=visitor_id,
        user_id=user_id,
    )
    if claimed != len(wanted):
        raise Invalid("attachment_unknown")


class SweepUploads(Body):
    """Nothing but the moment."""


UNCLAIMED_S = 86_400
"""How long an upload may wait for the message it was made for."""


@verb("uploads.sweep", action="attachment.read", door="system")
async def sweep_uploads(tx: Tx, body: SweepUploads) -> Answer:
    """Forget uploads that were never sent. Idempotent. Answers the `files` that may go, once this is committed."""
    before = tx.now - timedelta(seconds=UNCLAIMED_S)
    return {"files": await store.drop_unclaimed(tx.conn, before), "before": tx.now_us - UNCLAIMED_S * 1_000_000}
