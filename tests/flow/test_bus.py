"""Several nodes on one database: NATS only makes news faster; without it they arrive all the same."""

import anyio
import pytest

from contact_center.live import hub as hub_module
from contact_center.live.bus import NatsBus
from contact_center.rules.model import Role
from tests.support.house import Ear, TestHouse, open_house
from tests.support.nats_server import NatsServer


async def heard(ear: Ear, kind: str, within_s: float) -> bool:
    """Wait for an event of a type."""
    with anyio.move_on_after(within_s):
        while kind not in ear.types():
            await anyio.sleep(0.01)
    return kind in ear.types()


async def floor_of(house: TestHouse) -> Ear:
    return house.watch_as(await house.staff("marta", Role.supervisor, state=None))


async def test_a_node_hears_at_once_what_another_committed(
    postgres_database_url: str, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "POLL_S", 60.0)
    async with (
        open_house(postgres_database_url) as here,
        open_house(postgres_database_url, node=1, seed=False) as there,
        anyio.create_task_group() as tasks,
    ):
        for house in (here, there):
            bus = NatsBus(nats_server.url, house.house.hub.nudge)
            house.writer.after_commit(bus.publish)
            tasks.start_soon(bus.run)
        ear = await floor_of(there)
        citizen = await here.visitor()
        with anyio.fail_after(20):
            while not await heard(ear, "work.queued", 0.5):
                await here.do(citizen, "chat.send", text="Buenos días")
        tasks.cancel_scope.cancel()


async def test_without_the_bus_a_node_hears_by_looking(
    postgres_database_url: str, nats_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub_module, "POLL_S", 0.2)
    async with (
        open_house(postgres_database_url) as here,
        open_house(postgres_database_url, node=1, seed=False) as there,
        anyio.create_task_group() as tasks,
    ):
        for house in (here, there):
            bus = NatsBus(nats_server.url, house.house.hub.nudge)
            house.writer.after_commit(bus.publish)
            tasks.start_soon(bus.run)
        ear = await floor_of(there)
        nats_server.close()
        await here.do(await here.visitor(), "chat.send", text="Buenos días")
        assert await heard(ear, "work.queued", 10)
        tasks.cancel_scope.cancel()
