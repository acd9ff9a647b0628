"""The mail channel against real SMTP and IMAP servers: what it hands over, takes, and tells of trouble."""

from typing import Any

import anyio
import pytest

from contact_center.errors import ContactCenterError, ProviderError, Unavailable
from contact_center.rules.messaging import DeliveryReport, InboundMessage
from contact_center.rules.model import DeliveryState
from tests.support.letters import dsn
from tests.support.mail_servers import USER, imap_server, smtp_server
from tests.support.mail_stage import OFFICE, Door, channel_on, letter, out, staged


async def test_mail_is_taken_when_it_comes_and_marked_once_it_is_stored() -> None:
    async with staged() as stage:
        await stage.box.put(letter())
        async with stage.channel.client():
            await stage.door.wait_for(lambda door: len(door.events) == 1)
            await stage.box.put(letter("Otro más.", "<m2@correo.example>", In_Reply_To="<o1.0@sonora.example>"))
            await stage.door.wait_for(lambda door: len(door.events) == 2)
            first, second = stage.door.events
            assert isinstance(first, InboundMessage) and isinstance(second, InboundMessage)
            assert (first.address, first.email, first.name, first.text) == (
                "ana@correo.example",
                "ana@correo.example",
                "Ana",
                "Hay un bache.",
            )
            assert second.reply_to == "<o1.0@sonora.example>"
            with anyio.fail_after(5):
                while await stage.box.unread():
                    await anyio.sleep(0.05)
        assert stage.door.health in ([], [None])


async def test_mail_that_cannot_be_stored_stays_unread_and_what_never_can_holds_nobody_up() -> None:
    async with staged() as stage:
        stage.door.refusals = [Unavailable(), ContactCenterError(), ContactCenterError(), ContactCenterError()]
        await stage.box.put(letter())
        await stage.box.put(letter("Otro", "<m2@correo.example>"))
        async with stage.channel.client():
            await stage.door.wait_for(lambda door: door.events)
        (event,) = stage.door.events
        assert isinstance(event, InboundMessage) and event.text == "Otro"
        assert "mail_stuck" in stage.door.health
        assert await stage.box.unread() >= 1


async def test_reports_and_automatic_answers_speak_of_the_mail_they_are_about() -> None:
    async with staged() as stage:
        about = "<o1.0@sonora.example>"
        await stage.box.put(letter("Estoy fuera", "<a@x>", Auto_Submitted="auto-replied", In_Reply_To=about))
        await stage.box.put(letter("Ofertas", "<b@x>", List_Id="<x.example>"))
        await stage.box.put(letter("Mío", "<c@x>", From=f"Nosotros <{OFFICE}>"))
        await stage.box.put(dsn().encode())
        await stage.box.put(letter("fin", "<e@x>"))
        async with stage.channel.client():
            await stage.door.wait_for(lambda door: isinstance(door.events[-1:] and door.events[-1], InboundMessage))
        reports = [one for one in stage.door.events if isinstance(one, DeliveryReport)]
        assert [(one.external_id, one.state, one.reason) for one in reports] == [
            (about, DeliveryState.delivered, "auto_reply"),
            (about, DeliveryState.failed, "unknown_address"),
        ]
        assert len(stage.door.events) == 3


async def test_a_file_is_read_again_from_the_mailbox() -> None:
    async with staged() as stage:
        head = b'From: ana@correo.example\r\nMessage-ID: <f@x>\r\nContent-Type: multipart/mixed; boundary="B"\r\n\r\n'
        body = b"--B\r\nContent-Type: text/plain\r\n\r\nMire\r\n--B\r\n"
        body += b'Content-Type: application/pdf; name="r.pdf"\r\n\r\n%PDF-1.7\r\n--B--\r\n'
        await stage.box.put(head + body)
        async with stage.channel.client():
            await stage.door.wait_for(lambda door: door.events)
            (event,) = stage.door.events
            assert isinstance(event, InboundMessage)
            (file,) = event.media
            got = b"".join([chunk async for chunk in stage.channel.fetch(file.ref)])
        assert (file.name, got.strip()) == ("r.pdf", b"%PDF-1.7")


async def test_an_answer_is_handed_over_once_and_belongs_to_its_thread() -> None:
    async with staged() as stage:
        ids = await stage.channel.send(out(thread=("0a1b2c3d <m1@correo.example>",), extra={"subject": "Bache"}))
        (mail,) = stage.postman.mails
        assert list(ids) == [mail["Message-ID"]] == ["<o1.0@sonora.example>"]
        assert (mail["To"], mail["Subject"], mail["In-Reply-To"]) == (
            "ana@correo.example",
            "Re: Bache",
            "<m1@correo.example>",
        )


@pytest.mark.parametrize(
    ("answers", "code", "retryable"),
    [
        ({"recipient": "550 5.1.1 no such user"}, "unknown_address", False),
        ({"recipient": "451 4.3.0 later"}, "busy", True),
        ({"data": "554 5.7.1 spam"}, "filtered", False),
        ({"data": "452 4.2.2 over quota"}, "busy", True),
        ({"hang_up": True}, "uncertain", False),
    ],
)
async def test_what_the_server_says_decides_whether_it_is_tried_again(
    answers: dict[str, Any], code: str, retryable: bool
) -> None:
    async with smtp_server() as (port, postman):
        for name, value in answers.items():
            setattr(postman, name, value)
        with pytest.raises(ProviderError) as caught:
            await channel_on(Door(), port, 1).send(out())
    assert (caught.value.code, caught.value.retryable) == (code, retryable)


async def test_a_server_that_is_not_there_surely_took_nothing() -> None:
    with pytest.raises(ProviderError) as caught:
        await channel_on(Door(), 1, 1).send(out())
    assert (caught.value.code, caught.value.retryable) == ("unreachable", True)


async def test_a_wrong_password_rings_and_a_stop_does_not_wait_for_the_server() -> None:
    async with imap_server() as box:
        door = Door()
        channel = channel_on(door, 1, box.port, password="wrong")
        with anyio.fail_after(10):
            async with channel.client():
                await door.wait_for(lambda it: it.health)
        assert door.health == ["mailbox_login"]


async def test_a_server_that_asks_is_signed_in_to_and_a_relay_that_does_not_is_used_as_it_is() -> None:
    async with smtp_server(signs_in=True) as (port, postman):
        await channel_on(Door(), port, 1).send(out())
        assert (len(postman.mails), postman.signed_in) == (1, [USER])
        with pytest.raises(ProviderError) as refused:
            await channel_on(Door(), port, 1, password="another").send(out())
        assert (refused.value.code, refused.value.retryable) == ("not_configured", False)
    async with smtp_server() as (port, postman):
        await channel_on(Door(), port, 1).send(out())
        assert (len(postman.mails), postman.signed_in) == (1, [])
