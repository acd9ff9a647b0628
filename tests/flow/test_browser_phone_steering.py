"""Steering a browser phone: transfers after a word, listening in, recording, and orders that a person decides on."""

from typing import Any

import pytest
from sqlalchemy import update

from contact_center.actions.kernel import SYSTEM
from contact_center.errors import Conflict, Denied, Missing
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.store.schema import access_log, call_orders, calls, offers, queues, segments, transfers, work_items
from tests.support.house import TestHouse, open_house
from tests.support.phone import joined, left, obey, ready, rows, talking, told


async def consulting(house: TestHouse, ana: Actor, berta: Actor) -> dict[str, Any]:
    """Let Ana have a word with Berta, who has answered, about the caller on hold."""
    held = await talking(house, ana)
    house.clock.advance(20)
    where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
    await house.do(ana, "call.transfer", **held, **where)
    (order,) = await obey(house)
    assert (order["kind"], order["data"]["user"]) == ("consult", berta.id)
    item = await house.item(held["item_id"])
    assert (item["call"]["state"], item["call"]["transfer"]["answered_at"]) == ("transferring", None)
    with pytest.raises(Conflict) as early:
        await house.do(ana, "call.consult", **held, what="complete")
    assert early.value.code == "not_answered"
    house.clock.advance(5)
    await told(house, {"kind": "held"}, joined(berta, data={"consult": order["id"]}))
    assert (await house.item(held["item_id"]))["call"]["transfer"]["answered_at"] is not None
    return held


