"""The composition root: settings → database → writer, hub, jobs, application → server, all in one task group.

The server is a child like the others: when a loop dies the process ends with 1 instead of answering 200 and doing
nothing.
"""

import gc
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

import anyio
import structlog
from anyio.abc import TaskGroup, TaskStatus
from starlette.applications import Starlette

import channels
from contact_center.actions.accounts import Sweep
from contact_center.actions.intake import MessageIntake
from contact_center.actions.kernel import SYSTEM
from contact_center.actions.setup import SetUp
from contact_center.actions.writer import Writer
from contact_center.errors import ContactCenterError
from contact_center.files import DiskBlobs
from contact_center.jobs.deliver import Orders
from contact_center.jobs.media import MediaFetcher
from contact_center.jobs.outbox import Outbox
from contact_center.jobs.reconcile import Reconciler
from contact_center.jobs.recordings import Recordings
from contact_center.jobs.route import Router
from contact_center.jobs.timers import Timers
from contact_center.jobs.voice_door import VoiceDesk
from contact_center.live.hub import Hub
from contact_center.ports import Channel, Clock, Ids, Telephony
from contact_center.server import listen, make_server
from contact_center.settings import TWILIO_API, Settings, is_file_open_to_others
from contact_center.store import migrate, people
from contact_center.store.db import Database
from contact_center.system import SystemClock, SystemIds
from contact_center.web.app import build_app
from contact_center.web.house import House, Telephone

GC_THRESHOLDS: Final = (10_000, 20, 50)
"""A chat message makes some hundred objects; with Python's 700 the collector takes a tenth of the time under load."""
_SDK: Final = "*.twilio.com"
"""Where the provider's telephone in the browser connects to; nothing else may a console's page reach besides us."""
SWEEP_S: Final = 30.0
"""How often sessions that ran out are ended."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Running:
    """A service that answers. `port` is the real one when 0 was asked for."""

    house: House
    app: Starlette
    port: int
    setup_token: str | None


@asynccontextmanager
async def open_house(settings: Settings, clock: Clock, ids: Ids) -> AsyncIterator[tuple[House, TaskGroup]]:
    """A node without its web side: the database at this release, the writer running, the first-run data there."""
    async with Database(settings.database_url) as db:
        await migrate.upgrade(db)
        writer, hub = Writer(db, clock, ids), Hub(db, clock)
        writer.after_commit(hub.nudge)
        house = House(settings, db, writer, hub, DiskBlobs(settings.data_dir), clock, ids)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(writer.run, name="writer")
            await writer.submit(SYSTEM, "house.set_up", SetUp())
            yield house, tasks
            tasks.cancel_scope.cancel()


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None, ids: Ids | None = None) -> AsyncIterator[Running]:
    """The whole service while the block lasts; then it drains: sockets close with 1012, what was begun is finished.

    Raises OSError when the address is taken. When a loop dies the block is cancelled and its error raised.
    """
    clock, ids = clock or SystemClock(), ids or SystemIds()
    if is_file_open_to_others():
        log.warning("settings_file_open_to_others", advice="chmod 600")
    listener = listen(settings.host, settings.port)
    port: int = listener.getsockname()[1]
    try:
        async with open_house(settings, clock, ids) as (house, tasks):
            token = await _setup_token(house)
            ways = channels.build(settings.channels(), MessageIntake(house.writer), clock, house.blobs)
            house.writer.limits = {one.name: one.limits for one in ways}
            desk = VoiceDesk(house.db, house.writer, clock)
            voice = channels.build_voice(settings.telephone(), desk, clock)
            if voice is not None:
                house = replace(house, telephone=telephone_of(settings, voice))
            app = build_app(house, [*ways, *([voice] if voice is not None else [])], setup_token=token)
            server = make_server(app, shutdown_s=settings.shutdown_s)
            await house.hub.start()
            tasks.start_soon(house.hub.run, name="hub")
            if settings.nats_url:
                from contact_center.live.bus import NatsBus

                bus = NatsBus(settings.nats_url, house.hub.nudge)
                house.writer.after_commit(bus.publish)
                tasks.start_soon(bus.run, name="bus")
            tasks.start_soon(Router(house.db, house.writer, house.hub, clock).run, name="router")
            tasks.start_soon(Timers(house.db, house.writer, house.hub, clock, house.blobs).run, name="timers")
            tasks.start_soon(sweep, house, name="sweeper")
            if ways:
                tasks.start_soon(carry, house, ways, name="channels")
            if voice is not None:
                tasks.start_soon(telephone, house, voice, name="telephone")
            over = anyio.Event()

            async def serve_it(*, task_status: TaskStatus[None]) -> None:
                server.on_started = task_status.started
                await server.serve(sockets=[listener])
                over.set()
                if not server.should_exit:
                    raise RuntimeError("the server stopped by itself")

            await tasks.start(serve_it, name="server")
            if not gc.isenabled():  # see `__main__`
                gc.freeze()
                gc.enable()
                gc.set_threshold(*GC_THRESHOLDS)
            log.info("started", port=port, node=settings.node)
            yield Running(house, app, port, token)
            server.should_exit = True
            await over.wait()
            log.info("stopped")
    finally:
        listener.close()


async def carry(house: House, ways: Sequence[Channel]) -> None:
    """Hold the providers' clients open and carry messages out and files in, until cancelled."""
    parts = (house.db, house.writer, house.hub, house.clock, house.blobs, ways)
    async with AsyncExitStack() as clients:
        for one in ways:
            await clients.enter_async_context(one.client())
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(Outbox(*parts).run, name="outbox")
            tasks.start_soon(MediaFetcher(*parts).run, name="media")


def telephone_of(settings: Settings, voice: Telephony) -> Telephone:
    """Return what browsers are told of the voice provider: the real one, or a simulator on this machine."""
    if settings.twilio_api_url == TWILIO_API:
        return Telephone(voice, "twilio", None, {"connect": f"https://{_SDK} wss://{_SDK}", "media": f"https://{_SDK}"})
    socket = settings.twilio_api_url.replace("http", "ws", 1)
    return Telephone(voice, "simulator", f"{socket}/sim/device", {"connect": socket})


async def telephone(house: House, voice: Telephony) -> None:
    """Hold the voice provider's client open: carry orders out, recordings in, compare its calls with ours."""
    async with voice.client(), anyio.create_task_group() as tasks:
        tasks.start_soon(Orders(house.db, house.writer, house.hub, house.clock, voice).run, name="orders")
        tasks.start_soon(Reconciler(house.db, house.writer, house.clock, voice).run, name="reconciler")
        tasks.start_soon(Recordings(house.db, house.writer, house.clock, house.blobs, voice).run, name="recordings")


async def _setup_token(house: House) -> str | None:
    """Return a token for making the first user, unless there is one already."""
    async with house.db.read() as conn:
        return None if await people.count_users(conn) else house.ids.token()


async def sweep(house: House) -> None:
    """End sessions that ran out, until cancelled."""
    while True:
        try:
            await house.writer.submit(SYSTEM, "session.sweep", Sweep())
        except ContactCenterError as error:
            log.warning("sweep_refused", code=error.code)
        await house.clock.sleep(SWEEP_S)


async def until_signalled() -> None:
    """Return when the process is asked to stop."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            return


def failure(group: BaseExceptionGroup) -> str:
    """Return the first cause in words, for the last line of the log."""
    cause: BaseException = group
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return f"{type(cause).__name__}: {cause}"
