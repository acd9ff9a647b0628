"""Messaging through a channel that nothing else knows of: in by its webhook, through the house, out by its `send`."""

import io
from collections.abc import Sequence

import anyio
import pytest
from PIL import Image
from sqlalchemy import select

from contact_center.errors import Conflict, ProviderError
from contact_center.live import views
from contact_center.rules.messaging import OutboundMessage
from contact_center.rules.model import Role
from contact_center.store import conversations as chat_store
from contact_center.store import work
from contact_center.store.schema import inbox
from tests.support.street import open_street


def png() -> bytes:
    """A small real picture."""
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return out.getvalue()


async def test_a_citizen_writes_is_greeted_and_answered_in_the_same_channel(database_url: str) -> None:
    async with open_street(database_url) as street:
        agent = await street.house.staff("ana")
        console = street.house.watch_as(agent)
        assert (await street.say("Buenos días, hay un bache en mi calle")).status_code == 204
        await street.deliver()
        assert "Aviso de privacidad: https://example.org/aviso" in street.toy.outbox[0].text
        item = await street.take(agent)
        assert item["channel"] == "webhook"
        assert (await street.say("En la colonia Prueba")).status_code == 204
        await street.reply(agent, item, "Con gusto le atiendo")
        await street.reply(agent, item, "¿Me dice su nombre?")
        await street.deliver()
        assert [one.text for one in street.toy.outbox[1:]] == ["Con gusto le atiendo", "¿Me dice su nombre?"]
        assert street.toy.outbox[1].address == "maria"
        assert street.toy.outbox[1].reply_to == "m2"
        thread = await street.thread()
        assert [(one["author"]["kind"], one["delivery"]) for one in thread] == [
            ("citizen", "sent"),
            ("system", "accepted"),
            ("citizen", "sent"),
            ("agent", "accepted"),
            ("agent", "accepted"),
        ]
        await street.house.settle()
        changed = [one["message"] for one in console.events if one["type"] == "message.changed"]
        assert [(one["text"], one["delivery"]) for one in changed] == [
            ("Con gusto le atiendo", "accepted"),
            ("¿Me dice su nombre?", "accepted"),
        ]


async def test_a_repeated_webhook_changes_nothing(database_url: str) -> None:
    async with open_street(database_url) as street:
        for _ in range(3):
            assert (await street.say("Hola", id="same")).status_code == 204
        assert [one["text"] for one in await street.thread() if one["author"]["kind"] == "citizen"] == ["Hola"]


async def test_what_the_provider_refuses_is_told_with_its_reason_and_can_be_sent_again(database_url: str) -> None:
    async with open_street(database_url) as street:
        agent = await street.house.staff("ana")
        boss = await street.house.staff("jefa", Role.supervisor)
        await street.say("Hola")
        item = await street.take(agent)
        await street.deliver()
        street.toy.refusals = [ProviderError("blocked", retryable=False)]
        await street.reply(agent, item, "Buenos días")
        await street.reply(agent, item, "¿Sigue ahí?")
        await street.deliver()
        thread = await street.thread()
        assert [(one["delivery"], one["delivery_reason"]) for one in thread[-2:]] == [
            ("failed", "blocked"),
            ("accepted", None),
        ]
        async with street.house.db.read() as conn:
            alerts = await views.alerts(conn, None)
        assert [(one["kind"], one["data"]["error"]) for one in alerts] == [("undelivered", "blocked")]
        await street.house.do(boss, "message.resolve", message_id=thread[-2]["id"], how="again")
        await street.deliver()
        assert (await street.thread())[-2]["delivery"] == "accepted"
        with pytest.raises(Conflict):
            await street.house.do(boss, "message.resolve", message_id=thread[-2]["id"], how="again")


async def test_a_sending_of_unknown_fate_is_not_repeated_by_itself(database_url: str) -> None:
    async with open_street(database_url) as street:
        agent = await street.house.staff("ana")
        await street.say("Hola")
        item = await street.take(agent)
        await street.deliver()
        street.toy.refusals = [ProviderError("uncertain", retryable=False)]
        before = len(street.toy.outbox)
        await street.reply(agent, item, "Buenos días")
        await street.deliver()
        street.house.clock.advance(3_600)
        await street.deliver()
        assert len(street.toy.outbox) == before + 1
        message = (await street.thread())[-1]
        assert message["delivery"] == "uncertain"
        await street.house.do(agent, "message.resolve", message_id=message["id"], how="arrived")
        assert (await street.thread())[-1]["delivery"] == "accepted"


