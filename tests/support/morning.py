"""An office in the middle of its morning: `set_the_stage` makes it once, a test copies its database for each scene."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.presence import Beat
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.store import work
from contact_center.store.schema import work_items
from tests.support.clock import MORNING
from tests.support.house import TestHouse
from tests.support.registering import form

NIGHT = datetime(2026, 11, 24, 3, 31, tzinfo=UTC)
"""Monday, 20:31 in Hermosillo: closed."""


@dataclass
class Stage:
    """Who is there and what is under way, by name. `house` is the test's own copy."""

    people: dict[str, str] = field(default_factory=dict)
    visitors: dict[str, str] = field(default_factory=dict)
    chats: dict[str, str] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    house: TestHouse = field(init=False)

    async def who(self, name: str) -> Actor:
        return await self.house.actor(self.people[name])

    def citizen(self, name: str) -> Actor:
        from contact_center.rules.model import ActorKind

        return Actor(kind=ActorKind.visitor, id=self.visitors[name])

    async def item(self, chat: str) -> Any:
        async with self.house.db.read() as conn:
            found = await work.latest_item_of(conn, self.chats[chat])
        assert found is not None
        return found

    async def held(self, chat: str) -> dict[str, Any]:
        """What a command about a held item carries."""
        item = await self.item(chat)
        return {"item_id": item.id, "epoch": item.epoch}

    async def thread(self, chat: str) -> dict[str, Any]:
        """What a command about a held conversation carries."""
        return {"conversation_id": self.chats[chat], "epoch": (await self.item(chat)).epoch}

    async def queue(self, name: str) -> Any:
        async with self.house.db.read() as conn:
            return next(one for one in await work.all_queues(conn) if one.name == name)

    async def later(self, seconds: float, *here: str) -> None:
        """Let time pass while these people stay connected."""
        self.house.clock.advance(seconds)
        ids = tuple(self.people[name] for name in here or ("ana", "berta"))
        await self.house.writer.submit(SYSTEM, "presence.beat", Beat(user_ids=ids))

    async def say(self, name: str, text: str = "Buenos días") -> None:
        sent = await self.house.do(self.citizen(name), "chat.send", text=text)
        self.chats[name] = sent["conversation"]


async def set_the_stage(house: TestHouse) -> Stage:
    """Play the morning up to the moment where the scenes begin."""
    stage = Stage()
    stage.house = house
    house.clock.advance((NIGHT - MORNING).total_seconds())
    for name in ("nocturna", "activa", "nueva", "de_berta", "pasada", "cerrada", "sin_captura", "espera", "ofrecida"):
        stage.visitors[name] = (await house.visitor(name="María Ejemplo Uno")).id
    await house.do(stage.citizen("nocturna"), "chat.recado", text="Llamen por favor")
    async with house.db.read() as conn:
        scheduled = select(work_items.c.id).where(work_items.c.state == "scheduled")
        stage.facts["due_item"] = (await conn.execute(scheduled)).scalar_one()
    house.clock.advance((MORNING - NIGHT).total_seconds() - 600)
    for name, role in (("ana", Role.agent), ("berta", Role.agent)):
        stage.people[name] = (await house.staff(name, role)).id
    for name, role in (("jefa", Role.supervisor), ("sistemas", Role.systems), ("direccion", Role.director)):
        stage.people[name] = (await house.staff(name, role, state=None)).id
    ana, berta = await stage.who("ana"), await stage.who("berta")
    await talk(stage, "sin_captura", ana)
    await house.do(ana, "conversation.close", **await stage.thread("sin_captura"))
    await stage.later(300)
    item = await stage.item("sin_captura")
    await house.do(SYSTEM, "engine.wrap_up_over", item_id=item.id)
    await talk(stage, "activa", ana)
    await talk(stage, "de_berta", berta)
    await talk(stage, "pasada", berta)
    fields: dict[str, Any] = {"to_kind": "user", "to_id": ana.id, "reason": "specialist"}
    await house.do(berta, "work.transfer", **await stage.held("pasada"), **fields)
    await house.do(ana, "work.take", item_id=(await stage.item("pasada")).id)
    await talk(stage, "cerrada", ana)
    await house.do(ana, "conversation.close", **await stage.thread("cerrada"))
    await stage.say("nueva")
    await house.do(ana, "work.take", item_id=(await stage.item("nueva")).id)
    await stage.say("espera")
    await stage.say("ofrecida")
    await stage.later(300)
    offer: dict[str, Any] = {"agent_id": ana.id, "expires_at": house.clock.now() + timedelta(seconds=20), "reason": {}}
    made = await house.do(SYSTEM, "engine.offer", item_id=(await stage.item("ofrecida")).id, **offer)
    stage.facts["offer"] = made["offer_id"]
    registered = await house.do(ana, "petition.create", interaction_id=stage.chats["activa"], **form())
    stage.facts["petition"] = registered["petition"]
    other = form(subject="Lámpara fundida", description="No hay luz en la calle", requester=dict(OTHER))
    other |= {"interaction_id": stage.chats["de_berta"], "despite_duplicates": True}
    second = await house.do(berta, "petition.create", **other)
    stage.facts["other_petition"] = second["petition"]
    return stage


OTHER = {"names": "Rosa", "first_surname": "Ejemplo", "second_surname": "Dos", "phone": "662 000 0002"}


async def talk(stage: Stage, name: str, agent: Actor) -> None:
    """Bring a conversation to where both sides have spoken."""
    await stage.say(name)
    await stage.house.do(agent, "work.take", item_id=(await stage.item(name)).id)
    await stage.house.do(agent, "conversation.reply", text="Le atiendo con gusto", **await stage.thread(name))
    await stage.say(name, "Gracias, es por un bache")
