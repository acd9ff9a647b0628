"""The Bot API: the methods a contact center uses, refused where the real one refuses. Other methods are not found."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import msgspec
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contact_center.simulators.telegram.state import (
    CAPTION_MAX,
    DOWNLOAD_BYTES,
    FILE_BYTES,
    PHOTO_BYTES,
    TEXT_MAX,
    Chat,
    Hook,
    State,
)

_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Refused(Exception):
    """The answer to a request that the real one would refuse."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status, self.description, self.parameters = status, description, parameters


@dataclass(slots=True)
class Given:
    """The parameters of a request, from a form, a multipart form, JSON or the address."""

    values: Mapping[str, Any]
    uploads: Mapping[str, tuple[str, bytes]]

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "")

    def number(self, name: str) -> int:
        try:
            return int(self.values.get(name) or 0)
        except ValueError:
            raise Refused(400, f"Bad Request: {name} is not a number") from None

    def json(self, name: str) -> Any:
        given = self.values.get(name)
        if not isinstance(given, str):
            return given
        try:
            return msgspec.json.decode(given)
        except msgspec.DecodeError:
            raise Refused(400, f"Bad Request: can't parse {name} JSON object") from None


async def read(request: Request) -> Given:
    """Return what a request gives."""
    values: dict[str, Any] = dict(request.query_params)
    uploads: dict[str, tuple[str, bytes]] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        values |= msgspec.json.decode(await request.body() or b"{}")
    elif kind:
        async with request.form(max_part_size=FILE_BYTES + 1) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    uploads[name] = (value.filename or "file", await value.read())
                else:
                    values[name] = value
    return Given(values, uploads)


