"""The servers that tests run against are real, and every test has its own data."""

import sqlite3

import nats
from sqlalchemy.engine import make_url

from tests.support.nats_server import NatsServer
from tests.support.postgres import PostgresServer


def test_postgresql_is_the_version_we_promise(postgres: PostgresServer) -> None:
    assert postgres.run_sql("SHOW server_version").startswith("18.")


def test_two_databases_of_one_server_share_nothing(postgres: PostgresServer) -> None:
    one, other = postgres.create_database(), postgres.create_database()
    postgres.run_sql("CREATE TABLE only_here (id int)", one)
    assert postgres.run_sql("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'", one) == "1"
    assert postgres.run_sql("SELECT count(*) FROM pg_tables WHERE tablename = 'only_here'", other) == "0"
    postgres.drop_database(one)
    postgres.drop_database(other)


def test_an_empty_database_has_no_tables(empty_database_url: str, postgres: PostgresServer) -> None:
    url = make_url(empty_database_url)
    assert url.database is not None
    if url.get_backend_name() == "sqlite":
        with sqlite3.connect(url.database) as connection:
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        connection.close()
        assert tables == 0
    else:
        count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        assert postgres.run_sql(count, url.database) == "0"


async def test_nats_carries_a_hint_and_comes_back_after_an_outage(nats_server: NatsServer) -> None:
    for _ in range(2):
        client = await nats.connect(nats_server.url, allow_reconnect=False)
        hints = await client.subscribe("look")
        await client.publish("look", b"7")
        assert (await hints.next_msg(timeout=5)).data == b"7"
        await client.close()
        nats_server.stop()
        nats_server.start()


async def test_tests_that_need_any_nats_share_one(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    assert client.is_connected
    await client.close()