async def test_a_warm_transfer_hands_the_call_over_and_each_keeps_an_own_time(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        held = await consulting(house, ana, berta)
        house.clock.advance(15)
        await house.do(ana, "call.consult", **held, what="three_way")
        await house.do(ana, "call.consult", **held, what="complete")
        orders = [(one["kind"], one["data"]) for one in await obey(house)]
        assert orders == [("join_all", {}), ("drop_leg", {"user": ana.id})]
        await told(house, {"kind": "resumed"}, left(ana))
        item = await house.item(held["item_id"])
        assert (item["owner"], item["call"]["state"], item["transfers"]) == (berta.id, "in_progress", 1)
        house.clock.advance(6)
        await house.timers.sweep()
        assert (await house.item(held["item_id"]))["owner"] == berta.id
        house.clock.advance(24)
        await told(house, left(berta), {"kind": "ended", "data": {"how": "completed", "by": "citizen"}})
        (passed,) = await rows(house, transfers)
        assert (passed.kind, passed.answer, passed.to_agent_id) == ("warm", "accepted", berta.id)
        times = {one.agent_id: (one.talk_s, one.hold_s) for one in await rows(house, segments)}
        assert times == {ana.id: (25, 15), berta.id: (30, 15)}
        assert len(await rows(house, calls)) == 1


async def test_nobody_is_offered_a_chat_while_a_colleague_asks_them_to_take_a_call(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        held = await talking(house, ana)
        where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        await house.do(ana, "call.transfer", **held, **where)
        await house.do(berta, "agent.set_state", state="available")
        await house.do(await house.visitor(name="Persona"), "chat.send", text="Buenos días")
        await house.route()
        assert [one for one in await rows(house, offers) if one.state == "open"] == []
        await house.do(ana, "call.consult", **held, what="return")
        await house.route()
        (offer,) = [one for one in await rows(house, offers) if one.state == "open"]
        assert offer.agent_id == berta.id


@pytest.mark.parametrize("how", ["return", "refused", "no_answer"])
async def test_a_warm_transfer_that_is_not_taken_brings_the_agent_back(sqlite_database_url: str, how: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        if how == "no_answer":
            held = await talking(house, ana)
            where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
            await house.do(ana, "call.transfer", **held, **where)
            (order,) = await obey(house)
            await told(house, {**joined(berta, data={"consult": order["id"]}), "kind": "leg_failed"})
        else:
            held = await consulting(house, ana, berta)
            if how == "return":
                await house.do(ana, "call.consult", **held, what="return")
            else:
                await told(house, left(berta))
        kinds = [one["kind"] for one in await obey(house)]
        assert kinds == (["drop_leg", "resume"] if how == "return" else ["resume"])
        item = await house.item(held["item_id"])
        assert (item["call"]["state"], item["owner"], item["epoch"]) == ("in_progress", ana.id, held["epoch"])
        (passed,) = await rows(house, transfers)
        assert passed.answer == ("no_answer" if how == "no_answer" else "refused")


async def test_a_cold_transfer_sends_the_caller_back_to_wait_and_settles_when_taken(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        held = await talking(house, ana)
        house.clock.advance(40)
        where = {"kind": "cold", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        await house.do(ana, "call.transfer", **held, **where)
        assert [(one["kind"], one["data"]) for one in await obey(house)] == [("requeue", {"user": ana.id})]
        await told(house, left(ana))
        await house.do(berta, "agent.set_state", state="available")
        item = await house.take_first(berta)
        assert item["call"]["state"] == "transferring"
        await obey(house)
        house.clock.advance(5)
        await told(house, joined(berta))
        assert (await house.item(item["id"]))["call"]["state"] == "in_progress"
        house.clock.advance(25)
        await told(house, left(berta), {"kind": "ended"})
        assert {one.agent_id: one.talk_s for one in await rows(house, segments)} == {ana.id: 40, berta.id: 25}


async def test_a_transfer_outside_goes_through_when_somebody_answers_there(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        held = await talking(house, ana)
        where = {"kind": "cold", "to_kind": "outside", "number": "662 000 0099", "reason": "competence"}
        await house.do(ana, "call.transfer", **held, **where)
        (order,) = await obey(house)
        assert (order["kind"], order["data"]["number"]) == ("consult", "+526620000099")
        await told(house, {"kind": "joined", "leg": "CAout", "data": {"consult": order["id"]}})
        assert [one["kind"] for one in await obey(house)] == ["join_all", "drop_leg"]
        item = await house.item(held["item_id"])
        assert (item["state"], item["call"]["state"]) == ("wrap_up", "completed")
        (passed,) = await rows(house, transfers)
        assert (passed.to_number, passed.answer) == ("+526620000099", "accepted")


async def test_a_supervisor_listens_by_policy_on_record_and_is_no_agent_of_the_call(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        boss = await house.staff("jefa", Role.supervisor, state=None)
        await talking(house, ana)
        (call,) = await rows(house, calls)
        with pytest.raises(Conflict) as refused:
            await house.do(boss, "call.listen", call_id=call.id, how="listen")
        assert refused.value.code == "no_device"
        await house.device(boss)
        with pytest.raises(Denied):
            await house.do(boss, "call.listen", call_id=call.id, how="barge")
        with pytest.raises(Denied):
            await house.do(ana, "call.listen", call_id=call.id, how="listen")
        await house.do(boss, "call.listen", call_id=call.id, how="whisper")
        (order,) = await obey(house)
        expected = {"user": boss.id, "how": "whisper", "agent": ana.id, "listens": True}
        assert (order["kind"], order["data"]) == ("listen", expected)
        inside = {"kind": "joined", "leg": "CAj", "data": {"listens": boss.id}}
        await told(house, inside)
        (item,) = await rows(house, work_items)
        view = (await house.item(item.id))["call"]
        assert view["listeners"] == [{"user": boss.id, "how": "whisper"}]
        assert view["order"] is None, "whoever listens is none of the agent's business"
        await told(house, {**inside, "kind": "left"})
        assert (await house.item(item.id))["call"]["listeners"] == []
        await told(house, left(ana), {"kind": "ended"})
        assert (await rows(house, calls))[0].agent_id == ana.id
        assert [one.action for one in await rows(house, access_log)] == ["call.whisper"]


async def test_a_queue_that_records_begins_by_itself_and_its_agent_may_pause(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        async with house.db.write() as conn:
            await conn.execute(update(queues).values(recording=True))
        held = await talking(house, ana)
        assert [one["kind"] for one in await obey(house)] == ["record"]
        assert (await house.item(held["item_id"]))["call"]["recording"] == "on"
        await house.do(ana, "call.record", **held, what="pause")
        assert [one["kind"] for one in await obey(house)] == ["pause_recording"]
        assert (await house.item(held["item_id"]))["call"]["recording"] == "paused"
        with pytest.raises(Conflict):
            await house.do(ana, "call.record", **held, what="pause")
        await house.do(ana, "call.record", **held, what="resume")
        await obey(house)
        async with house.db.write() as conn:
            await conn.execute(update(queues).values(recording=False))
        with pytest.raises(Conflict) as refused:
            await house.do(ana, "call.record", **held, what="pause")
        assert refused.value.code == "recording_off"


async def test_an_order_that_failed_is_shown_and_a_person_asks_again_or_forgets_it(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        held = await talking(house, ana)
        await house.do(ana, "call.mark", **held, what="hold")
        (order,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        failed = {"id": order["id"], "epoch": order["epoch"], "outcome": "failed", "error": "21220"}
        await house.do(SYSTEM, "order.settle", **failed)
        shown = (await house.item(held["item_id"]))["call"]["order"]
        assert (shown["state"], shown["error"], shown["by"]) == ("failed", "21220", ana.id)
        with pytest.raises(Missing):
            await house.do(berta, "call.order", order_id=order["id"], what="again")
        await house.do(ana, "call.order", order_id=order["id"], what="again")
        (again,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        assert (again["kind"], again["id"] != order["id"]) == ("hold", True)
        await house.do(
            SYSTEM, "order.settle", id=again["id"], epoch=again["epoch"], outcome="uncertain", error="timeout"
        )
        assert (await house.item(held["item_id"]))["call"]["order"]["state"] == "uncertain"
        await house.do(ana, "call.mark", **held, what="ended")
        assert [one["kind"] for one in await obey(house)] == ["hang_up"], "an unknown fate holds up nobody's hang-up"


async def test_what_is_reported_settles_an_order_whose_answer_was_lost(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        held = await talking(house, ana)
        await house.do(ana, "call.mark", **held, what="hold")
        (order,) = (await house.do(SYSTEM, "order.claim", limit=5))["orders"]
        await house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="uncertain")
        house.clock.advance(2)
        await told(house, {"kind": "held"})
        (row,) = await rows(house, call_orders, call_orders.c.kind == "hold")
        assert (row.state, row.attempts) == ("done", 1)
        assert (await house.item(held["item_id"]))["call"]["order"] is None
