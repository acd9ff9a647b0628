"""The scenes of promised calls: moved, given to somebody, tried, answered, broken, asked for in the chat."""

from datetime import timedelta
from typing import Any

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from contact_center.store import calls as call_store
from contact_center.store import work
from tests.support.morning import Stage
from tests.support.scenes import scene

NUMBER = "662 000 0003"
HOUR_S = 3_600


def ms_in(stage: Stage, seconds: float) -> int:
    """An instant some time from now, as it travels."""
    return int((stage.house.clock.now() + timedelta(seconds=seconds)).timestamp() * 1000)


async def asked(stage: Stage, due_s: float = HOUR_S, **fields: Any) -> str:
    """Let Jefa ask for a call with a question; return the callback."""
    plan: dict[str, Any] = {
        "reason": "ask",
        "number": NUMBER,
        "due_at": ms_in(stage, due_s),
        "questions": [{"text": "¿Cuántas familias son?", "kind": "number"}],
    }
    made = await stage.house.do(await stage.who("jefa"), "callback.plan", **plan, **fields)
    return str(made["callback"]["id"])


async def in_hand(stage: Stage, **fields: Any) -> dict[str, Any]:
    """Let Ana hold a callback that is due; return what a command about it carries."""
    callback = await asked(stage, 0, **fields)
    async with stage.house.db.read() as conn:
        item = await work.latest_item_of(conn, callback)
    assert item is not None
    await stage.house.do(await stage.who("ana"), "work.take", item_id=item.id)
    stage.facts["callback"] = callback
    held = await stage.house.item(item.id)
    return {"item_id": item.id, "epoch": held["epoch"]}


async def dialled(stage: Stage) -> dict[str, Any]:
    held = await in_hand(stage)
    await stage.house.do(await stage.who("ana"), "call.start", direction="outbound", item_id=held["item_id"])
    return held


async def talked(stage: Stage) -> dict[str, Any]:
    """Let Ana have spoken with the citizen; return what a command carries, and the answer."""
    held = await dialled(stage)
    for what in ("answered", "ended"):
        await stage.house.do(await stage.who("ana"), "call.mark", **held, what=what)
    async with stage.house.db.read() as conn:
        row = await call_store.get_callback(conn, stage.facts["callback"])
    assert row is not None
    return {**held, "answers": {row.questions[0]["id"]: 12}}


@scene("callback.move")
async def _move(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("jefa"), {"callback_id": await asked(stage), "due_at": ms_in(stage, 2 * HOUR_S)}


@scene("callback.assign")
async def _assign(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("jefa"), {"callback_id": await asked(stage), "owner_id": stage.people["ana"]}


@scene("callback.save")
async def _save(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await talked(stage), "identity": True}


@scene("callback.outcome")
async def _reached(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await talked(stage), "identity": True, "outcome": "reached"}


@scene("callback.outcome:partly")
async def _partly(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    held = await talked(stage)
    return await stage.who("ana"), {**held, "answers": {}, "outcome": "partly"}


@scene("call.start:callback")
async def _dial(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    held = await in_hand(stage)
    return await stage.who("ana"), {"direction": "outbound", "item_id": held["item_id"]}


@scene("call.mark:no_answer")
async def _no_answer(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return await stage.who("ana"), {**await dialled(stage), "what": "no_answer"}


@scene("callback.receive")
async def _receive(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    held = await talked(stage)
    await stage.house.do(await stage.who("ana"), "callback.outcome", **held, identity=True, outcome="reached")
    return await stage.who("jefa"), {"callback_id": stage.facts["callback"]}


@scene("callback.break")
async def _break(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    callback = await asked(stage, HOUR_S / 2)
    await stage.later(3 * HOUR_S)
    return SYSTEM, {"callback_id": callback}


@scene("callback.catch_up")
async def _catch_up(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    await asked(stage, HOUR_S / 2)
    await stage.later(3 * HOUR_S)
    return SYSTEM, {}


@scene("engine.due:callback")
async def _due(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    callback = await asked(stage, 60, owner_id=stage.people["ana"])
    await stage.later(120)
    async with stage.house.db.read() as conn:
        item = await work.latest_item_of(conn, callback)
    assert item is not None
    return SYSTEM, {"item_id": item.id}


WISH: dict[str, Any] = {"phone": NUMBER, "phone_again": NUMBER}


@scene("chat.callback")
async def _wish(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("espera"), {**WISH, "text": "Es por el agua"}


async def wished(stage: Stage) -> str:
    wish = {**WISH, "due_at": ms_in(stage, HOUR_S)}
    made = await stage.house.do(stage.citizen("activa"), "chat.callback", **wish)
    return str(made["callback"]["id"])


@scene("chat.callback_move")
async def _wish_moved(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("activa"), {"callback_id": await wished(stage), "due_at": ms_in(stage, 2 * HOUR_S)}


@scene("chat.callback_cancel")
async def _wish_off(stage: Stage) -> tuple[Actor, dict[str, Any]]:
    return stage.citizen("activa"), {"callback_id": await wished(stage)}
