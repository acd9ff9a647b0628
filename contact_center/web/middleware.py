"""What every request passes before its endpoint, as plain ASGI: arrival, host, headers, limits, body.

Order, outermost first: `Headers` (what browsers may do with the answer), `Arrival` (who from, id, log line, the last
word on errors), `Gate` (host, rate), `BodyGuard` (size and patience).
"""

from ipaddress import ip_address
from typing import Any, Final

import anyio
import structlog
from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contact_center.errors import ContactCenterError, Denied, Invalid, TooLarge
from contact_center.ports import Clock, Ids
from contact_center.settings import Network, Settings
from contact_center.web import inputs, measures
from contact_center.web.limits import PATHS, Limiter

JSON_BYTES: Final = 256 * 1024
UPLOAD_BYTES: Final = 12 * 1024 * 1024
"""Room for a file of 10 MiB and its envelope; the office's own limit is checked by who takes it."""
UPLOADS: Final = frozenset({"/api/v1/attachments", "/api/v1/chat/attachments"})
FIRST_BYTE_S: Final = 10.0
BODY_S: Final = 30.0
"""How long a small body may take altogether; an upload gets `UPLOAD_S`."""
UPLOAD_S: Final = 300.0

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "DELETE", "PUT", "PATCH", "OPTIONS", "SOCKET"})

log = structlog.get_logger("access")


class Arrival:
    """Find out where a request comes from, give it an id, and write one line when it is done."""

    def __init__(self, app: ASGIApp, settings: Settings, clock: Clock, ids: Ids) -> None:
        self._app = app
        self._settings = settings
        self._clock = clock
        self._ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        resolve_client(scope, self._settings.trusted_proxies)
        request_id = scope["request_id"] = self._ids.new()
        started, status = self._clock.monotonic(), 0

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        structlog.contextvars.bind_contextvars(request=request_id)
        try:
            await self._app(scope, receive, note if scope["type"] == "http" else send)
        except Exception as error:
            log.exception("request_failed", path=scope["path"], kind=type(error).__name__)
            if scope["type"] != "http" or status:
                raise
            await inputs.refused(ContactCenterError())(scope, receive, note)
        finally:
            took_s = self._clock.monotonic() - started
            kind = scope.get("method", "SOCKET")
            kind = kind if kind in _METHODS else "OTHER"
            measures.requests.labels(kind, f"{status // 100}xx" if status else "none").observe(took_s)
            if not scope["path"].startswith("/health/"):
                log.info("request", method=kind, path=scope["path"], status=status, ms=round(took_s * 1000, 1))
            structlog.contextvars.unbind_contextvars("request")


def resolve_client(scope: Scope, trusted: tuple[Network, ...]) -> None:
    """Put the real address and scheme into the scope: a forwarded one is believed only from proxies that are listed."""
    client = scope.get("client")
    if not client or not _is_in(client[0], trusted):
        return
    headers = RequestHeaders(scope=scope)
    hops = [one.strip() for line in headers.getlist("x-forwarded-for") for one in line.split(",")]
    for hop in reversed(hops):
        try:
            address = str(ip_address(hop))
        except ValueError:
            break
        scope["client"] = (address, 0)
        if not _is_in(address, trusted):
            break
    if headers.get("x-forwarded-proto") in ("http", "https"):
        secure = headers["x-forwarded-proto"] == "https"
        plain, safe = ("ws", "wss") if scope["type"] == "websocket" else ("http", "https")
        scope["scheme"] = safe if secure else plain


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip.version == one.version and ip in one for one in networks)


CONSOLE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; font-src 'self'; "
    "connect-src {connect}; media-src {media}; manifest-src 'self'; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-src {frames}; frame-ancestors {ancestors}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
DATA_POLICY: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
PERMISSIONS: Final = (
    "accelerometer=(), autoplay=(self), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=({microphone}), midi=(), payment=(), usb=(), browsing-topics=()"
)


def page_policy(*, ancestors: str = "'none'", frames: str = "'none'", connect: str = "", media: str = "") -> str:
    """Return the Content-Security-Policy of a page of ours: scripts and styles from our files only, nothing inline.

    `connect` and `media` are sources besides ourselves: a telephone's provider.
    """
    return CONSOLE_POLICY.format(
        ancestors=ancestors, frames=frames, connect=f"'self' {connect}".strip(), media=f"'self' {media}".strip()
    )


