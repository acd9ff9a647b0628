"""Files in and out: one bounded part in, checked by content; out only as a download, after an access check."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any, Final

import anyio
import anyio.to_thread
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from contact_center.actions.attachments import StoredFile, day_start, seconds_to_midnight
from contact_center.actions.office import Reading
from contact_center.errors import Invalid, Missing, NoSpace, NotSignedIn, TooLarge, TooMany, Unavailable
from contact_center.file_kinds import check_file
from contact_center.files import content_disposition
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from contact_center.rules.sight import contact_scope
from contact_center.store import attachments as store
from contact_center.store import conversations as chat_store
from contact_center.store import options as option_store
from contact_center.store import register
from contact_center.web.auth import VISITOR, actor_of, bearer, get, hash_token, post
from contact_center.web.house import House, house_of

MAX_PARTS: Final = 4
MAX_FIELD_BYTES: Final = 1_000
OVERHEAD_BYTES: Final = 16 * 1024
"""Boundaries, headers and small fields around the one file."""
UPLOAD_S: Final = 120.0
MAX_UPLOADS: Final = 16
"""Uploads in memory at the same time; the next one is told to come back."""
_DECODING: Final = anyio.CapacityLimiter(1)
"""One picture is unpacked at a time: it may take 160 MB."""
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-store",
    "Accept-Ranges": "none",
}
_uploading = 0


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it came, and the small fields beside it."""

    name: str
    declared: str
    content: bytes
    fields: dict[str, str]


async def upload_for_staff(request: Request) -> Response:
    """Take a file for a conversation that the agent holds."""
    house, actor = house_of(request), actor_of(request)
    upload = await _receive(request)
    conversation_id = upload.fields.get("conversation_id", "")[:36]
    async with house.db.read() as conn:
        row = await register.get_contact(conn, conversation_id)
    if row is None or not access.can(actor, "conversation.reply", contact_scope(row, frozenset(), actor)):
        raise Missing
    stored = await _keep(house, upload, conversation_id)
    return JSONResponse(await house.writer.submit(actor, "attachment.store", stored))


async def download_for_staff(request: Request) -> Response:
    """Give a file to whoever may read its conversation; 404 to anybody else."""
    house, actor = house_of(request), actor_of(request)
    async with house.db.read() as conn:
        row = await store.get(conn, request.path_params["id"])
        contact = await register.get_contact(conn, row.conversation_id) if row and row.conversation_id else None
        holders = await register.holders_of(conn, contact.id) if contact else frozenset()
    if (
        row is None
        or contact is None
        or not access.can(actor, "attachment.read", contact_scope(contact, holders, actor))
    ):
        raise Missing
    if contact.restricted:
        reading = Reading(action="attachment.read", object_kind="attachment", object_id=row.id)
        await house.writer.submit(actor, "access.record", reading)
    return await _send(house, row)


async def upload_for_visitor(request: Request) -> Response:
    """Take a citizen's file; it belongs to nobody else until a message sends it."""
    house, actor = house_of(request), await visitor_of(request)
    await _check_quota(house, actor)  # before anything is read or stored; the verb checks again
    upload = await _receive(request)
    stored = await _keep(house, upload, None)
    return JSONResponse(await house.writer.submit(actor, "attachment.store_visitor", stored))


async def download_for_visitor(request: Request) -> Response:
    """Give a citizen the files of their own conversations; 404 for anything else."""
    house, actor = house_of(request), await visitor_of(request)
    async with house.db.read() as conn:
        row = await store.get(conn, request.path_params["id"])
        contact = await register.get_contact(conn, row.conversation_id) if row and row.conversation_id else None
    if row is None or not (row.visitor_id == actor.id or _was_sent_to(row, contact, actor)):
        raise Missing
    return await _send(house, row)


async def _check_quota(house: House, actor: Actor) -> None:
    now = house.clock.now()
    async with house.db.read() as conn:
        options = await option_store.load(conn)
        if await store.sent_since(conn, actor.id, day_start(now)) >= options.uploads_per_day:
            raise TooMany("upload_quota", retry_after_s=seconds_to_midnight(now))


def _was_sent_to(row: Any, contact: Any | None, actor: Actor) -> bool:
    if contact is None or row.message_id is None:
        return False
    return access.can(actor, "attachment.read", contact_scope(contact, frozenset(), actor))


async def visitor_of(request: Request) -> Actor:
    """Return the citizen whose capability the request carries. Raises NotSignedIn."""
    token = bearer(request.headers)
    if token is None:
        raise NotSignedIn
    async with house_of(request).db.read() as conn:
        row = await chat_store.visitor_by_token(conn, hash_token(token))
    if row is None:
        raise NotSignedIn
    return Actor(kind=ActorKind.visitor, id=row.id)


