"""P6, P7 and P14 for calls: reports in any order and any number, orders sent at most once by themselves."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from contact_center.actions import calls as call_actions
from contact_center.actions.kernel import SYSTEM
from contact_center.errors import ContactCenterError
from contact_center.store import calls as call_store
from contact_center.store.schema import call_events, call_orders, callbacks, calls, interactions, work_items
from tests.support.house import TestHouse, open_house

EVENTS = ("entered", "chose", "queued", "left", "callback_asked", "ended")


def report(house: TestHouse, sid: str, kinds: tuple[str, ...]) -> dict[str, Any]:
    start = house.clock.now() - timedelta(seconds=60)
    facts = [
        {"key": kind, "kind": kind, "at": start + timedelta(seconds=5 * EVENTS.index(kind)), "leg": "x"}
        for kind in kinds
    ]
    return {"provider": "twilio", "provider_call_id": sid, "number": "+526620000003", "facts": facts}


async def one_by_one(house: TestHouse, sid: str, order: tuple[str, ...]) -> None:
    for kind in order:
        await house.do(SYSTEM, "call.report", **report(house, sid, (kind,)))


async def picture(house: TestHouse, sid: str) -> dict[str, Any]:
    """What is left of a call when all is done: without ids, which differ."""
    async with house.db.read() as conn:
        call = await call_store.by_provider(conn, "twilio", sid)
        assert call is not None
        contact = (await conn.execute(select(interactions).where(interactions.c.id == call.interaction_id))).one()
        items = await conn.execute(
            select(work_items.c.state).where(
                work_items.c.interaction_id == call.interaction_id, work_items.c.state != "done"
            )
        )
        made = (await conn.execute(select(callbacks).where(callbacks.c.origin_id == contact.id))).all()
        facts = await conn.execute(select(call_events.c.key).where(call_events.c.call_id == call.id))
    times = {
        name: getattr(call, name) for name in ("started_at", "queued_at", "answered_at", "ended_at", "hold_s", "talk_s")
    }
    return {
        **times,
        "state": call.state,
        "capture": (contact.state, contact.disposition, contact.wait_s),
        "open_items": sorted(items.scalars()),
        "callbacks": [(one.reason, one.number, one.state) for one in made],
        "facts": sorted(facts.scalars()),
    }


async def close_out(house: TestHouse) -> None:
    house.clock.advance(11)
    await house.timers.sweep()


async def test_every_order_of_a_calls_webhooks_ends_in_the_same_state(database_url: str) -> None:
    async with open_house(database_url) as house:
        orders = Random(7).sample(list(permutations(EVENTS)), 60)
        sids = [f"CA{n}" for n in range(len(orders) + 1)]
        for sid, order in zip(sids, [EVENTS, *orders], strict=True):
            await one_by_one(house, sid, order)
        await close_out(house)
        expected = await picture(house, sids[0])
        assert expected["state"] == "callback_asked"
        assert expected["callbacks"] == [("return", "+526620000003", "assigned")]
        for sid, order in zip(sids[1:], orders, strict=True):
            assert await picture(house, sid) == expected, order


@pytest.mark.parametrize("times", [2, 20])
async def test_a_webhook_that_comes_again_changes_nothing(database_url: str, times: int) -> None:
    async with open_house(database_url) as house:
        await one_by_one(house, "CA1", EVENTS)
        await close_out(house)
        before = await picture(house, "CA1")
        for _again in range(times):
            await one_by_one(house, "CA1", EVENTS)
        house.clock.advance(86_400)
        await one_by_one(house, "CA1", EVENTS)
        await house.timers.sweep()
        assert await picture(house, "CA1") == before


async def test_acting_on_an_end_before_late_facts_came_is_caught(database_url: str) -> None:
    """The planted bug: what a call's end asks for is done at once."""
    late = ("entered", "queued", "ended", "chose", "left", "callback_asked")
    with patch.object(call_actions, "CLOSE_OUT_S", 0):
        async with open_house(database_url) as house:
            for sid, order in (("CA1", EVENTS), ("CA2", late)):
                for kind in order:
                    await one_by_one(house, sid, (kind,))
                    await house.timers.sweep()
            assert await picture(house, "CA1") != await picture(house, "CA2")


