"""Telegram, both ways over real HTTP: the simulator sends what the real one sends and refuses what it refuses."""

import contextlib
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from telegram import Update

from channels import telegram_wire as wire
from contact_center.errors import Conflict, Invalid
from contact_center.rules.messaging import InboundConsent, InboundMessage
from contact_center.simulators.telegram.state import Fault
from contact_center.store.schema import inbox, messages, outbox, visitors
from tests.support.telegram_stage import TelegramStage, open_telegram

OGG = b"OggS\x00\x02" + bytes(60)
MARIA = 662_000_001


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "JPEG")
    return out.getvalue()


async def rows(stage: TelegramStage, table: Any) -> list[Any]:
    async with stage.house.db.read() as conn:
        return list((await conn.execute(table.select())).all())


async def test_a_citizen_writes_from_telegram_and_is_answered_there(database_url: str) -> None:
    async with open_telegram(database_url) as stage:
        agent = await stage.house.staff("ana")
        maria = stage.sim.person(MARIA, "María", last_name="Ejemplo Uno")
        maria.start()
        await stage.arrived()
        await stage.deliver()
        assert "Aviso de privacidad" in maria.texts[0]
        assert "agente" in maria.texts[1]
        first = maria.say("Buenos días, hay un bachezote en la calle Ejemplo")
        await stage.arrived()
        item = await stage.take(agent)
        assert (item["channel"], item["label"]) == ("telegram", "María E.")
        await stage.reply(agent, item, "Con gusto le atiendo, ¿en qué colonia?")
        await stage.deliver()
        assert maria.texts[-1] == "Con gusto le atiendo, ¿en qué colonia?"
        maria.edit(first, "Buenos días, hay un bache en la calle Muestra")
        maria.react(maria.received[-1]["message_id"], "👍")
        maria.photo(jpeg(), "Mire")
        maria.voice(OGG)
        maria.location(29.072967, -110.955919)
        maria.document("virus.exe", b"MZ" + bytes(100), "application/octet-stream")
        await stage.arrived()
        await stage.deliver()
        thread = await stage.thread(MARIA)
        edited = next(one for one in thread if one["data"] and "edited_at" in one["data"])
        assert edited["text"] == "Buenos días, hay un bache en la calle Muestra"
        assert next(one for one in thread if one["author"]["kind"] == "agent")["data"] == {"reactions": ["👍"]}
        files = [file for one in thread for file in one["attachments"]]
        assert [one["media_type"] for one in files] == ["image/jpeg", "audio/ogg"]
        place = next(one for one in thread if one["data"] and "location" in one["data"])
        assert place["text"] == "Ubicación: 29.072967, -110.955919"
        refused = next(one for one in thread if one["data"] and one["data"].get("media"))
        assert refused["data"]["media"][0]["state"] == "refused"
        assert any("virus.exe" in text for text in maria.texts)


async def test_files_and_long_answers_go_out_as_telegram_takes_them(sqlite_database_url: str) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        agent = await stage.house.staff("ana")
        maria = stage.sim.person(MARIA)
        maria.say("Hola")
        await stage.arrived()
        item = await stage.take(agent)
        async with stage.house.http():
            ids = [await store_file(stage, agent, item, f"foto-{n}.jpg", jpeg()) for n in range(3)]
        await stage.reply(agent, item, "Estas son las fotos", attachment_ids=ids)
        await stage.deliver()
        album = [one for one in maria.received if "photo" in one]
        assert len(album) == 3
        assert album[0]["caption"] == "Estas son las fotos"
        assert [one["delivery"] for one in await stage.thread(MARIA)][-1] == "accepted"
        assert len([one for one in stage.sim.ledger if one["kind"] == "refused"]) == 0


