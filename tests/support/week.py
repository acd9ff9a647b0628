"""A week of an office in seconds: agents who come and stay away, promises made and moved, a holiday, a power cut.

The clock is the test's. What the rows say at the end is held against what was done and against the ledger's figures.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.errors import Conflict
from contact_center.rules import ledger
from contact_center.rules.access import Actor
from contact_center.rules.faces import from_ms, ms
from contact_center.rules.model import Role
from contact_center.rules.sight import sight_of
from contact_center.store import promise_lists, work
from contact_center.store.schema import alerts, callback_promises, callbacks, calls, work_items
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.nodes import at_once

FRIDAY = datetime(2026, 11, 13, 15, 0, tzinfo=UTC)
"""08:00 in Hermosillo; the Monday after it is a holiday."""
OUTCOMES = ("ended", "ended", "ended", "no_answer", "busy", "voicemail", "wrong_number")


@dataclass
class Week:
    """What is played."""

    agents: int
    promises: int
    seed: int
    step_s: int = 3_600
    days: int = 5
    moves: int = 3


@dataclass
class Played:
    """What came of it."""

    wrong: list[str] = field(default_factory=list)
    figures: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


async def play_week(database_url: str, week: Week) -> Played:
    """Play a week and look at its rows."""
    began = time.monotonic()
    random = Random(week.seed)
    async with open_house(database_url, clock=ManualClock(FRIDAY)) as house:
        office = _Office(house, week, random)
        await office.open()
        await office.promise_all()
        for day in range(3, 3 + week.days):
            await office.day(FRIDAY + timedelta(days=day), cut=day == 4)
        house.clock.advance(12 * 3_600)
        await house.timers.sweep()
        played = await look(house, office.boss)
    played.seconds = time.monotonic() - began
    return played


class _Office:
    def __init__(self, house: TestHouse, week: Week, random: Random) -> None:
        self.house, self.week, self.random = house, week, random
        self.agents: list[Actor] = []
        self.boss: Actor
        self.contacts: list[str | None] = [None]
        self._count = 0

    async def open(self) -> None:
        """Staff, and where promises come from: chats, a call, another area."""
        self.boss = await self.house.staff("jefa", Role.supervisor, state=None)
        self.agents = [await self.house.staff(f"agente{n:02d}") for n in range(self.week.agents)]
        for n in range(3):
            sent = await self.house.do(await self.house.visitor(name=f"Persona {n}"), "chat.send", text="Buenos días")
            self.contacts.append(sent["conversation"])
        made = await self.house.do(self.agents[0], "call.start", direction="inbound", number="662 000 9999")
        item = await self.house.item(made["item"]["id"])
        await self.house.do(self.agents[0], "call.mark", item_id=item["id"], epoch=item["epoch"], what="ended")
        self.contacts.append(item["interaction"])

    async def promise_all(self) -> None:
        """Promise everything at once, at the hours of the week; who picks a time without room takes the next one."""
        for n in range(self.week.promises):
            day, hour = self.random.randrange(3, 3 + self.week.days), self.random.randrange(0, 7)
            due = FRIDAY + timedelta(days=day, hours=hour)
            owner = self.random.choice([None, *self.agents])
            wish: dict[str, Any] = {
                "reason": self.random.choice(["return", "other"]),
                "number": f"662 1{n // 1_000:02d} {n % 1_000:03d}0",
                "interaction_id": self.random.choice(self.contacts),
                "owner_id": None if owner is None else owner.id,
            }
            for _ in range(40):
                try:
                    await self.do(self.boss, "callback.plan", **wish, due_at=ms(due))
                    break
                except Conflict as error:
                    due = from_ms(error.data["next_at"])
            else:
                raise AssertionError("no time was found for a promise")

    async def do(self, actor: Actor, verb: str, **fields: Any) -> Any:
        self._count += 1
        return await self.house.do(actor, verb, f"week-{self._count:07d}", **fields)

    async def day(self, opens: datetime, *, cut: bool) -> None:
        """One working day: some stay away, some promises are moved; at a power cut nothing runs for three hours."""
        self.house.clock.advance((opens - self.house.clock.now()).total_seconds())
        here = [one for one in self.agents if self.random.random() > 0.2]
        for one in self.agents:
            state = {"state": "available"} if one in here else {"state": "offline"}
            await self.do(one, "agent.set_state", **state)
        await self.move_some(self.week.moves)
        closes = opens + timedelta(hours=7)
        while self.house.clock.now() < closes:
            hour = (self.house.clock.now() - opens).total_seconds() / 3_600
            if cut and 2 <= hour < 5:
                self.house.clock.advance(3 * 3_600)
                await self.house.timers.catch_up()
                continue
            await self.serve_all(here)
            self.house.clock.advance(self.week.step_s)

    async def move_some(self, count: int) -> None:
        async with self.house.db.read() as conn:
            query = select(callbacks.c.id, callbacks.c.due_at).where(callbacks.c.state == "solicited")
            rows = (await conn.execute(query.order_by(callbacks.c.due_at.desc()).limit(5 * count))).all()
        for row in self.random.sample(list(rows), min(count, len(rows))):
            due = max(row.due_at, self.house.clock.now()) + timedelta(minutes=30)
            try:
                await self.do(self.boss, "callback.move", callback_id=row.id, due_at=ms(due), despite_load=True)
            except Conflict as error:
                if error.code not in {"outside_window", "day_off"}:
                    raise

    async def serve_all(self, here: list[Actor]) -> None:
        """Let everybody who is here serve until nothing is offered any more."""
        beat = Beat(user_ids=tuple(one.id for one in here))
        for _ in range(200):
            await self.house.writer.submit(SYSTEM, "presence.beat", beat)
            await self.house.timers.sweep()
            await self.house.route()
            async with self.house.db.read() as conn:
                offers = await work.open_offers(conn)
            by_agent = {row.agent_id: row for row in offers}
            turns = [self.serve(one, by_agent[one.id]) for one in here if one.id in by_agent]
            if not turns:
                return
            await at_once(turns)
        raise AssertionError("offers without end")

    async def serve(self, agent: Actor, offer: Any) -> None:
        item = await self._accept(agent, offer)
        held = {"item_id": item.id, "epoch": item.epoch}
        if item.kind != "callback":
            await self.do(agent, "work.finish", **held, disposition="oriented")
            return
        await self.do(agent, "call.start", direction="outbound", item_id=item.id)
        how = self.random.choice(OUTCOMES)
        for what in ("answered", "ended") if how == "ended" else (how,):
            await self.do(agent, "call.mark", **held, what=what)
        if how == "ended":
            await self.do(agent, "work.finish", **held, disposition="oriented")

    async def _accept(self, agent: Actor, offer: Any) -> Any:
        await self.do(agent, "work.accept", offer_id=offer.id)
        async with self.house.db.read() as conn:
            return await work.get_item(conn, offer.work_item_id)


async def look(house: TestHouse, boss: Actor) -> Played:
    """Hold every promise, call and figure against each other."""
    played, now = Played(), house.clock.now()
    async with house.db.read() as conn:
        promised = (await conn.execute(select(callback_promises).order_by(callback_promises.c.made_at))).all()
        rows = {row.id: row for row in await conn.execute(select(callbacks))}
        made = (await conn.execute(select(calls).where(calls.c.direction == "outbound"))).all()
        items = (await conn.execute(select(work_items).where(work_items.c.state != "done"))).all()
        alarms = set((await conn.execute(select(alerts.c.subject).where(alerts.c.cleared_at.is_(None)))).scalars())
        sight = sight_of(boss, "callback.read")
        period = promise_lists.Period(FRIDAY - timedelta(days=1), FRIDAY + timedelta(days=30))
        lines = {
            by: ledger.figures(
                [
                    ledger.Count(None, row.standing, row.count, row.reached)
                    for row in await promise_lists.ledger(conn, sight, period, by)
                ]
            )
            for by in ("area", "agent", "reason", "day")
        }
    later: dict[str, list[Any]] = {}
    for one in promised:
        later.setdefault(one.callback_id, []).append(one)
    rings = Counter(call.interaction_id for call in made)
    in_line = {item.interaction_id for item in items}
    for one in promised:
        played.figures[one.standing] += 1
        row, following = rows[one.callback_id], later[one.callback_id]
        is_open = row.state in ("solicited", "assigned", "rescheduled")
        if one.standing == "pending" and one.until < now:
            played.wrong.append(f"forgotten: {one.id}")
        if one.standing in ("kept", "late") and not any(
            call.id == one.call_id and one.at <= call.started_at for call in made
        ):
            played.wrong.append(f"kept without a call in its time: {one.id}")
        if one.standing == "moved":
            after = following[following.index(one) + 1]
            if one.told != "none" and after.told == "none":
                played.wrong.append(f"moved untold: {one.id}")
        is_owed = one.standing == "broken" and is_open and one is following[-1]
        if is_owed and one.callback_id not in in_line & alarms:
            played.wrong.append(f"broken out of sight: {one.id}")
        if is_open and one.callback_id not in in_line:
            played.wrong.append(f"open and in no line: {one.callback_id}")
    played.wrong += [f"rang {n} times: {key}" for key, n in rings.items() if n > rows[key].attempts]
    for call in made:
        local = call.started_at - timedelta(hours=7)
        if not 8 <= local.hour < 20 or local.weekday() > 4 or local.date() == datetime(2026, 11, 16).date():  # noqa: DTZ001
            played.wrong.append(f"dialled at {local}")
        if local.date() == datetime(2026, 11, 17).date() and 10 <= local.hour < 13:  # noqa: DTZ001
            played.wrong.append(f"dialled without power at {local}")
    for by, line in lines.items():
        counted = {name: getattr(line, name) for name in ("kept", "late", "broken", "pending", "moved", "withdrawn")}
        if counted != {name: played.figures[name] for name in counted}:
            played.wrong.append(f"the ledger by {by} says {counted}, the rows {dict(played.figures)}")
    return played
