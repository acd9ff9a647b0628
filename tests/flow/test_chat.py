"""The main job, whole app in one process: a citizen writes, an agent answers, nothing is lost."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.errors import Conflict, Denied, Invalid, Missing, OfferGone, StaleOwner
from contact_center.rules.model import Role
from contact_center.store import work
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house

NIGHT = datetime(2026, 11, 25, 3, 31, tzinfo=UTC)
"""Tuesday 24 November 2026, 20:31 in Hermosillo: closed."""


async def held(house: TestHouse, text: str = "Buenos días, hay un bache en mi calle") -> tuple[Any, ...]:
    """A citizen's conversation in the hands of an agent."""
    agent = await house.staff("ana")
    citizen = await house.visitor(name="María Ejemplo Uno")
    sent = await house.do(citizen, "chat.send", text=text)
    item = await house.take_first(agent)
    return agent, citizen, sent["conversation"], item


async def open_item(conn: AsyncConnection, interaction_id: str) -> Any:
    item = await work.open_item_of(conn, interaction_id)
    assert item is not None
    return item


async def item_row(conn: AsyncConnection, item_id: str) -> Any:
    item = await work.get_item(conn, item_id)
    assert item is not None
    return item


async def test_a_citizens_words_reach_the_agent_who_accepts_and_the_answer_reaches_the_citizen(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        agent = await house.staff("ana")
        citizen = await house.visitor(name="María Ejemplo Uno")
        phone = house.watch_citizen(citizen)
        console = house.watch_as(agent)
        sent = await house.do(citizen, "chat.send", text="Hay un bachezote en la calle Ejemplo")
        assert sent["seq"] == 1
        item = await house.take_first(agent)
        assert (item["state"], item["owner"], item["epoch"]) == ("held", agent.id, 1)
        answer = await house.do(
            agent, "conversation.reply", conversation_id=sent["conversation"], epoch=1, text="Con gusto le atiendo"
        )
        await house.settle()
        assert answer["seq"] == 2
        assert console.types().count("work.queued") == 1
        assert "work.accepted" in console.types()
        said = [event["message"] for event in phone.events if event["type"] == "message.added"]
        assert [(one["seq"], one["author"]["kind"]) for one in said][-1] == (2, "agent")
        assert said[-1]["author"] == {"kind": "agent", "name": "Ana"}


async def test_a_repeated_message_is_stored_once_and_answered_the_same(database_url: str) -> None:
    async with open_house(database_url) as house:
        citizen = await house.visitor()
        first = await house.do(citizen, "chat.send", "one-client-id", text="Buenos días")
        again = await house.do(citizen, "chat.send", "one-client-id", text="Buenos días")
        assert again == first
        with pytest.raises(Conflict) as refused:
            await house.do(citizen, "chat.send", "one-client-id", text="Otra cosa")
        assert refused.value.code == "client_id_reused"


async def test_a_stale_holder_cannot_answer(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        boss = await house.staff("marta", Role.supervisor, state=None)
        await house.do(boss, "work.take_over", item_id=item["id"], reason="Lo atiendo yo")
        with pytest.raises(StaleOwner):
            await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=1, text="Sigo aquí")
        taken = await house.item(item["id"])
        assert (taken["owner"], taken["epoch"]) == (boss.id, 2)


async def test_an_agent_cannot_read_or_answer_what_a_colleague_holds(database_url: str) -> None:
    async with open_house(database_url) as house:
        _agent, _citizen, conversation, _item = await held(house)
        other = await house.staff("jorge")
        with pytest.raises((Missing, StaleOwner)):
            await house.do(other, "conversation.reply", conversation_id=conversation, epoch=1, text="Hola")
        with pytest.raises(Missing):
            await house.do(other, "conversation.close", conversation_id=conversation, epoch=1)
        with pytest.raises(Denied):
            await house.do(other, "conversation.watch", conversation_id=conversation)


async def test_an_unanswered_offer_goes_to_the_next_agent_and_is_counted(database_url: str) -> None:
    async with open_house(database_url) as house:
        agents = [await house.staff("ana"), await house.staff("jorge")]
        citizen = await house.visitor()
        await house.do(citizen, "chat.send", text="Buenos días")
        await house.route()
        async with house.db.read() as conn:
            first = (await work.open_offers(conn))[0]
        house.clock.advance(40)
        await house.do(next(a for a in agents if a.id != first.agent_id), "agent.set_state", state="available")
        await house.timers.sweep()
        await house.writer.submit(*_beat([a.id for a in agents]))
        await house.route()
        async with house.db.read() as conn:
            second = (await work.open_offers(conn))[0]
            item = await item_row(conn, first.work_item_id)
        assert second.agent_id != first.agent_id
        assert [agent for agent, _at in item.declined] == [first.agent_id]
        with pytest.raises(OfferGone):
            await house.do(next(a for a in agents if a.id == first.agent_id), "work.accept", offer_id=first.id)


def _beat(ids: list[str]) -> tuple[Any, ...]:
    from contact_center.actions.kernel import SYSTEM
    from contact_center.actions.presence import Beat

    return SYSTEM, "presence.beat", Beat(user_ids=tuple(ids))


async def test_out_of_hours_a_message_becomes_dated_work(database_url: str) -> None:
    async with open_house(database_url, clock=ManualClock(NIGHT)) as house:
        citizen = await house.visitor()
        phone = house.watch_citizen(citizen)
        sent = await house.do(citizen, "chat.send", text="Necesito ayuda con un acta")
        await house.settle()
        from contact_center.store import conversations

        async with house.db.read() as conn:
            row = await conversations.get(conn, sent["conversation"])
            item = await open_item(conn, sent["conversation"])
        assert row is not None and row.state == "message_left"
        assert (item.state, item.kind) == ("scheduled", "message")
        assert item.due_at == datetime(2026, 11, 25, 15, 0, tzinfo=UTC)
        told = [e["message"] for e in phone.events if e["type"] == "message.added" and e["message"]["code"]]
        assert "8:00" in told[-1]["text"] and "{" not in told[-1]["text"]
        house.clock.advance(12 * 3600)
        await house.timers.sweep()
        assert (await house.item(item.id))["state"] == "waiting"


async def test_crisis_words_bring_help_at_once_at_any_hour_and_jump_the_line(database_url: str) -> None:
    async with open_house(database_url, clock=ManualClock(NIGHT)) as house:
        boss = await house.staff("marta", Role.supervisor, state=None)
        floor = house.watch_as(boss)
        citizen = await house.visitor()
        phone = house.watch_citizen(citizen)
        sent = await house.do(citizen, "chat.send", text="ya no quiero vivir, ya no aguanto")
        await house.settle()
        help_text = [
            e["message"] for e in phone.events if e["type"] == "message.added" and e["message"]["code"] == "crisis"
        ]
        assert "911" in help_text[0]["text"] and "800 911 2000" in help_text[0]["text"]
        assert [e["alert"]["kind"] for e in floor.events if e["type"] == "alert.raised"] == ["crisis"]
        async with house.db.read() as conn:
            item = await open_item(conn, sent["conversation"])
        assert (item.state, item.priority) == ("waiting", "critical")
        shown = await house.item(item.id)
        assert shown["label"] is None and "crisis_life" in shown["flags"]
        await house.do(citizen, "chat.end")
        assert (await house.item(item.id))["state"] == "waiting"


async def test_a_silent_agents_contacts_go_back_to_the_head_and_the_citizen_is_told_once(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, citizen, conversation, item = await held(house)
        phone = house.watch_citizen(citizen)
        phone.connection.topics.add(f"chat:{conversation}")
        house.house.hub.add(phone.connection)
        house.clock.advance(59)
        await house.timers.sweep()
        assert (await house.item(item["id"]))["state"] == "held"
        house.clock.advance(3)
        await house.timers.sweep()
        await house.timers.sweep()
        await house.settle()
        back = await house.item(item["id"])
        assert (back["state"], back["owner"], back["enqueued_at"]) == ("waiting", None, item["enqueued_at"])
        told = [e for e in phone.events if e["type"] == "message.added" and e["message"]["code"] == "agent_gone"]
        assert len(told) == 1
        assert (await house.actor(agent.id)).id == agent.id


async def test_nothing_ends_uncaptured(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        with pytest.raises(Invalid) as refused:
            await house.do(agent, "work.finish", item_id=item["id"], epoch=1, disposition="petition_registered")
        assert refused.value.code == "capture_incomplete"
        assert (await house.item(item["id"]))["state"] == "held"
        await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=1, text="Le explico")
        await house.do(agent, "conversation.close", conversation_id=conversation, epoch=1)
        assert (await house.item(item["id"]))["state"] == "wrap_up"
        house.clock.advance(600)
        await house.writer.submit(*_beat([agent.id]))
        await house.timers.sweep()
        from contact_center.live import views

        async with house.db.read() as conn:
            findings = await views.findings(conn, None, agent_id=agent.id)
        assert [one["interaction"] for one in findings] == [conversation]
        await house.do(
            agent,
            "work.capture",
            item_id=item["id"],
            epoch=1,
            disposition="oriented",
            no_petition_reason="orientation_only",
        )
        async with house.db.read() as conn:
            assert await views.findings(conn, None, agent_id=agent.id) == []


async def test_a_transfer_travels_with_history_wait_and_reason_and_can_be_returned(database_url: str) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, _conversation, item = await held(house)
        other = await house.staff("lucia")
        await house.do(
            agent,
            "work.transfer",
            item_id=item["id"],
            epoch=1,
            to_kind="user",
            to_id=other.id,
            reason="competence",
            note="Va con usted",
        )
        moved = await house.take_first(other)
        assert (moved["owner"], moved["enqueued_at"], moved["transfers"]) == (other.id, item["enqueued_at"], 1)
        await house.do(other, "work.return", item_id=item["id"], epoch=moved["epoch"], reason="No me corresponde")
        back = await house.take_first(agent)
        assert back["owner"] == agent.id
        async with house.db.read() as conn:
            segments = await work.segments_of(conn, item["interaction"])
        assert [one.agent_id for one in segments] == [agent.id, other.id, agent.id]


async def test_a_quiet_citizen_is_asked_then_the_conversation_is_closed_but_never_in_a_crisis(
    database_url: str,
) -> None:
    async with open_house(database_url) as house:
        agent, _citizen, conversation, item = await held(house)
        await house.do(agent, "conversation.reply", conversation_id=conversation, epoch=1, text="¿Me da su calle?")

        async def wait(seconds: float) -> str:
            house.clock.advance(seconds)
            await house.writer.submit(*_beat([agent.id]))
            await house.timers.sweep()
            return str((await house.item(item["id"]))["conversation_state"])

        assert await wait(299) == "active"
        assert await wait(2) == "waiting"
        assert await wait(299) == "waiting"
        assert await wait(2) == "closed_inactivity"
        assert (await house.item(item["id"]))["state"] == "wrap_up"


@pytest.mark.parametrize("text", ["", "   ", "a\x00b", "\ud800", "x" * 4001])
async def test_text_that_cannot_be_stored_is_refused_and_nothing_is_written(database_url: str, text: str) -> None:
    async with open_house(database_url) as house:
        citizen = await house.visitor()
        with pytest.raises((Invalid, ValidationError)):
            await house.do(citizen, "chat.send", text=text)
        async with house.db.read() as conn:
            assert (await conn.exec_driver_sql("SELECT count(*) FROM conversations")).scalar_one() == 0
