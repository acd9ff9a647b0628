"""P14 in a real process: kills between the provider's answer and its note; nobody is sent the same words twice."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import anyio
import pytest

from channels.telegram import Telegram
from contact_center.actions.intake import MessageIntake
from contact_center.rules.messaging import InboundMessage
from contact_center.rules.model import Role
from contact_center.simulators.telegram import Config, Simulator, running_telegram
from contact_center.store import work
from tests.support.clock import ManualClock
from tests.support.databases import copy_sqlite
from tests.support.house import open_house
from tests.support.swarm import Service, prepare, rows_of

pytestmark = pytest.mark.process

FIRST = 662_000_001
REST_S = 20.0


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated SQLite database in a folder of its own."""
    return copy_sqlite(request.getfixturevalue("_sqlite_template"), tmp_path)


async def answers_wait(url: str, sim: Simulator, people: int, answers: int) -> None:
    """Let people write and an agent answer all of them, while nobody sends."""
    await prepare(url, ("ana", Role.agent))
    settings = {"token": sim.state.config.token, "mode": "polling", "api_url": sim.url, "public_url": ""}
    clock = ManualClock(datetime.now(UTC))
    async with open_house(
        url, node=902, clock=clock, seed=False, channels=lambda door: [Telegram(settings, door, clock)]
    ) as house:
        intake, agent = MessageIntake(house.writer), await house.staff("beto")
        for n in range(people):
            sim.person(FIRST + n, f"Persona {n}").chat.started = True
            event = InboundMessage(
                channel="telegram", event_key=f"k{n}", address=str(FIRST + n), external_id=f"m{n}", text="Hola"
            )
            await intake.receive(event)
            async with house.db.read() as conn:
                (row, *_) = await work.waiting_items(conn)
            await house.do(agent, "work.take", item_id=row.id)
            item = await house.item(row.id)
            about = {"conversation_id": item["conversation"], "epoch": item["epoch"]}
            for k in range(answers):
                await house.do(agent, "conversation.reply", **about, text=f"r-{n}-{k}")


async def kills(url: str, *, people: int, answers: int, count: int, bug: str = "", seed: int = 1) -> list[str]:
    """Kill the service while it sends, half of the times between an answer and its note; return what went wrong."""
    print(f"seed {seed}")
    random = Random(seed)
    async with running_telegram(Config(limits=False)) as sim:
        await answers_wait(url, sim, people, answers)
        env = {
            "CONTACT_CENTER_TELEGRAM_TOKEN": sim.state.config.token,
            "CONTACT_CENTER_TELEGRAM_MODE": "polling",
            "CONTACT_CENTER_TELEGRAM_API_URL": sim.url,
            "CONTACT_CENTER_TEST_MUTANT": bug or "leases_end_soon",
        }
        service = Service(Path(url.removeprefix("sqlite:///")).parent, url, env=env)
        try:
            for n in range(count):
                if n % 2:
                    await service.start()
                    await anyio.sleep(random.uniform(0.1, 0.8))
                else:
                    await service.start(CONTACT_CENTER_CRASH_AT=f"after_provider_answer:{random.randint(1, 6)}")
                    with anyio.move_on_after(3):
                        await service.died(within_s=10)
                service.kill()
            await service.start()
            with anyio.move_on_after(REST_S + people * answers / 10):
                while rows_of(url, "SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"):
                    await anyio.sleep(0.2)
            await service.stop()
        finally:
            service.kill()
        took = Counter((one["chat"], one["text"]) for one in sim.ledger if one["kind"] == "sent")
    return verdict(url, took, people * answers)


def verdict(url: str, took: Counter[tuple[int, str]], answers: int) -> list[str]:
    """Compare what the provider took with what every answer says of itself, and whether somebody is told of a doubt."""
    wrong = [f"sent {times} times: {one}" for one, times in took.items() if times > 1]
    arrived = {words for _chat, words in took}
    found = rows_of(
        url,
        "SELECT m.text, m.delivery, o.state, o.conversation_id FROM outbox o JOIN messages m ON m.id = o.message_id"
        " WHERE m.text LIKE 'r-%'",
    )
    if len(found) != answers:
        wrong.append(f"{len(found)} of {answers} answers are there")
    rung = {row[0] for row in rows_of(url, "SELECT json_extract(data, '$.conversation') FROM alerts")}
    for words, delivery, state, conversation in found:
        if state in ("queued", "sending"):
            wrong.append(f"still {state}: {words}")
        if delivery == "accepted" and words not in arrived:
            wrong.append(f"never taken, shown as accepted: {words}")
        if delivery not in ("accepted", "uncertain"):
            wrong.append(f"{delivery}: {words}")
        if delivery == "uncertain" and conversation not in rung:
            wrong.append(f"in doubt, and nobody is told: {words}")
    return wrong


async def test_nobody_is_written_to_twice_whenever_the_service_is_killed(database: str) -> None:
    assert await kills(database, people=6, answers=2, count=1) == []


@pytest.mark.soak
async def test_nobody_is_written_to_twice_through_two_hundred_kills(database: str) -> None:
    seed = int(os.environ.get("SEED", "1"))
    assert await kills(database, people=300, answers=8, count=200, seed=seed) == []


async def test_the_harness_notices_a_message_that_is_sent_again(database: str) -> None:
    wrong = await kills(database, people=6, answers=2, count=1, bug="the_lost_go_again")
    assert any(line.startswith("sent") for line in wrong), wrong
