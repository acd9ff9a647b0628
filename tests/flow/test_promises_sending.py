"""P14, P15, P23, P24 for messages: the simulated Telegram is both the oracle and the weather.

Each harness runs as it is and with a planted bug, which it has to notice. The long forms run by `make soak`.
"""

import random
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.outbox import Claim
from contact_center.live import views
from contact_center.simulators.telegram.state import Fault
from contact_center.store.schema import messages, outbox, sendings
from tests.support import mutants_messaging as _planted
from tests.support.clock import AdvancingClock
from tests.support.mutants import plant
from tests.support.telegram_stage import TelegramStage, open_telegram

_ = _planted
MARIA = 662_000_001


async def table(stage: Any, which: Any) -> list[Any]:
    async with stage.house.db.read() as conn:
        return list((await conn.execute(which.select())).all())


async def talk(stage: TelegramStage, people: int) -> tuple[Any, list[dict[str, Any]]]:
    """Let people write and one agent hold all of them."""
    agent = await stage.house.staff("ana")
    items = []
    for n in range(people):
        stage.sim.person(MARIA + n, f"Persona {n}").say("Hola")
        await stage.arrived()
        items.append(await take_by_hand(stage, agent))
    await stage.deliver()
    return agent, items


async def take_by_hand(stage: TelegramStage, agent: Any) -> dict[str, Any]:
    from contact_center.store import work

    async with stage.house.db.read() as conn:
        (row, *_) = await work.waiting_items(conn)
    await stage.house.do(agent, "work.take", item_id=row.id)
    return await stage.house.item(row.id)


def sent_texts(stage: TelegramStage) -> Counter[str]:
    """Return what Telegram really took, and how often."""
    return Counter(one["text"] for one in stage.sim.ledger if one["kind"] == "sent" and one["text"].startswith("r-"))


# --- P14, P15, P23: faults on the way out

WEATHER = (
    Fault("429", rate=0.1, retry_after_s=3),
    Fault("502", rate=0.08),
    Fault("accept_then_time_out", rate=0.06),
    Fault("500", rate=0.06),
)


class Storm:
    """What came of answers sent in bad weather, and what Telegram says of them."""

    def __init__(self) -> None:
        self.twice: list[str] = []
        self.lies: list[str] = []
        self.disorder: list[str] = []
        self.open: list[str] = []
        self.silent: list[str] = []
        self.hasty: list[str] = []


async def storm(url: str, *, people: int, answers: int, seed: int) -> Storm:
    seen, draw = Storm(), random.Random(seed)
    async with open_telegram(url, clock=AdvancingClock()) as stage:
        agent, items = await talk(stage, people)
        stage.sim.state.random = random.Random(seed)
        stage.sim.set_faults(*WEATHER)
        for n in range(answers):
            for place, item in enumerate(items):
                await stage.reply(agent, item, f"r-{place}-{n}")
            if draw.random() < 0.5:
                await stage.house.outbox.step("telegram")
        for _ in range(400):
            await stage.house.outbox.step("telegram")
            stage.house.clock.advance(7)
            if not [row for row in await table(stage, outbox) if row.state in ("queued", "sending")]:
                break
        rows = {row.message_id: row for row in await table(stage, outbox)}
        shown = {row.text: row for row in await table(stage, messages) if row.text.startswith("r-")}
        async with stage.house.db.read() as conn:
            rung = {one["data"].get("conversation") for one in await views.alerts(conn, None)}
        took = sent_texts(stage)
        seen.twice = [text for text, times in took.items() if times > 1]
        for text, row in shown.items():
            if rows[row.id].state in ("queued", "sending"):
                seen.open.append(text)
            arrived = took[text] > 0
            if (row.delivery == "accepted" and not arrived) or (row.delivery == "failed" and arrived):
                seen.lies.append(text)
            if row.delivery in ("failed", "uncertain") and row.conversation_id not in rung:
                seen.silent.append(text)
        for place in range(people):
            mine = [int(text.rsplit("-", 1)[1]) for text in list(took) if text.startswith(f"r-{place}-")]
            if mine != sorted(mine):
                seen.disorder.append(str(place))
        seen.hasty = hasty(stage)
    return seen


def hasty(stage: TelegramStage) -> list[str]:
    """Return requests that came before the pause was over that Telegram had asked for; those under way do not count."""
    found, told, until = [], 0.0, 0.0
    for one in stage.sim.ledger:
        if one["kind"] in ("sent", "fault") and told + 0.6 < one["at"] < until:
            found.append(str(one["number"]))
        if one["kind"] == "fault" and one["answer"] == "429":
            told, until = one["at"], max(until, one["at"] + 3)
    return found


async def test_in_bad_weather_nothing_is_sent_twice_and_what_is_shown_is_true(sqlite_database_url: str) -> None:
    seen = await storm(sqlite_database_url, people=4, answers=6, seed=11)
    assert (seen.twice, seen.lies, seen.disorder, seen.open, seen.silent, seen.hasty) == ([], [], [], [], [], [])


