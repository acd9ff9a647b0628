"""Calls over the simulated provider and the whole house: each ends in rows that the registers count."""

from contact_center.rules.calls import CallState
from contact_center.store.schema import (
    callbacks,
    conversations,
    interactions,
    recordings,
    segments,
    transfers,
    work_items,
)
from tests.support.phone import rows
from tests.support.registering import form
from tests.support.twilio_stage import CITIZEN, OFFICE
from tests.support.voice_house import voice_house


async def test_a_received_call_waits_is_offered_spoken_held_and_ends_in_wrap_up(database_url: str) -> None:
    async with voice_house(database_url) as stage:
        ana, device = await stage.agent("ana")
        leg, item = await stage.answered(ana)
        assert "Usted es la siguiente persona" in stage.heard(leg)
        (rung,) = device.of("incoming")
        assert rung["custom_parameters"] == {"call": item["call"]["id"]}
        held = {"item_id": item["id"], "epoch": item["epoch"]}
        await stage.house.do(ana, "call.mark", **held, what="hold")
        await stage.deliver()
        await stage.pass_(20)
        await stage.house.do(ana, "call.mark", **held, what="resume")
        await stage.deliver()
        await stage.pass_(40)
        await stage.house.do(ana, "call.mark", **held, what="ended")
        await stage.deliver()
        row = await stage.row()
        assert (row.state, row.number, row.line, row.menu) == ("completed", CITIZEN, OFFICE, "person")
        assert (row.agent_id, row.hold_s) == (ana.id, 20) and 38 <= row.talk_s <= 42
        assert (await stage.house.item(item["id"]))["state"] == "wrap_up"
        assert stage.errors() == [] and leg.status == "completed"


