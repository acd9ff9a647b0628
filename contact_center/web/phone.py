"""The telephone in the browser: the device's token, whether it is ready, and recordings to be heard."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute

from contact_center.actions.call_contact import scope_of
from contact_center.actions.call_steering import Device
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.office import Reading
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.files import content_disposition
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.faces import ms
from contact_center.store import calls as call_store
from contact_center.store import options as option_store
from contact_center.store import recordings as store
from contact_center.web import auth, inputs
from contact_center.web.house import House, house_of

TOKEN_S: Final = 3_600
"""How long a device's token lasts; the console asks for another before it is over."""
REASON: Final = range(5, 301)
"""Characters of the reason for hearing a restricted recording."""
NAMES: Final = {"audio/wav": "wav", "audio/mpeg": "mp3"}
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "bytes",
}


class Ready(BaseModel):
    """Whether the browser's telephone can be rung now."""

    model_config = ConfigDict(extra="forbid")

    ready: bool


async def device(request: Request) -> Response:
    """Give the token that makes this agent's browser a telephone for an hour, and what supervisors may do in calls."""
    house, actor = house_of(request), auth.actor_of(request)
    if house.telephone is None:
        return inputs.json({"kind": "none", "token": None, "url": None, "expires_at": None})
    token = house.telephone.provider.device_token(actor.id, valid_s=TOKEN_S)
    expires_at = house.clock.now() + timedelta(seconds=TOKEN_S)
    async with house.db.read() as conn:
        options = await option_store.load(conn)
    allowed = {"listen": options.calls_listen, "whisper": options.calls_whisper, "barge": options.calls_barge}
    found = {"kind": house.telephone.kind, "token": token, "url": house.telephone.device_url}
    return inputs.json({**found, "expires_at": ms(expires_at), "supervision": allowed})


async def set_ready(request: Request) -> Response:
    """Say whether this agent's browser can be rung: only then are callers offered to them. Raises Conflict."""
    house, actor = house_of(request), auth.actor_of(request)
    body = await inputs.read(request, Ready)
    if house.telephone is None and body.ready:
        raise Conflict("no_device")
    await house.writer.submit(SYSTEM, "phone.device", Device(user_id=actor.id, ready=body.ready))
    return inputs.empty()


class Which(BaseModel):
    """Whose recordings."""

    model_config = ConfigDict(extra="forbid")

    call: str = Field(min_length=1, max_length=36)


async def recordings(request: Request) -> Response:
    """Return the recordings and voicemails of a contact's calls, each with its state: not yet here, here, gone."""
    house, actor = house_of(request), auth.actor_of(request)
    asked = inputs.query(request, Which)
    async with house.db.read() as conn:
        call = await call_store.scope_row(conn, asked.call)
        if call is None or not access.can(actor, "recording.read", scope_of(call)):
            raise Missing
        rows = await store.of_call(conn, call.id)
    return inputs.json({"rows": [_view(row) for row in rows], "needs_reason": _needs_reason(actor, call)})


def _view(row: Any) -> dict[str, Any]:
    state = {"stored": "stored", "removed_there": "stored", "announced": "coming"}.get(row.state, row.state)
    return {
        "id": row.id,
        "call": row.call_id,
        "kind": row.kind,
        "state": state,
        "seconds": row.seconds,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "at": ms(row.at),
        "expires_at": ms(row.expires_at),
    }


def _needs_reason(actor: Actor, call: Any) -> bool:
    """Whoever did not speak in a restricted call says why they want to hear it."""
    return bool(call.restricted) and actor.id not in (call.holder_id, call.agent_id)


class Hear(BaseModel):
    """How a recording is wanted. `reason` for a restricted one."""

    model_config = ConfigDict(extra="forbid")

    download: bool = False
    reason: str = Field(default="", max_length=300)


async def recording(request: Request) -> Response:
    """Give the sound of a recording, whole or one range of it, on record. Raises Missing, Invalid `reason_required`."""
    house, actor = house_of(request), auth.actor_of(request)
    asked = inputs.query(request, Hear)
    async with house.db.read() as conn:
        row = await store.get(conn, request.path_params["id"])
        call = None if row is None else await call_store.scope_row(conn, row.call_id)
    if row is None or call is None or not access.can(actor, "recording.read", scope_of(call)):
        raise Missing
    reason = " ".join(asked.reason.split())
    if _needs_reason(actor, call) and len(reason) not in REASON:
        raise Invalid("reason_required", fields={"reason": "required"})
    if row.blob is None:
        raise Missing("recording_not_here")
    wanted = _range_of(request.headers.get("range"), row.size_bytes)
    if wanted is None or wanted[0] == 0:  # a player asks for many pieces of what is heard once
        body = Reading(action="recording.read", object_kind="recording", object_id=row.id, reason=reason or None)
        await house.writer.submit(actor, "access.record", body)
    return await _send(house, row, wanted, download=asked.download)


def _range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Return (first, last) of one byte range, None for the whole; several at once are answered whole (RFC 9110)."""
    unit, _, spec = (header or "").partition("=")
    first, dash, last = spec.strip().partition("-")
    numbers = all(part == "" or (part.isascii() and part.isdigit() and len(part) < 16) for part in (first, last))
    if unit.strip().lower() != "bytes" or not dash or not numbers or (first == "" and last == ""):
        return None
    if first == "":
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1


async def _send(house: House, row: Any, wanted: tuple[int, int] | None, *, download: bool) -> Response:
    name = f"{'mensaje' if row.kind == 'voicemail' else 'grabacion'}-{row.id[-8:]}.{NAMES.get(row.media_type, 'bin')}"
    disposition = content_disposition(name)
    headers = {**_HEADERS, "Content-Disposition": disposition if download else "inline"}
    if wanted is not None and not wanted[0] <= wanted[1]:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{row.size_bytes}"})
    first, last = wanted or (0, row.size_bytes - 1)
    chunks = house.blobs.read(row.blob)
    head = await anext(aiter(chunks), b"")  # Missing is raised before anything is sent
    headers["Content-Length"] = str(last - first + 1)
    if wanted is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{row.size_bytes}"
    return StreamingResponse(
        _part(head, chunks, first, last), 206 if wanted else 200, headers, media_type=row.media_type
    )


async def _part(head: bytes, chunks: AsyncIterator[bytes], first: int, last: int) -> AsyncIterator[bytes]:
    at = 0
    async for chunk in _all(head, chunks):
        start, end = max(0, first - at), min(len(chunk), last + 1 - at)
        if start < end:
            yield chunk[start:end]
        at += len(chunk)
        if at > last:
            return


async def _all(head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for chunk in chunks:
        yield chunk


routes: list[BaseRoute] = [
    auth.get("/api/v1/phone/device", device, "call.use"),
    auth.post("/api/v1/phone/device", set_ready, "call.use", body=Ready),
    auth.get("/api/v1/recordings", recordings, "recording.read"),
    auth.get("/api/v1/recordings/{id}", recording, "recording.read"),
]
