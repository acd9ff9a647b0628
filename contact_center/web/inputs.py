"""Bodies and query strings into typed values, and values into answers. Everything a stranger sends is bounded here.

JSON is refused when it is too large, too deep, holds a key twice, a number that no double carries, NaN, a lone
surrogate or a NUL (PROMISES §3: 15, 16, 27, 28, 68). Fields are strict: a number is no text, an object is no id.
"""

import json as std_json
from typing import Any, Final, TypeVar

import msgspec
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from contact_center.actions.kernel import Body
from contact_center.errors import ContactCenterError, Invalid

MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 17
CLIENT_ID: Final = range(8, 65)
"""Characters of a client id."""

Model = TypeVar("Model", bound=BaseModel)
BodyModel = TypeVar("BodyModel", bound=Body)


class Unprocessable(ContactCenterError):
    """Some fields are unknown or have the wrong type."""

    code = "wrong_type"
    status = 422


async def read(request: Request, model: type[Model]) -> Model:
    """Return a request's JSON as a model. Raises Invalid for broken JSON, Unprocessable for fields."""
    return validate(model, await read_object(request))


async def read_command(request: Request, model: type[BodyModel]) -> tuple[str, BodyModel]:
    """Return (client id, body) of a write. Raises Invalid and Unprocessable."""
    given = await read_object(request)
    return take_client_id(given), validate(model, given)


async def read_object(request: Request) -> dict[str, Any]:
    """Return a request's JSON object. Raises Invalid."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Invalid("not_json")
    return parse(await request.body())


def take_client_id(given: dict[str, Any]) -> str:
    """Take the client id out of a body. Raises Unprocessable when there is none that can be one."""
    client_id = given.pop("client_id", None)
    if not isinstance(client_id, str) or len(client_id) not in CLIENT_ID or not client_id.isprintable():
        raise Unprocessable(fields={"client_id": "required" if client_id is None else "wrong_type"})
    return client_id


def parse(raw: bytes | str) -> dict[str, Any]:
    """Return a JSON object. Raises Invalid("bad_json") or Invalid("bad_characters")."""
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = std_json.loads(text, object_pairs_hook=_once, parse_int=_int, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Invalid("bad_json") from error
    if not isinstance(value, dict):
        raise Invalid("bad_json")
    _check(value, 1)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key twice")
    return made


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError("a number too long")
    return int(digits)


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _check(value: Any, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise Invalid("bad_json")
    match value:
        case str():
            if "\0" in value or not _is_carriable(value):
                raise Invalid("bad_characters")
        case float():
            if value - value != 0:  # 1e309 reads as infinity
                raise Invalid("bad_json")
        case dict():
            for key, one in value.items():
                _check(key, depth)
                _check(one, depth + 1)
        case list():
            for one in value:
                _check(one, depth + 1)


def _is_carriable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def validate(model: type[Model], given: dict[str, Any]) -> Model:
    """Return a parsed object as a model, without coercing anything. Raises Unprocessable."""
    try:
        return model.model_validate_json(msgspec.json.encode(given), strict=True)
    except ValidationError as error:
        raise unprocessable(error) from error


def query(request: Request, model: type[Model]) -> Model:
    """Return the query string as a model; each name at most once. Raises Unprocessable."""
    given: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in given or "\0" in value or not _is_carriable(value):
            raise Unprocessable(fields={name[:60]: "wrong_type"})
        given[name] = value
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise unprocessable(error) from error


_WHY: Final = {
    "extra_forbidden": "unknown",
    "missing": "required",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
    "literal_error": "not_a_choice",
    "enum": "not_a_choice",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "greater_than": "out_of_range",
    "less_than": "out_of_range",
    "string_pattern_mismatch": "wrong_format",
    "value_error": "wrong_format",
}


def unprocessable(error: ValidationError) -> Unprocessable:
    """Return what is wrong with each field, as codes: never the values themselves."""
    fields = {
        ".".join(str(part)[:60] for part in one["loc"]): _WHY.get(one["type"], "wrong_type")
        for one in error.errors(include_input=False, include_url=False, include_context=False)[:20]
    }
    return Unprocessable("unknown_field" if "unknown" in fields.values() else "wrong_type", fields=fields)


def json(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer. Nothing may be kept by a cache unless a header says so."""
    return Response(
        msgspec.json.encode(data),
        status,
        {"cache-control": "no-store", **(headers or {})},
        media_type="application/json",
    )


def empty() -> Response:
    """Return an answer without a body."""
    return Response(status_code=204, headers={"cache-control": "no-store"})


def refused(error: ContactCenterError) -> Response:
    """Return an error as an answer."""
    headers = {}
    if (wait_s := error.data.get("retry_after_s")) is not None:
        headers["retry-after"] = str(max(1, round(wait_s)))
    return json(error.as_json(), error.status, headers)
