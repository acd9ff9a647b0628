"""The look for what is due: it reads what is open, never what is long over."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.store import due
from contact_center.store.db import Database
from contact_center.store.due import Ages, Kind
from contact_center.store.schema import metadata
from tests.support.clock import MORNING

AGES = Ages(60, 60, 60, 60, 60, 60, 60, 60, 60, 60)
GROWING = {table.name for table in metadata.sorted_tables} - {"agent_status"}
"""Every table whose rows become more with the years: there is one agent's state for each person."""


async def read_whole(kind: Kind, conn: AsyncConnection) -> set[str]:
    """Return the growing tables that a part of the look reads from one end to the other."""
    (part,) = [one for one in due._EVERYTHING.selects if f"'{kind}'" in str(one)]
    asked = part.params(now=MORNING, **dict.fromkeys(asdict(AGES), MORNING))
    sql = asked.compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
    steps = [row.detail.split() for row in await conn.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
    return {step[1] for step in steps if step[0] == "SCAN" and "INDEX" not in step} & GROWING


@pytest.mark.parametrize("kind", list(Kind))
async def test_nothing_is_looked_for_from_one_end_of_a_table_to_the_other(kind: Kind, sqlite_database_url: str) -> None:
    async with Database(sqlite_database_url) as db, db.read() as conn:
        assert await read_whole(kind, conn) == set()


async def test_a_missing_index_is_noticed(sqlite_database_url: str) -> None:
    async with Database(sqlite_database_url) as db:
        async with db.write() as conn:
            await conn.execute(text("DROP INDEX ix_calls_not_closed_out"))
        async with db.read() as conn:
            assert await read_whole(Kind.call_ended, conn) == {"calls"}


async def test_an_empty_house_has_nothing_due(database_url: str) -> None:
    async with Database(database_url) as db, db.read() as conn:
        found = await due.look(conn, MORNING + timedelta(days=1), AGES)
    assert found == {kind: [] for kind in Kind}
