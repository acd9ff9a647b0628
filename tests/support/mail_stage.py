"""The mail channel between real mail servers: with a house that writes down what it is told, and in a whole house."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from sqlalchemy import select

from channels.mail import MailAccount, MailChannel
from channels.mail_box import Server
from contact_center.errors import ContactCenterError
from contact_center.live import views
from contact_center.rules.messaging import Inbound, OutboundMessage
from contact_center.store import conversations as chat_store
from contact_center.store import inbound
from contact_center.store.schema import petition_interactions
from contact_center.system import SystemClock
from tests.support.house import TestHouse, open_house
from tests.support.mail_servers import PASSWORD, USER, Mailbox, Postman, imap_server, smtp_server

OFFICE = "atencion@sonora.example"


class Door:
    """A house that writes down what it is told, and can be made to refuse."""

    def __init__(self) -> None:
        self.events: list[Inbound] = []
        self.health: list[str | None] = []
        self.refusals: list[ContactCenterError] = []
        self.told = anyio.Event()

    async def receive(self, event: Inbound) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.events.append(event)
        self._tell()

    async def keep_templates(self, channel: str, templates: Any) -> None:
        raise AssertionError("mail has no templates")

    async def report_health(self, channel: str, problem: str | None, **facts: Any) -> None:
        self.health.append(problem)
        self._tell()

    def _tell(self) -> None:
        told, self.told = self.told, anyio.Event()
        told.set()

    async def wait_for(self, test: Any) -> None:
        with anyio.fail_after(60):
            while not test(self):
                await self.told.wait()


class Stage:
    def __init__(self, channel: MailChannel, door: Door, box: Mailbox, postman: Postman) -> None:
        self.channel, self.door, self.box, self.postman = channel, door, box, postman


def channel_on(door: Door, smtp_port: int, imap_port: int, password: str = PASSWORD) -> MailChannel:
    account = MailAccount(
        OFFICE,
        "Atención Ciudadana",
        Server("127.0.0.1", smtp_port, "none", USER, password),
        Server("127.0.0.1", imap_port, "none", USER, password),
    )
    return MailChannel(account, door, SystemClock(), draw=lambda: 0.0)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    async with smtp_server() as (port, postman), imap_server() as box:
        door = Door()
        yield Stage(channel_on(door, port, box.port), door, box, postman)


def letter(text: str = "Hay un bache.", message_id: str = "<m1@correo.example>", **headers: str) -> bytes:
    given = {"From": "Ana <ana@correo.example>", "Subject": "Bache", "Message-ID": message_id} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()


def out(**more: Any) -> OutboundMessage:
    given: dict[str, Any] = {
        "id": "o1.0",
        "conversation_id": "c1",
        "address": "ana@correo.example",
        "text": "Con gusto.",
    }
    return OutboundMessage(**(given | more))


class Office:
    def __init__(self, house: TestHouse, box: Mailbox, postman: Postman) -> None:
        self.house, self.box, self.postman = house, box, postman

    async def thread(self, address: str = "ana@correo.example") -> list[dict[str, Any]]:
        async with self.house.db.read() as conn:
            visitor = await inbound.visitor_at(conn, "email", address)
            latest = await chat_store.latest_of_visitor(conn, visitor.id) if visitor else None
            if latest is None:
                return []
            rows = await chat_store.thread(conn, latest, before=None, limit=100, notes=True)
            seen = await views.messages(conn, rows)
        return [seen[row.id] for row in rows]

    async def latest(self, address: str = "ana@correo.example") -> str:
        async with self.house.db.read() as conn:
            visitor = await inbound.visitor_at(conn, "email", address)
            assert visitor is not None
            return str(await chat_store.latest_of_visitor(conn, visitor.id))

    async def linked(self, folio: str) -> dict[str, str]:
        """Return the contacts a petition is linked with, and how."""
        query = select(petition_interactions).where(
            petition_interactions.c.folio == folio, petition_interactions.c.unlinked_at.is_(None)
        )
        async with self.house.db.read() as conn:
            return {row.interaction_id: row.relation for row in await conn.execute(query)}

    async def until(self, test: Any, address: str = "ana@correo.example") -> list[dict[str, Any]]:
        """Return the thread once it passes; the mailbox is watched for real."""
        with anyio.fail_after(60):
            while not test(found := await self.thread(address)):
                await anyio.sleep(0.05)
        return found

    async def deliver(self) -> None:
        while await self.house.outbox.step("email"):
            self.house.clock.advance(2)


@asynccontextmanager
async def open_office(database_url: str) -> AsyncIterator[Office]:
    async with smtp_server() as (port, postman), imap_server() as box:
        made: list[MailChannel] = []

        def make(door: Any) -> list[MailChannel]:
            made.append(channel_on(door, port, box.port))
            return made

        async with open_house(database_url, channels=make) as house, made[0].client():
            yield Office(house, box, postman)
