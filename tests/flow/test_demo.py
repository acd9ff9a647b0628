"""The demo: an office that is open at any hour, with a past, and a crowd that comes by the real doors."""

import json
import random
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from sqlalchemy import func, select

from contact_center import demo
from contact_center.demo import crowd, plays, setup
from contact_center.demo.people import PASSWORD, STAFF
from contact_center.main import running
from contact_center.rules import signin
from contact_center.settings import Settings
from contact_center.store import people
from contact_center.store.db import Database
from contact_center.store.schema import conversations, interactions, petitions, users
from tests.support.processes import free_port

PATIENCE_S = 90


@pytest.fixture
def settings(sqlite_database_url: str, tmp_path: Path) -> Settings:
    port = free_port()
    return Settings(
        database_url=sqlite_database_url,
        data_dir=tmp_path / "files",
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        unlimited_networks=("127.0.0.0/8",),
        log_level="error",
    )


def test_every_chat_of_the_offices_scenarios_is_played() -> None:
    text = Path(str(resources.files("contact_center").joinpath("data", "escenarios.json"))).read_text("utf-8")
    chats = {one["id"] for one in json.loads(text)["escenarios"] if one["canal"] == "chat"}
    assert {"E01", "E03", "E05", "E08"} <= chats
    assert {play.key for play in plays.scenarios()} == chats


def test_the_same_seed_casts_the_same_people() -> None:
    def cast(seed: int) -> list[str]:
        casting = plays.Casting(random.Random(seed), plays.all_plays())
        return [f"{play.key} {play.names} {play.phone}" for play in (casting.next() for _ in range(40))]

    assert cast(1) == cast(1)
    assert cast(1) != cast(2)


def test_a_crisis_is_played_but_seldom() -> None:
    casting = plays.Casting(random.Random(1), plays.all_plays())
    seen = Counter(casting.next().ending for _ in range(200))
    assert 0 < seen["crisis"] < seen["petition"] / 5


def test_the_demos_passwords_would_be_taken_by_the_sign_in_rules() -> None:
    for person in STAFF:
        assert signin.password_problem(PASSWORD, person.username, person.name) is None


async def test_the_office_is_made_once_and_its_sign_ins_are_renewed(settings: Settings) -> None:
    first = await setup.prepare(settings, seed=1)
    async with Database(settings.database_url) as db:
        before = await _counts(db)
        again = await setup.prepare(settings, seed=1)
        assert await _counts(db) == before
        async with db.read() as conn:
            marta = await people.find_by_username(conn, "marta")
            ana = await people.find_by_username(conn, "ana")
    assert before["petitions"] >= 8
    assert before["users"] == len(STAFF)
    assert marta is not None and marta.totp_confirmed and not marta.must_change_password
    assert ana is not None and not ana.totp_confirmed and not ana.must_change_password
    assert set(again.codes) == {"marta", "raul"}
    assert again.codes != first.codes
    assert {signin.recovery_hash(code) for code in again.codes["marta"]} == set(marta.recovery_hashes)


async def test_a_newcomer_signs_in_as_each_of_the_printed_people(settings: Settings) -> None:
    ready = await setup.prepare(settings, seed=1)
    async with running(settings) as service:
        for person in STAFF:
            async with _browser(service.port) as http:
                given: dict[str, Any] = {"username": person.username, "password": PASSWORD}
                if person.needs_totp:
                    given["totp"] = ready.codes[person.username][0]
                answer = await http.post("/api/v1/session", json=given)
                assert answer.status_code == 200, answer.text
                me = answer.json()["me"]
                assert not me["must_change_password"] and not me["must_enrol_totp"]


async def test_the_chat_is_open_with_a_notice_that_says_it_is_a_demo(settings: Settings) -> None:
    await setup.prepare(settings, seed=1)
    async with running(settings) as service, _browser(service.port) as http:
        config = (await http.get("/api/v1/chat/config")).json()
    assert config["office"]["is_open"]
    assert config["notice"]["publishable"]
    assert "DEMOSTRACIÓN" in config["notice"]["text"]


async def test_the_crowd_moves_the_floor_and_stops_at_once(settings: Settings) -> None:
    ready = await setup.prepare(settings, seed=3)
    assert ready.folio is not None and ready.last4 is not None
    async with Database(settings.database_url) as db, running(settings) as service, anyio.create_task_group() as tasks:
        start = await _counts(db)
        base = f"http://127.0.0.1:{service.port}"
        folio = (ready.folio, ready.last4)
        tasks.start_soon(lambda: crowd.run(base, seed=3, pace=0.02, folio=folio))
        with anyio.fail_after(PATIENCE_S):
            while True:
                now = await _counts(db)
                if now["closed"] > start["closed"] + 4 and now["petitions"] > start["petitions"] + 1:
                    break
                await anyio.sleep(0.2)
        tasks.cancel_scope.cancel()
    assert now["open"] <= crowd.MOST


def test_a_demo_keeps_its_own_database_unless_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert demo.settings_for(8123).database_url == demo.DATABASE
    monkeypatch.setenv("CONTACT_CENTER_DATABASE_URL", "sqlite:///elsewhere.db")
    assert demo.settings_for(8123).database_url == "sqlite:///elsewhere.db"
    assert demo.settings_for(8123).public_url == "http://127.0.0.1:8123"


def _browser(port: int) -> httpx2.AsyncClient:
    base = f"http://127.0.0.1:{port}"
    return httpx2.AsyncClient(base_url=base, headers={"origin": base}, trust_env=False)


async def _counts(db: Database) -> dict[str, int]:
    async with db.read() as conn:

        async def count(query: Any) -> int:
            found: int = (await conn.execute(query)).scalar_one()
            return found

        return {
            "users": await count(select(func.count()).select_from(users)),
            "petitions": await count(select(func.count()).select_from(petitions)),
            "open": await count(select(func.count()).where(conversations.c.is_open)),
            "closed": await count(
                select(func.count())
                .select_from(interactions)
                .where(interactions.c.ended_at.is_not(None), interactions.c.disposition.is_not(None))
            ),
        }
