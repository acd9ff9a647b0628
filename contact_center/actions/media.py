"""Files that a provider holds: noted with their message, copied in by a job, deleted there after our fsync (P34)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal

from pydantic import Field

from contact_center.actions import attachments, conversations, outbox
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import TooMany
from contact_center.files import safe_name
from contact_center.rules.messaging import InboundMedia
from contact_center.store import attachments as attachment_store
from contact_center.store import conversations as chat_store
from contact_center.store import inbound as store

LEASE_S: Final = 120
TRIES: Final = 8
_NAMES: Final[Mapping[str, str]] = {
    "image/jpeg": "imagen.jpg",
    "image/png": "imagen.png",
    "image/webp": "imagen.webp",
    "application/pdf": "documento.pdf",
    "audio/ogg": "nota-de-voz.ogg",
    "audio/mpeg": "audio.mp3",
    "audio/mp4": "audio.m4a",
    "audio/amr": "nota-de-voz.amr",
    "video/mp4": "video.mp4",
}


def rows_of(tx: Tx, source: str, files: Sequence[InboundMedia]) -> list[dict[str, Any]]:
    """Return the rows of files to fetch; their names are made safe here, whatever a stranger wrote."""
    return [
        {
            "id": tx.ids.new(),
            "source": source,
            "kind": one.kind.value,
            "ref": dict(one.ref),
            "name": safe_name(one.name) if one.name else _NAMES.get(one.media_type.partition(";")[0], "archivo"),
            "media_type": one.media_type[:100],
            "size_bytes": one.size_bytes,
            "state": "waiting",
            "next_at": tx.now,
            "at": tx.now,
        }
        for one in files
    ]


def view_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the thread shows of a file that is not here yet."""
    return {"id": row["id"], "kind": row["kind"], "name": row["name"], "state": "arriving"}


async def add(tx: Tx, rows: Sequence[Mapping[str, Any]], message_id: str, conversation_id: str) -> None:
    """Note the files of a message that was just stored."""
    await store.add_media(
        tx.conn, [{**row, "message_id": message_id, "conversation_id": conversation_id} for row in rows]
    )


class ClaimMedia(Body):
    """The channels whose files this node can fetch, and how many at once."""

    sources: tuple[str, ...] = Field(max_length=50)
    limit: int = Field(ge=1, le=50)


@verb("media.claim", action="attachment.read", door="system")
async def claim(tx: Tx, body: ClaimMedia) -> Answer:
    """Lease files to fetch, and stored ones to delete at their provider."""
    until = tx.now + timedelta(seconds=LEASE_S)
    due = await store.media_due(tx.conn, body.sources, tx.now, body.limit)
    return {"files": [_leased(row) for row in due if await store.lease_media(tx.conn, row, until=until)]}


def _leased(row: Any) -> dict[str, Any]:
    return {
        "id": row.id,
        "epoch": row.lease_epoch + 1,
        "attempts": row.attempts + 1,
        "source": row.source,
        "stored": row.state == "stored",
        "kind": row.kind,
        "ref": row.ref,
        "name": row.name,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
    }


class SettleMedia(Body):
    """What became of a file. The bytes of a stored one are on disk already."""

    id: str = Field(max_length=36)
    epoch: int = Field(ge=1)
    outcome: Literal["stored", "removed", "again", "refused", "failed"]
    why: str | None = Field(default=None, max_length=40)
    again_in_s: float = Field(default=0, ge=0, le=86_400)
    name: str | None = Field(default=None, max_length=255)
    media_type: str | None = Field(default=None, max_length=100)
    size_bytes: int | None = Field(default=None, gt=0)
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


@verb("media.settle", action="attachment.read", door="system")
async def settle(tx: Tx, body: SettleMedia) -> Answer:
    """Write what became of a file and show it in the thread. Idempotent: only the last lease may."""
    row = await store.get_media(tx.conn, body.id)
    if row is None or row.lease_epoch != body.epoch:
        return {}
    if body.outcome in ("removed", "again"):
        back = "stored" if row.state == "stored" else "waiting"
        values: dict[str, Any] = {"state": back, "next_at": tx.now + timedelta(seconds=body.again_in_s)}
        if body.outcome == "removed" or (back == "stored" and row.attempts >= 3 * TRIES):
            values = {"state": "removed" if body.outcome == "removed" else "kept", "next_at": None}
        await store.settle_media(tx.conn, row.id, epoch=body.epoch, **values)
        return {}
    message = await chat_store.get_message(tx.conn, row.message_id)
    assert message is not None
    outcome, why = body.outcome, body.why
    if outcome == "stored":
        try:
            await attachments.check_quota(tx, message.author_id)
        except TooMany:
            outcome, why = "refused", "quota"
    values = {"state": outcome, "why": why, "next_at": tx.now if outcome == "stored" else None, "attempts": 0}
    if outcome == "stored":
        values["attachment_id"] = await _attach(tx, row, message, body)
    if not await store.settle_media(tx.conn, row.id, epoch=body.epoch, **values):
        return {}
    await _show(tx, message, row.id, outcome, why)
    if outcome == "refused":
        await _explain(tx, row)
    return {}


async def _attach(tx: Tx, row: Any, message: Any, body: SettleMedia) -> str:
    attachment_id = tx.ids.new()
    await attachment_store.add(
        tx.conn,
        {
            "id": attachment_id,
            "conversation_id": row.conversation_id,
            "message_id": message.id,
            "visitor_id": message.author_id,
            "name": body.name,
            "media_type": body.media_type,
            "size_bytes": body.size_bytes,
            "sha256": body.sha256,
            "blob": body.sha256,
            "at": tx.now,
        },
    )
    return attachment_id


async def _show(tx: Tx, message: Any, media_id: str, state: str, why: str | None) -> None:
    """Bring the thread's line about a file up to date; a stored one is among the attachments from now on."""
    files = [one for one in (message.data or {}).get("media", []) if one["id"] != media_id or state != "stored"]
    shown = [{**one, "state": state, "why": why} if one["id"] == media_id else one for one in files]
    await chat_store.change_message(tx.conn, message.id, data={**(message.data or {}), "media": shown})
    outbox.tell_changed(tx, message)


async def _explain(tx: Tx, row: Any) -> None:
    """Tell the citizen that a file was not taken, and which are."""
    chat = await chat_store.get(tx.conn, row.conversation_id)
    if chat is not None and chat.is_open:
        megas = (await tx.options()).upload_max_bytes // (1024 * 1024)
        await conversations.say(tx, chat, "file_refused", "archivo_no_admitido", archivo=row.name, megas=megas)
