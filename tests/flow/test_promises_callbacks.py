"""P16, P19: a promised call rings at most once and is never forgotten, whoever schedules, dies, or turns the clock.

The harness plays an office against a ledger of its own: what was promised, who was rung when. At the end each promise
was called, moved with the citizen told, or lies before people as broken.
"""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.errors import ContactCenterError
from contact_center.rules.access import Actor
from contact_center.rules.faces import ms
from contact_center.rules.model import Role
from contact_center.store import calls as call_store
from contact_center.store import work
from contact_center.store.schema import alerts, callback_promises, callbacks, calls, work_items
from tests.support import mutants_promises
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.mutants import plant
from tests.support.nodes import at_once, open_nodes
from tests.support.week import Week, play_week

assert mutants_promises.ADDED, "importing it is what adds its bugs"
HOUR = 3_600


def number(n: int) -> str:
    return f"662 0{n // 1_000:02d} {n % 1_000:03d}0"


async def promise(house: TestHouse, boss: Actor, n: int, due_s: float, **fields: Any) -> str:
    due = ms(house.clock.now() + timedelta(seconds=due_s))
    wish = {"reason": "return", "number": number(n), "due_at": due, "despite_load": True, **fields}
    made = await house.do(boss, "callback.plan", f"plan-{n:06d}", **wish)
    return str(made["callback"]["id"])


async def wrong_promises(house: TestHouse, expected: int) -> list[str]:
    """Return what is wrong with the rows: a promise forgotten, a ring too many, an end that is none."""
    wrong = []
    async with house.db.read() as conn:
        promised = (await conn.execute(select(callback_promises))).all()
        rows = {row.id: row for row in await conn.execute(select(callbacks))}
        rings = Counter((await conn.execute(select(calls.c.interaction_id))).scalars())
        items = (await conn.execute(select(work_items).where(work_items.c.kind == "callback"))).all()
        alarms = set((await conn.execute(select(alerts.c.subject).where(alerts.c.cleared_at.is_(None)))).scalars())
    if len(rows) != expected:
        wrong.append(f"{len(rows)} callbacks of {expected}")
    in_line = {item.interaction_id for item in items if item.state in ("waiting", "offered", "held", "wrap_up")}
    for one in promised:
        row = rows[one.callback_id]
        if one.standing == "pending" and one.until < house.clock.now():
            wrong.append(f"forgotten: {one.callback_id}")
        is_owed = one.standing == "broken" and row.state in ("solicited", "assigned", "rescheduled")
        if is_owed and not {one.callback_id} <= in_line & alarms:
            wrong.append(f"broken out of sight: {one.callback_id}")
        if one.standing in ("kept", "late") and rings[one.callback_id] == 0:
            wrong.append(f"kept without a call: {one.callback_id}")
    for callback_id, count in rings.items():
        if callback_id in rows and count > max(1, rows[callback_id].attempts):
            wrong.append(f"rang {count} times: {callback_id}")
    open_items = Counter(item.interaction_id for item in items if item.state != "done")
    wrong += [f"two items: {one}" for one, count in open_items.items() if count > 1]
    return wrong


async def dial(house: TestHouse, agent: Actor, item_id: str, client_id: str) -> str:
    """Let somebody who holds a callback dial it; return what they were told."""
    try:
        await house.do(agent, "call.start", client_id, direction="outbound", item_id=item_id)
    except ContactCenterError as error:
        return error.code
    return "rang"


async def serve(house: TestHouse, agents: Sequence[Actor], random: Random, marks: Sequence[str]) -> int:
    """Let everybody who is free take what is offered, dial it twice by accident, and say how it went."""
    for agent in agents:
        here = f"here-{agent.id[-6:]}-{random.random():.9f}"
        await house.do(agent, "agent.set_state", here, state="available")
    await house.route()
    async with house.db.read() as conn:
        offers = {row.agent_id: row for row in await work.open_offers(conn)}
    served = 0
    for agent in agents:
        offer = offers.get(agent.id)
        if offer is None:
            continue
        await house.do(agent, "work.accept", f"take-{offer.id}", offer_id=offer.id)
        item = await house.item(offer.work_item_id)
        clicks = [dial(house, agent, item["id"], f"dial-{item['id'][-8:]}-{item['epoch']}-{n}") for n in range(2)]
        answers = await at_once(clicks)
        assert "rang" in answers, answers
        how = random.choice(marks)
        for what in ("answered", "ended") if how == "ended" else (how,):
            held = {"item_id": item["id"], "epoch": item["epoch"]}
            await house.do(agent, "call.mark", f"{what}-{item['id'][-8:]}-{item['epoch']}", **held, what=what)
        if how == "ended":
            done = {"item_id": item["id"], "epoch": item["epoch"], "disposition": "oriented"}
            await house.do(agent, "work.finish", f"finish-{item['id'][-8:]}", **done)
        served += 1
    return served


