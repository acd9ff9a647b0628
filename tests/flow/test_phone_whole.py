"""Calls through the whole house and the simulated provider: what an agent does, and the rows that are left."""

from contact_center.store.schema import calls, interactions, segments
from tests.support.phone_stage import phone_staged


async def test_a_call_received_is_answered_held_and_ends_captured(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        ana, device = await stage.agent("ana")
        leg, held = await stage.answered(ana)
        assert device.of("incoming")[0]["custom_parameters"]["call"]
        view = (await stage.house.item(held["item_id"]))["call"]
        assert (view["state"], view["menu"], view["order"]) == ("in_progress", "person", None)
        await stage.pass_(30)
        await stage.house.do(ana, "call.mark", **held, what="hold")
        await stage.settle()
        assert (await stage.house.item(held["item_id"]))["call"]["held_since"] is not None
        await stage.pass_(10)
        await stage.house.do(ana, "call.mark", **held, what="resume")
        await stage.settle()
        await stage.pass_(20)
        await stage.house.do(ana, "call.mark", **held, what="ended")
        await stage.settle()
        item = await stage.house.item(held["item_id"])
        assert (item["state"], item["call"]["state"], item["call"]["hold_s"]) == ("wrap_up", "completed", 10)
        await stage.house.do(ana, "work.finish", **held, disposition="oriented")
        (call,) = await stage.rows(calls)
        (contact,) = await stage.rows(interactions)
        (segment,) = await stage.rows(segments)
        assert (call.provider_call_id, contact.state, segment.hold_s) == (leg.sid, "captured", 10)
        assert call.ended_by == "agent"
        assert stage.errors() == []


async def test_who_hung_up_is_known(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        ana, _device = await stage.agent("ana")
        _leg, held = await stage.answered(ana, {"wait": 30}, {"hang_up": True})
        await stage.pass_(40)
        await stage.settle()
        assert (await stage.house.item(held["item_id"]))["state"] == "wrap_up"
        (call,) = await stage.rows(calls)
        assert (call.state, call.ended_by) == ("completed", "citizen")