async def store_file(stage: TelegramStage, agent: Any, item: dict[str, Any], name: str, content: bytes) -> str:
    """Store a file as the upload door does, for the agent to send."""
    from hashlib import sha256

    digest = sha256(content).hexdigest()
    await stage.house.house.blobs.put(digest, content)
    facts: dict[str, Any] = {"name": name, "media_type": "image/jpeg", "size_bytes": len(content), "sha256": digest}
    answer = await stage.house.do(agent, "attachment.store", conversation_id=item["conversation"], **facts)
    stored: str = answer["attachment"]["id"]
    return stored


@pytest.mark.parametrize("secret", [None, "", "prefix", "upper", "other"])
async def test_whoever_has_not_the_secret_finds_nothing(sqlite_database_url: str, secret: str | None) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        right = stage.sim.state.hook.secret
        given_secret = {"prefix": right[:-1], "upper": right.upper(), "other": "0" * len(right)}.get(
            secret or "", secret
        )
        headers = {} if given_secret is None else {"X-Telegram-Bot-Api-Secret-Token": given_secret}
        update = {"update_id": 1, "message": {"message_id": 1}}
        answer = await stage.post(update, **headers)
        assert answer.status_code == 404
        assert await rows(stage, inbox) == []


async def test_strange_updates_are_acknowledged_and_change_nothing(sqlite_database_url: str) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        maria = stage.sim.person(MARIA)
        group = {"id": -100, "type": "group", "title": "Vecinos"}
        message = {"message_id": 5, "date": 1, "chat": group, "from": maria.chat.as_user(), "text": "hola"}
        secret = {"X-Telegram-Bot-Api-Secret-Token": stage.sim.state.hook.secret}
        strange: list[Any] = [
            {"update_id": -1},
            {"update_id": 2**63},
            {"update_id": "1"},
            {},
            [],
            7,
            {"update_id": 5, "message": {"message_id": "x"}},
            {"update_id": 6, "message": message},
            {"update_id": 7, "channel_post": {**message, "chat": {"id": -5, "type": "channel", "title": "x"}}},
            {
                "update_id": 8,
                "callback_query": {"id": "1", "from": maria.chat.as_user(), "chat_instance": "1", "data": "x"},
            },
            {"update_id": 9, "edited_message": {**message, "chat": maria.chat.as_chat(), "edit_date": 2}},
        ]
        for update in strange:
            assert (await stage.post(update, **secret)).status_code == 200, update
        assert await rows(stage, messages) == []
        form = await stage.post({"update_id": 10}, **secret, **{"Content-Type": "text/plain"})
        assert form.status_code == 404


async def test_an_update_that_comes_twenty_times_is_one_message(sqlite_database_url: str) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        stage.sim.state.duplicates = 20
        maria = stage.sim.person(MARIA)
        maria.say("Hola")
        await stage.arrived()
        said = [one["text"] for one in await stage.thread(MARIA) if one["author"]["kind"] == "citizen"]
        assert said == ["Hola"]


async def test_a_blocked_bot_a_flood_and_a_lost_answer_are_told_apart(database_url: str) -> None:
    async with open_telegram(database_url) as stage:
        agent = await stage.house.staff("ana")
        maria = stage.sim.person(MARIA)
        maria.say("Hola")
        await stage.arrived()
        item = await stage.take(agent)
        await stage.deliver()
        stage.sim.set_faults(Fault("429", next=1, retry_after_s=7))
        await stage.reply(agent, item, "uno")
        await stage.house.outbox.step("telegram")
        assert (await stage.thread(MARIA))[-1]["delivery"] == "queued"
        stage.house.clock.advance(6.5)
        await stage.house.outbox.step("telegram")
        assert maria.texts[-1] != "uno"
        stage.house.clock.advance(1.5)
        await stage.house.outbox.step("telegram")
        assert maria.texts[-1] == "uno"
        stage.sim.set_faults(Fault("502", next=1))
        await stage.reply(agent, item, "dos")
        await stage.deliver()
        assert (await stage.thread(MARIA))[-1]["delivery"] == "uncertain"
        assert "dos" not in maria.texts
        maria.block()
        await stage.arrived()
        with pytest.raises(Conflict) as refused:
            await stage.reply(agent, item, "tres")
        assert refused.value.code == "opted_out"