def permissions(*, microphone: bool = False) -> str:
    """Return the Permissions-Policy: nothing but sound of our own, and the microphone where there is a telephone."""
    return PERMISSIONS.format(microphone="self" if microphone else "")


class Headers:
    """Say on every answer what a browser may do with it; an endpoint that has said it already is left alone."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        defaults = {
            "content-security-policy": DATA_POLICY,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cross-origin-resource-policy": "same-origin",
            "permissions-policy": permissions(),
            "cache-control": "no-store",
        }
        if settings.is_https:
            defaults["strict-transport-security"] = "max-age=63072000; includeSubDomains"
        self._defaults = defaults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, dressed if scope["type"] == "http" else send)


class Gate:
    """Turn away requests for other hosts and from those who ask too often."""

    def __init__(self, app: ASGIApp, settings: Settings, limiter: Limiter) -> None:
        self._app = app
        self._hosts = settings.hosts
        self._limiter = limiter

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except ContactCenterError as error:
            # A socket that is refused before it is accepted gets this as the answer to its handshake.
            if scope["type"] == "websocket":
                await _refuse_socket(error, scope, receive, send)
            else:
                await inputs.refused(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = RequestHeaders(scope=scope)
        path, method = scope["path"], scope.get("method", "GET")
        if not path.startswith("/health/") and _host_name(headers.getlist("host")) not in self._hosts:
            raise Invalid("unknown_host")
        if "\0" in path or len(path) > 2_000 or len(scope.get("query_string", b"")) > 8_000:
            raise Invalid("bad_address")
        address = scope["client"][0] if scope.get("client") else "unknown"
        self._limiter.check("any", address)
        name = PATHS.get((method, path))
        if name is not None:
            self._limiter.check(name, address)


def _host_name(hosts: list[str]) -> str | None:
    if len(hosts) != 1:
        return None
    host = hosts[0].lower()
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


async def _refuse_socket(error: ContactCenterError, scope: Scope, receive: Receive, send: Send) -> None:
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    await inputs.refused(error)(scope, receive, send)  # a response names its messages for a socket by itself


class BodyGuard:
    """Bound how much a body may hold and how long it may take; headers are bounded by the server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_upload = scope["path"] in UPLOADS
        limit, patience_s = (UPLOAD_BYTES, UPLOAD_S) if is_upload else (JSON_BYTES, BODY_S)
        taken, done, started, broken = 0, False, False, False
        deadline = anyio.current_time() + patience_s

        async def bounded() -> Message:
            nonlocal taken, done, broken
            if done:
                return await receive()
            try:
                with anyio.fail_after(min(FIRST_BYTE_S, deadline - anyio.current_time())):
                    message = await receive()
            except TimeoutError as error:
                broken = True
                raise Invalid("too_slow") from error
            taken += len(message.get("body", b""))
            if taken > limit:
                broken = True
                raise TooLarge(limit=limit)
            done = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if broken and not started:  # what is left of the body must not be read as the next request
                MutableHeaders(scope=message)["connection"] = "close"
            started = True
            await send(message)

        try:
            lengths = RequestHeaders(scope=scope).getlist("content-length")
            if lengths and (len(lengths) > 1 or not lengths[0].isdecimal()):
                raise Invalid("bad_length")
            if lengths and int(lengths[0]) > limit:
                raise TooLarge(limit=limit)
            await self._app(scope, bounded, noted)
        except ContactCenterError as error:
            if started:
                raise
            response = inputs.refused(error)
            response.headers["connection"] = "close"
            await response(scope, receive, send)


def handlers() -> dict[Any, Any]:
    """Return what turns errors into answers; everything else is a 500 without details, see `Arrival`."""
    from pydantic import ValidationError
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response

    async def ours(request: Request, error: ContactCenterError) -> Response:
        if isinstance(error, Denied):
            session = request.scope.get("session")
            log.warning("denied", code=error.code, path=request.url.path, user=session.staff.id if session else None)
        return inputs.refused(error)

    async def fields(_request: Request, error: ValidationError) -> Response:
        return inputs.refused(inputs.unprocessable(error))

    async def http(_request: Request, error: HTTPException) -> Response:
        codes = {404: "missing", 405: "method_not_allowed", 413: "too_large", 400: "invalid"}
        answer = ContactCenterError(codes.get(error.status_code, "invalid"))
        return inputs.json(answer.as_json(), error.status_code, dict(error.headers or {}))

    return {ContactCenterError: ours, ValidationError: fields, HTTPException: http}
