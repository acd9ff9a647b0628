"""Fixtures of every ring: databases, NATS and a browser, each the real thing, each started only when a test asks."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.support.browser import FLAGS, Chromium, WatchedPage, find_chromium, open_page
from tests.support.databases import copy_sqlite, migrate, migrated_template, sqlite_url
from tests.support.nats_server import NatsServer
from tests.support.postgres import PostgresServer

BACKENDS = ("sqlite", "postgresql")

# Examples are the same on every run, and a slow machine is no failure. `--hypothesis-profile=explore` looks further.
hypothesis.settings.register_profile("same", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser, and let it run in the loop that the browser lives in."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    migrate(sqlite_url(path))
    return path


@pytest.fixture(scope="session")
def _postgres_template(postgres: PostgresServer) -> str:
    return migrated_template(postgres)


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: a test that asks for one runs on each."""
    name: str = request.param
    return name


@pytest.fixture
def sqlite_database_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of this test's own."""
    return copy_sqlite(_sqlite_template, tmp_path)


@pytest.fixture
def postgres_database_url(postgres: PostgresServer, _postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database of this test's own."""
    name = postgres.create_database(_postgres_template)
    yield postgres.url(name)
    postgres.drop_database(name)


@pytest.fixture
def database_url(backend: str, request: pytest.FixtureRequest) -> str:
    """A migrated database of this test's own, once on SQLite and once on PostgreSQL."""
    fixture = "sqlite_database_url" if backend == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest.fixture
def empty_database_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once on SQLite and once on PostgreSQL."""
    if backend == "sqlite":
        yield sqlite_url(tmp_path / "empty.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A NATS server that all tests share."""
    server = NatsServer()
    yield server.url
    server.close()


@pytest.fixture
def nats_server() -> Iterator[NatsServer]:
    """A NATS server of this test's own, to be stopped and started."""
    server = NatsServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def chromium() -> Chromium:
    """Where a real Chromium is, and what it needs to start."""
    return find_chromium()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """A running browser; a test opens contexts of its own in it."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=chromium.path, args=list(FLAGS), env=dict(chromium.env)
        )
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def watched(browser: Browser) -> AsyncIterator[WatchedPage]:
    """A page of 1440 pixels; the test fails when the page logs an error that the test did not announce."""
    watched = await open_page(browser)
    yield watched
    await watched.page.context.close()
    assert watched.unexpected() == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(watched: WatchedPage) -> Page:
    """The page of `watched`."""
    return watched.page
