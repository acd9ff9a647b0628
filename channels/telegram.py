"""Telegram: updates by webhook (polling while developing), messages by the Bot API, files copied in.

The bot's token is in every address of the API, so no address is logged, stored or put into an error.
"""

import io
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Final

import anyio
import httpx2
import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, InputFile, InputMediaDocument, InputMediaPhoto, LinkPreviewOptions
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from channels import telegram_wire as wire
from contact_center.errors import ContactCenterError, Invalid, Missing, ProviderError, TooLarge
from contact_center.ports import Clock, MessageDoor
from contact_center.rules.messaging import ChannelLimits, OutboundFile, OutboundMessage
from contact_center.rules.model import Channel as Medium

CALL_S: Final = 30.0
POLL_S: Final = 20
WATCH_S: Final = 60.0
RETRY_S: Final = 5.0

log = structlog.get_logger(__name__)


class Telegram:
    """A `ports.Channel` for one bot."""

    name = "telegram"
    limits = ChannelLimits(
        medium=Medium.telegram,
        text=wire.TEXT_MAX,
        media_bytes=wire.FILE_OUT_BYTES,
        album=wire.ALBUM_MAX,
        caption=wire.CAPTION_MAX,
        per_address_s=wire.PER_CHAT_S,
        per_s=wire.PER_S,
        personal=True,
    )

    def __init__(self, settings: Mapping[str, Any], door: MessageDoor, clock: Clock) -> None:
        self._token: str = settings["token"]
        self._bot_id = int(self._token.partition(":")[0])
        self._api: str = settings["api_url"]
        self._polls = settings["mode"] == "polling"
        self._hook = f"/hooks/telegram/{wire.derive(self._token, 'path')}"
        self._public_url: str = settings["public_url"]
        self._door = door
        self._clock = clock
        self._outage = wire.Outage()
        self._bot: Bot | None = None
        self._http: httpx2.AsyncClient | None = None

    def routes(self) -> Sequence[Route]:
        """Return the webhook, at an address that cannot be guessed."""
        return [Route(self._hook, self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        """Take an update. 404 without any work for whoever has not the secret; 200 after the commit."""
        if not wire.is_secret(request.headers.get("x-telegram-bot-api-secret-token", ""), self._token):
            raise Missing
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Missing
        try:
            update = wire.read(_decoded(await request.body()))
        except (msgspec.DecodeError, ValueError, RecursionError, Invalid):
            log.warning("update_unreadable", channel=self.name)  # sending it again would not help
            return Response(status_code=200)
        await self._receive(update)
        return Response(status_code=200)

    async def _receive(self, update: Any) -> None:
        event = wire.event_of(self.name, self._bot_id, update)
        if event is not None:
            await self._door.receive(event)

    async def send(self, message: OutboundMessage) -> Sequence[str]:
        """Send one message, picture, document or album; return Telegram's ids. Never retries by itself."""
        if not (message.address.lstrip("-").isascii() and message.address.lstrip("-").isdigit()):
            raise ProviderError("no_such_address", retryable=False)
        try:
            return await self._post(int(message.address), message)
        except TelegramError as error:
            raise wire.failure(error) from None  # its cause names the address with the token

    async def _post(self, chat: int, message: OutboundMessage) -> Sequence[str]:
        bot, files = self._open_bot, message.files
        if not files:
            quiet = LinkPreviewOptions(is_disabled=True)
            sent = await bot.send_message(chat, message.text, link_preview_options=quiet)
            return [str(sent.message_id)]
        caption = message.text or None
        if len(files) == 1:
            one = _input(files[0])
            if _is_photo(files[0]):
                sent = await bot.send_photo(chat, one, caption=caption)
            else:
                sent = await bot.send_document(chat, one, caption=caption, disable_content_type_detection=True)
            return [str(sent.message_id)]
        photos = all(_is_photo(file) for file in files)
        media = [
            (InputMediaPhoto if photos else InputMediaDocument)(
                file.content, caption=caption if place == 0 else None, filename=file.name
            )
            for place, file in enumerate(files)
        ]
        return [str(one.message_id) for one in await bot.send_media_group(chat, media)]

    async def fetch(self, ref: Mapping[str, Any]) -> AsyncIterator[bytes]:
        """Yield a file's bytes. Raises TooLarge for what bots may not download, Missing for what is gone."""
        try:
            found = await self._open_bot.get_file(ref["file_id"])
        except BadRequest as error:
            if "too big" in str(error).lower():
                raise TooLarge("file_too_large") from None
            raise Missing from None
        except TelegramError:
            raise ProviderError("file", retryable=True) from None  # its cause names the address with the token
        home = f"{self._api}/file/bot{self._token}/"
        if self._http is None or found.file_path is None or not found.file_path.startswith(home):
            raise ProviderError("file", retryable=False)
        try:
            async with self._http.stream("GET", found.file_path) as response:
                if response.status_code == 404:
                    raise Missing
                if response.status_code != 200:
                    raise ProviderError("file", retryable=True)
                async for chunk in response.aiter_bytes():
                    yield chunk
        except httpx2.HTTPError:
            raise ProviderError("file", retryable=True) from None

    async def forget(self, ref: Mapping[str, Any]) -> None:
        """Telegram keeps its files; a bot cannot delete them."""

    async def look_up(self, message: OutboundMessage, since: object) -> None:
        """Telegram has no list of what a bot sent: a person decides."""

    @asynccontextmanager
    async def client(self) -> AsyncIterator[None]:
        """Hold the bot open, register or poll, and watch for outages (P10)."""
        for name in ("httpx", "httpx2"):
            logging.getLogger(name).setLevel(logging.WARNING)  # they log addresses, and the token is in them
        request = HTTPXRequest(
            connection_pool_size=64, read_timeout=CALL_S, write_timeout=CALL_S, media_write_timeout=CALL_S
        )
        polling = HTTPXRequest(connection_pool_size=1, read_timeout=POLL_S + 5.0)
        self._bot = Bot(
            self._token,
            base_url=f"{self._api}/bot",
            base_file_url=f"{self._api}/file/bot",
            request=request,
            get_updates_request=polling,
        )
        async with (
            request,
            polling,
            httpx2.AsyncClient(timeout=CALL_S, trust_env=False) as self._http,
            anyio.create_task_group() as tasks,
        ):
            tasks.start_soon(self._poll if self._polls else self._register)
            tasks.start_soon(self._watch)
            try:
                yield
            finally:
                tasks.cancel_scope.cancel()
                self._bot = self._http = None

    async def _register(self) -> None:
        """Tell Telegram where our webhook is, until it knows."""
        while True:
            try:
                with anyio.fail_after(CALL_S):
                    await self._open_bot.set_webhook(
                        self._public_url + self._hook,
                        secret_token=wire.derive(self._token, "secret"),
                        max_connections=40,
                        allowed_updates=list(wire.ALLOWED_UPDATES),
                    )
            except (TelegramError, TimeoutError) as error:
                log.warning("webhook_not_set", channel=self.name, error=type(error).__name__)
                await self._clock.sleep(WATCH_S)
            else:
                return

    async def _poll(self) -> None:
        """Ask for updates instead of being told; each is acknowledged by asking for the next after its commit."""
        offset: int | None = None
        cleared = False
        while True:
            try:
                if not cleared:
                    await self._open_bot.delete_webhook()
                    cleared = True
                updates = await self._open_bot.get_updates(
                    offset=offset, timeout=POLL_S, allowed_updates=list(wire.ALLOWED_UPDATES)
                )
                for update in updates:
                    await self._receive(update)
                    offset = update.update_id + 1
            except (TelegramError, ContactCenterError) as error:
                log.warning("poll_failed", channel=self.name, error=type(error).__name__)
                await self._clock.sleep(RETRY_S)

    async def _watch(self) -> None:
        told: str | None = "unknown"
        while True:
            problem, facts = await self.check()
            if problem != told:
                try:
                    await self._door.report_health(self.name, problem, **facts)
                    told = problem
                except ContactCenterError as error:
                    log.warning("health_refused", channel=self.name, code=error.code)
            await self._clock.sleep(WATCH_S)

    async def check(self) -> tuple[str | None, dict[str, Any]]:
        """Ask Telegram how the way in stands; return a problem that has lasted, and how many updates wait."""
        try:
            with anyio.fail_after(CALL_S):
                info = await self._open_bot.get_webhook_info()
        except (TelegramError, TimeoutError):
            return self._outage.unreachable(self._clock.now()), {}
        failed_at: datetime | None = info.last_error_date
        problem = self._outage.seen(self._clock.now(), info.pending_update_count, failed_at)
        return problem, {"waiting": info.pending_update_count} if problem else {}

    @property
    def _open_bot(self) -> Bot:
        if self._bot is None:
            raise ProviderError("not_open", retryable=True)
        return self._bot


def _is_photo(file: OutboundFile) -> bool:
    return file.media_type in ("image/jpeg", "image/png") and len(file.content) <= wire.PHOTO_OUT_BYTES


def _input(file: OutboundFile) -> InputFile:
    return InputFile(io.BytesIO(file.content), filename=file.name)


def _decoded(body: bytes) -> Any:
    """Return an update's JSON; half a pair of surrogates, as in a text cut by bytes, becomes a question mark.

    Raises msgspec.DecodeError, ValueError or RecursionError.
    """
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        whole = json.dumps(json.loads(body), ensure_ascii=False).encode("utf-8", "replace")
        return msgspec.json.decode(whole)
