"""Calls at an ordinary telephone: started, marked, passed on, entered afterwards; each ends captured or in a list."""

from typing import Any

import pytest
from sqlalchemy import select

from contact_center.errors import Conflict, IllegalMove, Invalid, Missing
from contact_center.rules.access import Actor
from contact_center.store.schema import callbacks, calls, findings, interactions, segments, transfers
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import desk

NUMBER = "662 000 0001"


async def rows(house: TestHouse, table: Any, *where: Any) -> list[Any]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(table).where(*where).order_by(table.c.id))).all())


async def start(house: TestHouse, agent: Actor, **fields: Any) -> dict[str, Any]:
    answer = await house.do(agent, "call.start", **{"direction": "inbound", "number": NUMBER, **fields})
    return await house.item(answer["item"]["id"])


async def mark(house: TestHouse, agent: Actor, item: dict[str, Any], what: str) -> dict[str, Any]:
    await house.do(agent, "call.mark", item_id=item["id"], epoch=item["epoch"], what=what)
    return await house.item(item["id"])


async def finish(house: TestHouse, agent: Actor, item: dict[str, Any], **fields: Any) -> None:
    body = {"item_id": item["id"], "epoch": item["epoch"], "disposition": "oriented", **fields}
    await house.do(agent, "work.finish", **body)


async def test_somebody_is_called_at_the_number_on_record_without_showing_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        known = {"names": "Juan", "first_surname": "Prueba", "phone": NUMBER}
        citizen = (await house.do(ana, "citizen.save", **known))["citizen"]["id"]
        item = await start(house, ana, direction="outbound", number=None, citizen_id=citizen)
        assert (item["call"]["number"], item["call"]["state"]) == ("662 ••• •001", "dialling")
        nobody = (await house.do(ana, "citizen.save", names="Sin", first_surname="Teléfono"))["citizen"]["id"]
        with pytest.raises(Invalid) as refused:
            await start(house, ana, direction="outbound", number=None, citizen_id=nobody)
        assert refused.value.data["fields"] == {"number": "anonymous"}


async def test_a_call_received_runs_from_the_first_key_to_the_register(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana)
        assert (item["state"], item["kind"], item["owner"]) == ("held", "call", ana.id)
        assert item["call"]["state"] == "in_progress"
        assert item["call"]["number"] == "662 ••• •001"
        assert [leg["user"] for leg in item["call"]["legs"]] == [ana.id]
        house.clock.advance(30)
        item = await mark(house, ana, item, "hold")
        assert item["call"]["held_since"] is not None
        house.clock.advance(20)
        item = await mark(house, ana, item, "resume")
        house.clock.advance(10)
        item = await mark(house, ana, item, "ended")
        assert (item["state"], item["call"]["state"]) == ("wrap_up", "completed")
        assert (item["call"]["talk_s"], item["call"]["hold_s"]) == (40, 20)
        await finish(house, ana, item)
        (call,) = await rows(house, calls)
        (contact,) = await rows(house, interactions)
        (segment,) = await rows(house, segments)
        assert (call.number, call.direction, call.mode) == ("+526620000001", "inbound", "desk")
        assert (contact.state, contact.disposition, contact.channel) == ("captured", "oriented", "phone")
        assert (segment.talk_s, segment.hold_s) == (40, 20)


async def test_a_call_made_is_answered_or_ends_as_what_it_met(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana, direction="outbound")
        assert item["call"]["state"] == "dialling"
        with pytest.raises(IllegalMove):
            await mark(house, ana, item, "hold")
        house.clock.advance(15)
        item = await mark(house, ana, item, "answered")
        house.clock.advance(60)
        item = await mark(house, ana, item, "ended")
        assert (item["call"]["state"], item["call"]["talk_s"]) == ("completed", 60)
        await finish(house, ana, item)
        for met in ("no_answer", "busy", "voicemail", "wrong_number", "out_of_service"):
            item = await start(house, ana, direction="outbound")
            item = await mark(house, ana, item, met)
            assert (item["state"], item["call"]["state"]) == ("wrap_up", met)
            await finish(house, ana, item, disposition="not_reached")


