"""A browser phone for tests: what a provider reports of a call, and the orders it obeys."""

from typing import Any

from sqlalchemy import select

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from tests.support.house import TestHouse

CITIZEN = "+526620000003"


async def rows(house: TestHouse, table: Any, *where: Any) -> list[Any]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(table).where(*where).order_by(table.c.id))).all())


async def told(house: TestHouse, *facts: dict[str, Any], sid: str = "CA1") -> None:
    """Let the provider report facts of a call, now unless they say when."""
    made = [{"key": f"{one['kind']}:{one.get('leg', '')}", "at": house.clock.now(), **one} for one in facts]
    body: dict[str, Any] = {"provider": "twilio", "provider_call_id": sid, "number": CITIZEN, "facts": made}
    await house.do(SYSTEM, "call.report", **body)


async def obey(house: TestHouse) -> list[dict[str, Any]]:
    """Let the provider obey every order that stands; return them in their order."""
    done: list[dict[str, Any]] = []
    while found := (await house.do(SYSTEM, "order.claim", limit=20))["orders"]:
        for one in found:
            await house.do(SYSTEM, "order.settle", id=one["id"], epoch=one["epoch"], outcome="done")
        done += found
    return done


def joined(agent: Actor, **more: Any) -> dict[str, Any]:
    return {"kind": "joined", "leg": f"CA-{agent.id[-4:]}", "user_id": agent.id, **more}


def left(agent: Actor) -> dict[str, Any]:
    return {**joined(agent), "kind": "left"}


async def waiting(house: TestHouse, sid: str = "CA1") -> None:
    await told(house, {"kind": "entered"}, {"kind": "queued"}, sid=sid)


async def talking(house: TestHouse, agent: Actor) -> dict[str, Any]:
    """Bring a caller to an agent's browser; return what a command about the call carries."""
    await waiting(house)
    item = await house.take_first(agent)
    assert [one["kind"] for one in await obey(house)] == ["bridge"]
    house.clock.advance(3)
    await told(house, joined(agent))
    assert (await house.item(item["id"]))["call"]["state"] == "in_progress"
    return {"item_id": item["id"], "epoch": item["epoch"]}


async def ready(house: TestHouse, *names: str) -> list[Actor]:
    found = [await house.staff(name) for name in names]
    await house.device(*found)
    return found
