"""The exchange's records through the command line: what was captured is recognised, what was not is found."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio.to_thread
import pytest
import structlog
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from contact_center.actions import call_import
from contact_center.actions.call_import import RecordBody, facts_of
from contact_center.actions.kernel import SYSTEM
from contact_center.cli import app
from contact_center.errors import Conflict, Missing
from contact_center.rules.calls import CallState, fold
from contact_center.rules.identity import PhoneKind
from contact_center.rules.model import Direction, Role
from contact_center.store import calls as call_store
from contact_center.store.schema import (
    call_records,
    callbacks,
    calls,
    conversations,
    findings,
    interactions,
    work_items,
)
from contact_center.system import SystemClock
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house

LOCAL = timedelta(hours=-7)
"""Hermosillo, all year."""
COLUMNS = "calldate,src,dst,channel,dstchannel,lastapp,duration,billsec,disposition,uniqueid\n"


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    import logging

    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def now_clock() -> ManualClock:
    return ManualClock(SystemClock().now().replace(microsecond=0) - timedelta(hours=3))


def received(at: Any, number: str, key: str, extension: str = "104", talk: int = 60) -> str:
    start = f"{at + LOCAL:%Y-%m-%d %H:%M:%S}"
    agent = f"PJSIP/{extension}-0000{abs(hash(key)) % 65_536:04x}" if talk else ""
    return f"{start},{number},600,PJSIP/trunk-00000001,{agent},Queue,{talk + 5},{talk or 5},ANSWERED,{key}\n"


async def run(url: str, *words: str) -> Any:
    """Run the command in a thread of its own, as cron would beside the service."""
    env = {"CONTACT_CENTER_DATABASE_URL": url}
    return await anyio.to_thread.run_sync(
        lambda: CliRunner().invoke(app, ["import-calls", *words, "--source", "pbx"], env=env)
    )


async def count(house: TestHouse, table: Any, *where: Any) -> int:
    async with house.db.read() as conn:
        return (await conn.execute(select(func.count()).select_from(table).where(*where))).scalar_one()


async def rows(house: TestHouse, table: Any, *where: Any) -> list[Any]:
    async with house.db.read() as conn:
        return list((await conn.execute(select(table).where(*where))).all())


async def captured_call(house: TestHouse, agent: Any, number: str) -> None:
    answer = await house.do(agent, "call.start", direction="inbound", number=number)
    item = await house.item(answer["item"]["id"])
    house.clock.advance(60)
    await house.do(agent, "call.mark", item_id=item["id"], epoch=item["epoch"], what="ended")
    item = await house.item(item["id"])
    await house.do(agent, "work.finish", item_id=item["id"], epoch=item["epoch"], disposition="oriented")


async def test_calls_captured_are_recognised_and_the_others_are_found_in_the_list_of_who_answered(
    database_url: str, tmp_path: Path
) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('[extensions]\n"104" = "ana"\n')
    file = tmp_path / "cdr.csv"
    async with open_house(database_url, clock=now_clock()) as house:
        start = house.clock.now()
        ana = await house.staff("ana")
        boss = await house.staff("boss", Role.supervisor, state=None)
        await captured_call(house, ana, "662 200 0001")
        house.clock.advance(600)
        file.write_text(
            COLUMNS
            + received(start + timedelta(seconds=70), "6622000001", "1.1")
            + received(start + timedelta(seconds=90), "6622000002", "1.2")
            + received(start + timedelta(seconds=95), "6622000003", "1.3", extension="199")
            + received(start + timedelta(seconds=99), "6622000004", "1.4", talk=0)
            + "nonsense\n"
        )
        done = await run(database_url, str(file), "--map", str(mapping))
        assert done.exit_code == 1, done.output
        assert "Nuevas: 4" in done.stdout and "Coinciden con una captura: 1. Sin registro: 3." in done.stdout
        assert "Renglón 6: el número de columnas no corresponde" in done.stderr
        again = await run(database_url, str(file), "--map", str(mapping))
        assert "Nuevas: 0. Ya conocidas: 4." in again.stdout
        assert await count(house, calls) == 4 == await count(house, interactions, interactions.c.channel == "phone") - 1
        unlogged = await rows(house, findings, findings.c.kind == "unlogged_call")
        assert sorted(str(one.agent_id) for one in unlogged) == sorted([ana.id, "None", "None"])
        assert await count(house, callbacks) == 1, "nobody answered one of them: it is returned"
        found = await rows(house, calls, calls.c.mode == "record")
        async with house.db.read() as conn:
            facts = await call_store.facts(conn, [one.id for one in found])
        for one in found:
            folded = fold(Direction(one.direction), facts[one.id])
            assert (one.found_late, folded.started_at, folded.ended_at) == (True, one.started_at, one.ended_at)
            if one.agent_id is not None or one.answered_at is None:
                assert (folded.state.value, folded.talk_s) == (one.state, one.talk_s)
        await house.do(boss, "finding.assign", finding_id=unlogged[0].id, user_id=ana.id)


async def test_whoever_is_given_a_finding_reads_and_captures_its_contact(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    async with open_house(database_url, clock=now_clock()) as house:
        ana, eva = await house.staff("ana"), await house.staff("eva")
        boss = await house.staff("boss", Role.supervisor, state=None)
        file.write_text(COLUMNS + received(house.clock.now(), "6622000002", "1.2"))
        assert (await run(database_url, str(file))).exit_code == 0
        (finding,) = await rows(house, findings)
        (item,) = await rows(house, work_items)
        body = {"item_id": item.id, "epoch": item.epoch, "disposition": "oriented"}
        assert finding.agent_id is None and item.state == "done"
        with pytest.raises(Missing):
            await house.do(ana, "work.capture", **body)
        ear = house.watch_as(ana)
        await house.do(boss, "finding.assign", finding_id=finding.id, user_id=eva.id)
        await house.do(boss, "finding.assign", finding_id=finding.id, user_id=ana.id)
        await house.settle()
        assert [one["finding"]["id"] for one in ear.events if one["type"] == "finding.opened"] == [finding.id]
        with pytest.raises(Missing):
            await house.do(eva, "work.capture", **body)
        await house.do(ana, "work.capture", **body)
        (row,) = await rows(house, interactions)
        assert (row.state, row.captured_by) == ("captured", ana.id)
        assert await count(house, findings, findings.c.closed_at.is_(None)) == 0
        with pytest.raises(Conflict):
            await house.do(boss, "finding.assign", finding_id=finding.id, user_id=eva.id)


async def test_an_import_killed_in_the_middle_goes_on_where_it_was(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cdr.csv"
    async with open_house(database_url, clock=now_clock()) as house:
        start = house.clock.now()
        file.write_text(
            COLUMNS
            + "".join(received(start + timedelta(seconds=n), f"66220{n:05d}", f"7.{n}", talk=5) for n in range(1_200))
        )
        make, calls_made = call_import._make_found, 0

        async def dies(*args: Any) -> dict[str, str]:
            nonlocal calls_made
            calls_made += 1
            made = await make(*args)
            if calls_made == 2:
                raise RuntimeError("the machine went out")
            return made

        monkeypatch.setattr(call_import, "_make_found", dies)
        assert (await run(database_url, str(file))).exit_code == 1
        assert await count(house, call_records) == await count(house, calls) == 500, "the second batch left nothing"
        monkeypatch.undo()
        done = await run(database_url, str(file))
        assert "Nuevas: 700. Ya conocidas: 500." in done.stdout, done.output
        for table in (call_records, calls, interactions, conversations, findings):
            assert await count(house, table) == 1_200


async def test_ten_thousand_rows_are_a_few_hundred_statements(sqlite_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "cdr.csv"
    async with open_house(sqlite_database_url, clock=now_clock()) as house:
        start = house.clock.now() - timedelta(days=10)
        with file.open("w") as out:
            out.write(COLUMNS)
            for n in range(10_000):
                out.write(received(start + timedelta(seconds=60 * n), f"66220{n:05d}", f"9.{n}"))
        done = await run(sqlite_database_url, str(file))
        assert done.exit_code == 0 and "Sin registro: 10000." in done.stdout, done.output
        assert "Ya conocidas: 10000." in (await run(sqlite_database_url, str(file), "--dry-run")).stdout


async def test_the_table_of_a_database_is_read_and_never_written(sqlite_database_url: str, tmp_path: Path) -> None:
    async with open_house(sqlite_database_url, clock=now_clock()) as house:
        at = house.clock.now()
        exchange = tmp_path / "asterisk.db"
        with sqlite3.connect(exchange) as conn:
            conn.execute(f"CREATE TABLE cdr ({COLUMNS.strip()}, linkedid)")
            values = received(at, "6622000009", "5.1").strip().split(",")
            conn.execute(f"INSERT INTO cdr VALUES ({','.join('?' * 11)})", [*values, "5.1"])
            conn.execute("INSERT INTO cdr (calldate, disposition) VALUES ('never', 'ANSWERED')")
        conn.close()
        before = exchange.read_bytes()
        done = await run(sqlite_database_url, f"sqlite:///{exchange}")
        assert done.exit_code == 1 and "Nuevas: 1" in done.stdout and "Renglón 2" in done.stderr, done.output
        assert exchange.read_bytes() == before
        missing = await run(sqlite_database_url, str(tmp_path / "none.csv"))
        assert missing.exit_code == 1 and "Traceback" not in missing.output


async def test_a_table_in_postgresql_is_read_through_its_address(postgres_database_url: str) -> None:
    async with open_house(postgres_database_url, clock=now_clock()) as house:
        async with house.db.write() as conn:
            await conn.exec_driver_sql(
                "CREATE TABLE cdr (calldate timestamptz, src text, dst text, channel text, dstchannel text,"
                " lastapp text, duration int, billsec int, disposition text, uniqueid text)"
            )
            await conn.exec_driver_sql(
                "INSERT INTO cdr VALUES ($1, '6622000009', '600', 'SIP/t-00000001', 'SIP/104-00000002', 'Dial', 65, 60,"
                " 'ANSWERED', '5.1')",
                (house.clock.now(),),
            )
        done = await run(postgres_database_url, postgres_database_url)
        assert done.exit_code == 0 and "Sin registro: 1." in done.stdout, done.output
        (row,) = await rows(house, calls)
        assert row.started_at == house.clock.now()


async def test_each_call_is_matched_once_and_the_nearest_in_time_first(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        ana = await house.staff("ana")
        await captured_call(house, ana, "662 200 0001")
        (call,) = await rows(house, calls)

        def record(key: str, seconds: float, **more: Any) -> dict[str, Any]:
            at = call.started_at + timedelta(seconds=seconds)
            return {
                "key": key,
                "direction": "inbound",
                "number": "+526622000001",
                "number_kind": PhoneKind.mexican,
                "started_at": at,
                "answered_at": at,
                "ended_at": at + timedelta(seconds=9),
                "talk_s": 9,
                "state": CallState.completed,
                **more,
            }

        given = [record("far", 100), record("near", -20), record("other way", 0, direction="outbound")]
        answer = await house.do(SYSTEM, "records.add", source="pbx", records=given)
        assert (answer["matched"], answer["unlogged"]) == (1, 2)
        (row,) = await rows(house, call_records, call_records.c.call_id == call.id)
        assert row.record_key == "near"
        answer = await house.do(SYSTEM, "records.add", source="pbx", records=[record("late", 121)])
        assert answer["unlogged"] == 1
        answer = await house.do(SYSTEM, "records.add", source="second", records=[record("same", 1)])
        assert answer["matched"] == 1, "another exchange on the way tells of the same call"


async def test_a_call_without_a_result_is_in_a_list_ten_minutes_after_its_end(database_url: str) -> None:
    async with open_house(database_url) as house:
        ana = await house.staff("ana")
        answer = await house.do(ana, "call.start", direction="inbound", number="662 200 0001")
        item = await house.item(answer["item"]["id"])
        await house.do(ana, "call.mark", item_id=item["id"], epoch=item["epoch"], what="ended")
        async with house.db.write() as conn:  # a queue without a limit to the wrap-up
            await conn.execute(update(work_items).values(wrap_until=None))
        house.clock.advance(599)
        await house.timers.audit()
        assert await count(house, findings) == 0
        house.clock.advance(2)
        await house.timers.audit()
        await house.timers.audit()
        (finding,) = await rows(house, findings)
        assert (finding.kind, finding.agent_id) == ("no_disposition", ana.id)


def test_an_unanswered_record_names_nobody_who_spoke() -> None:
    at = SystemClock().now()
    body = RecordBody(
        key="1", direction=Direction.inbound, number_kind=PhoneKind.anonymous, started_at=at, ended_at=at, talk_s=0,
        state=CallState.abandoned,
    )  # fmt: skip
    assert fold(Direction.inbound, facts_of(body)).state is CallState.abandoned


def test_a_mapping_or_zone_that_cannot_be_is_told_in_one_line(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    for text in ("[columns]\nstart = 'x'\n", "[colores]\n", "not toml", "[columns]\nstarted = 'Fecha'\n"):
        mapping.write_text(text)
        words = ["import-calls", "x.csv", "--source", "pbx", "--map", str(mapping)]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2 and done.stderr.count("\n") <= 3, done.output
    for zone in ("America/../etc", "Marte/Olimpo"):
        done = CliRunner().invoke(app, ["import-calls", "x.csv", "--source", "pbx", "--zone", zone])
        assert done.exit_code == 2, done.output
