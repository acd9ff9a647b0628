"""Promised calls from the chat, their owner and queue, the calendar, the order that waited too long."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import func, select, update

from contact_center.errors import ContactCenterError
from contact_center.store.schema import callback_promises, callbacks, calls
from tests.support.house import TestHouse
from tests.support.promising import HOUR, NUMBER, at, call, come_due, office, plan, refused, take
from tests.support.registering import phone_of, rows
from tests.support.signed_in import desk


async def test_the_owner_is_asked_first_and_the_queue_after_a_grace(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        berta = await desk(house, "berta")
        await plan(house, boss, HOUR, owner_id=ana.actor.id)
        await house.do(ana.actor, "agent.set_state", state="paused", reason="meal")
        await come_due(house, HOUR + 1, berta)
        await house.route()
        (waiting,) = [one async for one in _waiting(house)]
        assert waiting.skipped == "waiting_for_agent"
        house.clock.advance(301)
        await house.do(berta.actor, "agent.set_state", state="available")
        item = await take(house, berta)
        assert item["owner"] == berta.actor.id


async def _waiting(house: TestHouse) -> AsyncIterator[Any]:
    from contact_center.store import work

    async with house.db.read() as conn:
        for one in await work.waiting_items(conn):
            yield one


async def test_a_citizen_asks_in_the_chat_moves_it_and_calls_it_off(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, _ana, _boss), phone_of(house) as (client, _citizen):
        wish: dict[str, Any] = {"client_id": "wish-0001", "phone": NUMBER}
        path = "/api/v1/chat/callbacks"
        assert await refused(await client.post(path, json=wish)) == (400, "invalid", {"phone_again": "required"})
        wish |= {"client_id": "wish-0002", "phone_again": "662 000 0004"}
        assert await refused(await client.post(path, json=wish)) == (400, "invalid", {"phone_again": "differs"})
        times = (await client.get(f"{path}/times", params={"phone": NUMBER})).json()
        assert times["zone"] == "America/Hermosillo" and times["asap"]["words"].startswith("hoy a las")
        chosen = times["times"][1]
        wish |= {"client_id": "wish-0003", "phone_again": NUMBER, "due_at": chosen["at"]}
        shown = (await client.post(path, json=wish)).json()["callback"]
        assert (shown["state"], shown["at"], shown["can_cancel"]) == ("promised", chosen["at"], True)
        assert shown["number"] == "662 ••• •003"
        state = (await client.get("/api/v1/chat/state")).json()
        assert state["callback"]["id"] == shown["id"]
        assert state["messages"][-1]["text"].startswith(f"Le llamaremos {chosen['words']}")
        second = await client.post(path, json={**wish, "client_id": "wish-0004"})
        assert (await refused(second))[:2] == (409, "already_promised")
        later = {"client_id": "wish-0005", "callback_id": shown["id"], "due_at": times["times"][2]["at"]}
        assert (await client.post(f"{path}/move", json=later)).json()["callback"]["at"] == later["due_at"]
        off = {"client_id": "wish-0006", "callback_id": shown["id"]}
        assert (await client.post(f"{path}/cancel", json=off)).json()["callback"]["state"] == "cancelled"
        standings = [one.standing for one in await rows(house, callback_promises)]
        assert sorted(standings) == ["moved", "withdrawn"]
        other = {**wish, "client_id": "wish-0007", "phone": "662 000 0009", "phone_again": "662 000 0009"}
        assert await refused(await client.post(path, json=other)) == (400, "invalid", {"phone": "other_number"})
        for code, bad in (("premium", "900 123 4567"), ("emergency", "911"), ("country", "+34 612 345 678")):
            other |= {"client_id": f"wish-{code}", "phone": bad, "phone_again": bad}
            assert (await refused(await client.post(path, json=other)))[2] == {"phone": code}


async def test_whoever_waits_and_asks_to_be_called_keeps_their_place(database_url: str) -> None:
    async with office(database_url) as (house, ana, _boss):
        await house.do(ana.actor, "agent.set_state", state="paused", reason="meal")
        citizen = await house.visitor(phone=NUMBER)
        await house.do(citizen, "chat.send", text="Buenos días")
        house.clock.advance(240)
        await house.do(await house.visitor(), "chat.send", text="Yo llegué después")
        house.clock.advance(30)
        await house.do(citizen, "chat.callback", phone=NUMBER)
        await house.do(ana.actor, "agent.set_state", state="available")
        item = await take(house, ana)
        assert item["enqueued_at"] == at(house, -270)
        async with house.db.read() as conn:
            open_items = (await conn.execute(select(func.count()).select_from(callbacks))).scalar_one()
        assert open_items == 1


async def test_nobody_can_have_others_called(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, _boss):
        codes = []
        for _ in range(100):
            visitor = await house.visitor()
            try:
                await house.do(visitor, "chat.callback", phone=NUMBER, phone_again=NUMBER)
                codes.append("made")
            except ContactCenterError as error:
                codes.append(error.code)
        assert codes == ["made"] + ["number_refused"] * 99
        await house.timers.sweep()
        taken = await take(house, ana)
        await call(house, ana, taken, "answered", "wrong_number")
        (row,) = await rows(house, callbacks)
        assert (row.state, row.outcome) == ("exhausted", "wrong_number")
        house.clock.advance(86_400)
        with pytest.raises(ContactCenterError) as no:
            await house.do(await house.visitor(), "chat.callback", phone=NUMBER, phone_again=NUMBER)
        assert no.value.code == "number_refused"


async def test_an_agents_calls_are_a_calendar_without_names_or_numbers(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        await plan(house, boss, HOUR, owner_id=ana.actor.id)
        await plan(house, boss, HOUR, number="662 000 1001")
        own = await ana.get("/api/v1/callbacks/mine.ics")
        assert own.headers["content-type"].startswith("text/calendar")
        event: Any = Calendar.from_ical(own.text).walk("VEVENT")[0]
        assert event["DTSTART"].dt == house.clock.now() + timedelta(seconds=HOUR)
        assert str(event["SUMMARY"]) == "Devolver una llamada"
        assert "662" not in own.text
        first = (await ana.post("/api/v1/callbacks/calendar")).json()["url"]
        second = (await ana.post("/api/v1/callbacks/calendar")).json()["url"]
        async with house.http() as anybody:
            assert (await anybody.get(first)).status_code == 404
            assert (await anybody.get(second)).text == own.text
            assert (await anybody.get("/calendar/guess.ics")).status_code == 404


async def test_an_order_to_dial_that_waited_past_the_hours_does_not_leave(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        from contact_center.actions import call_orders
        from contact_center.actions.kernel import SYSTEM, Tx
        from contact_center.rules.calls import OrderKind

        made = await plan(house, boss, 0)
        await house.do(ana.actor, "work.take", item_id=made["item"])
        await ana.must("call.start", direction="outbound", item_id=made["item"])
        async with house.db.write() as conn:
            (line,) = (await conn.execute(select(calls))).all()
            await conn.execute(update(calls).values(mode="browser"))
            tx = Tx(conn, house.clock.now(), house.house.ids, SYSTEM)
            await call_orders.ask(tx, line, OrderKind.dial, by=ana.actor.id, user=ana.actor.id)
        house.clock.advance(12 * HOUR)
        assert (await house.do(SYSTEM, "order.claim", limit=10))["orders"] == []
        (line,) = await rows(house, calls)
        (promise,) = await rows(house, callback_promises)
        assert (line.state, promise.standing) == ("cancelled", "pending")


async def test_a_try_whose_agent_left_with_the_line_open_is_not_forgotten(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        made = await plan(house, boss, 0)
        await call(house, ana, await take(house, ana))
        house.clock.advance(120)
        await house.timers.sweep()
        assert (await house.item(made["item"]))["owner"] == ana.actor.id, "they may well be talking"
        await house.timers.audit()
        house.clock.advance(HOUR)
        await house.timers.audit()
        item = await house.item(made["item"])
        assert (item["state"], item["call"]["callback"]["attempts"], item["call"]["state"]) == (
            "scheduled",
            1,
            "no_answer",
        )
