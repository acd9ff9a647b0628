"""The REST door: who may come in, what goes wrong on purpose, errors and pages in the provider's shape."""

import base64
import hmac
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

import anyio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contact_center.simulators.twilio.config import is_loopback
from contact_center.simulators.twilio.faults import RestFault
from contact_center.simulators.twilio.model import Exchange

PAGE: Final = 50
LARGEST_PAGE: Final = 1_000


class ApiError(Exception):
    """A refusal in the provider's words."""

    def __init__(self, status: int, code: int, message: str, *, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        headers = {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
        return JSONResponse(body, self.status, headers)


@dataclass(frozen=True, slots=True)
class Form:
    """Parameters of a request, from its query or its body; names may come more than once."""

    pairs: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        return next((value for key, value in self.pairs if key == name), default)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(word for key, value in self.pairs if key == name for word in value.split())

    def flag(self, name: str, default: bool) -> bool:
        return self.get(name, str(default)).lower() == "true"

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number. Raises `ApiError` 20001 when it is none or out of its bounds."""
        value = self.get(name, str(default))
        if not value.isdigit() or not low <= int(value) <= high:
            raise ApiError(400, 20001, f"Invalid parameter {name}: {value}")
        return int(value)

    def url(self, name: str, code: int = 21205) -> str:
        """Return an address. Raises `ApiError` when it is no address on this machine."""
        value = self.get(name)
        if value and not is_loopback(value):
            raise ApiError(400, code, f"{name} is not a valid URL: {value}")
        return value

    def method(self, name: str, default: str = "POST") -> str:
        value = self.get(name, default).upper()
        if value not in ("GET", "POST"):
            raise ApiError(400, 20001, f"Invalid parameter {name}: {value}")
        return value

    def check(self, known: Iterable[str]) -> None:
        """Raise `ApiError` for a parameter that the resource does not know."""
        strange = sorted({key for key, _ in self.pairs} - set(known))
        if strange:
            raise ApiError(400, 20001, f"Unknown parameters in the request body: {', '.join(strange)}")


@dataclass(frozen=True, slots=True)
class Asked:
    """An authenticated request."""

    x: Exchange
    path: str
    names: dict[str, str]
    form: Form


Endpoint = Callable[[Asked], Awaitable[Response]]


def missing(path: str) -> ApiError:
    return ApiError(404, 20404, f"The requested resource {path} was not found")


def route(x: Exchange, path: str, **methods: Endpoint) -> Route:
    """Return a route below the account: `get`, `post` and `delete` say what each method does."""
    return bare_route(x, x.account_path(path).replace(x.config.account_sid, "{account}", 1), **methods)


def bare_route(x: Exchange, path: str, **methods: Endpoint) -> Route:
    """Return a route at a path that does not name the account."""
    endpoints = {name.upper(): endpoint for name, endpoint in methods.items()}

    async def answer(request: Request) -> Response:
        return await _answer(x, request, endpoints)

    return Route(path, answer, methods=_METHODS)


_METHODS: Final = ["GET", "POST", "DELETE", "PUT", "PATCH"]


async def _answer(x: Exchange, request: Request, endpoints: dict[str, Endpoint]) -> Response:
    pairs = parse_qsl(request.url.query if request.method != "POST" else "", keep_blank_values=True)
    if request.method == "POST":
        pairs = parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    form = Form(tuple(pairs))
    fault = x.faults.rest(request.method, request.url.path)
    try:
        response = await _decide(x, request, endpoints, form, fault)
        code = 0
    except ApiError as error:
        response, code = error.response(), error.code
    x.ledger.add(
        "rest",
        request.path_params.get("call") or request.path_params.get("message", ""),
        method=request.method,
        path=request.url.path,
        params=dict(pairs),
        status=response.status_code,
        code=code,
        fault=fault.answer if fault else "",
    )
    if fault is not None and fault.answer.endswith("time_out"):
        with anyio.move_on_after(x.config.rest_hang_s):
            while (await request.receive())["type"] != "http.disconnect":
                pass
        return Response(status_code=504)
    return response


async def _decide(
    x: Exchange, request: Request, endpoints: dict[str, Endpoint], form: Form, fault: RestFault | None
) -> Response:
    if not _is_known(x, request.headers.get("authorization", "")):
        raise ApiError(401, 20003, "Authenticate")
    if request.path_params.get("account", x.config.account_sid) != x.config.account_sid:
        raise missing(request.url.path)
    endpoint = endpoints.get(request.method)
    if endpoint is None:
        raise ApiError(405, 20004, "Method not allowed")
    if fault is not None:
        match fault.answer:
            case "429":
                raise ApiError(429, 20429, "Too Many Requests", retry_after_s=fault.retry_after_s)
            case "500":
                raise ApiError(500, 20500, "An internal server error has occurred")
            case "503":
                raise ApiError(503, 20503, "Service is unavailable. Please try again.")
            case "time_out":
                return Response(status_code=504)
            case "accept_then_time_out":
                pass
    names = {name: str(value) for name, value in request.path_params.items()}
    return await endpoint(Asked(x, request.url.path, names, form))


def _is_known(x: Exchange, header: str) -> bool:
    kind, _, word = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(word, validate=True).decode().partition(":")
    except ValueError:
        return False
    pairs = ((x.config.account_sid, x.config.auth_token), (x.config.api_key_sid, x.config.api_key_secret))
    return kind.lower() == "basic" and any(
        hmac.compare_digest(name.encode(), one.encode()) and hmac.compare_digest(secret.encode(), two.encode())
        for one, two in pairs
    )


def page(asked: Asked, key: str, rows: list[dict[str, Any]]) -> Response:
    """Return a page of rows, newest first, with the addresses of its neighbours."""
    form = asked.form
    size = min(LARGEST_PAGE, form.number("PageSize", PAGE, 1, 1_000_000))
    number = form.number("Page", 0, 0, 1_000_000)
    first = number * size
    shown = rows[first : first + size]
    keep = [(name, value) for name, value in form.pairs if name not in ("Page", "PageSize", "PageToken")]

    def uri(which: int) -> str:
        token = [("PageToken", f"PA{which}")] if which else []
        return asked.path + "?" + urlencode([*keep, ("PageSize", size), ("Page", which), *token])

    return JSONResponse(
        {
            key: shown,
            "first_page_uri": uri(0),
            "next_page_uri": uri(number + 1) if first + size < len(rows) else None,
            "previous_page_uri": uri(number - 1) if number else None,
            "uri": uri(number),
            "page": number,
            "page_size": size,
            "start": first,
            "end": first + max(0, len(shown) - 1),
        }
    )


def in_range(form: Form, name: str, moment: datetime | None) -> bool:
    """Tell whether a moment passes the filters `Name`, `Name<` and `Name>` (days or instants, ends included)."""
    for sign in ("", "<", ">"):
        value = form.get(name + sign)
        if not value:
            continue
        if moment is None:
            return False
        low = _moment(name + sign, value)
        high = low + timedelta(days=1) if len(value) == 10 else low + timedelta(seconds=1)
        if sign in ("", ">") and moment < low:
            return False
        if sign in ("", "<") and moment >= high:
            return False
    return True


def _moment(name: str, value: str) -> datetime:
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise ApiError(400, 20001, f"Invalid parameter {name}: {value}") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def check_rate(x: Exchange, made: list[datetime]) -> None:
    """Raise 429 when the account makes more calls a second than it may."""
    bound = x.config.calls_per_second
    now = x.now()
    if bound:
        while made and (now - made[0]).total_seconds() >= 1:
            made.pop(0)
        if len(made) >= ceil(bound):
            raise ApiError(429, 20429, "Too Many Requests", retry_after_s=1)
    made.append(now)
