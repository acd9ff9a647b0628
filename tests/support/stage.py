"""A running service with staff, its notice filled in and its hours open, and a real browser for both sides of a chat.

The service runs in a thread with an event loop of its own, so that tests may wait for the browser while it works. Its
clock runs as the real one does, from a moment that the test chooses, and can be put forward.
"""

import fcntl
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import anyio
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, Page
from sqlalchemy import insert, select, update

from agents_ui import STATIC
from contact_center.actions import passwords
from contact_center.actions.kernel import VERBS
from contact_center.jobs.timers import Timers
from contact_center.main import Running, running
from contact_center.rules.model import Role
from contact_center.settings import Settings
from contact_center.store import options as option_store
from contact_center.store import people
from contact_center.store.schema import agent_status, queue_members, queues, sessions, users, work_items
from contact_center.system import SystemClock, SystemIds
from contact_center.web import pages
from tests.support.browser import WatchedPage, open_page
from tests.support.clock import MORNING
from tests.support.processes import free_port
from tests.support.seed import NOTICE
from tests.support.signed_in import PASSWORD, SECRET

PHONE: Final = {"width": 390, "height": 844}
DESK: Final = {"width": 1440, "height": 900}
WAIT_S: Final = 15.0
"""How long a thing that has to happen may take on a slow machine."""
LAUNCHER: Final = "#contact-center-widget"
SPY: Final = """
addEventListener("securitypolicyviolation", (event) => {
  console.error("policy broken: " + event.violatedDirective + " " + event.blockedURI);
});
"""
T = TypeVar("T")


class StageClock:
    """The real clock, moved to another moment."""

    def __init__(self, start: datetime) -> None:
        self._real = SystemClock()
        self._shift = start - self._real.now()
        self._ahead = 0.0

    def now(self) -> datetime:
        return self._real.now() + self._shift

    def monotonic(self) -> float:
        return self._real.monotonic() + self._ahead

    async def sleep(self, seconds: float) -> None:
        await self._real.sleep(seconds)

    def advance(self, seconds: float) -> None:
        """Put it forward."""
        self._shift += timedelta(seconds=seconds)
        self._ahead += seconds


@cache
def _password_hash() -> str:
    return passwords.hash_now(PASSWORD)


