"""P13: while somebody is free, whoever waits longest is asked for first, within two seconds; nobody is passed over."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.rules.access import Actor
from contact_center.store import work
from tests.support.databases import copy_sqlite
from tests.support.house import TestHouse, open_house
from tests.support.mutants import plant
from tests.support.postgres import PostgresServer

MOST_SKIPS = 3
AGENTS = 4


class Desk(RuleBasedStateMachine):
    """Citizens arrive; agents come, go, accept, decline, let offers run out, finish; the router looks each second."""

    fresh_url: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self.portal_context = start_blocking_portal()
        self.portal = self.portal_context.__enter__()
        self.number = 0
        self.passed_over: Counter[str] = Counter()
        self.house: TestHouse | None = None

    @initialize()
    def open(self) -> None:
        self.context = self.portal.wrap_async_context_manager(open_house(type(self).fresh_url()))
        self.house = self.context.__enter__()
        self.agents: list[Actor] = [self.portal.call(self.here.staff, f"agente{n}") for n in range(AGENTS)]
        self.present = {agent.id for agent in self.agents}
        self.portal.call(self.beat)

    @property
    def here(self) -> TestHouse:
        assert self.house is not None
        return self.house

    async def beat(self) -> None:
        await self.here.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=tuple(sorted(self.present))))

    async def do(self, actor: Actor, verb: str, **fields: Any) -> Any:
        self.number += 1
        return await self.here.do(actor, verb, f"desk-{self.number:06d}", **fields)

    async def offers(self) -> list[Any]:
        async with self.here.db.read() as conn:
            return sorted(await work.open_offers(conn), key=lambda row: row.id)

    async def waiting(self) -> list[Any]:
        async with self.here.db.read() as conn:
            return list(await work.waiting_items(conn))

    async def look(self) -> None:
        """Let the router look, and write down who was passed over for somebody who came later."""
        before = {row.id: row.enqueued_at for row in await self.waiting()}
        known = {row.id for row in await self.offers()}
        await self.here.route()
        fresh = [row for row in await self.offers() if row.id not in known]
        left = {row.id: row.enqueued_at for row in await self.waiting()}
        for offer in fresh:
            for item, since in left.items():
                if since < before[offer.work_item_id]:
                    self.passed_over[item] += 1
        for item in list(self.passed_over):
            if item not in left:
                del self.passed_over[item]

    @rule(many=st.integers(1, 3))
    def citizens_arrive(self, many: int) -> None:
        async def arrive() -> None:
            for _ in range(many):
                self.here.clock.advance(0.25)
                await self.do(await self.here.visitor(), "chat.send", text="Buenos días")

        self.portal.call(arrive)

    @rule(which=st.integers(0, 50), how=st.sampled_from(["work.accept", "work.accept", "work.decline"]))
    def an_offer_is_answered(self, which: int, how: str) -> None:
        async def answer() -> None:
            offers = await self.offers()
            if offers:
                offer = offers[which % len(offers)]
                agent = next(one for one in self.agents if one.id == offer.agent_id)
                await self.do(agent, how, offer_id=offer.id)

        self.portal.call(answer)

    @rule(which=st.integers(0, AGENTS - 1))
    def somebody_finishes(self, which: int) -> None:
        async def finish() -> None:
            agent = self.agents[which]
            async with self.here.db.read() as conn:
                held = await work.held_by(conn, agent.id)
            for item in held[:1]:
                fields = {"conversation_id": item.conversation_id, "epoch": item.epoch}
                if item.state == "held":
                    await self.do(agent, "conversation.reply", text="Con gusto", **fields)
                    await self.do(agent, "conversation.close", how="closed", **fields)
                self.here.clock.advance(121)
                await self.beat()
                await self.here.timers.sweep()

        self.portal.call(finish)

    @rule(which=st.integers(0, AGENTS - 1))
    def somebody_comes_or_goes(self, which: int) -> None:
        async def toggle() -> None:
            agent = self.agents[which]
            if agent.id in self.present:
                self.present.discard(agent.id)
                await self.do(agent, "agent.set_state", state="offline")
            else:
                self.present.add(agent.id)
                await self.do(agent, "agent.set_state", state="available")
                await self.beat()

        self.portal.call(toggle)

    @rule(seconds=st.sampled_from([1, 5, 21]))
    def time_passes(self, seconds: int) -> None:
        async def wait() -> None:
            self.here.clock.advance(seconds)
            await self.beat()
            await self.here.timers.sweep()

        self.portal.call(wait)

    @invariant()
    def whoever_waits_is_offered_to_whoever_is_free(self) -> None:
        if self.house is not None:
            self.portal.call(self.check)

    async def check(self) -> None:
        self.here.clock.advance(1)
        await self.beat()
        await self.here.timers.sweep()
        for _second in range(2):
            await self.look()
        free = await self.free_agents()
        waiting = await self.waiting()
        assert not (free and waiting), f"{free} are free and {[row.id for row in waiting]} wait"
        assert max(self.passed_over.values(), default=0) <= MOST_SKIPS, self.passed_over

    async def free_agents(self) -> set[str]:
        """Who is there with room, by the rows: no model of the router, only what anybody can count."""
        busy = {row.agent_id for row in await self.offers()}
        async with self.here.db.read() as conn:
            rows = await work.agents(conn)
            load = Counter[str]()
            for owner, _channel, _state, count in await work.loads(conn):
                load[owner] += count
        return {
            row.id
            for row in rows
            if row.id in self.present
            and row.state == "available"
            and row.id not in busy
            and load[row.id] < row.capacity_chat
        }

    def teardown(self) -> None:
        if self.house is not None:
            self.context.__exit__(None, None, None)
        self.portal_context.__exit__(None, None, None)


def run_machine(
    fresh_url: Callable[[], str], examples: int, steps: int, phases: Sequence[Phase] = tuple(Phase)
) -> None:
    machine = type("DeskHere", (Desk,), {"fresh_url": staticmethod(fresh_url)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            phases=phases,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            report_multiple_bugs=False,
        ),
    )


@pytest.fixture
def fresh_sqlite(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Make one more migrated file each time."""
    template: Path = request.getfixturevalue("_sqlite_template")
    return lambda: copy_sqlite(template, Path(mkdtemp(dir=tmp_path)))


def test_nobody_waits_while_somebody_is_free_and_nobody_is_passed_over(fresh_sqlite: Callable[[], str]) -> None:
    run_machine(fresh_sqlite, 4, 15)


@pytest.mark.soak
def test_nobody_waits_or_is_passed_over_in_many_random_days(
    fresh_sqlite: Callable[[], str], postgres: PostgresServer, request: pytest.FixtureRequest
) -> None:
    template: str = request.getfixturevalue("_postgres_template")
    run_machine(fresh_sqlite, 100, 50)
    run_machine(lambda: postgres.url(postgres.create_database(template)), 50, 40)


def test_the_harness_notices_a_backlog_that_is_skipped(fresh_sqlite: Callable[[], str]) -> None:
    with plant("backlog_skipped"), pytest.raises(AssertionError):
        run_machine(fresh_sqlite, 20, 20, [Phase.generate])
