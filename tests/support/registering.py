"""Ways into the register for tests: a held conversation, a form that is right, and a signed-in browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx2 as httpx
from sqlalchemy import insert, select, update

from contact_center.rules.access import Actor
from contact_center.store.schema import sessions, users
from tests.support.house import TestHouse

MARIA = {"names": "María", "first_surname": "Ejemplo", "second_surname": "Uno", "phone": "662 000 0001"}


def form(**changes: Any) -> dict[str, Any]:
    """A petition that can be registered as it stands; what is given replaces its fields."""
    fields = {
        "kind": "petition",
        "category": "SP01",
        "municipality": "26030",
        "locality": "Hermosillo",
        "location": "Calle Ejemplo esquina con Muestra",
        "subject": "Bache en la calle Ejemplo",
        "description": "Hay un bache grande en la calle Ejemplo, ya van dos carros ponchados.",
        "requester": dict(MARIA),
    }
    return {**fields, **changes}


async def held(
    house: TestHouse,
    agent: Actor | None = None,
    *,
    text: str = "Hay un bachezote en mi calle",
    name: str = "María Ejemplo Uno",
) -> tuple[Actor, Actor, str, dict[str, Any]]:
    """A citizen's conversation in the hands of an agent: (agent, citizen, conversation, item)."""
    agent = agent or await house.staff("ana")
    citizen = await house.visitor(name=name)
    sent = await house.do(citizen, "chat.send", text=text)
    item = await house.take_first(agent)
    return agent, citizen, sent["conversation"], item


async def rows(house: TestHouse, table: Any, *conditions: Any) -> list[Any]:
    """Every row of a table under some conditions."""
    async with house.db.read() as conn:
        return list((await conn.execute(select(table).where(*conditions))).all())


@asynccontextmanager
async def browser(house: TestHouse, actor: Actor) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client with an open session of a member of staff, from our own origin."""
    token = f"session-token-of-{actor.id}"
    now = house.clock.now()
    async with house.db.write() as conn:
        await conn.execute(update(users).where(users.c.id == actor.id).values(totp_confirmed=True))
        await conn.execute(sessions.delete().where(sessions.c.user_id == actor.id))
        await conn.execute(
            insert(sessions).values(
                id=house.house.ids.new(),
                token_hash=sha256(token.encode()).digest(),
                csrf="csrf-of-this-session",
                user_id=actor.id,
                finished=True,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=8),
            )
        )
    async with house.http() as client:
        client.cookies.set("session", token)
        client.headers["x-csrf-token"] = "csrf-of-this-session"
        yield client


@asynccontextmanager
async def phone_of(house: TestHouse) -> AsyncIterator[tuple[httpx.AsyncClient, Actor]]:
    """A citizen's HTTP client with a capability of its own, and who they are."""
    async with house.http() as client:
        given = {"client_id": "visit-0001", "notice_version": "2026-11", "locale": "es"}
        answer = (await client.post("/api/v1/chat/visits", json=given)).json()
        client.headers["authorization"] = f"Bearer {answer['token']}"
        from contact_center.rules.model import ActorKind

        yield client, Actor(kind=ActorKind.visitor, id=answer["visitor"])