async def test_a_file_is_copied_in_shown_and_deleted_there(database_url: str) -> None:
    async with open_street(database_url) as street:
        street.toy.files = {"foto.png": png(), "virus.exe": b"MZ"}
        await street.say("Mire", files=["foto.png", "virus.exe"])
        assert [one["state"] for one in (await street.thread())[0]["data"]["media"]] == ["arriving", "arriving"]
        while await street.house.media.step():
            pass
        message = (await street.thread())[0]
        assert [one["name"] for one in message["attachments"]] == ["foto.png"]
        assert [(one["name"], one["state"]) for one in message["data"]["media"]] == [("virus.exe", "refused")]
        assert "foto.png" not in street.toy.files
        await street.deliver()
        assert any("virus.exe" in one.text for one in street.toy.outbox)


async def test_a_code_goes_on_with_the_conversation_in_another_channel(database_url: str) -> None:
    async with open_street(database_url) as street:
        agent = await street.house.staff("ana")
        citizen = await street.house.visitor(name="María Ejemplo Uno")
        await street.house.do(citizen, "chat.send", text="Hay un bache")
        item = await street.take(agent)
        person = await street.house.do(
            agent, "citizen.save", names="María", first_surname="Ejemplo", conversation_id=item["conversation"]
        )
        code = (await street.house.do(agent, "conversation.give_code", conversation_id=item["conversation"]))["code"]
        await street.say("Hola, " + code.lower().replace("-", " "))
        await street.deliver()
        second = await street.take(agent)
        assert second["citizen"] == person["citizen"]["id"]
        async with street.house.db.read() as conn:
            seen = await views.conversations(conn, [second["conversation"]], street.house.clock.now())
        assert seen[second["conversation"]]["previous"] == item["conversation"]
        assert any("Continuamos con su conversación" in one.text for one in street.toy.outbox)
        answer = await street.house.do(
            agent, "conversation.take_code", conversation_id=second["conversation"], code=code
        )
        assert answer == {"found": False}


async def test_a_channel_that_is_down_rings_once_and_stops(database_url: str) -> None:
    async with open_street(database_url) as street:
        for _ in range(2):
            await street.toy.door.report_health("toy", "no_updates", waiting=3)
        async with street.house.db.read() as conn:
            rung = await views.alerts(conn, None)
        assert [(one["kind"], one["level"], one["data"]["waiting"]) for one in rung] == [
            ("channel_down", "critical", 3)
        ]
        await street.toy.door.report_health("toy", None)
        async with street.house.db.read() as conn:
            assert await views.alerts(conn, None) == []


async def test_out_of_hours_and_words_for_a_person(database_url: str) -> None:
    async with open_street(database_url) as street:
        street.house.clock.advance(12 * 3600)
        await street.say("agente")
        await street.deliver()
        assert any("911" in one.text for one in street.toy.outbox)
        async with street.house.db.read() as conn:
            items = await work.waiting_items(conn)
        assert items == [] or all(one.kind == "message" for one in items)


async def test_whoever_waits_is_told_their_place_and_is_not_taken_for_gone(sqlite_database_url: str) -> None:
    async with open_street(sqlite_database_url) as street:
        await street.say("Hola", sender="uno")
        await street.say("Hola", sender="dos")
        street.house.clock.advance(30)
        await street.house.timers.places()
        await street.house.timers.places()
        places = [one["text"] for one in await street.thread("dos") if one["code"] == "place"]
        assert places == [
            "Su lugar en la fila es el 2. No necesita quedarse esperando: le responderemos por este medio."
        ]
        street.house.clock.advance(5 * 3600)
        await street.house.timers.sweep()
        async with street.house.db.read() as conn:
            assert len(await work.waiting_items(conn)) == 2


