"""P6, P7, P9, P10 for messages: the simulated Telegram is both the oracle and the weather.

Each harness runs as it is and with a planted bug, which it has to notice. What goes out is in test_promises_sending.
"""

from functools import partial
from itertools import permutations
from typing import Any

import anyio
import pytest
from sqlalchemy.exc import OperationalError

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.outbox import Claim, Settle
from contact_center.rules.messaging import DeliveryReport
from contact_center.rules.model import DeliveryState
from contact_center.store.db import Database
from contact_center.store.schema import messages
from tests.support import mutants_messaging as _planted
from tests.support.mutants import plant
from tests.support.telegram_stage import open_telegram
from tests.support.toy_channel import ToyChannel

_ = _planted
MARIA = 662_000_001


async def table(stage: Any, which: Any) -> list[Any]:
    async with stage.house.db.read() as conn:
        return list((await conn.execute(which.select())).all())


# --- P6: a webhook that comes again changes nothing


async def repeats_change_something(url: str) -> bool:
    async with open_telegram(url) as stage:
        maria = stage.sim.person(MARIA)
        maria.say("Hola")
        edited = maria.say("hay un bache")
        maria.edit(edited, "hay un bachezote")
        await stage.arrived()
        before = [tuple(one) for one in await table(stage, messages)]
        secret = {"X-Telegram-Bot-Api-Secret-Token": stage.sim.state.hook.secret}
        async with anyio.create_task_group() as tasks:
            for update in stage.sim.state.taken * 7:
                tasks.start_soon(partial(stage.post, update, **secret))
        stage.house.clock.advance(29 * 86_400)
        for update in stage.sim.state.taken:
            assert (await stage.post(update, **secret)).status_code == 200
        return [tuple(one) for one in await table(stage, messages)] != before


async def test_a_webhook_twenty_times_and_a_month_later_changes_nothing(database_url: str) -> None:
    assert not await repeats_change_something(database_url)


async def test_the_harness_of_repeats_notices_its_bug(sqlite_database_url: str) -> None:
    with plant("updates_lose_their_names"):
        assert await repeats_change_something(sqlite_database_url)


# --- P7: reports in any order

REPORTS = (DeliveryState.sent, DeliveryState.delivered, DeliveryState.read, DeliveryState.failed)


async def states_of_every_order(url: str, orders: list[tuple[Any, ...]]) -> set[str]:
    """Return the final states of one message under each order of its answer and its reports."""
    from tests.support.street import open_street

    found = set()
    async with open_street(url) as street:
        agent = await street.house.staff("ana")
        await street.say("Hola")
        item = await street.take(agent)
        await street.deliver()
        for n, order in enumerate(orders):
            await street.reply(agent, item, f"r-{n}")
            claimed = await street.house.writer.submit(SYSTEM, "outbox.claim", Claim(channel="toy", limit=1))
            (row,) = claimed["messages"]
            for step in order:
                if step is None:
                    body = Settle(id=row["id"], epoch=row["epoch"], outcome="done", external_ids=(f"x{n}",))
                    await street.house.writer.submit(SYSTEM, "outbox.settle", body)
                else:
                    facts = {"channel": "toy", "event_key": f"{n}:{step}", "external_id": f"x{n}", "state": step}
                    await street.toy.door.receive(DeliveryReport(**facts))
            street.house.clock.advance(2)
            found.add((await street.thread())[-1]["delivery"])
    return found


ORDERS = list(permutations((None, *REPORTS)))


async def test_reports_in_any_order_lead_to_the_same_state(database_url: str) -> None:
    assert await states_of_every_order(database_url, ORDERS[:: 12 if "postgres" in database_url else 3]) == {"read"}


async def test_the_harness_of_orders_notices_its_bug(sqlite_database_url: str) -> None:
    with plant("the_last_report_wins"):
        assert await states_of_every_order(sqlite_database_url, ORDERS[::7]) != {"read"}


# --- P9: a database that is away


async def lost_while_away(url: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Let people write while nothing can be committed; return how many words are missing after it is back."""
    async with open_telegram(url) as stage:
        maria = stage.sim.person(MARIA)
        maria.say("uno")
        await stage.arrived()
        with monkeypatch.context() as broken:

            async def refused(*_: Any, **__: Any) -> Any:
                raise OperationalError("BEGIN", None, Exception("the disk is away"))

            broken.setattr(Database, "in_transaction", refused)
            for n in range(5):
                maria.say(f"mensaje {n}")
            await anyio.sleep(0.3)
        await stage.arrived()
        said = [one["text"] for one in await stage.thread(MARIA) if one["author"]["kind"] == "citizen"]
        missing = 6 - len(said)
        assert missing or said == ["uno", *(f"mensaje {n}" for n in range(5))]
        return missing


async def test_nothing_is_lost_while_the_database_is_away(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await lost_while_away(sqlite_database_url, monkeypatch) == 0


async def test_the_harness_of_a_database_away_notices_its_bug(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plant("taken_without_being_stored"):
        assert await lost_while_away(sqlite_database_url, monkeypatch) > 0


# --- P10: the outage alarm


async def rings_after_minutes(url: str, monkeypatch: pytest.MonkeyPatch) -> int | None:
    """Return after how many minutes of updates that are not taken somebody is called."""
    async with open_telegram(url) as stage:
        monkeypatch.setattr(stage.bot, "_receive", _refuse)
        stage.sim.person(MARIA).say("¿Hay alguien?")
        with anyio.fail_after(5):
            while stage.sim.state.hook.last_error_at is None:
                await anyio.sleep(0.02)
        for minute in range(30):
            problem, facts = await stage.bot.check()
            if problem is not None:
                assert facts == {"waiting": 1}
                return minute
            stage.house.clock.advance(60)
        return None


async def _refuse(update: Any) -> None:
    from contact_center.errors import Unavailable

    raise Unavailable


async def test_updates_that_nobody_takes_ring_after_fifteen_minutes(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await rings_after_minutes(sqlite_database_url, monkeypatch) == 15


async def test_the_harness_of_the_alarm_notices_its_bug(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plant("nobody_looks_at_the_bot"):
        assert await rings_after_minutes(sqlite_database_url, monkeypatch) is None


def test_a_whole_channel_takes_one_file_of_less_than_sixty_lines() -> None:
    """The toy channel of these tests is all that a new channel needs: nothing else names it."""
    import inspect

    source = inspect.getsource(inspect.getmodule(ToyChannel))  # type: ignore[arg-type]  # it is a module
    assert len(source.splitlines()) < 60
