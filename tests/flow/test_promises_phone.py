"""P6, P7, P8, P14, P23 and P33 of the telephone: signed webhooks into the house, orders out to a simulated provider."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from random import Random
from typing import Any
from unittest.mock import patch

import anyio
import httpx2 as httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from channels import twilio_wire
from contact_center.actions import writer
from contact_center.jobs import deliver, reconcile, sending
from contact_center.rules.backoff import OPEN_AFTER
from contact_center.store import call_orders as order_store
from contact_center.store import calls as call_store
from contact_center.store.schema import call_events, call_orders, callbacks, calls, findings, interactions
from tests.support.phone_stage import PERSON, PhoneStage, phone_staged
from tests.support.telling import NEWS, Teller, fields_of

AGENT = "01a0c000-0000-7000-8000-00000000000a"


async def played(stage: PhoneStage, orders: Sequence[Sequence[str]], times: int = 1) -> list[dict[str, Any]]:
    """Tell the news of a call in each order, every piece so many times at once; return what is left of each call."""
    sids = [f"CA{n:032d}" for n in range(len(orders))]
    async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=24)) as client:
        teller = Teller(stage, client)

        async def one(sid: str, order: Sequence[str]) -> None:
            await teller.enters(sid)
            async with stage.house.db.read() as conn:
                call = await call_store.by_provider(conn, "twilio", sid)
            assert call is not None
            for what in order:
                async with anyio.create_task_group() as copies:
                    for _ in range(times):
                        copies.start_soon(teller.tell, what, sid, call.id, AGENT)

        for start in range(0, len(orders), 24):
            async with anyio.create_task_group() as tasks:
                for sid, order in list(zip(sids, orders, strict=True))[start : start + 24]:
                    tasks.start_soon(one, sid, order)
    await stage.time.advance(120)
    await stage.house.timers.sweep()
    return [await picture(stage, sid) for sid in sids]


async def picture(stage: PhoneStage, sid: str) -> dict[str, Any]:
    """What is left of a call when all is done: without ids, which differ."""
    (call,) = await stage.rows(calls, calls.c.provider_call_id == sid)
    (contact,) = await stage.rows(interactions, interactions.c.id == call.interaction_id)
    made = await stage.rows(callbacks, callbacks.c.origin_id == contact.id)
    facts = await stage.rows(call_events, call_events.c.call_id == call.id)
    times = ("state", "answered_at", "ended_at", "hold_s", "talk_s", "ended_by", "agent_id", "alone_since")
    return {
        **fields_of(call, *times),
        **fields_of(contact, "disposition", "wait_s"),
        "capture": contact.state,
        "callbacks": len(made),
        "facts": sorted((one.key.replace(sid, "CA"), one.kind, one.at if one.timed else None) for one in facts),
    }


async def test_any_order_of_the_webhooks_of_a_call_ends_in_the_same_state(sqlite_database_url: str) -> None:
    orders = [NEWS, *Random(720).sample(list(permutations(NEWS)), 23)]
    async with phone_staged(sqlite_database_url) as stage:
        first, *others = await played(stage, orders)
    assert (first["state"], first["talk_s"], first["hold_s"]) == ("completed", 45, 15)
    assert [one for one in others if one != first] == []


@pytest.mark.soak
async def test_all_720_orders_of_the_webhooks_of_a_call_end_in_the_same_state(database_url: str) -> None:
    async with phone_staged(database_url) as stage:
        first, *others = await played(stage, list(permutations(NEWS)))
    assert len(others) == 719
    assert [one for one in others if one != first] == []


async def test_taking_the_moment_of_arrival_for_the_time_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: the provider's own stamp is not believed."""
    arrivals = iter(range(1, 1_000))

    def told_at(form: Any, now: Any) -> Any:
        return now + timedelta(seconds=next(arrivals)), False

    with patch.object(twilio_wire, "told_at", told_at):
        async with phone_staged(sqlite_database_url) as stage:
            one, other = await played(stage, [NEWS, NEWS[::-1]])
    assert one != other