class BotApi:
    """Answers for one bot."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._methods: dict[str, Callable[[Given], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._webhook_info,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_photo,
            "sendDocument": self._send_document,
            "sendMediaGroup": self._send_media_group,
            "getFile": self._get_file,
        }

    async def endpoint(self, request: Request) -> Response:
        """Answer `/bot<token>/<method>`."""
        state, method = self._state, request.path_params["method"]
        try:
            if request.path_params["token"] != state.config.token:
                raise Refused(401, "Unauthorized")
            run = self._methods.get(method)
            if run is None:
                raise Refused(404, "Not Found")
            given = await read(request)
            fault = state.fault_for(method) if method.startswith("send") else None
            if fault is not None and fault.answer != "accept_then_time_out":
                return await self._fail(method, fault.answer, fault.retry_after_s)
            result = await run(given)
            if fault is not None:
                state.note("fault", method=method, answer=fault.answer)
                await anyio.sleep(state.config.hang_s)
                return Response("<html>504 Gateway Time-out</html>", 504)
        except Refused as error:
            state.note("refused", method=method, status=error.status, description=error.description)
            return self._error(error)
        return JSONResponse({"ok": True, "result": result})

    async def _fail(self, method: str, answer: str, retry_after_s: int) -> Response:
        self._state.note("fault", method=method, answer=answer)
        if answer == "time_out":
            await anyio.sleep(self._state.config.hang_s)
        if answer == "429":
            told = Refused(429, f"Too Many Requests: retry after {retry_after_s}", retry_after=retry_after_s)
            return self._error(told)
        if answer == "502":
            return Response("<html>502 Bad Gateway</html>", 502)
        return self._error(Refused(500, "Internal Server Error"))

    def _error(self, error: Refused) -> Response:
        body = {"ok": False, "error_code": error.status, "description": error.description}
        if error.parameters:
            body["parameters"] = error.parameters
        return JSONResponse(body, error.status)

    async def file(self, request: Request) -> Response:
        """Give a file at `/file/bot<token>/<path>`."""
        found = self._state.files.get(request.path_params["path"].partition("/")[2])
        if request.path_params["token"] != self._state.config.token or found is None:
            return Response(status_code=404)
        return Response(found[1], media_type="application/octet-stream")

    async def _get_me(self, given: Given) -> Any:
        return self._state.as_bot()

    async def _set_webhook(self, given: Given) -> bool:
        url, secret = given.text("url"), given.text("secret_token")
        parts = urlsplit(url)
        if url and (parts.hostname or "") not in _LOOPBACK:
            raise Refused(400, "Bad Request: bad webhook: the simulator talks to loopback addresses only")
        if secret and _SECRET.fullmatch(secret) is None:
            raise Refused(400, "Bad Request: secret token contains unallowed characters")
        self._state.hook = Hook(url, secret, tuple(given.json("allowed_updates") or ()))
        self._state.note("webhook_set", has_secret=bool(secret))
        return True

    async def _delete_webhook(self, given: Given) -> bool:
        self._state.hook = Hook()
        return True

    async def _webhook_info(self, given: Given) -> Any:
        hook = self._state.hook
        told = {"url": hook.url, "has_custom_certificate": False, "pending_update_count": len(self._state.pending)}
        if hook.last_error_at is not None:
            told |= {"last_error_date": int(hook.last_error_at), "last_error_message": hook.last_error}
        return told

    async def _get_updates(self, given: Given) -> Any:
        state = self._state
        if state.hook.url:
            raise Refused(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = given.number("offset")
        while state.pending and offset and state.pending[0]["update_id"] < offset:
            state.drop_first()
        if not state.pending:
            await self._wait(given.number("timeout"))
        return list(state.pending)[:100]

    async def _wait(self, seconds: float) -> None:
        """Wait for an update, but not beyond the end of the simulator."""
        grew = self._state.grew
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as tasks:

                async def first(event: anyio.Event) -> None:
                    await event.wait()
                    tasks.cancel_scope.cancel()

                tasks.start_soon(first, grew)
                tasks.start_soon(first, self._state.closing)

    async def _send_message(self, given: Given) -> Any:
        text = given.text("text")
        if not text.strip():
            raise Refused(400, "Bad Request: message text is empty")
        if len(text) > TEXT_MAX:
            raise Refused(400, "Bad Request: message is too long")
        return self._sent(self._chat(given), {"text": text})

    async def _send_photo(self, given: Given) -> Any:
        _, content = self._upload(given, "photo", PHOTO_BYTES)
        return self._sent(self._chat(given), {**self._caption(given), "photo": self._photo(content)})

    async def _send_document(self, given: Given) -> Any:
        name, content = self._upload(given, "document", FILE_BYTES)
        return self._sent(self._chat(given), {**self._caption(given), "document": self._document(name, content)})

    async def _send_media_group(self, given: Given) -> Any:
        media = given.json("media")
        if not isinstance(media, list) or not 2 <= len(media) <= 10:
            raise Refused(400, "Bad Request: wrong number of messages in the album")
        kinds = {one.get("type") for one in media}
        if len(kinds) != 1:
            raise Refused(400, "Bad Request: documents can't be mixed with other media types")
        chat = self._chat(given)
        made = []
        for one in media:
            name, content = given.uploads.get(str(one.get("media")).removeprefix("attach://"), ("", b""))
            if not content:
                raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
            shown = (
                {"photo": self._photo(content)}
                if one["type"] == "photo"
                else {"document": self._document(name, content)}
            )
            if one.get("caption"):
                shown["caption"] = one["caption"]
            made.append(shown)
        wait_s = self._state.too_fast(chat)
        if wait_s:
            raise Refused(429, f"Too Many Requests: retry after {wait_s}", retry_after=wait_s)
        return [self._kept(chat, one) for one in made]

    async def _get_file(self, given: Given) -> Any:
        file_id = given.text("file_id")
        found = self._state.files.get(file_id)
        if found is None:
            raise Refused(400, "Bad Request: invalid file_id")
        if len(found[1]) > DOWNLOAD_BYTES:
            raise Refused(400, "Bad Request: file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": file_id,
            "file_size": len(found[1]),
            "file_path": f"documents/{file_id}",
        }

    def _chat(self, given: Given) -> Chat:
        chat = self._state.chats.get(given.number("chat_id"))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if not chat.started:
            raise Refused(403, "Forbidden: bot can't initiate conversation with a user")
        return chat

    def _caption(self, given: Given) -> dict[str, Any]:
        caption = given.text("caption")
        if len(caption) > CAPTION_MAX:
            raise Refused(400, "Bad Request: message caption is too long")
        return {"caption": caption} if caption else {}

    def _upload(self, given: Given, name: str, most: int) -> tuple[str, bytes]:
        reference = given.text(name).removeprefix("attach://")
        found = given.uploads.get(name) or given.uploads.get(reference)
        if found is None or not found[1]:
            raise Refused(400, "Bad Request: file must be non-empty")
        if len(found[1]) > most:
            raise Refused(413, "Request Entity Too Large")
        return found

    def _photo(self, content: bytes) -> list[dict[str, Any]]:
        file_id = self._state.add_file("photo.jpg", content)
        return [{"file_id": file_id, "file_unique_id": file_id, "width": 800, "height": 600, "file_size": len(content)}]

    def _document(self, name: str, content: bytes) -> dict[str, Any]:
        file_id = self._state.add_file(name, content)
        return {"file_id": file_id, "file_unique_id": file_id, "file_name": name, "file_size": len(content)}

    def _sent(self, chat: Chat, shown: Mapping[str, Any]) -> dict[str, Any]:
        wait_s = self._state.too_fast(chat)
        if wait_s:
            raise Refused(429, f"Too Many Requests: retry after {wait_s}", retry_after=wait_s)
        return self._kept(chat, shown)

    def _kept(self, chat: Chat, shown: Mapping[str, Any]) -> dict[str, Any]:
        message = {
            "message_id": self._state.next_message_id(),
            "from": self._state.as_bot(),
            "chat": chat.as_chat(),
            "date": int(time.time()),  # noqa: TID251 - a simulator lives in real time
            **shown,
        }
        chat.inbox.append(message)
        self._state.note("sent", chat=chat.id, message_id=message["message_id"], text=str(shown.get("text", "")))
        return message
