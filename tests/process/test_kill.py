"""P1: no acknowledged message is lost or doubled when the service is killed, at any instant and at each named point."""

import contextlib
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import anyio
import httpx2 as httpx
import pytest

from contact_center.rules.model import Role
from tests.support.citizens import Citizen
from tests.support.databases import copy_sqlite
from tests.support.journal import Journal, broken_promises
from tests.support.swarm import ROOT, Service, Staff, prepare, staff_client

pytestmark = pytest.mark.process

SEED = 1
CITIZENS = 6
POINTS = tuple(re.findall(r'crash_point\("(\w+)"\)', (ROOT / "contact_center/actions/writer.py").read_text()))
SETTLE_S = 30.0


def test_the_writer_has_a_crash_point_in_each_window() -> None:
    assert {"batch_taken", "before_events", "before_commit", "after_commit", "after_answers"} <= set(POINTS)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated SQLite database in a folder of its own."""
    return copy_sqlite(request.getfixturevalue("_sqlite_template"), tmp_path)


class Agent:
    """Somebody who takes conversations and answers in them by HTTP, with the same client id until it is answered."""

    def __init__(self, origin: Callable[[], str], staff: Staff, random: Random) -> None:
        self.journal = Journal("agent")
        self.wants_to_stop = False
        self._origin = origin
        self._staff = staff
        self._random = random
        self._number = 0
        self._pending: tuple[str, dict[str, object]] | None = None

    async def work(self) -> None:
        """Take and answer until told to stop and nothing is pending."""
        while not (self.wants_to_stop and self._pending is None):
            with contextlib.suppress(httpx.HTTPError, OSError):
                async with staff_client(self._origin(), self._staff) as http:
                    await self._turn(http)
            await anyio.sleep(0.02)

    async def _turn(self, http: httpx.AsyncClient) -> None:
        if self._pending is None:
            seen = (await http.get("/api/v1/console/snapshot")).json()
            mine = [item for item in seen["items"] if item["owner"] == self._staff.id and item["state"] == "held"]
            free = [item for item in seen["items"] if item["state"] == "waiting"]
            if free and len(mine) < 4:
                body = {"client_id": f"take-{free[0]['id'][-12:]}", "item_id": free[0]["id"]}
                await http.post("/api/v1/commands/work.take", json=body)
                return
            if not mine or self.wants_to_stop:
                return
            item = self._random.choice(mine)
            self._number += 1
            fields = {"conversation_id": item["conversation"], "epoch": item["epoch"], "text": f"R {self._number}"}
            self._pending = (f"agent-{self._number:06d}", fields)
        client_id, fields = self._pending
        self.journal.invoke(client_id, str(fields["text"]))
        answer = await http.post("/api/v1/commands/conversation.reply", json={"client_id": client_id, **fields})
        if answer.status_code == 200:
            result = answer.json()["result"]
            said = result.get("message", result)
            self.journal.ok(client_id, str(fields["conversation_id"]), said["seq"])
            self._pending = None
        elif answer.status_code < 500:
            self.journal.refuse(client_id, answer.json()["error"]["code"])
            self._pending = None


@asynccontextmanager
async def load(service: Service, staff: Staff, random: Random) -> AsyncIterator[list[Citizen | Agent]]:
    """Citizens and an agent who write while the block lasts, and settle when it ends."""

    def origin() -> str:
        return service.origin

    citizens = [Citizen(f"citizen{n}", origin, Random(random.random())) for n in range(CITIZENS)]
    agent = Agent(origin, staff, Random(random.random()))
    with anyio.fail_after(3_600):
        async with anyio.create_task_group() as tasks:
            for citizen in citizens:
                tasks.start_soon(citizen.write)
            tasks.start_soon(agent.work)
            yield [*citizens, agent]
            people: list[Citizen | Agent] = [*citizens, agent]
            for one in people:
                one.wants_to_stop = True
            with anyio.move_on_after(SETTLE_S, shield=True) as patience:
                while any(one.journal.pending for one in people):
                    await anyio.sleep(0.02)
            if patience.cancelled_caught:
                tasks.cancel_scope.cancel()


async def something_acknowledged(people: list[Citizen | Agent]) -> None:
    """Wait until somebody got an answer from the service as it runs now."""
    before = sum(len(one.journal.acked) for one in people)
    with anyio.fail_after(SETTLE_S):
        while sum(len(one.journal.acked) for one in people) == before:
            await anyio.sleep(0.005)


async def kills(url: str, random_kills: int, points: tuple[str, ...], *, seed: int = SEED, bug: str = "") -> list[str]:
    """Kill the service under load at random instants and at named points; return what was lost, doubled or broken."""
    print(f"seed {seed}")
    random = Random(seed)
    staff = await prepare(url, ("ana", Role.agent))
    env = {"CONTACT_CENTER_TEST_MUTANT": bug} if bug else {}
    service = Service(Path(url.removeprefix("sqlite:///")).parent, url, env=env)
    wrong: list[str] = []
    try:
        await service.start()
        async with load(service, staff["ana"], random) as people:
            for _ in range(random_kills):
                await something_acknowledged(people)
                await anyio.sleep(random.uniform(0.0, 0.4))
                service.kill()
                await service.start()
            for point in points:
                service.kill()
                await service.start(CONTACT_CENTER_CRASH_AT=f"{point}:{random.randrange(5, 60)}")
                if await service.died(30) != -signal.SIGKILL:
                    wrong.append(f"{point}: the service did not die there")
            if points:
                await service.start()
            await anyio.sleep(0.3)
        wrong += [
            f"unanswered: {one.journal.who} has {len(one.journal.pending)}" for one in people if one.journal.pending
        ]
        code = await service.stop()
        if code != 0:
            wrong.append(f"the stop ended with {code}")
    finally:
        service.kill()
    rows = service.messages()
    journals = [one.journal for one in people]
    acked = sum(len(journal.acked) for journal in journals)
    tries = sum(call.tries for journal in journals for call in journal.calls.values())
    print(f"{service.starts} starts, {acked} acknowledged, {tries} sent, {len(rows)} stored")
    assert bug or acked > service.starts * 5, "there must be something to lose"
    wrong += broken_promises(journals, rows)
    if service.integrity() != "ok":
        wrong.append(service.integrity())
    return wrong


async def test_nothing_acknowledged_is_lost_or_doubled_by_kills(database: str) -> None:
    assert await kills(database, 2, POINTS) == []


@pytest.mark.soak
async def test_nothing_acknowledged_is_lost_or_doubled_by_two_hundred_kills(database: str) -> None:
    assert await kills(database, 200, POINTS * 5) == []


async def test_the_harness_notices_an_answer_before_the_commit(database: str) -> None:
    wrong = await kills(database, 3, (), bug="ack_before_commit")
    assert any(line.startswith(("lost", "moved", "two answers")) for line in wrong), wrong