async def test_webhooks_that_come_twenty_times_at_once_change_nothing(database_url: str) -> None:
    async with phone_staged(database_url) as stage:
        (once,) = await played(stage, [NEWS])
        async with httpx.AsyncClient(trust_env=False) as client:
            teller = Teller(stage, client)
            (call,) = await stage.rows(calls)
            for what in NEWS:
                async with anyio.create_task_group() as copies:
                    for _ in range(20):
                        copies.start_soon(teller.tell, what, call.provider_call_id, call.id, AGENT)
        assert await picture(stage, call.provider_call_id) == once


async def statuses_when_commits_fail(stage: PhoneStage) -> tuple[list[int], int]:
    """Tell of a call while no commit works; return the answers, and how many calls are stored."""
    real = writer.Writer._transaction

    async def broken(self: Any, batch: list[Any], *rest: Any) -> Any:
        if any(job.verb.name == "call.report" for job in batch):
            raise OperationalError("COMMIT", {}, Exception("disk I/O error"))
        return await real(self, batch, *rest)

    async with httpx.AsyncClient(trust_env=False) as client:
        teller = Teller(stage, client)
        form = {"CallSid": "CA" + "9" * 32, "From": "+526620000003", "To": "+526621080000", "Direction": "inbound"}
        with patch.object(writer.Writer, "_transaction", broken):
            found = [await teller.post("in", {**form, "CallStatus": "ringing"})]
            found.append(await teller.post("status", {**form, "CallStatus": "completed"}))
    return found, len(await stage.rows(calls))


