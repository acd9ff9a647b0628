"""Promised calls in tests: an office with Ana and her supervisor at their desks, planning, taking, dialling."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx2 as httpx

from contact_center.rules.faces import ms
from contact_center.rules.model import Role
from contact_center.store import options
from tests.support.house import TestHouse, open_house
from tests.support.signed_in import Desk, desk

NUMBER = "662 000 0003"
HOUR = 3_600


def at(house: TestHouse, seconds: float) -> int:
    """An instant some time from now, as it travels."""
    return ms(house.clock.now() + timedelta(seconds=seconds)) or 0


async def plan(house: TestHouse, boss: Desk, due_s: float = 0, **fields: Any) -> dict[str, Any]:
    wish = {"reason": "return", "number": NUMBER, "due_at": at(house, due_s), **fields}
    result = await boss.must("callback.plan", **wish)
    found: dict[str, Any] = result["callback"]
    return found


async def refused(answer: httpx.Response) -> tuple[int, str, Any]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("fields") or error.get("next_at")


async def come_due(house: TestHouse, seconds: float, *agents: Desk) -> None:
    house.clock.advance(seconds)
    for one in agents:
        await house.do(one.actor, "agent.set_state", state="available")
    await house.timers.sweep()


async def take(house: TestHouse, agent: Desk) -> dict[str, Any]:
    item = await house.take_first(agent.actor)
    assert item["kind"] == "callback"
    return item


async def call(house: TestHouse, agent: Desk, item: dict[str, Any], *marks: str) -> dict[str, Any]:
    """Dial what is held and say what happened on the line; return the item as it is then."""
    await agent.must("call.start", direction="outbound", item_id=item["id"])
    for what in marks:
        house.clock.advance(20)
        await agent.must("call.mark", item_id=item["id"], epoch=item["epoch"], what=what)
    return await house.item(item["id"])


@asynccontextmanager
async def office(database_url: str, **more: Any) -> AsyncIterator[tuple[TestHouse, Desk, Desk]]:
    """A house with Ana at her desk and a supervisor, both signed in; `more` is of `open_house`."""
    async with open_house(database_url, **more) as house:
        async with house.db.write() as conn:  # a test's day is long
            for key in ("session_idle_s", "session_absolute_s"):
                await options.save(conn, key, 10**8, house.clock.now())
        ana, boss = await desk(house, "ana"), await desk(house, "jefa", Role.supervisor)
        await house.do(ana.actor, "agent.set_state", state="available")
        async with ana.client, boss.client:
            yield house, ana, boss