@dataclass
class Stage:
    """The service and ways to what it keeps. Everything but the browser's side may be called from any thread."""

    portal: BlockingPortal
    running: Running
    clock: StageClock
    ids: SystemIds = field(default_factory=SystemIds)
    staff: dict[str, str] = field(default_factory=dict)
    """Ids by user name."""

    @property
    def url(self) -> str:
        return self.running.house.settings.public_url

    def run(self, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Call an async function in the service's own loop."""
        return self.portal.call(function, *arguments)

    def rows(self, table: Any, *conditions: Any) -> list[Any]:
        """Return the rows of a table under some conditions."""

        async def read() -> list[Any]:
            async with self.running.house.db.read() as conn:
                return list((await conn.execute(select(table).where(*conditions))).all())

        return self.run(read)

    def write(self, statement: Any) -> None:
        """Change rows behind the service's back."""

        async def change() -> None:
            async with self.running.house.db.write() as conn:
                await conn.execute(statement)

        self.run(change)

    def option(self, **values: Any) -> None:
        """Set settings of the office."""

        async def save() -> None:
            async with self.running.house.db.write() as conn:
                for key, value in values.items():
                    await option_store.save(conn, key, value, self.clock.now())

        self.run(save)

    def hire(self, username: str, *roles: Role, name: str | None = None, level: int = 1, **columns: Any) -> str:
        """Add somebody who can sign in, with a second factor where the role needs one, to every queue."""
        user_id = self.ids.new()
        values = {
            "id": user_id,
            "username": username,
            "username_folded": username,
            "name": name or f"{username.title()} de Prueba",
            "display_name": (name or username.title()).split()[0],
            "password_hash": _password_hash(),
            "totp_secret": None if roles in {(), (Role.agent,)} else SECRET,
            "totp_confirmed": roles not in {(), (Role.agent,)},
            "recovery_hashes": [],
            "roles": [role.value for role in roles or (Role.agent,)],
            "area_id": "03.07.02.01",
            "languages": [],
            "skills": [],
            "created_at": self.clock.now(),
            **columns,
        }
        self.write(insert(users).values(**values))
        for queue in self.rows(queues):
            self.write(insert(queue_members).values(queue_id=queue.id, user_id=user_id, level=level))
        self.staff[username] = user_id
        return user_id

    async def do(self, username: str, verb: str, **fields: Any) -> dict[str, Any]:
        """Run a verb as a member of staff, without a screen."""

        async def submit() -> dict[str, Any]:
            house = self.running.house
            async with house.db.read() as conn:
                found = await people.find(conn, self.staff[username])
            assert found is not None
            body = VERBS[verb].body.model_validate(fields)
            return dict(await house.writer.submit(found.as_actor("stage"), verb, body, self.ids.new()))

        return self.run(submit)

    async def call_in_vain(self, username: str, callback_id: str) -> None:
        """Take a promised call that rang, dial, and find nobody."""
        (item,) = self.rows(work_items, work_items.c.interaction_id == callback_id, work_items.c.state == "waiting")
        await self.do(username, "work.take", item_id=item.id)
        await self.do(username, "call.start", direction="outbound", item_id=item.id)
        (item,) = self.rows(work_items, work_items.c.id == item.id)
        await self.do(username, "call.mark", item_id=item.id, epoch=item.epoch, what="no_answer")

    async def let_time_pass(self, seconds: float) -> None:
        """Put the clock forward and let the timers look, as they do every second."""
        self.clock.advance(seconds)
        timers = self._timers()
        self.run(timers.beat)
        self.run(timers.sweep)

    async def come_back_after(self, seconds: float) -> None:
        """Put the clock forward and begin as a service does that was away meanwhile."""
        self.clock.advance(seconds)
        self.run(self._timers().catch_up)
        await self.let_time_pass(0)

    def _timers(self) -> Timers:
        house = self.running.house
        return Timers(house.db, house.writer, house.hub, self.clock, house.blobs)

    def everybody_away(self) -> None:
        """Nobody is available, as at the start of a day."""
        self.write(update(agent_status).values(state="offline"))

    def session_token(self, username: str) -> str:
        """Open a session for somebody and return what its cookie holds."""
        token, now = self.ids.token(), self.clock.now()
        self.write(
            insert(sessions).values(
                id=self.ids.new(),
                token_hash=sha256(token.encode()).digest(),
                csrf=self.ids.token(),
                user_id=self.staff[username],
                finished=True,
                created_at=now,
                seen_at=now,
                expires_at=now + timedelta(hours=8),
            )
        )
        return token

    async def open(self, browser: Browser, path: str, **options: Any) -> WatchedPage:
        """Open an address of the service with storage of its own; the page's clock is the service's."""
        watched = await open_page(browser, **options)
        await self._prepare(watched)
        await watched.page.goto(f"{self.url}{path}")
        return watched

    async def _prepare(self, watched: WatchedPage) -> None:
        watched.page.set_default_timeout(WAIT_S * 1000)
        await watched.page.context.clock.set_system_time(self.clock.now())
        await watched.page.add_init_script(SPY)

    async def citizen(self, browser: Browser, path: str = "/chat", **options: Any) -> WatchedPage:
        """Open the chat on a phone."""
        return await self.open(browser, path, **{"viewport": PHONE, **options})

    async def console(
        self,
        browser: Browser,
        username: str,
        path: str = "#/bandeja",
        *,
        state: str | None = "available",
        **options: Any,
    ) -> WatchedPage:
        """Open the console as somebody who has signed in, in a state unless None."""
        watched = await open_page(browser, **{"viewport": DESK, **options})
        cookie = {"name": "session", "value": self.session_token(username), "url": self.url}
        await watched.page.context.add_cookies([cookie])  # type: ignore[list-item]  # a plain dict will do
        await self._prepare(watched)
        await watched.page.goto(f"{self.url}/console/{path}")
        if state is not None:
            await set_state(watched.page, state)
        return watched


async def set_state(page: Page, state: str = "available") -> None:
    """Choose a state at the top of the desk."""
    words = {"available": "Disponible", "offline": "Desconectado"}[state]
    button = page.locator(".status-button")
    await button.wait_for()
    if words not in await button.inner_text():
        await button.click()
        await page.locator(".pop-menu").get_by_role("button", name=words).click()
    await page.locator(".status-word", has_text=words).wait_for()


async def until(check: Callable[[], T | None], timeout_s: float = WAIT_S) -> T:
    """Return the first true answer of a check, or fail with its last one."""
    with anyio.move_on_after(timeout_s):
        while True:
            found = check()
            if found:
                return found
            await anyio.sleep(0.05)
    raise AssertionError(f"still {check()!r} after {timeout_s} s")


@asynccontextmanager
async def closing(*pages: WatchedPage) -> AsyncIterator[None]:
    """Close the browser's side at the end; a complaint that nobody announced fails the test."""
    try:
        yield
    finally:
        for one in pages:
            await one.page.context.close()
    complaints = [text for one in pages for text in one.unexpected()]
    assert complaints == [], complaints


def _keep_ui(folder: Path) -> None:
    """Serve a copy of the built UI: a build beside the tests must not take files away from under an open page."""
    kept = folder / "ui"
    with (STATIC.parent / ".static-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copytree(STATIC, kept)
    pages.STATIC = kept  # type: ignore[misc]  # final for the product, not for its tests


@contextmanager
def open_stage(
    database_url: str, folder: Path, start: datetime = MORNING, *, port: int | None = None, **more: Any
) -> Iterator[Stage]:
    """Run the service on a free port while the block lasts, with the notice filled in; `more` are settings."""
    port = port or free_port()
    settings = Settings(
        database_url=database_url,
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        data_dir=folder,
        unlimited_networks=("127.0.0.0/8",),
        shutdown_s=1,
        **more,
    )
    clock = StageClock(start.astimezone(UTC))
    _keep_ui(folder)
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(running(settings, clock)) as service:
        stage = Stage(portal, service, clock)
        stage.option(**NOTICE)
        # A slow machine shall not make an offer run out while a picture is taken.
        stage.write(update(queues).values(offer_timeout_s=120))
        yield stage
