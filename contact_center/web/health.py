"""Whether the service lives, whether it can store, and its figures."""

import hmac
import os
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.actions.health import Probe
from contact_center.actions.kernel import SYSTEM
from contact_center.errors import ContactCenterError, Missing
from contact_center.web import auth, inputs, limits, measures
from contact_center.web.house import House, house_of

FRESH_S: Final = 2.0
"""How long one test write speaks for the next asker, so that asking often costs nothing."""
PATIENCE_S: Final = 5.0

log = structlog.get_logger(__name__)


async def live(_request: Request) -> Response:
    """Say that the process answers."""
    return inputs.json({"live": True})


async def ready(request: Request) -> Response:
    """Say whether a test write just reached the disk, in the database and beside it (PROMISES P41)."""
    state = request.app.state
    house = house_of(request)
    async with state.ready_lock:
        if house.clock.monotonic() - state.ready_at > FRESH_S:
            state.ready_problem = await problem(house)
            state.ready_at = house.clock.monotonic()
            measures.ready.set(0 if state.ready_problem else 1)
    if state.ready_problem:
        return inputs.json({"ready": False, "problem": state.ready_problem}, 503, {"retry-after": "5"})
    return inputs.json({"ready": True})


async def problem(house: House) -> str | None:
    """Return why nothing can be stored right now, or None."""
    try:
        with anyio.fail_after(PATIENCE_S):
            await house.writer.submit(SYSTEM, "health.probe", Probe(node=house.settings.node))
            await anyio.to_thread.run_sync(_write_file, house.settings.data_dir, abandon_on_cancel=True)
    except (TimeoutError, ContactCenterError, OSError) as error:
        log.error("not_ready", kind=type(error).__name__)
        return (
            "database"
            if isinstance(error, ContactCenterError)
            else "timeout"
            if isinstance(error, TimeoutError)
            else "files"
        )
    return None


def _write_file(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f".ready-{os.getpid()}"
    try:
        with path.open("wb") as file:
            file.write(b"ready")
            file.flush()
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)


async def metrics(request: Request) -> Response:
    """Give the figures to Prometheus: from listed networks, or with the token. To others there is no such thing."""
    house = house_of(request)
    if not _may_measure(request, house):
        raise Missing
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    measures.writer_depth.set(house.writer.depth)
    measures.connections.set(len(house.hub.connections))
    measures.event_cursor.set(house.hub.cursor)
    return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)


def _may_measure(request: Request, house: House) -> bool:
    token, given = house.settings.metrics_token, auth.bearer(request.headers)
    if token is not None and given is not None:
        return hmac.compare_digest(token.get_secret_value().encode(), given.encode())
    try:
        ip = ip_address(limits.address_of(request))
    except ValueError:
        return False
    return any(ip.version == one.version and ip in one for one in house.settings.metrics_networks)


routes: list[BaseRoute] = [
    auth.get("/health/live", live, auth.PUBLIC),
    auth.get("/health/ready", ready, auth.PUBLIC),
    auth.get("/metrics", metrics, auth.PUBLIC),
]