async def test_a_call_in_use_cannot_be_finished_closed_or_answered_in_writing(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana)
        held = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
        with pytest.raises(Conflict):
            await finish(house, ana, item)
        with pytest.raises(Conflict):
            await house.do(ana, "conversation.close", **held)
        with pytest.raises(Conflict):
            await house.do(ana, "work.release", item_id=item["id"], epoch=item["epoch"])
        with pytest.raises(Conflict) as refused:
            await house.do(ana, "conversation.reply", **held, text="Buenos días")
        assert refused.value.code == "no_reply_in_call"
        await house.do(ana, "conversation.note", conversation_id=item["conversation"], text="Llama por el agua")


async def test_a_dropped_call_is_called_back_within_fifteen_minutes_by_who_had_it(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, _berta = await house.staff("ana"), await house.staff("berta")
        item = await mark(house, ana, await start(house, ana), "dropped")
        await finish(house, ana, item, disposition="call_dropped")
        house.clock.advance(11)
        await house.timers.sweep()
        (promise,) = await rows(house, callbacks)
        assert (promise.reason, promise.number, promise.owner_id) == ("return", "+526620000001", ana.id)
        house.clock.advance(15 * 60)
        await house.do(ana, "agent.set_state", state="available")
        await house.timers.sweep()
        taken = await house.take_first(ana)
        assert (taken["kind"], taken["call"]["callback"]["reason"]) == ("callback", "return")
        again = await house.do(ana, "call.start", direction="outbound", item_id=taken["id"])
        assert again["item"]["id"] == taken["id"]
        taken = await mark(house, ana, await house.item(taken["id"]), "no_answer")
        assert (taken["state"], taken["call"]["callback"]["attempts"]) == ("scheduled", 1)
        house.clock.advance(2 * 3600)
        await house.do(ana, "agent.set_state", state="available")
        await house.timers.sweep()
        taken = await house.take_first(ana)
        await house.do(ana, "call.start", direction="outbound", item_id=taken["id"])
        taken = await mark(house, ana, await house.item(taken["id"]), "answered")
        taken = await mark(house, ana, taken, "ended")
        await finish(house, ana, taken)
        (promise,) = await rows(house, callbacks)
        assert (promise.state, promise.attempts, promise.outcome) == ("achieved", 2, "reached")


async def test_a_cold_transfer_takes_the_call_to_another_agent_and_each_keeps_an_own_time(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await house.staff("ana"), await house.staff("berta")
        item = await start(house, ana)
        house.clock.advance(40)
        where = {"kind": "cold", "to_kind": "user", "to_id": berta.id, "reason": "specialist", "note": "Pide a Berta"}
        await house.do(ana, "call.transfer", item_id=item["id"], epoch=item["epoch"], **where)
        assert (await house.item(item["id"]))["call"]["state"] == "transferring"
        house.clock.advance(5)
        await house.do(berta, "agent.set_state", state="available")
        item = await house.take_first(berta)
        assert (item["call"]["state"], item["owner"]) == ("in_progress", berta.id)
        house.clock.advance(25)
        item = await mark(house, berta, item, "ended")
        await finish(house, berta, item)
        times = {row.agent_id: row.talk_s for row in await rows(house, segments)}
        assert times == {ana.id: 40, berta.id: 25}
        (passed,) = await rows(house, transfers)
        assert (passed.kind, passed.answer, passed.to_agent_id) == ("cold", "accepted", berta.id)
        assert len(await rows(house, calls)) == 1


@pytest.mark.parametrize("answer", ["refused", "no_answer"])
async def test_a_warm_transfer_that_is_not_taken_stays_with_who_asked(database_url: str, answer: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await house.staff("ana"), await house.staff("berta")
        item = await start(house, ana)
        where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        held = {"item_id": item["id"], "epoch": item["epoch"]}
        await house.do(ana, "call.transfer", **held, **where)
        assert (await house.item(item["id"]))["call"]["state"] == "transferring"
        await house.do(ana, "call.transfer_answer", **held, answer=answer)
        item = await house.item(item["id"])
        assert (item["call"]["state"], item["owner"], item["epoch"]) == ("in_progress", ana.id, held["epoch"])
        (asked,) = await rows(house, transfers)
        assert (asked.kind, asked.answer) == ("warm", answer)
        with pytest.raises(Conflict):
            await house.do(ana, "call.transfer_answer", **held, answer="accepted")


async def test_a_warm_transfer_that_is_accepted_goes_through_on_one_record(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await house.staff("ana"), await house.staff("berta")
        item = await start(house, ana)
        held = {"item_id": item["id"], "epoch": item["epoch"]}
        where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
        await house.do(ana, "call.transfer", **held, **where)
        await house.do(ana, "call.transfer_answer", **held, answer="accepted")
        item = await house.take_first(berta)
        assert (item["owner"], item["call"]["state"]) == (berta.id, "in_progress")
        (passed,) = await rows(house, transfers)
        assert (passed.kind, passed.answer, passed.from_agent_id) == ("warm", "accepted", ana.id)


async def test_a_transfer_outside_ends_our_part_and_is_on_record(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana)
        held = {"item_id": item["id"], "epoch": item["epoch"], "kind": "cold", "to_kind": "outside"}
        for number, code in (("911", "emergency"), ("900 123 4567", "premium"), ("+8816123456789", "satellite")):
            with pytest.raises(Invalid) as refused:
                await house.do(ana, "call.transfer", **held, number=number, reason="competence")
            assert refused.value.data["fields"]["number"] in (code, "invalid")
        await house.do(ana, "call.transfer", **held, number="662 000 0099", reason="competence")
        item = await house.item(item["id"])
        assert (item["state"], item["call"]["state"]) == ("wrap_up", "completed")
        (passed,) = await rows(house, transfers)
        assert (passed.to_number, passed.answer) == ("+526620000099", "accepted")


async def test_a_call_entered_afterwards_is_marked_late_and_waits_for_its_capture(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        now = int(house.clock.now().timestamp() * 1000)
        fields: dict[str, Any] = {
            "direction": "inbound",
            "number": NUMBER,
            "started_at": now - 600_000,
            "ended_at": now - 300_000,
        }
        answer = await house.do(ana, "call.log", **fields)
        item = await house.item(answer["item"]["id"])
        assert (item["state"], item["flags"]) == ("wrap_up", ["late_capture"])
        assert (item["call"]["talk_s"], item["call"]["state"]) == (300, "completed")
        (contact,) = await rows(house, interactions)
        assert contact.wait_s is None
        await finish(house, ana, item)


@pytest.mark.parametrize(
    ("begins_s", "ends_s", "field", "code"),
    [
        (60, 120, "started_at", "in_future"),
        (-60, 60, "ended_at", "in_future"),
        (-60, -120, "ended_at", "ends_before_start"),
        (-40 * 86_400, -40 * 86_400 + 60, "started_at", "too_old"),
        (-20 * 3_600, -60, "ended_at", "too_long"),
    ],
)
async def test_a_time_that_cannot_be_is_refused_and_nothing_is_stored(
    sqlite_database_url: str, begins_s: int, ends_s: int, field: str, code: str
) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await house.staff("ana")
        now = int(house.clock.now().timestamp() * 1000)
        fields: dict[str, Any] = {
            "direction": "inbound",
            "started_at": now + begins_s * 1000,
            "ended_at": now + ends_s * 1000,
        }
        with pytest.raises(Invalid) as refused:
            await house.do(ana, "call.log", **fields)
        assert refused.value.data["fields"][field] == code
        assert await rows(house, calls) == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("911", "emergency"),
        ("900 123 4567", "premium"),
        ("+881 6 1234 5678", "satellite"),
        ("12345", "short_code"),
        ("", "anonymous"),
        ("oculto", "anonymous"),
        ("hola 662", "invalid"),
        ("+5216620000001x9x", "invalid"),
    ],
)
async def test_a_number_that_must_not_be_dialled_is_refused(sqlite_database_url: str, number: str, kind: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await house.staff("ana")
        with pytest.raises(Invalid) as refused:
            await start(house, ana, direction="outbound", number=number)
        assert refused.value.data["fields"] == {"number": kind}
        assert await rows(house, calls) == []


async def test_a_hidden_caller_is_logged_without_a_number_and_not_called_back(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await mark(house, ana, await start(house, ana, number="oculto"), "dropped")
        assert (item["call"]["number"], item["call"]["number_kind"]) == (None, "anonymous")
        await finish(house, ana, item, disposition="call_dropped")
        house.clock.advance(11)
        await house.timers.sweep()
        assert await rows(house, callbacks) == []


async def test_an_old_one_after_the_country_code_and_an_extension_are_understood(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana, number="+52 1 662 000 0001 ext 12")
        (call,) = await rows(house, calls)
        assert (call.number, call.extension) == ("+526620000001", "12")
        await house.do(ana, "call.number", item_id=item["id"], epoch=item["epoch"], number="662 000 0002")
        (call,) = await rows(house, calls)
        assert call.number == "+526620000002"


async def test_informing_needs_a_folio_and_asking_is_a_call_of_ours(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        for fields, wrong in (
            ({"direction": "outbound", "purpose": "inform"}, {"folio": "required"}),
            ({"direction": "inbound", "purpose": "inform", "folio": "x"}, {"purpose": "outbound_only"}),
            ({"direction": "outbound", "purpose": "inform", "folio": "CEAC-2026-999999"}, {"folio": "unknown"}),
        ):
            with pytest.raises(Invalid) as refused:
                await start(house, ana, **fields)
            assert refused.value.data["fields"] == wrong


async def test_a_call_without_a_disposition_becomes_a_finding_when_its_wrap_up_runs_out(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        await mark(house, ana, await start(house, ana), "ended")
        house.clock.advance(600)
        await house.timers.sweep()
        (finding,) = await rows(house, findings)
        assert (finding.kind, finding.agent_id) == ("no_disposition", ana.id)


async def test_an_agent_whose_console_is_gone_keeps_the_call_they_are_talking_in(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        item = await start(house, ana)
        house.clock.advance(120)
        await house.timers.sweep()
        assert (await house.item(item["id"]))["owner"] == ana.id


async def test_the_whole_number_is_shown_on_record_and_only_to_who_may(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await house.staff("ana"), await house.staff("berta")
        item = await start(house, ana)
        shown = await house.do(ana, "call.reveal", call_id=item["call"]["id"])
        assert shown["number"] == "+526620000001"
        with pytest.raises(Missing):
            await house.do(berta, "call.reveal", call_id=item["call"]["id"])


async def test_a_number_is_recognised_while_it_is_typed_and_nobody_is_taken_for_its_owner(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await desk(house, "ana"), await desk(house, "berta")
        saved = await ana.must("citizen.save", names="Juan", first_surname="Prueba", phone=NUMBER)
        asked = (await ana.get("/api/v1/calls/people?number=%2B52%201%20662%20000%200001")).json()
        assert [one["citizen"]["id"] for one in asked["people"]] == [saved["citizen"]["id"]]
        assert asked["people"][0]["citizen"]["phone"] == "662 ••• •001"
        item = await start(house, ana.actor)
        assert item["citizen"] is None
        by_call = (await ana.get(f"/api/v1/calls/people?call={item['call']['id']}")).json()
        assert by_call["people"] == asked["people"]
        assert (await berta.get(f"/api/v1/calls/people?call={item['call']['id']}")).status_code == 404
        assert (await ana.get("/api/v1/calls/people?number=911")).json() == {"people": [], "kind": "emergency"}


async def test_a_thread_of_a_call_takes_notes_and_offers_no_reply(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await desk(house, "ana")
        item = await start(house, ana.actor)
        read = (await ana.get(f"/api/v1/conversations/{item['conversation']}")).json()
        assert [one["code"] for one in read["messages"]] == ["call.entered", "call.joined"]
        assert "conversation.note" in read["can"]
        assert not {"conversation.reply", "conversation.close"} & set(read["can"])