async def test_taking_each_delivery_for_a_new_fact_is_caught(database_url: str) -> None:
    """The planted bug: a key that is not the same on every delivery."""
    real = call_store.add_facts

    async def forgetful(conn: Any, call_id: str, rows: Any) -> Any:
        return await real(conn, call_id, [(row_id, replace(fact, key=row_id)) for row_id, fact in rows])

    with patch.object(call_store, "add_facts", forgetful):
        async with open_house(database_url) as house:
            await one_by_one(house, "CA1", EVENTS)
            before = await picture(house, "CA1")
            await one_by_one(house, "CA1", EVENTS)
            assert await picture(house, "CA1") != before


async def taken(house: TestHouse) -> dict[str, Any]:
    """A caller waits at the provider and Ana takes them: the bridge is ordered."""
    ana = await house.staff("ana")
    await house.device(ana)
    await house.do(SYSTEM, "call.report", **report(house, "CA1", ("entered", "queued")))
    return await house.take_first(ana)


async def orders_of(house: TestHouse) -> list[Any]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(call_orders).order_by(call_orders.c.created_at))).all())


async def test_an_order_is_leased_once_and_settled_by_its_lease_only(database_url: str) -> None:
    async with open_house(database_url) as house:
        item = await taken(house)
        shown = item["call"]["order"]
        assert (shown["kind"], shown["state"], shown["error"]) == ("bridge", "queued", None)
        (order,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        assert shown["id"] == order["id"]
        assert (order["kind"], order["provider_call_id"]) == ("bridge", "CA1")
        assert (await house.do(SYSTEM, "order.claim", limit=5))["orders"] == []
        await house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"] + 1, outcome="failed")
        assert [one.state for one in await orders_of(house)] == ["sent"]
        await house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="done", provider_id="PA1")
        assert [(one.state, one.provider_id) for one in await orders_of(house)] == [("done", "PA1")]


async def test_an_order_whose_sender_died_is_uncertain_and_never_sent_again(database_url: str) -> None:
    async with open_house(database_url) as house:
        await taken(house)
        await house.do(SYSTEM, "order.claim", limit=5)
        house.clock.advance(31)
        assert (await house.do(SYSTEM, "order.claim", limit=5))["orders"] == []
        (order,) = await orders_of(house)
        assert (order.state, order.attempts) == ("uncertain", 1)


async def test_an_order_that_surely_did_nothing_waits_and_is_sent_again(database_url: str) -> None:
    async with open_house(database_url) as house:
        await taken(house)
        (order,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        again = {"id": order["id"], "epoch": order["epoch"], "outcome": "again", "again_in_s": 5}
        await house.do(SYSTEM, "order.settle", **again)
        assert (await house.do(SYSTEM, "order.claim", limit=5))["orders"] == []
        house.clock.advance(6)
        (order,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        assert order["attempts"] == 2


async def test_what_was_not_sent_is_forgotten_when_the_caller_hangs_up(database_url: str) -> None:
    async with open_house(database_url) as house:
        await taken(house)
        await house.do(SYSTEM, "call.report", **report(house, "CA1", ("ended",)))
        assert [one.state for one in await orders_of(house)] == ["cancelled"]
        async with house.db.read() as conn:
            (call,) = (await conn.execute(select(calls))).all()
        assert call.state == "abandoned"


async def test_a_room_that_is_none_of_ours_is_refused_and_nothing_is_stored(database_url: str) -> None:
    async with open_house(database_url) as house:
        body = report(house, "", ("entered",))
        with pytest.raises(ContactCenterError):
            await house.do(SYSTEM, "call.report", **{**body, "room": "nobody"})
        async with house.db.read() as conn:
            assert (await conn.execute(select(calls))).all() == []
