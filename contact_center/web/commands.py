"""Staff's writes: `POST /api/v1/commands/<name>`. One door for every verb; the verb says which right it needs."""

from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions import passwords
from contact_center.actions.all import MODULES
from contact_center.actions.kernel import VERBS, Verb
from contact_center.actions.people import WithPassword
from contact_center.errors import Denied, Missing
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.web import auth, inputs
from contact_center.web.house import House, house_of

assert MODULES

DOOR: Final = "staff"


def staff_verbs() -> dict[str, Verb]:
    """Return what staff may ask for, by wire name."""
    return {name: verb for name, verb in VERBS.items() if verb.door == DOOR}


async def command(request: Request) -> Response:
    """Run one command. Idempotent on its client id: the same id with the same body answers the same."""
    actor = auth.actor_of(request)
    verb = VERBS.get(request.path_params["name"])
    if verb is None or verb.door != DOOR:
        raise Missing
    if not access.can(actor, verb.action):
        raise Denied(action=verb.action)
    client_id, body = await inputs.read_command(request, verb.body)
    house = house_of(request)
    if isinstance(body, WithPassword):
        return inputs.json({"result": await _with_password(house, actor, verb.name, body, client_id)})
    return inputs.json({"result": await house.writer.submit(actor, verb.name, body, client_id)})


async def _with_password(house: House, actor: Actor, name: str, body: WithPassword, client_id: str) -> dict[str, Any]:
    """Run a command that gives somebody a password. The password is in this answer only: a repeat has none to show."""
    password, mark = passwords.new_password(house.ids), house.ids.new()
    if body.wants_password:
        body.give(await passwords.hash_password(password), mark)
    result = dict(await house.writer.submit(actor, name, body, client_id))
    return {**result, "password": password if result.pop("mark") == mark else None}


routes: list[BaseRoute] = [auth.post("/api/v1/commands/{name}", command, auth.SIGNED_IN)]
