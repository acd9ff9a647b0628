"""The browser phone, the house's side: who is offered a caller, what news of the legs does, what a line is told."""

from datetime import timedelta

import pytest

from contact_center.actions.kernel import SYSTEM
from contact_center.errors import Conflict, Invalid
from contact_center.jobs.voice_door import VoiceDesk
from contact_center.ports import CallReport
from contact_center.rules.calls import EventKind, Fact
from contact_center.rules.model import Role
from contact_center.store.schema import callbacks, interactions, offers, queues, segments, work_items
from tests.support.house import TestHouse, open_house
from tests.support.phone import CITIZEN, joined, left, obey, ready, rows, talking, told, waiting
from tests.support.registering import form


async def test_a_caller_is_offered_only_to_whose_telephone_is_ready(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await house.staff("ana"), await house.staff("berta")
        await waiting(house)
        assert await house.route() == 0
        (item,) = await rows(house, work_items)
        assert item.skipped == "no_device"
        with pytest.raises(Conflict) as refused:
            await house.do(ana, "work.take", item_id=item.id)
        assert refused.value.code == "no_device"
        await house.device(berta)
        taken = await house.take_first(berta)
        assert (taken["owner"], taken["call"]["order"]["kind"]) == (berta.id, "bridge")


async def test_a_call_takes_the_whole_of_an_agent_unless_a_setting_lets_chats_in(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        await talking(house, ana)
        citizen = await house.visitor()
        await house.do(citizen, "chat.send", text="Buenos días")
        assert await house.route() == 0
        systems = await house.staff("sistemas", Role.systems, state=None)
        await house.do(systems, "setting.save", key="chats_beside_call", value=True)
        assert await house.route() == 1


async def test_a_device_that_fails_gives_the_call_to_the_next_agent_and_is_counted(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        await waiting(house)
        item = await house.take_first(ana)
        await obey(house)
        house.clock.advance(20)
        await told(house, {**joined(ana), "kind": "leg_failed"})
        item = await house.item(item["id"])
        assert (item["state"], item["owner"]) == ("waiting", None)
        async with house.db.read() as conn:
            from contact_center.store import work

            status = await work.get_status(conn, ana.id)
        assert status is not None and status.phone_at is None
        await house.do(berta, "agent.set_state", state="available")
        taken = await house.take_first(berta)
        assert taken["enqueued_at"] == item["enqueued_at"]
        times = await rows(house, offers)
        assert {one.agent_id: one.state for one in times} == {ana.id: "accepted", berta.id: "accepted"}


async def test_a_caller_who_hangs_up_while_offered_takes_the_offer_along(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        await waiting(house)
        offer = await house.offer_of(ana)
        await told(house, {"kind": "ended", "data": {"how": "completed", "by": "citizen"}})
        assert (await rows(house, offers))[0].state == "withdrawn"
        with pytest.raises(Conflict):
            await house.do(ana, "work.accept", offer_id=offer["offer_id"])
        house.clock.advance(11)
        await house.timers.sweep()
        (promise,) = await rows(house, callbacks)
        assert promise.number == CITIZEN


async def test_who_asks_to_be_called_back_keeps_their_place(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        await waiting(house)
        arrived = (await rows(house, work_items))[0].enqueued_at
        house.clock.advance(120)
        await told(house, {"kind": "callback_asked"})
        assert [one.state for one in await rows(house, work_items)] == ["done"], "nobody is offered who is leaving"
        await told(house, {"kind": "ended"})
        house.clock.advance(11)
        await house.timers.sweep()
        (item,) = await rows(house, work_items, work_items.c.state != "done")
        assert (item.kind, item.enqueued_at) == ("callback", arrived)


async def test_an_agent_whose_line_is_lost_leaves_the_citizen_at_the_head_of_the_queue(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana, berta = await ready(house, "ana", "berta")
        held = await talking(house, ana)
        house.clock.advance(30)
        await told(house, left(ana))
        await house.timers.sweep()
        assert (await house.item(held["item_id"]))["state"] == "held", "the end of a hang-up may be on its way"
        house.clock.advance(6)
        await house.timers.sweep()
        item = await house.item(held["item_id"])
        assert (item["state"], item["call"]["state"]) == ("waiting", "in_progress")
        assert [(one["kind"], one["data"]) for one in await obey(house)] == [("requeue", {"user": ana.id})]
        await house.do(ana, "agent.set_state", state="offline")
        await house.do(berta, "agent.set_state", state="available")
        item = await house.take_first(berta)
        await obey(house)
        house.clock.advance(4)
        await told(house, joined(berta))
        house.clock.advance(60)
        await told(house, left(berta), {"kind": "ended", "data": {"how": "completed", "by": "citizen"}})
        assert (await house.item(item["id"]))["state"] == "wrap_up"
        talked = {one.agent_id: one.talk_s for one in await rows(house, segments)}
        assert talked == {ana.id: 30, berta.id: 60}


async def test_hanging_up_is_an_order_and_its_end_does_not_look_like_a_lost_line(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        (ana,) = await ready(house, "ana")
        held = await talking(house, ana)
        await house.do(ana, "call.mark", **held, what="ended")
        await obey(house)
        await told(house, left(ana))
        house.clock.advance(10)
        await house.timers.sweep()
        assert (await house.item(held["item_id"]))["state"] == "held"
        await told(house, {"kind": "ended", "data": {"how": "completed", "by": "agent"}})
        assert (await house.item(held["item_id"]))["state"] == "wrap_up"


async def test_a_call_made_rings_the_agents_own_browser_and_ends_with_it_when_that_fails(
    sqlite_database_url: str,
) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await house.staff("ana")
        wanted = {"direction": "outbound", "number": CITIZEN, "mode": "browser"}
        with pytest.raises(Conflict) as refused:
            await house.do(ana, "call.start", **wanted)
        assert refused.value.code == "no_device"
        await house.device(ana)
        with pytest.raises(Invalid):
            await house.do(ana, "call.start", **{**wanted, "direction": "inbound"})
        made = await house.do(ana, "call.start", **wanted)
        (order,) = await obey(house)
        assert (order["kind"], order["data"], order["number"]) == ("dial", {"user": ana.id}, CITIZEN)
        report = {"provider": "twilio", "room": made["call"]["id"], "direction": "outbound"}
        failed = {"key": "failed", "kind": "leg_failed", "at": house.clock.now(), "leg": "CAx", "user_id": ana.id}
        await house.do(SYSTEM, "call.report", **report, facts=[failed])
        item = await house.item(made["item"]["id"])
        assert (item["state"], item["call"]["state"]) == ("wrap_up", "cancelled")


def arriving(house: TestHouse, *kinds: EventKind, sid: str = "CA1", number: str = CITIZEN) -> CallReport:
    facts = tuple(Fact(kind.value, kind, house.clock.now()) for kind in kinds)
    return CallReport("twilio", sid, "inbound", number, "+526621080000", facts)


async def test_the_line_says_place_hours_and_texts_after_the_commit(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        door = VoiceDesk(house.db, house.writer, house.clock)
        assert await door.look("twilio", "CA1") is None
        first = await door.answer(arriving(house, EventKind.entered, EventKind.queued))
        house.clock.advance(5)
        second = await door.answer(arriving(house, EventKind.entered, EventKind.queued, sid="CA2"))
        assert (first.position, second.position, second.waiting, second.is_open) == (1, 2, True, True)
        assert (second.wait_s, second.has_number, second.recording) == (None, True, False)
        assert "2" in second.texts["posicion_cola"]
        assert all("{" not in text for text in second.texts.values())
        hidden = await door.answer(arriving(house, EventKind.entered, sid="CA3", number="anonymous"))
        assert (hidden.has_number, hidden.position, hidden.waiting) == (False, None, False)
        house.clock.advance(timedelta(hours=10).total_seconds())
        late = await door.look("twilio", "CA1")
        assert late is not None and not late.is_open
        assert "08:00" in late.texts["cerrado"] or "8:00" in late.texts["cerrado"]


async def test_a_folio_is_told_by_keypad_with_its_four_digits_and_locks_after_three_misses(
    sqlite_database_url: str,
) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await house.staff("ana")
        petition = await house.do(ana, "petition.create", **form(medium="phone"))
        folio = petition["petition"]["folio"]
        keys = "".join(char for char in folio if char.isdigit())
        door = VoiceDesk(house.db, house.writer, house.clock)
        await door.report(arriving(house, EventKind.entered))
        last4 = form()["requester"]["phone"][-4:]
        said = await door.say_folio("twilio", "CA1", keys, last4)
        assert (said.found, said.locked, folio in said.text) == (True, False, True)
        wrong = await door.say_folio("twilio", "CA1", keys, "0000")
        nobody = await door.say_folio("twilio", "CA1", "2026999999", "0000")
        assert wrong == nobody and not wrong.found
        await door.say_folio("twilio", "CA1", "2026999998", "0000")
        locked = await door.say_folio("twilio", "CA1", keys, last4)
        assert (locked.found, locked.locked) == (False, True)
        await told(house, {"kind": "ended"})
        house.clock.advance(11)
        await house.timers.sweep()
        (contact,) = [one for one in await rows(house, interactions) if one.channel == "phone"]
        assert (contact.state, contact.disposition) == ("captured", "status_given")


async def test_a_number_belongs_to_one_queue_where_its_calls_start_and_are_recorded(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        systems = await house.staff("sistemas", Role.systems, state=None)
        first, *_ = await rows(house, queues)
        names = ("area_id", "calendar_id", "channels", "priority")
        kept = {"id": first.id, "name": first.name, **{name: getattr(first, name) for name in names}}
        saved = await house.do(systems, "queue.save", **kept, phone_number="662 108 0000", recording=True)
        assert (saved["queue"]["phone_number"], saved["queue"]["recording_days"]) == ("+526621080000", 90)
        again = await house.do(systems, "queue.save", **kept)
        assert (again["queue"]["phone_number"], again["queue"]["recording"]) == ("+526621080000", True)
        other = {"name": "Otra fila", "area_id": first.area_id, "calendar_id": first.calendar_id}
        with pytest.raises(Conflict) as taken:
            await house.do(systems, "queue.save", **other, phone_number="+52 1 662 108 0000")
        assert taken.value.code == "number_taken"
        with pytest.raises(Invalid):
            await house.do(systems, "queue.save", **other, phone_number="hola")
        door = VoiceDesk(house.db, house.writer, house.clock)
        line = await door.answer(arriving(house, EventKind.entered, EventKind.queued))
        assert line.recording
        (item,) = await rows(house, work_items)
        assert item.queue_id == first.id
        gone = await house.do(systems, "queue.save", **kept, phone_number="", recording=False)
        assert (gone["queue"]["phone_number"], gone["queue"]["recording"]) == (None, False)
