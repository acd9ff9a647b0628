"""Who gets in where: every route and every command, each role, generated from the registries (PROMISES S10).

What is expected comes from the table of rights alone; what happens comes from the doors. A door that let somebody in
whom the table keeps out, or kept out whom it lets in, fails here; so does a route that does not say whom it lets in.
"""

from typing import Any

import httpx2 as httpx
import pytest
from starlette.routing import Route

from contact_center.actions.kernel import VERBS
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind, Role
from contact_center.web import app as web_app
from contact_center.web import auth
from contact_center.web.app import checked
from contact_center.web.auth import Door, SocketDoor
from contact_center.web.commands import staff_verbs
from tests.support.house import open_house
from tests.support.signed_in import client_of, desk

ROUTES = [route for module in web_app.MODULES for route in module.routes]
DOORS = [route for route in ROUTES if isinstance(route, Door)]
WHO: list[Role | None] = [None, *Role]
NOBODYS_CODES = {"denied", "csrf", "origin", "finish_sign_in"}


def address(door: Door) -> str:
    """An address of this door that names nothing that exists."""
    path = door.path
    for name, value in {"{name:path}": "x.js", "{screen:path}": "floor", "{name}": "work.accept"}.items():
        path = path.replace(name, value)
    return path.replace("{id}", "none").replace("{item}", "none").replace("{folio}", "CEAC-2026-000001")


def may(role: Role | None, action: str) -> bool:
    """What the table of rights says."""
    return role is not None and access.can(Actor(ActorKind.staff, "somebody", frozenset({role})), action)


async def answers(client: httpx.AsyncClient, csrf: str, doors: list[Door]) -> dict[tuple[str, str], Any]:
    """Knock at every door."""
    found = {}
    for door in doors:
        method = sorted((door.methods or set()) - {"HEAD"})[0]
        if method == "DELETE":
            continue  # signing out is tested elsewhere, and would end the walk
        body: dict[str, Any] = {} if method == "GET" else {"json": {}}
        headers = {"x-csrf-token": csrf} if method != "GET" else {}
        found[(method, door.path)] = await client.request(method, address(door), headers=headers, **body)
    return found


@pytest.mark.parametrize("role", WHO, ids=str)
async def test_every_route_lets_in_exactly_whom_the_table_says(sqlite_database_url: str, role: Role | None) -> None:
    async with open_house(sqlite_database_url) as house:
        somebody = None if role is None else await desk(house, "somebody", role)
        client = client_of(house) if somebody is None else somebody.client
        for (method, path), answer in (await answers(client, somebody.csrf if somebody else "", DOORS)).items():
            door = next(one for one in DOORS if one.path == path and method in (one.methods or ()))
            code = answer.json()["error"]["code"] if answer.status_code >= 400 else None
            assert answer.status_code != 500, (path, answer.text)
            if door.access == auth.PUBLIC:
                assert code not in NOBODYS_CODES | {"not_signed_in"}, (path, answer.text)
            elif door.access == auth.VISITOR:
                assert answer.status_code == 401, (path, "a member of staff is no citizen", answer.text)
            elif role is None:
                assert (answer.status_code, code) == (401, "not_signed_in"), (path, answer.text)
            elif may(role, door.access):
                assert code not in NOBODYS_CODES | {"not_signed_in"} or "commands" in path, (path, answer.text)
            else:
                assert (answer.status_code, code) == (403, "denied"), (path, answer.text)


@pytest.mark.parametrize("role", WHO, ids=str)
async def test_every_command_lets_in_exactly_whom_the_table_says(sqlite_database_url: str, role: Role | None) -> None:
    async with open_house(sqlite_database_url) as house:
        somebody = None if role is None else await desk(house, "somebody", role)
        client, csrf = (client_of(house), "") if somebody is None else (somebody.client, somebody.csrf)
        for name, verb in sorted(VERBS.items()):
            answer = await client.post(f"/api/v1/commands/{name}", json={}, headers={"x-csrf-token": csrf})
            code = answer.json()["error"]["code"]
            if role is None:
                assert (answer.status_code, code) == (401, "not_signed_in"), name
            elif verb.door != "staff":
                assert (answer.status_code, code) == (404, "missing"), f"{name} is not for staff"
            elif may(role, verb.action):
                assert (answer.status_code, code) == (422, "wrong_type"), (name, answer.text)
            else:
                assert (answer.status_code, code) == (403, "denied"), name


def test_every_verb_of_staff_names_a_right_that_somebody_has() -> None:
    unreachable = [name for name, verb in staff_verbs().items() if not any(may(role, verb.action) for role in Role)]
    assert unreachable == []


def test_a_route_that_does_not_say_whom_it_lets_in_stops_the_service() -> None:
    async def open_to_all(_request: object) -> None: ...

    with pytest.raises(ValueError, match="does not say whom it lets in"):
        checked([*ROUTES, Route("/api/v1/forgotten", open_to_all)])


def test_a_right_that_does_not_exist_is_no_right() -> None:
    with pytest.raises(AssertionError):
        auth.get("/api/v1/new", lambda _request: None, "petition.invented")  # type: ignore[arg-type,return-value]


def test_public_doors_are_those_on_this_list() -> None:
    public = sorted(
        {f"{route.path}" for route in ROUTES if isinstance(route, Door | SocketDoor) and route.access == "public"}
    )
    assert public == [
        "/",
        "/api/v1/chat/config",
        "/api/v1/chat/folio",
        "/api/v1/chat/visits",
        "/api/v1/session",
        "/api/v1/setup",
        "/assets/{name:path}",
        "/calendar/{token}",
        "/chat",
        "/console",
        "/console/",
        "/console/{screen:path}",
        "/demo",
        "/favicon.ico",
        "/favicon.svg",
        "/folio",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/openapi.json",
        "/robots.txt",
        "/widget.js",
    ]


async def test_an_auditor_can_write_nothing(sqlite_database_url: str) -> None:
    changing = [name for name, verb in staff_verbs().items() if may(Role.auditor, verb.action)]
    assert set(changing) <= {"call.reveal", "citizen.reveal", "conversation.read"}, changing