async def two_schedulers(database_url: str, promises: int, rounds: int, seed: int) -> list[str]:
    """Two nodes ring the same bells while agents dial twice; then six hours of silence, and a start."""
    random = Random(seed)
    print(f"seed {seed}")
    async with open_nodes(database_url, 2) as nodes:
        first, second = nodes
        boss = await first.staff("jefa", Role.supervisor, state=None)
        agents = [await first.staff(f"agente{n}") for n in range(3)]
        for n in range(promises):
            await promise(first, boss, n, random.randrange(0, 3 * HOUR))
        for _ in range(rounds):
            first.clock.advance(3 * HOUR / rounds)
            await at_once([one.timers.sweep() for one in nodes])
            while await serve(random.choice(nodes), agents, random, ("ended", "no_answer", "busy")):
                await at_once([one.timers.sweep() for one in nodes])
        wrong = await wrong_promises(first, promises)
        first.clock.advance(6 * HOUR)  # power cut
        await at_once([one.timers.catch_up() for one in nodes])
        await at_once([one.timers.sweep() for one in nodes])
        second.clock.advance(18 * HOUR)  # the next morning
        await at_once([one.timers.sweep() for one in nodes])
        while await serve(second, agents, random, ("ended",)):
            pass
        return wrong + await wrong_promises(first, promises)


async def test_two_schedulers_ring_each_promise_once_and_forget_none(database_url: str) -> None:
    assert await two_schedulers(database_url, 12, 3, seed=1) == []


@pytest.mark.soak
async def test_two_schedulers_keep_five_hundred_promises(database_url: str) -> None:
    assert await two_schedulers(database_url, 500, 30, seed=int(os.environ.get("SEED", "1"))) == []


async def rings_of_a_double_click(database_url: str) -> int:
    """Let the holder of a callback click twice, on two nodes; return how often the citizen's telephone rang."""
    async with open_nodes(database_url, 2) as nodes:
        boss = await nodes[0].staff("jefa", Role.supervisor, state=None)
        ana = await nodes[0].staff("ana")
        await promise(nodes[0], boss, 1, 0)
        item = await nodes[0].take_first(ana)
        await at_once([dial(house, ana, item["id"], f"click-{n:05d}") for n, house in enumerate(nodes * 3)])
        async with nodes[0].db.read() as conn:
            count: int = (await conn.execute(select(func.count()).select_from(calls))).scalar_one()
        return count


async def test_a_double_click_on_two_nodes_rings_once(database_url: str) -> None:
    assert await rings_of_a_double_click(database_url) == 1


async def test_the_harness_notices_that_dialling_is_not_claimed(postgres_database_url: str) -> None:
    with plant("dialling_not_claimed"):
        assert await rings_of_a_double_click(postgres_database_url) > 1


async def after_an_outage(database_url: str) -> list[str]:
    """Promise, be off for six hours past the times, start again; return what was lost or out of order."""
    clock = ManualClock()
    async with open_house(database_url, clock=clock) as house:
        boss = await house.staff("jefa", Role.supervisor, state=None)
        await house.staff("ana")
        for n in range(5):
            await promise(house, boss, n, HOUR * (5 - n) / 2)
    clock.advance(6 * HOUR)
    async with open_house(database_url, clock=clock, node=1, seed=False) as house:
        await house.timers.catch_up()
        await house.timers.sweep()
        wrong = await wrong_promises(house, 5)
        async with house.db.read() as conn:
            told = (await conn.execute(select(alerts).where(alerts.c.kind == "callbacks_overdue"))).all()
            waiting = await work.waiting_items(conn)
            rows = {row.interaction_id: row.enqueued_at for row in waiting}
            due = {row.id: row.due_at for row in await conn.execute(select(callbacks))}
        if [row.data["count"] for row in told] != [5]:
            wrong.append(f"the supervisors were told {[row.data for row in told]}")
        if [one.interaction_id for one in waiting] != sorted(rows, key=lambda one: due[one]):
            wrong.append("not in the order of their age")
        clock.advance(86_400)
        await house.timers.sweep()
        return wrong


async def test_what_came_due_in_an_outage_is_there_by_age_and_the_supervisors_know(database_url: str) -> None:
    assert await after_an_outage(database_url) == []


async def test_the_harness_notices_that_what_is_late_is_dropped(sqlite_database_url: str) -> None:
    with plant("late_is_dropped"):
        assert await after_an_outage(sqlite_database_url) != []


