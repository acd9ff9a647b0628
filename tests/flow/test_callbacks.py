"""Promised calls through the real doors: planned, refused, tried, answered, exhausted, moved, counted."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from contact_center.rules.faces import ms
from contact_center.rules.messaging import InboundConsent
from contact_center.rules.model import Channel, Role
from contact_center.store import options
from contact_center.store.schema import (
    alerts,
    callback_promises,
    callbacks,
    citizens,
    follow_ups,
    interactions,
    messages,
)
from tests.support.promising import HOUR, NUMBER, at, call, come_due, office, plan, refused, take
from tests.support.registering import form, held, rows
from tests.support.signed_in import desk
from tests.support.toy_channel import ToyChannel


async def test_a_call_request_comes_back_with_its_answers(database_url: str) -> None:
    async with office(database_url) as (house, ana, boss):
        area = await desk(house, "juridica", Role.area)
        petition = (await boss.must("petition.create", **form(medium="phone")))["petition"]
        questions = [
            {"text": "¿Cuántas familias son?", "kind": "number"},
            {"text": "¿Hay toma de agua?", "kind": "yes_no"},
            {"text": "Algo más", "required": False},
        ]
        wish = {"folio": petition["folio"], "number": None, "questions": questions, "owner_id": ana.actor.id}
        made = await plan(house, area, HOUR, reason="ask", **wish)
        seen = (await area.get(f"/api/v1/callbacks/{made['id']}")).json()
        assert (seen["callback"]["standing"], seen["callback"]["words"]) == ("scheduled", "hoy a las 10:12")
        assert seen["callback"]["number"] == "662 ••• •001"
        assert "¿Cuántas familias son?; ¿Hay toma de agua?" in seen["script"]["text"]
        assert seen["script"]["status"] == "Recibida"
        await come_due(house, HOUR + 60, ana)
        item = await call(house, ana, await take(house, ana), "answered", "ended")
        assert (item["state"], item["call"]["callback"]["attempts"], item["call"]["purpose"]) == (
            "wrap_up",
            1,
            "request_info",
        )
        first, second, _third = item["call"]["callback"]["questions"]
        held_by = {"item_id": item["id"], "epoch": item["epoch"]}
        done = {"disposition": "oriented"}
        assert await refused(await ana.command("work.finish", **held_by, **done)) == (
            400,
            "invalid",
            {f"answers.{first['id']}": "required", f"answers.{second['id']}": "required", "identity": "required"},
        )
        await ana.must("callback.save", **held_by, answers={first["id"]: 12}, identity=True)
        wrong = await ana.command("callback.outcome", **held_by, outcome="reached", answers={second["id"]: "sí"})
        assert await refused(wrong) == (400, "invalid", {f"answers.{second['id']}": "wrong_type"})
        await ana.must("callback.outcome", **held_by, outcome="reached", answers={second["id"]: True})
        (said,) = await rows(house, follow_ups, follow_ups.c.kind == "call_answers")
        assert said.text == "¿Cuántas familias son?: 12\n¿Hay toma de agua?: sí"
        await ana.must("work.finish", **held_by, **done)
        listed = (await area.get("/api/v1/callbacks?requested=mine")).json()
        (row,) = listed["rows"]
        assert (row["state"], row["outcome"], row["can"]) == ("achieved", "reached", ["receive"])
        await area.must("callback.receive", callback_id=made["id"])
        assert (await rows(house, callbacks))[0].state == "closed"
        again = await area.command("callback.receive", callback_id=made["id"])
        assert again.status_code == 409


async def test_what_is_not_reached_is_tried_by_the_protocol_then_told_and_given_back(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        _agent, _citizen, chat, item = await held(house, ana.actor)
        await ana.must("callback.plan", reason="return", number=NUMBER, due_at=at(house, 60), interaction_id=chat)
        await ana.must("conversation.close", conversation_id=chat, epoch=item["epoch"])
        await ana.must(
            "work.finish",
            item_id=item["id"],
            epoch=item["epoch"],
            disposition="callback_promised",
            no_petition_reason="callback_pending",
        )
        hours = []
        for outcome in ("no_answer", "busy", "voicemail"):
            (row,) = await rows(house, callbacks)
            wait = max(0.0, (row.due_at - house.clock.now()).total_seconds())
            await come_due(house, wait + 1, ana)
            taken = await take(house, ana)
            hours.append(house.clock.now().hour)
            after = await call(house, ana, taken, outcome)
            assert after["owner"] is None
        assert len(set(hours)) == 3
        (row,) = await rows(house, callbacks)
        assert (row.state, row.attempts, row.outcome, row.message_sent) == ("exhausted", 3, "voicemail", "chat")
        told = await rows(house, messages, messages.c.conversation_id == chat, messages.c.author_kind == "system")
        assert [one.code for one in told if one.code and one.code.startswith("callback_")] == [
            "callback_promised",
            "callback_not_reached",
        ]
        waiting = (await boss.get("/api/v1/callbacks?state=exhausted")).json()["rows"]
        assert [one["can"] for one in waiting] == [["receive"]]
        again = await plan(house, boss, 2 * HOUR, again_of=row.id)
        assert again["state"] == "solicited"


class Sms(ToyChannel):
    limits = replace(ToyChannel.limits, medium=Channel.sms)


async def never_reached(house: Any, ana: Any, callback_id: str) -> Any:
    """Try a callback as often as it goes, with nobody at home, and let the outbox work; return its row."""
    for _ in range(3):
        (row,) = await rows(house, callbacks, callbacks.c.id == callback_id)
        await come_due(house, max(0.0, (row.due_at - house.clock.now()).total_seconds()) + 1, ana)
        await call(house, ana, await take(house, ana), "no_answer")
    for _ in range(5):
        await house.outbox.step("toy")
        house.clock.advance(2)
    (row,) = await rows(house, callbacks, callbacks.c.id == callback_id)
    return row


async def test_who_never_wrote_is_sent_an_sms_after_the_last_try_until_they_say_stop(
    sqlite_database_url: str,
) -> None:
    ways: list[Sms] = []

    def make(door: Any) -> list[Sms]:
        ways.append(Sms(door))
        return ways

    async with office(sqlite_database_url, channels=make) as (house, ana, boss):
        folio = (await boss.must("petition.create", **form(medium="phone")))["petition"]["folio"]
        planned = await plan(house, boss, HOUR, reason="inform", folio=folio, number=None)
        first = await never_reached(house, ana, planned["id"])
        assert (first.state, first.message_sent) == ("exhausted", "sms")
        (toy,) = ways
        assert {one.address for one in toy.outbox} == {first.number}
        assert "Aviso de privacidad" in toy.outbox[0].text
        assert "no logramos comunicarnos" in toy.outbox[-1].text and folio in toy.outbox[-1].text
        (contact,) = await rows(house, interactions, interactions.c.channel == "sms")
        assert (contact.direction, contact.state) == ("outbound", "captured")
        before = len(toy.outbox)
        await toy.door.receive(InboundConsent(channel="toy", event_key="x", address=first.number, allowed=False))
        planned = await plan(house, boss, 24 * HOUR, reason="inform", folio=folio, number=None)
        second = await never_reached(house, ana, planned["id"])
        assert (second.state, second.message_sent) == ("exhausted", "none")
        assert len(toy.outbox) == before


async def test_nobody_is_sent_a_first_sms_about_what_is_restricted(sqlite_database_url: str) -> None:
    ways: list[Sms] = []

    def make(door: Any) -> list[Sms]:
        ways.append(Sms(door))
        return ways

    async with office(sqlite_database_url, channels=make) as (house, ana, boss):
        folio = (await boss.must("petition.create", **form(medium="phone", confidential=True)))["petition"]["folio"]
        planned = await plan(house, boss, HOUR, reason="ask", questions=("¿Desde cuándo?",), folio=folio, number=None)
        row = await never_reached(house, ana, planned["id"])
        assert (row.state, row.message_sent) == ("exhausted", "none")
        assert ways[0].outbox == []


async def test_a_try_too_soon_outside_the_hours_or_for_somebody_barred_is_refused_with_the_next_time(
    sqlite_database_url: str,
) -> None:
    async with office(sqlite_database_url) as (house, ana, boss):
        tijuana = {"number": "664 123 4567"}
        early = datetime(2026, 11, 25, 15, 30, tzinfo=UTC)  # 08:30 in Hermosillo, 07:30 in Tijuana
        answer = await boss.command("callback.plan", reason="return", due_at=ms(early), **tijuana)
        assert await refused(answer) == (409, "outside_window", ms(early.replace(hour=16, minute=0)))
        made = await plan(house, boss, HOUR, **tijuana)
        await come_due(house, (early - house.clock.now()).total_seconds(), ana)
        await house.do(boss.actor, "work.assign", item_id=made["item"], user_id=ana.actor.id)
        dial = await ana.command("call.start", direction="outbound", item_id=made["item"])
        assert await refused(dial) == (409, "outside_window", ms(early.replace(hour=16, minute=0)))
        house.clock.advance(HOUR)
        item = await call(house, ana, await house.item(made["item"]), "no_answer")
        assert item["due_at"] == at(house, 2 * HOUR - 20)
        await boss.must("work.assign", item_id=item["id"], user_id=ana.actor.id)
        dial = await ana.command("call.start", direction="outbound", item_id=made["item"])
        assert await refused(dial) == (409, "too_soon", at(house, 2 * HOUR - 20))
        saved = await boss.must("citizen.save", names="Rosa", phone=NUMBER, do_not_contact=True)
        assert await refused(await ana.command("call.start", direction="outbound", number=NUMBER)) == (
            409,
            "do_not_contact",
            None,
        )
        barred = await boss.command(
            "callback.plan", reason="return", due_at=at(house, HOUR), citizen_id=saved["citizen"]["id"]
        )
        assert (await refused(barred))[1] == "do_not_contact"


async def test_asking_not_to_be_contacted_calls_off_what_was_promised(sqlite_database_url: str) -> None:
    async with office(sqlite_database_url) as (house, _ana, boss):
        citizen = (await boss.must("citizen.save", names="Rosa", phone=NUMBER))["citizen"]
        await plan(house, boss, HOUR, citizen_id=citizen["id"])
        await boss.must("citizen.save", citizen_id=citizen["id"], version=citizen["version"], do_not_contact=True)
        (row,) = await rows(house, callbacks)
        (promise,) = await rows(house, callback_promises)
        assert (row.state, promise.standing) == ("cancelled", "withdrawn")


@pytest.mark.parametrize(
    ("fields", "code", "where"),
    [
        ({"due_at": 1_000}, "invalid", {"due_at": "past"}),
        ({"due_at": 253_402_300_799_000}, "invalid", {"due_at": "too_far"}),
        ({"due_at": 10**15}, "invalid", {"due_at": "too_far"}),
        ({"due_at": None}, "invalid", {"due_at": "required"}),
        ({"due_local": "2027-02-29T10:00"}, "invalid", {"due_local": "bad_date"}),
        ({"due_local": "2026-12-31T23:59:60"}, "wrong_type", None),
        ({"due_local": "9999-01-01T10:00"}, "invalid", {"due_local": "too_far"}),
        ({"due_local": "2027-03-14T02:30", "zone": "America/Tijuana"}, "invalid", {"due_local": "no_such_time"}),
        ({"zone": "America/../etc"}, "invalid", {"zone": "unknown"}),
        ({"not_after": 1}, "invalid", {"not_after": "past"}),
        ({"number": "900 123 4567"}, "invalid", {"number": "premium"}),
        ({"number": "+881 612 345 678"}, "invalid", {"number": "satellite"}),
        ({"number": "911"}, "invalid", {"number": "emergency"}),
        ({"number": "+34 612 345 678"}, "invalid", {"number": "country"}),
        ({"number": ""}, "invalid", {"number": "anonymous"}),
        ({"reason": "ask"}, "invalid", {"questions": "required"}),
        ({"reason": "ask", "questions": [{"text": "¿Cuál?", "kind": "choice"}]}, "invalid", {"questions": "choices"}),
        ({"reason": "inform"}, "invalid", {"folio": "required"}),
        ({"folio": "CEAC-2026-999999"}, "invalid", {"folio": "unknown"}),
        ({"owner_id": "nobody"}, "invalid", {"owner_id": "unknown"}),
        ({"due_local": "2026-11-28T10:00"}, "day_off", None),
        ({"due_local": "2026-12-25T10:00"}, "day_off", None),
        ({"due_local": "2026-11-25T21:00"}, "outside_window", None),
    ],
)
async def test_bad_input_gets_a_clear_answer_and_nothing_is_promised(
    sqlite_database_url: str, fields: dict[str, Any], code: str, where: Any
) -> None:
    async with office(sqlite_database_url) as (house, _ana, boss):
        wish: dict[str, Any] = {"reason": "return", "number": NUMBER, "due_at": at(house, HOUR), **fields}
        if "due_local" in fields:
            wish.pop("due_at")
        answer = await boss.command("callback.plan", **wish)
        error = answer.json()["error"]
        assert answer.status_code in (400, 409, 422) and error["code"] == code, answer.text
        assert where is None or error["fields"] == where
        assert await rows(house, callbacks) == []
        asked = {"number": wish["number"], "due_at": wish.get("due_at"), "due_local": fields.get("due_local")}
        query = {key: value for key, value in {**asked, "zone": fields.get("zone")}.items() if value}
        preview = await boss.get("/api/v1/callbacks/check", params=query)
        if code in ("day_off", "outside_window"):
            found = preview.json()
            assert not found["ok"] and found["refusals"][0]["code"] == code
            assert found["refusals"][0]["next_at"] > at(house, 0)


async def test_a_second_promise_of_the_same_and_a_full_hour_are_said_before_they_are_made(database_url: str) -> None:
    async with office(database_url) as (house, _ana, boss):
        first = await plan(house, boss, HOUR)
        again = await boss.command("callback.plan", reason="return", number=NUMBER, due_at=at(house, 2 * HOUR))
        assert (again.status_code, again.json()["error"]["callback"]) == (409, first["id"])
        hours = (await boss.get("/api/v1/callbacks/load")).json()["hours"]
        hour = next(one for one in hours if one["at"] <= at(house, HOUR) < one["until"])
        assert (hour["promised"], hour["open"]) == (1, True)
        for number in range(1, hour["capacity"]):
            await plan(house, boss, HOUR, number=f"662 000 1{number:03d}")
        full = await boss.command("callback.plan", reason="return", number="662 000 2000", due_at=at(house, HOUR))
        error = full.json()["error"]
        assert (error["code"], error["next_at"]) == ("no_room", hour["until"])
        assert (error["promised"], error["capacity"]) == (hour["capacity"], hour["capacity"])
        await plan(house, boss, HOUR, number="662 000 2000", despite_load=True)


async def test_a_promise_nobody_kept_is_broken_in_sight_and_moving_it_late_does_not_mend_it(database_url: str) -> None:
    async with office(database_url) as (house, ana, boss):
        _agent, _citizen, chat, _item = await held(house, ana.actor)
        made = await plan(house, boss, HOUR, interaction_id=chat)
        await come_due(house, 4 * HOUR)
        (row,) = await rows(house, callback_promises)
        (alert,) = await rows(house, alerts, alerts.c.kind == "callback_broken")
        item = await house.item(made["item"])
        assert (row.standing, item["priority"], item["state"]) == ("broken", "high", "waiting")
        assert item["call"]["callback"]["standing"] == "broken"
        board = (await boss.get("/api/v1/callbacks/overdue")).json()
        assert [one["id"] for one in board["rows"]] == [made["id"]]
        await boss.must("callback.move", callback_id=made["id"], due_at=at(house, HOUR))
        standings = [one.standing for one in await rows(house, callback_promises)]
        assert sorted(standings) == ["broken", "pending"]
        assert (await rows(house, alerts, alerts.c.id == alert.id))[0].cleared_at is not None


async def test_the_ledgers_figures_are_the_rows_they_open(database_url: str) -> None:
    async with office(database_url) as (house, ana, boss):
        area = await desk(house, "juridica", Role.area)
        kept = await plan(house, boss, 60, owner_id=ana.actor.id)
        late = await plan(house, area, 120, number="662 000 1001")
        moved = await plan(house, boss, 180, number="662 000 1002", reason="other")
        off = await plan(house, boss, 240, number="662 000 1003")
        await plan(house, boss, 300, number="662 000 1004")
        await boss.must("callback.move", callback_id=moved["id"], due_at=at(house, HOUR))
        await boss.must("callback.cancel", callback_id=off["id"], reason="Ya llamó por su cuenta")
        await come_due(house, 90, ana)
        item = await call(house, ana, await take(house, ana), "answered", "ended")
        assert item["call"]["callback"]["id"] == kept["id"]
        done = {"item_id": item["id"], "epoch": item["epoch"], "disposition": "oriented"}
        await ana.must("work.finish", **done)
        await come_due(house, 1_200)
        await house.do(boss.actor, "work.assign", item_id=late["item"], user_id=ana.actor.id)
        await call(house, ana, await house.item(late["item"]), "busy")
        await come_due(house, 4 * HOUR)
        for by in ("area", "agent", "reason", "day"):
            found = (await boss.get(f"/api/v1/callbacks/ledger?by={by}")).json()
            total = found["total"]
            for name in ("kept", "late", "broken", "pending", "moved", "withdrawn"):
                listed = (await boss.get(f"/api/v1/callbacks/promises?standing={name}")).json()
                assert total[name] == listed["total"] == len(listed["rows"]), name
                assert sum(group[name] for group in found["groups"]) == total[name]
        assert {name: total[name] for name in ("kept", "late", "broken", "moved", "withdrawn")} == {
            "kept": 1,
            "late": 1,
            "broken": 2,
            "moved": 1,
            "withdrawn": 1,
        }
        assert total["rate_kept"] == 0.25
        own = (await area.get("/api/v1/callbacks/promises")).json()
        assert {one["callback"] for one in own["rows"]} >= {late["id"]}


async def test_a_petitions_new_state_calls_for_one_call_and_never_for_a_confidential_one(
    sqlite_database_url: str,
) -> None:
    async with office(sqlite_database_url) as (house, _ana, boss):
        await boss.must("petition.create", **form(medium="phone"))
        folio = (await boss.must("petition.create", **form(medium="phone", despite_duplicates=True)))["petition"]
        head = await desk(house, "direccion", Role.director)
        async with house.db.write() as conn:
            states = "internal,analysing"
            await options.save(conn, "inform_states", states, house.clock.now())
        move = {"folio": folio["folio"], "event": "classify"}
        moved = (await boss.must("petition.move", version=folio["version"], **move))["petition"]
        (row,) = await rows(house, callbacks)
        assert (row.reason, row.source, row.folio, row.number) == ("inform", "rule", folio["folio"], "+526620000001")
        route = {"folio": folio["folio"], "event": "route_inside", "area": "03.07.02.01"}
        await head.must("petition.move", version=moved["version"], **route)
        assert len(await rows(house, callbacks)) == 1, "the one that is open tells the newest state"
        seen = (await boss.get(f"/api/v1/callbacks/{row.id}")).json()
        assert seen["script"]["status"] == "En atención" and "En atención" in seen["script"]["text"]
        secret = (
            await boss.must("petition.create", **form(medium="phone", confidential=True, despite_duplicates=True))
        )["petition"]
        await boss.must("petition.move", folio=secret["folio"], version=secret["version"], event="classify")
        async with house.db.write() as conn:
            await conn.execute(update(citizens).values(do_not_contact=True))
        third = (await boss.must("petition.create", **form(medium="phone", despite_duplicates=True)))["petition"]
        await boss.must("petition.move", folio=third["folio"], version=third["version"], event="classify")
        assert len(await rows(house, callbacks)) == 1
