"""P16 in a real process: kills around the times promised; each telephone rings once, no promise is forgotten."""

import contextlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import anyio
import httpx2 as httpx
import pytest

from contact_center.rules.faces import ms
from contact_center.rules.model import Role
from contact_center.store import options
from tests.support.clock import ManualClock
from tests.support.databases import copy_sqlite
from tests.support.house import open_house
from tests.support.swarm import Service, Staff, prepare, rows_of, staff_client

pytestmark = pytest.mark.process

SETTLE_S = 60.0
ALWAYS = {
    "dial_from": "00:00",
    "dial_until": "23:59",
    "dial_days": "mon,tue,wed,thu,fri,sat,sun",
    "callback_window_s": 3_600,
}


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated SQLite database in a folder of its own."""
    return copy_sqlite(request.getfixturevalue("_sqlite_template"), tmp_path)


async def promise(url: str, boss: Staff, count: int, within_s: float, random: Random) -> None:
    """Promise calls due in the seconds to come."""
    now = datetime.now(UTC)
    async with open_house(url, node=901, clock=ManualClock(now), seed=False) as house:
        async with house.db.write() as conn:
            for key, value in ALWAYS.items():
                await options.save(conn, key, value, now)
        actor = await house.actor(boss.id)
        for n in range(count):
            due = ms(now + timedelta(seconds=random.uniform(0, within_s)))
            wish: dict[str, Any] = {"reason": "return", "number": f"662 0{n // 1_000:02d} {n % 1_000:03d}0"}
            await house.do(actor, "callback.plan", f"plan-{n:06d}", **wish, due_at=due, despite_load=True)


class Caller:
    """An agent who takes what is due, dials it and says how it went, with the same client ids until answered."""

    def __init__(self, service: Service, staff: Staff) -> None:
        self.service, self.staff, self.wants_to_stop = service, staff, False

    async def work(self) -> None:
        while not self.wants_to_stop:
            with contextlib.suppress(httpx.HTTPError, OSError):
                async with staff_client(self.service.origin, self.staff) as http:
                    await self._turn(http)
            await anyio.sleep(0.02)

    async def _turn(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/api/v1/console/snapshot")
        if answer.status_code != 200:
            return
        mine = [one for one in answer.json()["items"] if one["kind"] == "callback"]
        held = next((one for one in mine if one["owner"] == self.staff.id), None)
        if held is None:
            free = next((one for one in mine if one["state"] == "waiting"), None)
            if free is not None:
                await self._do(http, "work.take", f"take-{free['id'][-12:]}-{free['epoch']}", item_id=free["id"])
            return
        key, about = f"{held['id'][-12:]}-{held['epoch']}", {"item_id": held["id"], "epoch": held["epoch"]}
        match held["call"]["state"]:
            case None:
                for click in ("a", "b"):  # twice, as impatient people do
                    await self._do(http, "call.start", f"{click}-{key}", direction="outbound", item_id=held["id"])
            case "dialling":
                await self._do(http, "call.mark", f"answered-{key}", **about, what="answered")
            case "in_progress":
                await self._do(http, "call.mark", f"ended-{key}", **about, what="ended")
            case _:
                await self._do(http, "work.finish", f"finish-{key}", **about, disposition="oriented")

    async def _do(self, http: httpx.AsyncClient, name: str, client_id: str, **fields: Any) -> None:
        await http.post(f"/api/v1/commands/{name}", json={"client_id": client_id, **fields})


async def kills(
    url: str, promises: int, count: int, *, seed: int = 1, bug: str = "", settle_s: float = SETTLE_S
) -> list[str]:
    """Kill the service at random instants while promises come due; return which rang twice or were forgotten."""
    print(f"seed {seed}")
    random = Random(seed)
    staff = await prepare(url, ("ana", Role.agent), ("jefa", Role.supervisor))
    await promise(url, staff["jefa"], promises, within_s=2.0 + count / 2, random=random)
    env = {"CONTACT_CENTER_TEST_MUTANT": bug} if bug else {}
    service = Service(Path(url.removeprefix("sqlite:///")).parent, url, env=env)
    caller = Caller(service, staff["ana"])
    try:
        await service.start()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(caller.work)
            for _ in range(count):
                await anyio.sleep(random.uniform(0.2, 1.0))
                service.kill()
                await service.start()
            with anyio.move_on_after(settle_s + promises):
                while left(url):
                    await anyio.sleep(0.2)
            caller.wants_to_stop = True
        await service.stop()
    finally:
        service.kill()
    return verdict(url, promises)


def left(url: str) -> int:
    """Return how many callbacks somebody is still owed."""
    (row,) = rows_of(url, "SELECT count(*) FROM callbacks WHERE state IN ('solicited', 'assigned', 'rescheduled')")
    return int(row[0])


def verdict(url: str, promises: int) -> list[str]:
    """Return what is wrong with the rows at the end."""
    wrong = []
    rung = rows_of(url, "SELECT b.id, b.state, count(c.id) FROM callbacks b LEFT JOIN calls c"
                      " ON c.interaction_id = b.id GROUP BY b.id, b.state")  # fmt: skip
    if len(rung) != promises:
        wrong.append(f"{len(rung)} of {promises} promises are there")
    wrong += [f"rang {count} times: {key}" for key, _state, count in rung if count != 1]
    wrong += [f"not kept: {key} is {state}" for key, state, _count in rung if state != "achieved"]
    standings = rows_of(url, "SELECT callback_id, standing FROM callback_promises")
    wrong += [f"{standing}: {key}" for key, standing in standings if standing not in ("kept", "late")]
    return wrong


async def test_a_promised_call_rings_once_whenever_the_service_is_killed(database: str) -> None:
    assert await kills(database, 3, 1) == []


@pytest.mark.soak
async def test_a_promised_call_rings_once_through_two_hundred_kills(database: str) -> None:
    assert await kills(database, 300, 200, seed=int(os.environ.get("SEED", "1"))) == []


async def test_the_harness_notices_a_call_that_is_not_claimed(database: str) -> None:
    wrong = await kills(database, 2, 0, bug="dialling_not_claimed", settle_s=4)
    assert any(line.startswith("rang") for line in wrong), wrong
