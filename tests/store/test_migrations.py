"""Both ways to the newest schema lead to the same place, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Connection, inspect, text

from contact_center.store import migrate
from contact_center.store.db import Database
from tests.support.postgres import PostgresServer


@pytest_asyncio.fixture
async def empty(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """A database without a table."""
    if backend == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.db'}"
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.url(server.create_database())
    async with Database(url) as db:
        yield db


def picture(connection: Connection) -> dict[str, Any]:
    """Everything the database says about its tables."""
    seen = inspect(connection)
    return {
        name: {
            "columns": [(one["name"], str(one["type"]), one["nullable"]) for one in seen.get_columns(name)],
            "primary": seen.get_pk_constraint(name),
            "foreign": sorted(seen.get_foreign_keys(name), key=repr),
            "unique": sorted(seen.get_unique_constraints(name), key=repr),
            "checks": sorted(seen.get_check_constraints(name), key=repr),
            "indexes": sorted(
                (
                    one["name"],
                    one["column_names"],
                    one["unique"],
                    sorted(map(str, one.get("dialect_options", {}).values())),
                )
                for one in seen.get_indexes(name)
            ),
        }
        for name in seen.get_table_names()
    }


async def test_an_empty_database_gets_the_schema_that_the_code_has(empty: Database) -> None:
    assert await migrate.upgrade(empty)
    async with empty.writer.connect() as conn:
        assert await conn.run_sync(migrate.differences) == []


async def test_the_migrations_one_by_one_lead_to_the_same_schema(empty: Database) -> None:
    async with empty.writer.connect() as conn, conn.begin():
        await conn.run_sync(migrate.upgrade_step_by_step)
        stepped = await conn.run_sync(picture)
        assert await conn.run_sync(migrate.differences) == []
        for name in stepped:
            await conn.execute(text(f'DROP TABLE "{name}"' + ("" if empty.is_sqlite else " CASCADE")))
    await migrate.upgrade(empty)
    async with empty.writer.connect() as conn:
        assert await conn.run_sync(picture) == stepped


async def test_a_second_start_changes_nothing(empty: Database) -> None:
    assert await migrate.upgrade(empty)
    assert not await migrate.upgrade(empty)
    assert await migrate.current(empty) == migrate.HEAD


def test_the_newest_revision_is_the_one_that_the_code_names() -> None:
    assert migrate.heads() == [migrate.HEAD]


async def test_a_database_of_an_older_release_is_brought_up_step_by_step(empty: Database) -> None:
    async with empty.writer.connect() as conn, conn.begin():
        await conn.run_sync(migrate.upgrade_step_by_step, "0002")
    assert await migrate.current(empty) == "0002"
    assert await migrate.upgrade(empty)
    async with empty.writer.connect() as conn:
        assert await conn.run_sync(migrate.differences) == []