async def test_a_webhook_is_answered_with_2xx_only_after_its_commit(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        assert await statuses_when_commits_fail(stage) == ([503, 503], 0)


async def test_answering_a_webhook_before_the_commit_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: whoever waits for a command is answered as soon as it ran."""
    async with phone_staged(sqlite_database_url) as stage:
        real = writer.Writer.submit

        async def early(self: Any, actor: Any, name: str, body: Any, client_id: str | None = None) -> Any:
            if name != "call.report":
                return await real(self, actor, name, body, client_id)
            known = await stage.rows(calls)
            return {"call_id": known[0].id if known else "none", "interaction_id": "none"}

        await stage.call({"wait": 1}, {"hang_up": True}, from_="+526620000009")
        with patch.object(writer.Writer, "submit", early):
            found, stored = await statuses_when_commits_fail(stage)
    assert (stored, all(200 <= one < 300 for one in found)) == (1, True)


async def bridged(stage: PhoneStage) -> dict[str, Any]:
    """A caller waits, Ana takes them: the bridge is ordered, and not sent yet."""
    ana, _device = await stage.agent("ana")
    await stage.call(*PERSON, {"wait_for_person": True})
    await stage.time.advance(40)
    await stage.stays(ana)
    return await stage.house.take_first(ana)


class NodeDied(Exception):
    """The process is gone in this very moment."""


async def killed_at(stage: PhoneStage, point: str) -> int:
    """Let a node die at a point of sending an order; return how often the provider was asked for it in ten minutes."""
    await bridged(stage)

    def die(name: str) -> None:
        if name == point:
            raise NodeDied

    with patch.object(deliver, "crash_point", die), pytest.RaisesGroup(NodeDied, allow_unwrapped=True):
        await stage.orders.step()
    for _ in range(10):
        await stage.time.advance(60)
        await stage.orders.step()
    return len(stage.asked("/Calls.json"))


@pytest.mark.parametrize(("point", "times"), [("order_leased", 0), ("order_sent", 1)])
async def test_a_node_that_dies_around_a_request_never_sends_it_twice(
    database_url: str, point: str, times: int
) -> None:
    async with phone_staged(database_url) as stage:
        assert await killed_at(stage, point) == times
        (order,) = await stage.rows(call_orders)
        assert order.state in ("uncertain", "done"), "somebody has to see it, or what happened shows it"
        assert order.attempts == 1


async def test_sending_again_what_a_dead_node_had_leased_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: a lease that is over makes the order free again."""
    real = order_store.lost

    async def free(conn: Any, now: Any, limit: int = 100) -> Any:
        if limit == 1:  # only a look whether there is anything to do
            return await real(conn, now, limit)
        for one in await real(conn, now, limit):
            await order_store.change(conn, one.id, state="queued", leased_until=None)
        return []

    with patch.object(order_store, "lost", free):
        async with phone_staged(sqlite_database_url) as stage:
            assert await killed_at(stage, "order_sent") > 1


async def test_a_request_that_is_taken_and_never_answered_is_settled_by_what_happens(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        item = await bridged(stage)
        stage.sim.set_faults(rest=[{"answer": "accept_then_time_out", "path": "/Calls.json", "next": 1}])
        await stage.orders.step()
        await stage.settle()
        assert len(stage.asked("/Calls.json")) == 1
        (order,) = await stage.rows(call_orders)
        assert (order.state, order.attempts) == ("done", 1), "the agent is in the call: it was obeyed"
        assert (await stage.house.item(item["id"]))["call"]["state"] == "in_progress"


async def test_a_dial_whose_answer_is_lost_is_asked_of_the_providers_list(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        ana, device = await stage.agent("ana", accepts=False)
        device.rejects = False
        wanted = {"direction": "outbound", "number": "+526620000007", "mode": "browser"}
        await stage.house.do(ana, "call.start", **wanted)
        stage.sim.set_faults(rest=[{"answer": "time_out", "path": "/Calls.json", "next": 1}])
        await stage.orders.step()
        (order,) = await stage.rows(call_orders)
        assert order.state == "uncertain"
        await stage.time.advance(300)
        await stage.reconciler.step()
        (order,) = await stage.rows(call_orders)
        assert (order.state, order.error, len(stage.asked("/Calls.json"))) == ("failed", "not_done", 1)


@pytest.mark.parametrize("answer", ["500", "time_out"])
async def test_a_caller_whom_the_provider_did_not_connect_is_offered_to_somebody_else(
    sqlite_database_url: str, answer: str
) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        item = await bridged(stage)
        berta, _device = await stage.agent("berta")
        stage.sim.set_faults(rest=[{"answer": answer, "path": "/Calls.json", "next": 1}])
        await stage.orders.step()
        await stage.time.advance(10)
        await stage.house.timers.sweep()
        assert (await stage.house.item(item["id"]))["state"] == "held", "its agent may still try again"
        await stage.time.advance(10)
        await stage.house.timers.sweep()
        back = await stage.house.item(item["id"])
        assert (back["state"], back["queued_at"], back["call"]["order"]) == ("waiting", item["queued_at"], None)
        await stage.stays(berta)
        again = await stage.house.take_first(berta)
        await stage.settle()
        assert (again["id"], again["owner"]) == (item["id"], berta.id)
        assert (await stage.house.item(item["id"]))["call"]["state"] == "in_progress"
        await stage.time.advance(200)
        await stage.house.timers.sweep()
        assert (await stage.house.item(item["id"]))["owner"] == berta.id


async def slowed_down(stage: PhoneStage) -> list[float]:
    """Let the provider say 429 twice, each time for 5 seconds; return the seconds between the requests it got."""
    await bridged(stage)
    stage.sim.set_faults(rest=[{"answer": "429", "path": "/Calls.json", "next": 2, "retry_after_s": 5}])
    for _ in range(30):
        await stage.orders.step()
        await stage.time.advance(0.5)
    at = [datetime.fromisoformat(one.at) for one in stage.asked("/Calls.json")]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(at)]


async def test_a_provider_that_asks_for_time_gets_it_to_the_second(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        gaps = await slowed_down(stage)
        assert len(gaps) == 2
        assert all(5 <= gap <= 6 for gap in gaps), gaps


async def test_coming_back_before_the_time_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: Retry-After is not read."""

    def hasty(attempt: int, draw: float, patience: Any, *, retry_after_s: float | None = None) -> float:
        return draw

    with patch.object(sending, "delay_s", hasty):
        async with phone_staged(sqlite_database_url) as stage:
            assert any(gap < 5 for gap in await slowed_down(stage))


async def test_a_provider_that_fails_is_left_alone_and_every_order_comes_to_an_end(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        await bridged(stage)
        (call,) = await stage.rows(calls)
        stage.sim.set_faults(rest=[{"answer": "503", "path": "", "rate": 1.0}])
        for _ in range(20):
            await stage.orders.step()
            await stage.time.advance(0.25)
        assert stage.orders.breaker.is_open or len(stage.asked("/Calls.json")) <= OPEN_AFTER + 4
        stage.sim.faults.clear()
        for number in range(12):
            async with stage.house.db.write() as conn:
                kinds = {"id": f"order-{number:03d}", "call_id": call.id, "kind": "listen", "state": "queued"}
                data = {"user": AGENT, "how": "listen", "listens": True}
                stamp = {"next_at": stage.house.clock.now(), "created_at": stage.house.clock.now()}
                await order_store.add(conn, {**kinds, "data": data, **stamp})
        stage.sim.set_faults(seed=3, rest=[{"answer": "503", "method": "GET", "rate": 0.3}])
        for _ in range(150):
            await stage.orders.step()
            await stage.time.advance(1)
        async with stage.house.db.read() as conn:
            states = set((await conn.execute(select(call_orders.c.state))).scalars())
        assert states <= {"done", "failed", "uncertain", "cancelled"}, states


async def compared(stage: PhoneStage, count: int, rate: float) -> tuple[set[str], set[str]]:
    """Let so many citizens call with a part of all webhooks lost; return the calls of the provider and those of ours
    that ended, ten minutes after the last one's end.
    """
    stage.sim.set_faults(seed=33, webhooks=[{"kind": "*", "drop": rate}])
    draw = Random(33)
    for start in range(0, count, 50):
        for number in range(start, min(start + 50, count)):
            script: list[dict[str, Any]] = [{"wait": draw.randrange(1, 20)}, {"hang_up": True}]
            await stage.call(*script, from_=f"+52662{number:07d}")
        await stage.time.advance(30)
        await stage.house.timers.sweep()
    await stage.time.advance(120)
    await stage.reconciler.step()
    await stage.time.advance(300)
    await stage.reconciler.step()
    for _ in range(1 + count // 200):  # the service looks every second; a look takes so many calls at most
        await stage.house.timers.sweep()
    await stage.house.timers.audit()
    theirs = {one.call_sid for one in stage.sim.ledger.of("call") if one.call_sid}
    async with stage.house.db.read() as conn:
        ours = (
            await conn.execute(
                select(calls.c.provider_call_id, calls.c.ended_at, interactions.c.id, interactions.c.disposition).join(
                    interactions, interactions.c.id == calls.c.interaction_id
                )
            )
        ).all()
        listed = set((await conn.execute(select(findings.c.interaction_id))).scalars())
    ended = {row.provider_call_id for row in ours if row.ended_at and (row.disposition or row.id in listed)}
    return theirs, ended


async def test_calls_whose_webhooks_are_lost_are_found_within_ten_minutes(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        theirs, ours = await compared(stage, 40, 0.2)
        assert len(theirs) == 40
        assert theirs - ours == set()


async def test_a_list_that_is_read_in_part_only_is_caught(sqlite_database_url: str) -> None:
    """The planted bug: the reconciler looks at what began a moment ago and nothing else."""
    with (
        patch.object(reconcile, "FIRST_LOOK", timedelta(seconds=1)),
        patch.object(reconcile, "LOOK_BACK", timedelta(seconds=1)),
    ):
        async with phone_staged(sqlite_database_url) as stage:
            theirs, ours = await compared(stage, 40, 0.2)
            assert theirs - ours != set()


@pytest.mark.soak
async def test_ten_thousand_calls_with_a_twentieth_of_the_webhooks_lost_are_all_there(sqlite_database_url: str) -> None:
    async with phone_staged(sqlite_database_url) as stage:
        theirs, ours = await compared(stage, 10_000, 0.05)
        assert len(theirs) == 10_000
        assert theirs - ours == set()