async def _send(house: House, row: Any) -> Response:
    chunks = house.blobs.read(row.blob)
    first = await anext(aiter(chunks), b"")  # Missing is raised before anything is sent
    return StreamingResponse(
        _rest(first, chunks),
        media_type=row.media_type,
        headers={
            **_HEADERS,
            "Content-Length": str(row.size_bytes),
            "Content-Disposition": content_disposition(row.name),
        },
    )


async def _rest(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


async def _keep(house: House, upload: Upload, conversation_id: str | None) -> StoredFile:
    """Check a file and store its bytes, durably, before anything speaks of it."""
    async with house.db.read() as conn:
        max_bytes = (await option_store.load(conn)).upload_max_bytes
    check = partial(check_file, upload.name, upload.content, upload.declared, max_bytes=max_bytes)
    checked = await anyio.to_thread.run_sync(check, limiter=_DECODING)
    digest = sha256(checked.content).hexdigest()
    await house.blobs.put(digest, checked.content)
    return StoredFile(
        conversation_id=conversation_id,
        name=checked.name,
        media_type=checked.media_type,
        size_bytes=len(checked.content),
        sha256=digest,
    )


async def _receive(request: Request) -> Upload:
    """Read the one file of a multipart body. Raises Invalid, TooLarge, NoSpace, Unavailable; memory is bounded."""
    global _uploading
    house = house_of(request)
    if await house.blobs.free_bytes() <= 0:
        raise NoSpace
    async with house.db.read() as conn:
        max_bytes = (await option_store.load(conn)).upload_max_bytes
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > max_bytes + OVERHEAD_BYTES:
        raise TooLarge("file_too_large", max_bytes=max_bytes)
    if _uploading >= MAX_UPLOADS:
        raise Unavailable(retry_after_s=5)
    _uploading += 1
    try:
        with anyio.fail_after(UPLOAD_S):
            return await _parse(request, max_bytes)
    except TimeoutError as error:
        raise Invalid("upload_too_slow") from error
    except ClientDisconnect as error:
        raise Invalid("upload_cut") from error
    finally:
        _uploading -= 1


async def _parse(request: Request, max_bytes: int) -> Upload:
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid("multipart_needed")
    form = _Form(max_bytes)
    try:
        parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]  # a plain dict of its callbacks
        seen = 0
        async for chunk in request.stream():
            seen += len(chunk)
            if seen > max_bytes + OVERHEAD_BYTES:
                raise TooLarge("file_too_large", max_bytes=max_bytes)
            if chunk:
                parser.write(chunk)
        parser.finalize()
    except FormParserError as error:
        raise Invalid("multipart_broken") from error
    return form.upload()


class _Form:
    """The parts of one body, counted and bounded as they come."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._parts = 0
        self._headers: dict[bytes, bytes] = {}
        self._name = b""
        self._value = b""
        self._field = ""
        self._data = bytearray()
        self._filename: str | None = None
        self._file: tuple[str, str, bytes] | None = None
        self._fields: dict[str, str] = {}

    def callbacks(self) -> dict[str, Any]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
        }

    def upload(self) -> Upload:
        if self._file is None:
            raise Invalid("file_missing")
        name, declared, content = self._file
        return Upload(name, declared, content, self._fields)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Invalid("too_many_parts")
        self._headers, self._data, self._filename, self._field = {}, bytearray(), None, ""

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options:
            if self._field != "file" or self._file is not None:
                raise Invalid("one_file_only")
            self._filename = options[b"filename"].decode(errors="replace")

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        limit = MAX_FIELD_BYTES if self._filename is None else self._max_bytes
        if len(self._data) + end - start > limit:
            if self._filename is None:
                raise Invalid("field_too_long")
            raise TooLarge("file_too_large", max_bytes=self._max_bytes)
        self._data += data[start:end]

    def _part_end(self) -> None:
        if self._filename is None:
            self._fields[self._field] = self._data.decode(errors="replace")
            return
        declared = self._headers.get(b"content-type", b"").decode("latin-1")
        self._file = (self._filename, declared, bytes(self._data))


routes = [
    post("/api/v1/attachments", upload_for_staff, "conversation.reply"),
    get("/api/v1/attachments/{id}", download_for_staff, "attachment.read"),
]
"""Doors of staff."""

visitor_routes = [
    post("/api/v1/chat/attachments", upload_for_visitor, VISITOR),
    get("/api/v1/chat/attachments/{id}", download_for_visitor, VISITOR),
]
"""Doors of citizens; the chat mounts them."""