async def test_a_cold_transfer_moves_on_to_whoever_of_the_queue_is_free(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        ana, first = await stage.agent("ana")
        leg, item = await stage.answered(ana)
        berta, second = await stage.agent("berta")
        where = {"kind": "cold", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        await stage.house.do(ana, "call.transfer", item_id=item["id"], epoch=item["epoch"], **where)
        await stage.deliver()
        assert first.of("disconnected") and "No necesita repetir" in stage.heard(leg)
        await stage.pass_(10)
        await stage.house.take_first(berta)
        await stage.deliver()
        assert second.of("connected") and leg.status == "in-progress"
        await stage.pass_(10)
        await stage.house.do(
            berta, "call.mark", item_id=item["id"], epoch=(await stage.house.item(item["id"]))["epoch"], what="ended"
        )
        await stage.deliver()
        row = await stage.row()
        assert (row.state, row.agent_id) == (CallState.completed, ana.id)
        assert (await stage.house.item(item["id"]))["owner"] == berta.id
        (passed,) = await rows(stage.house, transfers)
        assert (passed.kind, passed.answer, passed.to_agent_id) == ("cold", "accepted", berta.id)
        times = {one.agent_id: one.talk_s for one in await rows(stage.house, segments)}
        assert times[berta.id] in (9, 10, 11) and len(times) == 2
        assert stage.errors() == []


async def test_a_warm_transfer_is_spoken_of_first_and_then_handed_over(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        ana, first = await stage.agent("ana")
        leg, item = await stage.answered(ana)
        berta, second = await stage.agent("berta")
        held = {"item_id": item["id"], "epoch": item["epoch"]}
        where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        await stage.house.do(ana, "call.transfer", **held, **where)
        await stage.deliver()
        assert second.of("connected") and (await stage.row()).held_since is not None
        assert (await stage.house.item(item["id"]))["call"]["transfer"]["answered_at"] is not None
        await stage.pass_(15)
        await stage.house.do(ana, "call.consult", **held, what="complete")
        await stage.deliver()
        assert first.of("disconnected") and not second.of("disconnected") and leg.status == "in-progress"
        now = await stage.house.item(item["id"])
        assert (now["owner"], now["call"]["state"]) == (berta.id, "in_progress")
        await stage.pass_(10)
        await stage.house.timers.sweep()
        await second.send("hang_up")  # and not through the console
        await stage.settle()
        await stage.pass_(7)
        await stage.house.timers.sweep()
        assert (await stage.house.item(item["id"]))["state"] in ("waiting", "offered")
        assert stage.errors() == []


async def test_an_agent_who_is_gone_from_the_line_leaves_the_caller_in_good_hands(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        ana, device = await stage.agent("ana")
        leg, item = await stage.answered(ana)
        await device.socket.close()
        await stage.settle()
        await stage.pass_(7)
        await stage.house.timers.sweep()
        await stage.deliver()
        assert leg.status == "in-progress" and "No necesita repetir" in stage.heard(leg)
        berta, _other = await stage.agent("berta")
        await stage.house.take_first(berta)
        await stage.deliver()
        now = await stage.house.item(item["id"])
        assert (now["owner"], now["call"]["state"]) == (berta.id, "in_progress")
        assert stage.errors() == []


async def test_a_made_call_that_breaks_off_is_called_back(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        ana, device = await stage.agent("ana")
        stage.sim.set_phone(CITIZEN, answer_after_s=5)
        made = await stage.house.do(ana, "call.start", direction="outbound", number=CITIZEN, mode="browser")
        await stage.deliver()
        assert (await stage.row()).state == "dialling"
        await stage.pass_(20)
        row = await stage.row()
        assert (row.state, row.direction, row.number) == ("in_progress", "outbound", CITIZEN)
        assert stage.sim.exchange.calls[row.provider_call_id].to == CITIZEN
        await device.socket.close()
        await stage.settle()
        await stage.pass_(7)
        await stage.house.timers.sweep()
        await stage.deliver()
        await stage.settled()
        row = await stage.row()
        assert (row.state, row.id) == ("dropped", made["call"]["id"])
        assert [one.number for one in await rows(stage.house, callbacks)] == [CITIZEN]
        assert stage.sim.exchange.calls[row.provider_call_id].status == "completed"


async def test_a_message_after_hours_waits_to_be_heard(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        await stage.pass_(12 * 3_600)
        leg = await stage.call(
            {"wait_for": "marque 1"}, {"press": "1"}, {"wait_for": "cuelgue"}, {"wait": 1}, {"say_seconds": 9}
        )
        await stage.pass_(90)
        assert "horario de atención" in stage.heard(leg) and "quedó guardado" in stage.heard(leg)
        await stage.settled()
        assert (await stage.row()).state == "message_left"
        (item,) = await rows(stage.house, work_items)
        assert (item.kind, item.state) == ("message", "scheduled")
        (kept,) = await rows(stage.house, recordings)
        assert kept.kind == "voicemail" and kept.seconds >= 8
        assert stage.errors() == []


async def test_a_folio_is_told_by_keypad_and_the_contact_is_accounted_for(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        clerk = await stage.house.staff("registra", state=None)
        made = await stage.house.do(clerk, "petition.create", **form(medium="phone", despite_duplicates=True))
        keys = "".join(one for one in made["petition"]["folio"] if one.isdigit())
        leg = await stage.call(
            *({"wait_for": "marque 2"}, {"press": "2"}, {"wait_for": "tecla de gato"}, {"press": f"{keys}#"}),
            *({"wait_for": "cuatro dígitos"}, {"press": "9999"}, {"wait_for": "tecla de gato"}, {"press": f"{keys}#"}),
            *({"wait_for": "cuatro dígitos"}, {"press": "0001"}, {"wait_for": "puede colgar"}, {"hang_up": True}),
        )
        await stage.pass_(150)
        heard = stage.heard(leg)
        assert "No encontramos" in heard and "está: Recibida" in heard
        await stage.settled()
        row = await stage.row()
        assert (row.state, row.menu) == ("self_service", "folio")
        contact = next(one for one in await rows(stage.house, interactions) if one.id == row.interaction_id)
        assert (contact.disposition, contact.state) == ("status_given", "captured")
        thread = next(one for one in await rows(stage.house, conversations) if one.id == row.interaction_id)
        assert thread.state == "closed_self_service"
        assert stage.errors() == []


async def test_a_caller_who_hangs_up_in_line_is_called_back(sqlite_database_url: str) -> None:
    async with voice_house(sqlite_database_url) as stage:
        await stage.call({"wait_for": "escuchar de nuevo"}, {"press": "0"}, {"wait": 20}, {"hang_up": True})
        await stage.pass_(60)
        await stage.settled()
        row = await stage.row()
        assert (row.state, row.ended_at is not None) == ("abandoned", True)
        assert 19 <= (row.ended_at - row.queued_at).total_seconds() <= 21  # the provider tells whole seconds
        assert [one.number for one in await rows(stage.house, callbacks)] == [CITIZEN]