async def test_the_bots_token_is_nowhere(sqlite_database_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with open_telegram(sqlite_database_url) as stage:
        agent = await stage.house.staff("ana")
        maria = stage.sim.person(MARIA)
        maria.photo(jpeg())
        await stage.arrived()
        item = await stage.take(agent)
        stage.sim.set_faults(Fault("500", next=1))
        await stage.reply(agent, item, "Hola")
        await stage.deliver()
        secret = stage.config.token.partition(":")[2]
        for table in (inbox, messages, outbox, visitors):
            assert secret not in repr(await rows(stage, table))
        ours = [one for one in caplog.records if not one.name.startswith(("httpcore", "asyncio", "telegram"))]
        assert secret not in "".join(one.getMessage() for one in ours)


async def test_polling_takes_updates_and_acknowledges_them(sqlite_database_url: str) -> None:
    async with open_telegram(sqlite_database_url, mode="polling") as stage:
        maria = stage.sim.person(MARIA)
        maria.say("Hola")
        maria.say("¿Hay alguien?")
        await stage.arrived()
        said = [one["text"] for one in await stage.thread(MARIA) if one["author"]["kind"] == "citizen"]
        assert said == ["Hola", "¿Hay alguien?"]


async def test_a_shared_number_is_believed_only_when_telegram_says_whose_it_is(sqlite_database_url: str) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        maria, jose = stage.sim.person(MARIA), stage.sim.person(MARIA + 1, "José")
        maria.share_contact("526620000001")
        jose.share_contact("526620000002", own=False)
        await stage.arrived()
        phones = {row.address: row.phone for row in await rows(stage, visitors)}
        assert phones == {str(MARIA): "+526620000001", str(MARIA + 1): None}


def test_updates_that_wait_with_an_error_for_fifteen_minutes_ring_and_stop_ringing() -> None:
    outage, start = wire.Outage(), datetime(2026, 11, 24, 16, tzinfo=UTC)
    minutes = [start + timedelta(minutes=n) for n in range(40)]
    said = [outage.seen(now, pending=3, last_error_at=now) for now in minutes[:20]]
    assert said.index("updates_stuck") == 15
    assert outage.seen(minutes[20], pending=0, last_error_at=minutes[19]) is None
    assert outage.seen(minutes[21], pending=5, last_error_at=None) is None
    silent = [outage.unreachable(now) for now in minutes[22:]]
    assert silent.index("unreachable") == 15


@settings(max_examples=40)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_json_breaks_the_reader(raw: Any) -> None:
    body = {"update_id": 5, "message": raw, "edited_message": raw, "my_chat_member": raw}
    for one in (raw, body):
        with contextlib.suppress(Invalid):
            wire.event_of("telegram", 1, wire.read(one))


def test_the_official_parser_and_ours_agree_on_what_a_private_message_is() -> None:
    user = {"id": 7, "is_bot": False, "first_name": "<b onmouseover=alert(1)>Ana", "language_code": "en"}
    chat = {"id": 7, "type": "private", "first_name": "Ana"}
    raw = {
        "update_id": 3,
        "message": {"message_id": 9, "date": 1_764_000_000, "chat": chat, "from": user, "text": "/start x"},
    }
    event = wire.event_of("telegram", 42, Update.de_json(raw, None))
    assert isinstance(event, InboundMessage)
    assert (event.event_key, event.address, event.opening) == ("42:3", "7", True)
    member = {"user": {"id": 1, "is_bot": True, "first_name": "b"}, "status": "kicked", "until_date": 0}
    blocked = {
        "chat": chat,
        "from": user,
        "date": 1,
        "old_chat_member": {**member, "status": "member"},
        "new_chat_member": member,
    }
    consent = wire.event_of("telegram", 42, wire.read({"update_id": 4, "my_chat_member": blocked}))
    assert isinstance(consent, InboundConsent)
    assert not consent.allowed