@pytest.mark.soak
async def test_in_bad_weather_for_an_hour_every_answer_ends(database_url: str) -> None:
    seen = await storm(database_url, people=20, answers=60, seed=23)
    assert (seen.twice, seen.lies, seen.disorder, seen.open, seen.silent, seen.hasty) == ([], [], [], [], [], [])


@pytest.mark.parametrize(
    ("bug", "noticed"),
    [
        ("silence_is_taken_for_no", "twice"),
        ("nobody_waits_for_the_one_before", "disorder"),
    ],
)
async def test_the_harness_of_bad_weather_notices_its_bugs(sqlite_database_url: str, bug: str, noticed: str) -> None:
    with plant(bug):
        seen = await storm(sqlite_database_url, people=4, answers=6, seed=11)
    assert getattr(seen, noticed)


async def asked_again_after_s(url: str) -> float:
    """Return how long the house waits when Telegram asks for seven seconds."""
    async with open_telegram(url) as stage:
        agent, (item,) = await talk(stage, 1)
        stage.house.clock.advance(5)
        stage.sim.set_faults(Fault("429", next=1, retry_after_s=7))
        await stage.reply(agent, item, "r-0")
        for tenths in range(200):
            await stage.house.outbox.step("telegram")
            if sent_texts(stage):
                return tenths / 10
            stage.house.clock.advance(0.1)
        raise AssertionError("never sent")


async def test_a_pause_that_telegram_asks_for_is_kept(sqlite_database_url: str) -> None:
    assert 7.0 <= await asked_again_after_s(sqlite_database_url) <= 7.8


async def test_the_harness_of_pauses_notices_its_bug(sqlite_database_url: str) -> None:
    with plant("retry_after_is_not_read"):
        assert await asked_again_after_s(sqlite_database_url) < 7.0


async def lies_about_the_blocked(url: str) -> bool:
    async with open_telegram(url) as stage:
        agent, (item,) = await talk(stage, 1)
        stage.sim.state.chats[MARIA].blocked = True
        await stage.reply(agent, item, "r-0")
        await stage.deliver()
        shown: str = (await stage.thread(MARIA))[-1]["delivery"]
        return shown != "failed"


async def test_a_refusal_is_shown_as_one_and_the_harness_notices_when_it_is_not(sqlite_database_url: str) -> None:
    assert not await lies_about_the_blocked(sqlite_database_url)


async def test_the_harness_of_refusals_notices_its_bug(sqlite_database_url: str) -> None:
    with plant("every_answer_is_yes"):
        assert await lies_about_the_blocked(sqlite_database_url)


async def test_a_node_that_dies_between_the_request_and_its_note_leaves_a_doubt_not_a_second_message(
    sqlite_database_url: str,
) -> None:
    async with open_telegram(sqlite_database_url) as stage:
        agent, (item,) = await talk(stage, 1)
        stage.house.writer.limits = {**stage.house.writer.limits, "another": stage.bot.limits}
        for n in range(10):
            await stage.reply(agent, item, f"r-{n}")
            await stage.house.writer.submit(SYSTEM, "outbox.claim", Claim(channel="another", limit=1))
            stage.house.clock.advance(2)
            claimed = await stage.house.writer.submit(SYSTEM, "outbox.claim", Claim(channel="telegram", limit=1))
            (row,) = claimed["messages"]
            await stage.bot.send(await stage.house.outbox._message(row, _part(row)))  # and nobody writes it down
            stage.house.clock.advance(90)
        await stage.deliver()
        assert set(sent_texts(stage).values()) == {1}
        states = [
            row.state
            for row in await table(stage, outbox)
            if row.created_at > stage.house.clock.now() - timedelta(hours=1)
        ]
        assert states.count("uncertain") == 10
        assert await table(stage, sendings) is not None


def _part(row: Any) -> Any:
    from contact_center.rules.messaging import Part

    return Part(row["text"])


# --- P24: the provider's rates


async def breaches(url: str) -> int:
    async with open_telegram(url, clock=AdvancingClock()) as stage:
        agent, items = await talk(stage, 12)
        stage.sim.state.breaches = 0
        for n in range(4):
            for place, item in enumerate(items):
                await stage.reply(agent, item, f"r-{place}-{n}")
        for _ in range(200):
            await stage.house.outbox.step("telegram")
            stage.house.clock.advance(0.05)
            if not [row for row in await table(stage, outbox) if row.state == "queued"]:
                break
        assert sum(sent_texts(stage).values()) == 48
        return stage.sim.state.breaches


async def test_telegrams_rates_are_never_exceeded(sqlite_database_url: str) -> None:
    assert await breaches(sqlite_database_url) == 0


async def test_the_harness_of_rates_notices_its_bug(sqlite_database_url: str) -> None:
    with plant("nobody_keeps_the_pace"):
        assert await breaches(sqlite_database_url) > 0
