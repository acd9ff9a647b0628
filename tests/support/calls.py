"""A morning of calls of every kind, logged at desk phones as agents do, for whoever counts them."""

from typing import Any

from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from tests.support.house import TestHouse

ABOUT: dict[str, Any] = {
    "kind": "petition",
    "category": "SP01",
    "municipality": "26030",
    "locality": "Colonia Prueba",
    "subject": "Bache en la calle Ejemplo",
    "description": "Un bache profundo en la calle Ejemplo esquina con Muestra.",
    "requester": {"names": "María", "first_surname": "Ejemplo", "phone": "6620000021"},
    "despite_duplicates": True,
}


async def start(house: TestHouse, agent: Actor, **fields: Any) -> dict[str, Any]:
    """Begin a call and return its item."""
    made = await house.do(agent, "call.start", **{"direction": "inbound", "number": "662 000 0001", **fields})
    return await house.item(made["item"]["id"])


async def mark(house: TestHouse, agent: Actor, item: dict[str, Any], what: str) -> dict[str, Any]:
    await house.do(agent, "call.mark", item_id=item["id"], epoch=item["epoch"], what=what)
    return await house.item(item["id"])


async def finish(house: TestHouse, agent: Actor, item: dict[str, Any], **fields: Any) -> None:
    body = {"item_id": item["id"], "epoch": item["epoch"], "disposition": "oriented", **fields}
    await house.do(agent, "work.finish", **body)


async def folio(house: TestHouse, agent: Actor, item: dict[str, Any] | None = None, **fields: Any) -> str:
    """Register a petition, in a call when one is given, and return its folio."""
    where = {} if item is None else {"interaction_id": item["interaction"]}
    made = await house.do(agent, "petition.create", **{**ABOUT, "medium": "phone", **where, **fields})
    found: str = made["petition"]["folio"]
    return found


async def received(house: TestHouse, agent: Actor, *, seconds: int = 60, **capture: Any) -> dict[str, Any]:
    """A call that comes in, is spoken in and captured."""
    item = await start(house, agent)
    house.clock.advance(seconds)
    item = await mark(house, agent, item, "ended")
    await finish(house, agent, item, **capture)
    return item


async def missed(house: TestHouse, number: int) -> None:
    """A call that the provider reports and nobody answers."""
    at = house.clock.now()
    kinds = ("entered", "queued", "ended")
    facts = [{"key": kind, "kind": kind, "at": at} for kind in kinds]
    report = {"provider": "twilio", "provider_call_id": f"CA{number}", "number": f"+52662000{number:04d}"}
    await house.do(SYSTEM, "call.report", **report, facts=facts)
    house.clock.advance(20)


async def morning(house: TestHouse, ana: Actor, berta: Actor) -> None:
    """Calls received, dropped, missed, made, passed on; over two days."""
    await received(house, ana, seconds=45, topic="AG01")
    item = await start(house, ana, number="644 000 0002")
    one = await folio(house, ana, item)
    house.clock.advance(120)
    await finish(house, ana, await mark(house, ana, item, "ended"), disposition="petition_registered")
    item = await mark(house, berta, await start(house, berta, number=""), "dropped")
    await finish(house, berta, item, disposition="call_dropped")
    await missed(house, 31)
    await missed(house, 32)
    for met in ("no_answer", "wrong_number", "answered"):
        item = await start(house, ana, direction="outbound", purpose="inform", folio=one, number="6620000021")
        item = await mark(house, ana, item, met)
        house.clock.advance(30)
        if met == "answered":
            item = await mark(house, ana, item, "ended")
        await finish(house, ana, item, disposition="not_reached" if met != "answered" else "oriented")
    house.clock.advance(24 * 3600)
    await house.do(berta, "agent.set_state", state="available")
    item = await start(house, ana)
    where = {"kind": "cold", "to_kind": "user", "to_id": berta.id, "reason": "specialist", "note": "Pide a Berta"}
    await house.do(ana, "call.transfer", item_id=item["id"], epoch=item["epoch"], **where)
    house.clock.advance(12)
    item = await house.take_first(berta)
    house.clock.advance(90)
    await finish(house, berta, await mark(house, berta, item, "ended"))
    item = await start(house, ana)
    asked = {"kind": "warm", "to_kind": "user", "to_id": berta.id, "reason": "competence", "answer": "refused"}
    await house.do(ana, "call.transfer", item_id=item["id"], epoch=item["epoch"], **asked)
    house.clock.advance(5)
    await finish(house, ana, await mark(house, ana, item, "ended"))
    await start(house, ana, number="653 000 0003")
