"""Bring a database to the schema of this release. Idempotent; several nodes may start at once.

Alembic is imported only when an older database has to change: a start on a current one reads one row, and an empty one
gets the whole schema at once. Tests hold both ways to the same result.
"""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store.db import Database
from contact_center.store.schema import metadata

HEAD: Final = "0011"
"""Newest revision under `migrations/versions`; a test holds it to the files."""
FOLDER: Final = Path(__file__).parent / "migrations"
_VERSION_TABLE: Final = (
    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
)
_LOCK: Final = 0x6D696772
"""Advisory lock that lets one node migrate while the others wait."""


async def upgrade(db: Database) -> bool:
    """Apply every missing migration in one transaction and say whether there was any.

    Killed at any statement, the database is as it was: SQLite and PostgreSQL both roll schema changes back.
    """
    if await current(db) == HEAD:
        return False
    async with db.writer.connect() as conn:
        raw = (await conn.get_raw_connection()).driver_connection
        if db.is_sqlite:
            # A table is rebuilt by copying it: that must not look like a deletion to those that refer to it.
            # Inside a transaction SQLite would ignore this, so it goes past SQLAlchemy, which would begin one.
            raw.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]  # sqlite3's own connection
        async with conn.begin():
            if not db.is_sqlite:
                await conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            await conn.run_sync(_upgrade)
        if db.is_sqlite:
            raw.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]  # the connection serves on
    return True


async def current(db: Database) -> str | None:
    """Return the revision the database has, or None for one that was never migrated."""
    async with db.writer.connect() as conn:
        return await _stamped(conn)


async def _stamped(conn: AsyncConnection) -> str | None:
    try:
        return (await conn.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except DBAPIError:
        await conn.rollback()
        return None


def _upgrade(connection: Connection) -> None:
    if not inspect(connection).get_table_names():
        _create(connection)
        return
    upgrade_step_by_step(connection)


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(text(_VERSION_TABLE))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def upgrade_step_by_step(connection: Connection, revision: str = "head") -> None:
    """Apply the migrations one by one up to a revision, as an older database gets them."""
    from alembic import command

    command.upgrade(_config(connection), revision)


def differences(connection: Connection) -> list[Any]:
    """Return where a migrated database is not what the schema says; for tests."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def heads() -> list[str]:
    """Return the newest revisions under `migrations/versions`; for tests and `contact-center migrate --list`."""
    from alembic.script import ScriptDirectory

    return list(ScriptDirectory(str(FOLDER)).get_heads())


def new_revision(connection: Connection, name: str, message: str, only: frozenset[str] | None = None) -> None:
    """Write the next migration from what the schema has and the database has not; a person reviews it.

    `only` limits it to tables by name.
    """
    from alembic import command

    config = _config(connection)
    config.attributes["only"] = only
    command.revision(config, message=message, autogenerate=True, rev_id=name)


def _config(connection: Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def target() -> MetaData:
    """Return what migrations aim at."""
    return metadata
