"""Every messaging channel's door as a stranger meets it: raw words, raw names and raw files, to a whole house."""

import base64
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from email.message import EmailMessage
from email.policy import SMTP
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Protocol

import anyio
import httpx2 as httpx
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from channels import webhook_wire
from channels.webhook import WebhookChannel
from contact_center.live import views
from contact_center.simulators.twilio import Config as TwilioConfig
from contact_center.store.schema import messages, visitors
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.mail_stage import Office, open_office
from tests.support.processes import free_port
from tests.support.telegram_stage import TelegramStage, open_telegram
from tests.support.text_stage import WHATSAPP, Texting, open_texting

SECRET = "a-secret-of-the-network-and-the-house-0001"


class StreetDoor(Protocol):
    """One channel's way in. Each `person` is somebody else; what was said has arrived when `settled` returns."""

    house: TestHouse

    async def say(self, text: str, *, name: str = "Ana Ejemplo", person: int = 1) -> bool:
        """Send words as the provider would, escapes and all; False when the door refused what can only be a fault."""
        ...

    async def file(self, name: str, content: bytes, media_type: str, *, person: int = 1) -> None:
        """Send a file."""
        ...

    async def settled(self) -> None:
        """Wait until all of it is stored, and the files are fetched or refused."""
        ...


async def shown(house: TestHouse) -> list[dict[str, Any]]:
    """Return every message of citizens, in order, as staff see it."""
    async with house.db.read() as conn:
        rows = (
            await conn.execute(select(messages).where(messages.c.author_kind == "citizen").order_by(messages.c.id))
        ).all()
        seen = await views.messages(conn, rows)
    return [seen[row.id] for row in rows]


async def names(house: TestHouse) -> list[str | None]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(visitors.c.name).order_by(visitors.c.id))).scalars())


async def fetched(house: TestHouse) -> None:
    """Let the files that were announced be fetched, or refused."""
    for _ in range(4):
        while await house.media.step():
            pass
        house.clock.advance(1)


class _Door:
    """A door behind which everything is stored when it was said: only files are still to be fetched."""

    house: TestHouse

    async def settled(self) -> None:
        await fetched(self.house)


class _Telegram(_Door):
    def __init__(self, stage: TelegramStage) -> None:
        self.house, self._stage, self._sim, self._count = stage.house, stage, stage.sim, 10_000
        self._url = stage.url + stage.bot.routes()[0].path

    async def say(self, text: str, *, name: str = "Ana Ejemplo", person: int = 1) -> bool:
        self._count += 1
        who = {"id": 662_000_000 + person, "is_bot": False, "first_name": name, "username": name[:32]}
        chat = {"id": who["id"], "type": "private", "first_name": name}
        update = {
            "update_id": self._count,
            "message": {"message_id": self._count, "date": 1, "chat": chat, "from": who, "text": text},
        }
        # As Telegram writes JSON: everything beyond ASCII escaped, half a pair too.
        headers = {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": self._sim.state.hook.secret,
        }
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self._url, content=json.dumps(update).encode(), headers=headers)
        return bool(answer.status_code == 200)

    async def file(self, name: str, content: bytes, media_type: str, *, person: int = 1) -> None:
        self._sim.person(662_000_000 + person, "Ana").document(name, content, media_type)
        await self._stage.arrived()


@asynccontextmanager
async def telegram(database_url: str) -> AsyncIterator[StreetDoor]:
    async with open_telegram(database_url) as stage:
        yield _Telegram(stage)


class _WhatsApp(_Door):
    def __init__(self, stage: Texting) -> None:
        self.house, self._stage, self._count = stage.house, stage, 0

    async def say(self, text: str, *, name: str = "Ana Ejemplo", person: int = 1) -> bool:
        self._count += 1
        form = {
            "AccountSid": TwilioConfig().account_sid,
            "MessageSid": f"SM{self._count:032x}",
            "From": f"whatsapp:+52662200{person:04}",
            "To": f"whatsapp:{WHATSAPP}",
            # A form cannot carry half a pair of surrogates.
            "Body": text.encode("utf-8", "replace").decode(),
            "ProfileName": name.encode("utf-8", "replace").decode(),
            "NumMedia": "0",
        }
        url = f"{self._stage.url}/hooks/whatsapp/inbound"
        signature = RequestValidator(TwilioConfig().auth_token).compute_signature(url, form)
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, data=form, headers={"X-Twilio-Signature": signature})
        return bool(answer.status_code == 200)

    async def file(self, name: str, content: bytes, media_type: str, *, person: int = 1) -> None:
        """WhatsApp's files have no names: the kind that is said stands for one."""
        self._stage.sim.text_in(f"whatsapp:+52662200{person:04}", media=((media_type, content),))
        await self._stage.pass_(5)


