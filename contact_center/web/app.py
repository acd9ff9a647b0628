"""The application: every route of every web module behind the same middleware, on one house."""

from collections.abc import Sequence

import anyio
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from contact_center.ports import Webhooks
from contact_center.web import (
    admin,
    attachments,
    auth,
    calendars,
    callbacks,
    calls,
    chat,
    chat_callbacks,
    citizens,
    commands,
    contact,
    desk,
    findings,
    health,
    openapi,
    outbox,
    pages,
    petitions,
    phone,
    reference,
    register,
    registers,
    search,
    session,
    socket,
    writing,
)
from contact_center.web.auth import Door, SocketDoor
from contact_center.web.house import House
from contact_center.web.limits import Limiter
from contact_center.web.middleware import Arrival, BodyGuard, Gate, Headers, handlers

MODULES = (
    session,
    commands,
    contact,
    desk,
    findings,
    calls,
    calendars,
    callbacks,
    phone,
    reference,
    admin,
    petitions,
    citizens,
    register,
    registers,
    search,
    attachments,
    chat,
    chat_callbacks,
    socket,
    health,
    openapi,
    outbox,
    pages,
    writing,
)
"""Every module with routes; each exports `routes`."""


def build_app(house: House, channels: Sequence[Webhooks] = (), *, setup_token: str | None = None) -> Starlette:
    """Return the application of one node. Raises ValueError for a route that does not say whom it lets in."""
    settings = house.settings
    limiter = Limiter(house.clock, settings.unlimited_networks)
    app = Starlette(
        routes=checked([route for module in MODULES for route in module.routes] + hooks(channels)),
        middleware=[
            Middleware(Headers, settings=settings),
            Middleware(Arrival, settings=settings, clock=house.clock, ids=house.ids),
            Middleware(Gate, settings=settings, limiter=limiter),
            Middleware(BodyGuard),
        ],
        exception_handlers=handlers(),
    )
    app.router.redirect_slashes = False
    app.state.house = house
    app.state.limiter = limiter
    app.state.setup_token = setup_token
    app.state.ready_lock = anyio.Lock()
    app.state.ready_at = float("-inf")
    app.state.ready_problem = None
    app.state.description = None
    return app


def hooks(channels: Sequence[Webhooks]) -> list[BaseRoute]:
    """Return the providers' webhooks; each adapter proves who calls by the provider's own signature."""
    found: list[BaseRoute] = []
    for channel in channels:
        for route in channel.routes():
            if not route.path.startswith(f"/hooks/{channel.name}/"):
                raise ValueError(f"{channel.name} may not serve {route.path}")
            found.append(auth.provider(route))
    return found


def checked(routes: list[BaseRoute]) -> list[BaseRoute]:
    """Return the routes, every one of which says whom it lets in, once."""
    seen: set[tuple[str, str]] = set()
    for route in routes:
        if not isinstance(route, (Door, SocketDoor)) or not route.access:
            raise ValueError(f"{route!r} does not say whom it lets in")
        key = (route.path, ",".join(sorted(getattr(route, "methods", None) or ["SOCKET"])))
        if key in seen:
            raise ValueError(f"{key} is there twice")
        seen.add(key)
    return routes