async def test_a_conversation_elsewhere_closes_after_a_day_and_asks_how_it_was(sqlite_database_url: str) -> None:
    async with open_street(sqlite_database_url) as street:
        agent = await street.house.staff("ana")
        await street.say("Hola")
        item = await street.take(agent)
        await street.reply(agent, item, "¿En qué le ayudo?")
        street.house.clock.advance(3_600)
        await street.beat(agent)
        await street.house.timers.sweep()
        assert (await street.thread())[-1]["text"] == "¿En qué le ayudo?"
        street.house.clock.advance(86_400)
        await street.beat(agent)
        await street.house.timers.sweep()
        assert (await street.thread())[-1]["code"] == "closed"


async def test_a_bare_number_answers_the_survey_and_nothing_else(sqlite_database_url: str) -> None:
    async with open_street(sqlite_database_url) as street:
        agent = await street.house.staff("ana")
        await street.say("Hola")
        item = await street.take(agent)
        await street.reply(agent, item, "Con gusto")
        await street.house.do(agent, "conversation.close", conversation_id=item["conversation"], epoch=item["epoch"])
        await street.deliver()
        assert "del 1 (mala) al 5 (excelente)" in street.toy.outbox[-1].text
        await street.say("5")
        await street.deliver()
        assert street.toy.outbox[-1].text == "Gracias por su respuesta."
        async with street.house.db.read() as conn:
            row = await chat_store.get(conn, item["conversation"])
        assert row is not None
        assert row.survey["score"] == 5
        await street.say("5")
        assert (await street.thread())[0]["text"] == "5"  # a new conversation: the survey is over


async def test_a_folio_is_answered_by_the_house_and_agente_reaches_a_person(sqlite_database_url: str) -> None:
    async with open_street(sqlite_database_url) as street:
        await street.say("/folio CEAC-2026-000001 0001")
        assert (await street.thread())[-1]["code"] == "folio_not_found"
        for _ in range(3):
            await street.say("CEAC-2026-000001 0001")
        async with street.house.db.read() as conn:
            assert len(await work.waiting_items(conn)) == 1  # three failures lead to a person
        await street.say("folio CEAC-2026-000002 0002", sender="dos")
        await street.say("Agente, por favor", sender="dos")
        async with street.house.db.read() as conn:
            assert len(await work.waiting_items(conn)) == 2


async def test_an_address_is_known_again_unless_it_may_be_somebody_elses(sqlite_database_url: str) -> None:
    async with open_street(sqlite_database_url) as street:
        agent = await street.house.staff("ana")
        await street.say("Hola")
        item = await street.take(agent)
        names = {"names": "María", "first_surname": "Ejemplo", "phone": "6620000001"}
        person = await street.house.do(agent, "citizen.save", conversation_id=item["conversation"], **names)
        await street.house.do(
            agent, "work.finish", item_id=item["id"], epoch=item["epoch"], disposition="oriented", note="x"
        )
        street.house.clock.advance(3 * 86_400)
        await street.say("Otra vez yo")
        await street.beat(agent)
        again = await street.take(agent)
        assert again["citizen"] == person["citizen"]["id"]


async def test_deliveries_are_remembered_for_thirty_days_and_then_forgotten(database_url: str) -> None:
    async with open_street(database_url) as street:
        assert (await street.say("Hola")).status_code == 204
        for days, kept in ((29, 1), (2, 0)):
            street.house.clock.advance(days * 86_400)
            await street.house.timers.hourly()
            async with street.house.db.read() as conn:
                assert len((await conn.execute(select(inbox.c.id))).all()) == kept


async def test_one_that_the_provider_keeps_waiting_holds_up_nobody_else(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_street(sqlite_database_url) as street:
        toy, real = street.toy, street.toy.send
        begun, answered, others = anyio.Event(), anyio.Event(), anyio.Event()

        async def send(message: OutboundMessage) -> Sequence[str]:
            if message.address == "maria":
                begun.set()
                await answered.wait()
            found = await real(message)
            if {one.address for one in toy.outbox} == {"juan", "rosa"}:
                others.set()
            return found

        monkeypatch.setattr(toy, "send", send)
        await street.say("Hola")
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(street.house.outbox.run)
                await begun.wait()
                await street.say("Hola", sender="juan")
                await street.say("Hola", sender="rosa")
                await others.wait()
                answered.set()
                while "maria" not in {one.address for one in toy.outbox}:
                    await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
