"""`/openapi.json`: made from the doors and the verbs themselves, so it cannot fall behind. Built when first asked."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center import __version__
from contact_center.web import auth, inputs
from contact_center.web.auth import Door, SocketDoor
from contact_center.web.commands import staff_verbs

_PARAMETER: Final = re.compile(r"\{(\w+)(?::\w+)?\}")
_COMMAND: Final = "/api/v1/commands/{name}"
_WHO: Final[dict[str, list[dict[str, list[str]]]]] = {auth.PUBLIC: [], auth.VISITOR: [{"visitor": []}]}
_ERRORS: Final = ("400", "401", "403", "404", "409", "413", "422", "429", "503")


async def openapi(request: Request) -> Response:
    """Describe every route and command."""
    state = request.app.state
    if state.description is None:
        state.description = describe(request.app.routes)
    return inputs.json(state.description, headers={"cache-control": "public, max-age=300"})


def describe(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of an application's doors."""
    verbs = staff_verbs()
    doors = [route for route in routes if isinstance(route, Door)]
    bodies: dict[Any, None] = {verb.body: None for verb in verbs.values()}
    bodies |= {door.body: None for door in doors if door.body is not None}
    refs, schema = models_json_schema(
        [(model, "validation") for model in bodies], ref_template="#/components/schemas/{model}"
    )
    names = {model: refs[(model, "validation")] for model in bodies}
    for verb in verbs.values():
        _add_client_id(schema["$defs"][names[verb.body]["$ref"].rpartition("/")[2]])
    paths: dict[str, dict[str, Any]] = {}
    for door in doors:
        for method in sorted((door.methods or set()) - {"HEAD"}):
            if door.path == _COMMAND:
                continue
            paths.setdefault(_plain(door.path), {})[method.lower()] = _operation(door, method, names.get(door.body))
    for name, verb in sorted(verbs.items()):
        paths[_COMMAND.replace("{name}", name)] = {"post": _command(name, verb, names[verb.body])}
    sockets = [route.path for route in routes if isinstance(route, SocketDoor)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Contact center",
            "version": __version__,
            "description": f"Sockets ({', '.join(sockets)}) are described in docs/protocol.md.",
        },
        "paths": paths,
        "components": {
            "schemas": {**schema.get("$defs", {}), "Error": _error_schema()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
                "visitor": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _plain(path: str) -> str:
    return _PARAMETER.sub(r"{\1}", path)


def _operation_id(method: str, path: str) -> str:
    words = re.sub(r"[^a-z0-9]+", "_", path.lower().removesuffix("/")).strip("_") or "home"
    return f"{method.lower()}_{words}" + ("_index" if path.endswith("/") and path != "/" else "")


def _operation(door: Door, method: str, body: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _operation_id(method, door.path),
        "summary": door.summary,
        "x-access": door.access,
        "security": _WHO.get(door.access, [{"session": [], "csrf": []} if method != "GET" else {"session": []}]),
        "responses": _responses(),
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(door.path)
    ]
    if parameters:
        made["parameters"] = parameters
    if body is not None:
        made["requestBody"] = _json_body(body)
    return made


def _command(name: str, verb: Any, body: Any) -> dict[str, Any]:
    return {
        "operationId": name.replace(".", "_"),
        "summary": ((verb.run or verb.batch).__doc__ or name).strip().partition("\n")[0],
        "x-access": verb.action,
        "security": [{"session": [], "csrf": []}],
        "requestBody": _json_body(body),
        "responses": _responses(),
    }


def _add_client_id(schema: dict[str, Any]) -> None:
    schema.setdefault("properties", {})["client_id"] = {"type": "string", "minLength": 8, "maxLength": 64}
    schema["required"] = sorted({*schema.get("required", ()), "client_id"})


def _json_body(schema: Any) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _responses() -> dict[str, Any]:
    error = {
        "description": "Refused",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    }
    return {"2XX": {"description": "Done"}, **dict.fromkeys(_ERRORS, error)}


class _Problem(BaseModel):
    """What went wrong."""

    code: str
    message: str
    fields: dict[str, str] | None = None
    retry_after_s: float | None = None


def _error_schema() -> dict[str, Any]:
    return {"type": "object", "required": ["error"], "properties": {"error": _Problem.model_json_schema()}}


routes: list[BaseRoute] = [auth.get("/openapi.json", openapi, auth.PUBLIC)]
