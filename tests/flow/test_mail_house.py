"""E-mail through the whole house: a letter becomes a contact, its answer stays in the thread, a bounce shows."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from channels.mail import MailChannel
from contact_center.live import views
from contact_center.store import conversations as chat_store
from contact_center.store import inbound
from tests.flow.test_mail_channel import channel_on, letter
from tests.support.house import TestHouse, open_house
from tests.support.letters import dsn
from tests.support.mail_servers import Mailbox, Postman, imap_server, smtp_server


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

    async def until(self, test: Any) -> list[dict[str, Any]]:
        """Return the thread once it passes; the mailbox is watched for real."""
        with anyio.fail_after(15):
            while not test(found := await self.thread()):
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


async def test_a_letter_is_answered_in_its_thread_and_a_bounce_is_told(database_url: str) -> None:
    async with open_office(database_url) as office:
        house = office.house
        agent = await house.staff("ana")
        text = "Hay un bache.\n\nEl lun, 24 nov 2026, Atención <atencion@sonora.example> escribió:\n> ¿Dónde?"
        await office.box.put(letter(text, Subject="Bache en mi calle"))
        (first, _) = await office.until(lambda found: len(found) == 2)
        assert (first["text"], first["data"]["subject"]) == ("Hay un bache.", "Bache en mi calle")
        assert "¿Dónde?" in first["data"]["quoted"]
        await office.deliver()
        (greeted,) = office.postman.mails
        assert (greeted["To"], greeted["Auto-Submitted"]) == ("ana@correo.example", "auto-replied")
        item = await house.take_first(agent)
        fields = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        await house.do(agent, "conversation.reply", **fields, text="¿En qué calle?", extra={"quote": True})
        await office.deliver()
        answer = office.postman.mails[-1]
        assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: Bache en mi calle", "<m1@correo.example>")
        assert answer["References"].split()[0] == "<m1@correo.example>" and answer["Auto-Submitted"] is None
        body = answer.get_payload(decode=True)
        assert isinstance(body, bytes)
        assert body.decode().startswith("¿En qué calle?\r\n\r\nEl 24 de noviembre de 2026 a las 09:12 usted escribió:")
        assert "> Hay un bache." in body.decode()
        again = letter("En la Ejemplo", "<m2@correo.example>", In_Reply_To=answer["Message-ID"], Subject="Re: Bache")
        await office.box.put(again)
        (_, _, sent, back) = await office.until(lambda found: len(found) == 4)
        assert (back["text"], back["data"]["reply_to"], sent["delivery"]) == ("En la Ejemplo", sent["seq"], "accepted")
        await office.box.put(dsn().replace("<o1.0@sonora.example>", str(answer["Message-ID"])).encode())
        thread = await office.until(lambda found: found[2]["delivery"] == "failed")
        assert thread[2]["delivery_reason"] == "unknown_address"
