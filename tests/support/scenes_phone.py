"""The scenes of the telephone: calls logged at the desk, reported by a provider, passed on and promised."""

from datetime import timedelta
from typing import Any

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from contact_center.store import calls as call_store
from tests.support.morning import Stage
from tests.support.scenes import scene

NUMBER = "662 000 0003"


async def on_the_phone(stage: Stage, **fields: Any) -> dict[str, Any]:
    """Let Ana be in a call; return what a command about it carries."""
    ana = await stage.who("ana")
    made = await stage.house.do(ana, "call.start", **{"direction": "inbound", "number": NUMBER, **fields})
    item = await stage.house.item(made["item"]["id"])
    stage.facts["call"] = made["call"]["id"]
    return {"item_id": item["id"], "epoch": item["epoch"]}


async def promised(stage: Stage, due_s: int = 0) -> str:
    """Let a callback be promised; return its item."""
    due = int((stage.house.clock.now() + timedelta(seconds=due_s)).timestamp() * 1000)
    plan: dict[str, Any] = {"reason": "return", "number": NUMBER, "due_at": due}
    made = await stage.house.do(await stage.who("ana"), "callback.plan", **plan)
    async with stage.house.db.read() as conn:
        from contact_center.store import work

        found = await work.latest_item_of(conn, made["callback"]["id"])
    assert found is not None
    return str(found.id)


def reported(stage: Stage, *kinds: str) -> dict[str, Any]:
    """What a provider reports of one call that came in."""
    at = stage.house.clock.now()
    facts = [{"key": kind, "kind": kind, "at": at + timedelta(seconds=n)} for n, kind in enumerate(kinds)]
    return {"provider": "twilio", "provider_call_id": "CA1", "number": "+526620000003", "facts": facts}


@scene("call.start")
async def _start(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {"direction": "inbound", "number": NUMBER}


@scene("call.mark")
async def _hold(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await on_the_phone(stage), "what": "hold"}


@scene("call.mark:ended")
async def _ended(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await on_the_phone(stage), "what": "ended"}


@scene("call.number")
async def _number(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await on_the_phone(stage, number=""), "number": NUMBER}


@scene("call.log")
async def _log(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    now = int(stage.house.clock.now().timestamp() * 1000)
    return await stage.who("ana"), {"direction": "inbound", "started_at": now - 120_000, "ended_at": now - 60_000}


@scene("call.transfer")
async def _transfer(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    where = {"kind": "cold", "to_kind": "user", "to_id": stage.people["berta"], "reason": "specialist"}
    return await stage.who("ana"), {**await on_the_phone(stage), **where}


@scene("call.transfer_answer")
async def _transfer_answer(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    actor, fields = await _transfer(stage)
    await stage.house.do(actor, "call.transfer", **{**fields, "kind": "warm"})
    return actor, {"item_id": fields["item_id"], "epoch": fields["epoch"], "answer": "refused"}


@scene("callback.plan")
async def _plan(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    due = int(stage.house.clock.now().timestamp() * 1000)
    return await stage.who("ana"), {"reason": "return", "number": NUMBER, "due_at": due}


@scene("callback.postpone")
async def _postpone(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    ana, item_id = await stage.who("ana"), await promised(stage)
    await stage.house.do(ana, "work.take", item_id=item_id)
    item = await stage.house.item(item_id)
    due = int(stage.house.clock.now().timestamp() * 1000) + 3_600_000
    return ana, {"item_id": item_id, "epoch": item["epoch"], "due_at": due}


@scene("callback.cancel")
async def _cancel(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("jefa"), {"item_id": await promised(stage), "reason": "Ya llamó otra vez"}


@scene("call.report")
async def _report(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return SYSTEM, reported(stage, "entered", "queued")


@scene("call.report:abandoned")
async def _abandoned(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await stage.house.do(SYSTEM, "call.report", **reported(stage, "entered", "queued"))
    return SYSTEM, reported(stage, "entered", "queued", "ended")


@scene("call.close_out")
async def _close_out(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    made = await stage.house.do(SYSTEM, "call.report", **reported(stage, "entered", "queued", "ended"))
    await stage.later(15)
    return SYSTEM, {"call_id": made["call_id"]}


async def ordered(stage: Stage) -> None:
    """Let a caller wait at the provider and Ana take them: the bridge is ordered."""
    made = await stage.house.do(SYSTEM, "call.report", **reported(stage, "entered", "queued"))
    async with stage.house.db.read() as conn:
        from contact_center.store import work

        call = await call_store.get(conn, made["call_id"])
        assert call is not None
        item = await work.open_item_of(conn, call.interaction_id)
    assert item is not None
    await stage.house.do(await stage.who("ana"), "work.take", item_id=item.id)


@scene("order.claim")
async def _claim(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    return SYSTEM, {"limit": 10}


@scene("order.settle")
async def _settle(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    return SYSTEM, {"id": order["id"], "epoch": order["epoch"], "outcome": "failed", "error": "21220"}