async def test_the_harness_notices_that_a_broken_promise_is_not_written_down(sqlite_database_url: str) -> None:
    with plant("broken_is_not_written_down"):
        assert any(one.startswith("forgotten") for one in await after_an_outage(sqlite_database_url))


async def with_a_turning_clock(database_url: str, seed: int, steps: int) -> list[str]:
    """Let the clock be turned back and forth while promises come due: nothing twice, nothing lost, order kept."""
    random = Random(seed)
    async with open_house(database_url) as house:
        boss = await house.staff("jefa", Role.supervisor, state=None)
        ana = await house.staff("ana")
        made = [await promise(house, boss, n, 60 * (n + 1)) for n in range(6)]
        dues: Counter[str] = Counter()
        held: dict[str, Any] | None = None
        for _ in range(steps):
            house.clock.advance(random.choice([-3_600, 3_600, -0.5, 0.5, 30, 90, 1, -1]))
            await house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=(ana.id,)))
            await house.timers.sweep()
            if held is None:
                await house.do(ana, "agent.set_state", state="available")
                await house.route()
                async with house.db.read() as conn:
                    offers = [row for row in await work.open_offers(conn) if row.agent_id == ana.id]
                if offers and offers[0].expires_at > house.clock.now():
                    await house.do(ana, "work.accept", offer_id=offers[0].id)
                    held = await house.item(offers[0].work_item_id)
                    dues[held["interaction"]] += 1
        async with house.db.read() as conn:
            items = (await conn.execute(select(work_items).where(work_items.c.kind == "callback"))).all()
            events = await conn.exec_driver_sql("SELECT item_id FROM events WHERE type = 'work.queued'")
            queued = Counter(row[0] for row in events)
        wrong = [f"due twice: {one.id}" for one in items if queued[one.id] > 2]  # made, then due
        if held is not None and (await house.item(held["id"]))["owner"] != ana.id:
            wrong.append("taken from who holds it")
        return wrong + ([] if len(items) == len(made) else ["lost"])


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_clock_that_is_turned_back_and_forth_fires_nothing_twice(sqlite_database_url: str, seed: int) -> None:
    assert await with_a_turning_clock(sqlite_database_url, seed, 40) == []


async def test_the_harness_notices_a_timer_that_does_not_look_again(sqlite_database_url: str) -> None:
    with plant("due_without_second_look"):
        async with open_house(sqlite_database_url) as house:
            boss = await house.staff("jefa", Role.supervisor, state=None)
            ana = await house.staff("ana")
            callback = await promise(house, boss, 1, 60)
            async with house.db.read() as conn:
                item = await work.latest_item_of(conn, callback)
            assert item is not None
            await house.do(ana, "work.take", item_id=item.id)
            await house.do(SYSTEM, "engine.due", item_id=item.id)
            assert (await house.item(item.id))["owner"] != ana.id, "a bell that rings late takes it from its holder"


async def test_a_bell_that_rings_late_takes_nothing_from_its_holder(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        boss = await house.staff("jefa", Role.supervisor, state=None)
        ana = await house.staff("ana")
        callback = await promise(house, boss, 1, 60)
        async with house.db.read() as conn:
            item = await work.latest_item_of(conn, callback)
            assert await call_store.get_callback(conn, callback)
        assert item is not None
        await house.do(ana, "work.take", item_id=item.id)
        house.clock.advance(120)
        await house.do(SYSTEM, "engine.due", item_id=item.id)
        assert (await house.item(item.id))["owner"] == ana.id


async def test_a_week_of_an_office_ends_with_every_promise_kept_moved_or_in_sight(sqlite_database_url: str) -> None:
    week = await play_week(sqlite_database_url, Week(agents=3, promises=18, seed=1, days=3))
    assert week.wrong == []
    assert week.figures["kept"] > 0 and week.figures["moved"] > 0 and week.figures["broken"] > 0


async def test_the_week_notices_a_move_nobody_was_told_of(sqlite_database_url: str) -> None:
    with plant("a_move_always_counts_as_told"):
        week = await play_week(sqlite_database_url, Week(agents=2, promises=12, seed=1, days=1, moves=12))
    assert any(one.startswith("moved untold") for one in week.wrong)


@pytest.mark.soak
async def test_a_week_of_forty_agents_and_three_thousand_promises(sqlite_database_url: str) -> None:
    seed = int(os.environ.get("SEED", "1"))
    week = await play_week(sqlite_database_url, Week(agents=40, promises=3_000, seed=seed))
    print(f"seed {seed}", week.figures, f"{week.seconds:.0f} s")
    assert week.wrong == []
