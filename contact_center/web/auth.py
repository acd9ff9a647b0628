"""Who is asking, over HTTP and sockets; and doors that say whom they let in.

Every route is made by `get`, `post`, `delete` or `socket` with the access action it needs; `web.app` refuses to start
with a route that was not. A door checks, in this order: where the request comes from (unsafe methods), the session, the
CSRF token, the role. Checks that need an object are the endpoint's or the verb's.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, cast

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute

from contact_center.actions.accounts import Touch, must_enrol_totp
from contact_center.actions.kernel import SYSTEM
from contact_center.errors import Denied, NotSignedIn
from contact_center.rules import access
from contact_center.rules.access import Actor
from contact_center.store import options as option_store
from contact_center.store import people
from contact_center.store.people import Session
from contact_center.web.house import house_of

PUBLIC: Final = "public"
"""Open to everybody; the endpoint gives nothing away."""
VISITOR: Final = "visitor"
"""Opened by a citizen's capability, which the endpoint checks."""
PROVIDER: Final = "provider"
"""A webhook, opened by a provider's signature, which its adapter checks."""
SIGNED_IN: Final = "session.use"
"""Any member of staff."""
TOUCH_S: Final = 60
"""How stale `seen_at` may get; not every request costs a write."""
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

Endpoint = Callable[[Request], Awaitable[Response]]


class Door(Route):
    """A route that says whom it lets in."""

    access: str
    unfinished: bool
    summary: str = ""
    body: Any = None


class SocketDoor(WebSocketRoute):
    """A socket that says whom it lets in."""

    access: str


def get(path: str, endpoint: Endpoint, action: str, *, unfinished: bool = False) -> Door:
    """A door for reading. `unfinished` lets in who still has to change a password or enrol a second factor."""
    return _door(path, endpoint, "GET", action, unfinished)


def post(path: str, endpoint: Endpoint, action: str, *, unfinished: bool = False, body: Any = None) -> Door:
    """A door for writing. `body` is the model of what it takes, for the description."""
    return _door(path, endpoint, "POST", action, unfinished, body)


def delete(path: str, endpoint: Endpoint, action: str, *, unfinished: bool = False) -> Door:
    """A door for taking away."""
    return _door(path, endpoint, "DELETE", action, unfinished)


def socket(path: str, endpoint: Any, action: str) -> SocketDoor:
    """A socket. It checks `check_origin` and the session, or the token, before it accepts."""
    made = SocketDoor(path, endpoint)
    made.access = _known(action)
    return made


def _door(path: str, endpoint: Endpoint, method: str, action: str, unfinished: bool, body: Any = None) -> Door:
    async def enter(request: Request) -> Response:
        if action not in (PUBLIC, VISITOR):
            await staff_session(request, action, unfinished=unfinished)
        return await endpoint(request)

    made = Door(path, enter, methods=[method], name=getattr(endpoint, "__name__", path))
    made.access, made.unfinished, made.body = _known(action), unfinished, body
    made.summary = (endpoint.__doc__ or "").strip().partition("\n")[0]
    return made


def _known(action: str) -> str:
    assert action in access.ACTIONS or action in (PUBLIC, VISITOR), action
    return action


def session_of(request: HTTPConnection) -> Session:
    """Return the session that the door found."""
    return cast(Session, request.scope["session"])


def actor_of(request: HTTPConnection) -> Actor:
    """Return who asks, behind a door for staff."""
    session = session_of(request)
    return session.staff.as_actor(session.id)


async def staff_session(request: HTTPConnection, action: str = SIGNED_IN, *, unfinished: bool = False) -> Session:
    """Return the session of a request that may do `action` at all, and keep it in the request.

    Raises Denied("origin"), NotSignedIn, Denied("csrf"), Denied("finish_sign_in") or Denied.
    """
    unsafe = request.scope["type"] == "http" and request.scope["method"] not in _SAFE
    if unsafe:
        check_same_origin(request)
    session = await find_session(request)
    if session is None:
        raise NotSignedIn
    request.scope["session"] = session
    if unsafe and not _same(request.headers.get("x-csrf-token", ""), session.csrf):
        raise Denied("csrf")
    if not unfinished and must_finish(session):
        raise Denied("finish_sign_in")
    if not access.can(session.staff.as_actor(), action):
        raise Denied(action=action)
    return session


async def find_session(connection: HTTPConnection) -> Session | None:
    """Return the open session of a request or socket, and note that it is in use."""
    token = connection.cookies.get(cookie_name(house_of(connection).settings.is_https), "")
    return await session_of_token(connection, token) if 0 < len(token) <= 100 else None


async def session_of_token(connection: HTTPConnection, token: str) -> Session | None:
    """Return the open session of a token, and note that it is in use."""
    house = house_of(connection)
    now = house.clock.now()

    async def look(conn: AsyncConnection) -> Session | None:
        found = await people.session_by_token(conn, hash_token(token))
        if found is None or found.is_over(now, (await option_store.load(conn)).session_idle_s):
            return None
        return found

    session = await house.db.glance(look)
    if session is None:
        return None
    if (now - session.seen_at).total_seconds() >= TOUCH_S and connection.scope["type"] == "http":
        await house.writer.submit(SYSTEM, "session.touch", Touch(session_id=session.id))
    return session


def must_finish(session: Session) -> bool:
    """Say whether something has to be done before anything else."""
    return session.staff.must_change_password or must_enrol_totp(session.staff)


def check_same_origin(connection: HTTPConnection) -> None:
    """Refuse what another site made a browser send. Raises Denied("origin"); a missing proof is no proof."""
    fetch_site, origin = connection.headers.get("sec-fetch-site"), connection.headers.get("origin")
    if fetch_site is not None and fetch_site != "same-origin":
        raise Denied("origin")
    if origin is not None:
        check_origin(connection)
    elif fetch_site is None:
        raise Denied("origin")


def check_origin(connection: HTTPConnection) -> None:
    """Refuse every origin but ours, exactly; sockets ask before they accept. Raises Denied("origin")."""
    if connection.headers.getlist("origin")[:2] not in [[one] for one in house_of(connection).settings.origins]:
        raise Denied("origin")


def cookie_name(is_https: bool) -> str:
    return "__Host-session" if is_https else "session"


def set_cookie(response: Response, connection: HTTPConnection, token: str) -> None:
    """Hand out a session's token: never readable by scripts, never sent from another site."""
    is_https = house_of(connection).settings.is_https
    response.set_cookie(cookie_name(is_https), token, path="/", secure=is_https, httponly=True, samesite="strict")


def clear_cookie(response: Response, connection: HTTPConnection) -> None:
    """Take the token back."""
    is_https = house_of(connection).settings.is_https
    response.delete_cookie(cookie_name(is_https), path="/", secure=is_https, httponly=True, samesite="strict")


def bearer(headers: Mapping[str, str]) -> str | None:
    """Return the token of an Authorization header; it travels nowhere else."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" and 0 < len(token) <= 200 else None


def hash_token(token: str) -> bytes:
    """Return what is stored of a token. It has 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode(), wanted.encode())


def provider(route: Route) -> Door:
    """Make a channel adapter's webhook a door; the adapter checks the provider's signature before anything else."""
    made = Door(route.path, route.endpoint, methods=list(route.methods or ["POST"]), name=route.name)
    made.access, made.unfinished = PROVIDER, False
    return made