@asynccontextmanager
async def whatsapp(database_url: str) -> AsyncIterator[StreetDoor]:
    async with open_texting(database_url) as stage:
        yield _WhatsApp(stage)


class _Mail:
    def __init__(self, office: Office) -> None:
        self.house, self._office, self._count = office.house, office, 0
        self._written: list[bytes] = []

    async def say(self, text: str, *, name: str = "Ana Ejemplo", person: int = 1) -> bool:
        self._write(text, name, person)
        return True

    async def file(self, name: str, content: bytes, media_type: str, *, person: int = 1) -> None:
        self._write("", "Ana", person, (name, content, media_type))

    def _write(self, text: str, name: str, person: int, file: tuple[str, bytes, str] | None = None) -> None:
        self._count += 1
        # Written by hand: the standard library refuses to write what strangers send.
        sender = f"=?utf-8?B?{_base64(name)}?= <p{person}@correo.example>"
        head = f"From: {sender}\r\nMessage-ID: <b{self._count}@correo.example>\r\n"
        if file is None:
            kind = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
            raw = f"{head}{kind}\r\n{_base64(text)}\r\n".encode()
        else:
            raw = head.encode() + _with_file(*file)
        self._written.append(raw)

    async def settled(self) -> None:
        """Hand over what was written, wait until it is marked as read, and let the files that it has be fetched."""
        mails, self._written = self._written, []
        await self._office.box.put_all(mails)
        with anyio.fail_after(60):
            while await self._office.box.unread():
                await anyio.sleep(0.1)
        await fetched(self.house)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode()


def _with_file(name: str, content: bytes, media_type: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail.set_content("Va el archivo.")
    family, _, kind = media_type.partition("/")
    mail.add_attachment(content, maintype=family, subtype=kind, filename="NAME-OF-THE-FILE")
    encoded = f"=?utf-8?B?{_base64(name)}?=".encode()
    return mail.as_bytes().replace(b"NAME-OF-THE-FILE", encoded)


@asynccontextmanager
async def mail(database_url: str) -> AsyncIterator[StreetDoor]:
    async with open_office(database_url) as office:
        yield _Mail(office)


class _OpenChannel(_Door):
    def __init__(self, house: TestHouse, files: dict[str, bytes]) -> None:
        self.house, self._files, self._count = house, files, 0

    async def say(self, text: str, *, name: str = "Ana Ejemplo", person: int = 1) -> bool:
        return await self._post({"text": text}, name, person)

    async def file(self, name: str, content: bytes, media_type: str, *, person: int = 1) -> None:
        self._files[f"f{self._count}"] = content
        file = {"id": f"f{self._count}", "kind": "document", "name": name, "media_type": media_type}
        await self._post({"files": [file]}, "Ana", person)

    async def _post(self, said: dict[str, Any], name: str, person: int) -> bool:
        self._count += 1
        who = {"address": f"u-{person}", "name": name}
        event = {"type": "message", "id": f"e{self._count}", "message_id": f"m{self._count}", "from": who, **said}
        body = json.dumps({"events": [event]}).encode()
        stamp = int(self.house.clock.now().timestamp())
        headers = {
            "content-type": "application/json",
            "x-timestamp": str(stamp),
            "x-signature": webhook_wire.sign(SECRET, stamp, body),
        }
        async with self.house.http() as http:
            answer = await http.post("/hooks/facebook/events", content=body, headers=headers)
        assert answer.status_code == 200 or answer.json()["error"]["code"] == "bad_event", answer.text
        return bool(answer.status_code == 200)


@asynccontextmanager
async def open_channel(database_url: str) -> AsyncIterator[StreetDoor]:
    files: dict[str, bytes] = {}

    class Files(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = files[self.path.rsplit("/", 1)[1]]
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    port, clock = free_port(), ManualClock()
    server = HTTPServer(("127.0.0.1", port), Files)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings = {
        "name": "facebook",
        "url": f"http://127.0.0.1:{port}",
        "secrets": [SECRET],
        "medium": "facebook",
        "text": 2_000,
        "media_bytes": 10_000_000,
        "per_s": 1_000,
        "personal": True,
    }
    made: list[WebhookChannel] = []

    def make(door: Any) -> list[WebhookChannel]:
        made.append(WebhookChannel(settings, door, clock))
        return made

    async with AsyncExitStack() as stack:
        stack.callback(server.server_close)
        stack.callback(thread.join)
        stack.callback(server.shutdown)
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        opened = open_house(database_url, clock=clock, channels=make, data_dir=Path(folder))
        house = await stack.enter_async_context(opened)
        await stack.enter_async_context(made[0].client())
        yield _OpenChannel(house, files)


DOORS: dict[str, Callable[[str], AbstractAsyncContextManager[StreetDoor]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
    "mail": mail,
    "open_channel": open_channel,
}
