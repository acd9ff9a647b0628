"""The scenes of the telephone: calls logged at the desk, reported by a provider, passed on and promised."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from contact_center.store import calls as call_store
from contact_center.store.schema import queues
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
    ana = await stage.who("ana")
    await stage.house.device(ana)
    await stage.house.do(ana, "work.take", item_id=item.id)
    stage.facts |= {"call": made["call_id"], "call_item": item.id}


async def legs(stage: Stage, *facts: dict[str, Any]) -> None:
    """Let the provider report what happened to the legs of the call."""
    made = [{"at": stage.house.clock.now(), **one} for one in facts]
    await stage.house.do(SYSTEM, "call.report", **{**reported(stage), "facts": made})


async def talking(stage: Stage) -> dict[str, Any]:
    """Let Ana speak with the caller in her browser; return what a command about it carries."""
    await ordered(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    await stage.house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="done")
    await legs(stage, {"key": "joined:CAa", "kind": "joined", "leg": "CAa", "user_id": stage.people["ana"]})
    item = await stage.house.item(stage.facts["call_item"])
    return {"item_id": item["id"], "epoch": item["epoch"]}


async def consulting(stage: Stage) -> dict[str, Any]:
    """Let Ana have a word with Berta about the call."""
    held, berta = await talking(stage), await stage.who("berta")
    await stage.house.device(berta)
    where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
    await stage.house.do(await stage.who("ana"), "call.transfer", **held, **where)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    await stage.house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="done")
    answered = {"key": "joined:CAb", "kind": "joined", "leg": "CAb", "user_id": berta.id}
    await legs(stage, {**answered, "data": {"consult": order["id"]}})
    return held


@scene("phone.device")
async def _device(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return SYSTEM, {"user_id": stage.people["ana"], "ready": True}


@scene("call.start:browser")
async def _dial(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    ana = await stage.who("ana")
    await stage.house.device(ana)
    return ana, {"direction": "outbound", "number": NUMBER, "mode": "browser"}


@scene("call.report:answered")
async def _answered(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    at = stage.house.clock.now()
    joined = {"key": "joined:CAa", "kind": "joined", "leg": "CAa", "user_id": stage.people["ana"], "at": at}
    return SYSTEM, {**reported(stage), "facts": [joined]}


@scene("call.report:device_failed")
async def _device_failed(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    at = stage.house.clock.now()
    failed = {"key": "failed:CAa", "kind": "leg_failed", "leg": "CAa", "user_id": stage.people["ana"], "at": at}
    return SYSTEM, {**reported(stage), "facts": [failed]}


@scene("call.transfer:warm")
async def _warm(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    held, berta = await talking(stage), await stage.who("berta")
    await stage.house.device(berta)
    where = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "specialist"}
    return await stage.who("ana"), {**held, **where}


@scene("call.consult")
async def _complete(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await consulting(stage), "what": "complete"}


@scene("call.consult:return")
async def _return(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await consulting(stage), "what": "return"}


@scene("call.listen")
async def _listen(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await talking(stage)
    boss = await stage.who("jefa")
    await stage.house.device(boss)
    return boss, {"call_id": stage.facts["call"], "how": "listen"}


@scene("call.unlisten")
async def _unlisten(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    actor, fields = await _listen(stage)
    await stage.house.do(actor, "call.listen", **fields)
    in_ = {"key": "joined:CAj", "kind": "joined", "leg": "CAj", "data": {"listens": actor.id, "how": "listen"}}
    await legs(stage, in_)
    return actor, {"call_id": fields["call_id"]}


@scene("call.record")
async def _record(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    async with stage.house.db.write() as conn:
        await conn.execute(update(queues).values(recording=True))
    held = await talking(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    await stage.house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="done")
    return await stage.who("ana"), {**held, "what": "pause"}


@scene("call.order")
async def _decide(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    await stage.house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="uncertain")
    return await stage.who("ana"), {"order_id": order["id"], "what": "again"}


@scene("call.alone")
async def _alone(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await talking(stage)
    await legs(stage, {"key": "left:CAa", "kind": "left", "leg": "CAa", "user_id": stage.people["ana"]})
    await stage.later(6)
    return SYSTEM, {"call_id": stage.facts["call"]}


@scene("call.unconnected")
async def _unconnected(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    await stage.house.do(SYSTEM, "order.settle", id=order["id"], epoch=order["epoch"], outcome="uncertain")
    await stage.later(16)
    return SYSTEM, {"call_id": stage.facts["call"]}


@scene("order.claim")
async def _claim(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    return SYSTEM, {"limit": 10}


@scene("order.settle")
async def _settle(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await ordered(stage)
    (order,) = (await stage.house.do(SYSTEM, "order.claim", limit=10))["orders"]
    return SYSTEM, {"id": order["id"], "epoch": order["epoch"], "outcome": "failed", "error": "21220"}
