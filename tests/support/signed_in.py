"""A browser that is signed in, without a browser: cookie, CSRF token, origin."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx2 as httpx

from contact_center.actions import passwords
from contact_center.actions.accounts import Start
from contact_center.actions.kernel import SYSTEM
from contact_center.rules.access import Actor
from contact_center.rules.model import Role
from contact_center.settings import Settings
from contact_center.store import people
from contact_center.web.app import build_app
from contact_center.web.auth import hash_token
from tests.support.house import TestHouse

PASSWORD = "cuatro caballos verdes"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass
class Desk:
    """Somebody at a console."""

    client: httpx.AsyncClient
    actor: Actor
    csrf: str
    session_id: str
    _count: int = 0

    async def get(self, path: str, **kwargs: Any) -> httpx.Response:
        return await self.client.get(path, **kwargs)

    async def post(self, path: str, body: Any = None, **kwargs: Any) -> httpx.Response:
        headers = {"x-csrf-token": self.csrf, **kwargs.pop("headers", {})}
        return await self.client.post(path, json={} if body is None else body, headers=headers, **kwargs)

    async def delete(self, path: str) -> httpx.Response:
        return await self.client.delete(path, headers={"x-csrf-token": self.csrf})

    async def command(self, name: str, client_id: str | None = None, /, **fields: Any) -> httpx.Response:
        """Send one command with a client id of its own."""
        self._count += 1
        body = {"client_id": client_id or f"{self.actor.id[-6:]}-{self._count:04d}", **fields}
        return await self.post(f"/api/v1/commands/{name}", body)

    async def must(self, name: str, /, **fields: Any) -> dict[str, Any]:
        """Send a command that has to work and return its result."""
        answer = await self.command(name, **fields)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()["result"]
        return result


async def desk(house: TestHouse, username: str, *roles: Role) -> Desk:
    """Add somebody and sign them in past the password; whose role needs a second factor has one."""
    actor = await house.staff(username, *roles, state=None)
    async with house.db.write() as conn:
        await people.change_user(conn, actor.id, totp_secret=SECRET, totp_confirmed=True)
    return await open_desk(house, actor)


async def open_desk(house: TestHouse, actor: Actor, seen_hash: str = "none", app: Any = None) -> Desk:
    """Open a session for somebody who is there already."""
    token, csrf = house.house.ids.token(), house.house.ids.token()
    async with house.db.read() as conn:
        staff = await people.find(conn, actor.id)
    assert staff is not None
    body = Start(
        user_id=actor.id,
        seen_hash=seen_hash,
        token_hash=hash_token(token).hex(),
        csrf=csrf,
        account_key="none",
        step=staff.totp_last_step + 1,
    )
    session_id = (await house.writer.submit(SYSTEM, "session.start", body))["session"]
    client = client_of(house, app)
    client.cookies.set("session", token)
    return Desk(client, staff.as_actor(session_id), csrf, session_id)


def client_of(house: TestHouse, app: Any = None, **headers: str) -> httpx.AsyncClient:
    """Return a client from our own origin, at 127.0.0.1 unless a header says otherwise."""
    url = house.house.settings.public_url
    transport = httpx.ASGITransport(app=app or house.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=url, headers={"origin": url, **headers})


def limited_app(house: TestHouse, **changes: Any) -> Any:
    """Return the application of the same house with other settings, with rate limits unless told."""
    given = house.house.settings.model_dump() | {"unlimited_networks": ()} | changes
    return build_app(replace(house.house, settings=Settings(**given)))


async def with_password(house: TestHouse, username: str, *roles: Role, password: str = PASSWORD) -> Actor:
    """Add somebody who can really sign in."""
    actor = await house.staff(username, *roles, state=None)
    async with house.db.write() as conn:
        await people.change_user(conn, actor.id, password_hash=passwords.hash_now(password))
    return actor


def code_at(house: TestHouse, steps: int = 0, secret: str = SECRET) -> str:
    """Return what an authenticator shows now, or some steps from now."""
    from pyotp import TOTP

    return TOTP(secret).at(int(house.clock.now().timestamp()) + 30 * steps)


@asynccontextmanager
async def closing(*desks: Desk) -> AsyncIterator[None]:
    """Close clients when the block ends."""
    try:
        yield
    finally:
        for one in desks:
            await one.client.aclose()


async def sign_in_as(client: httpx.AsyncClient, username: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
    """Type a name and a password."""
    return await client.post("/api/v1/session", json={"username": username, "password": password, **more})
