"""P3: whoever looks sees every message once, in order, 1..n, however often the line breaks."""

from pathlib import Path
from random import Random

import anyio
import httpx2 as httpx
import pytest

from contact_center.rules.model import Role
from tests.support.citizens import NOTICE
from tests.support.databases import copy_sqlite
from tests.support.proxy import Proxy, open_proxy
from tests.support.swarm import Service, Staff, prepare, staff_client
from tests.support.viewers import Console, Tab, Viewer

pytestmark = pytest.mark.process

SEED = 3
SETTLE_S = 60.0
AT_ONCE = 4


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated SQLite database in a folder of its own."""
    return copy_sqlite(request.getfixturevalue("_sqlite_template"), tmp_path)


class Talk:
    """One conversation in the hands of an agent; both sides can speak over HTTP."""

    def __init__(self, origin: str, agent: Staff) -> None:
        self.origin = origin
        self.agent = agent
        self.token = ""
        self.conversation = ""
        self.last_seq = 0
        self._epoch = 0
        self._citizen: httpx.AsyncClient
        self._desk: httpx.AsyncClient

    async def begin(self, citizen: httpx.AsyncClient, desk: httpx.AsyncClient) -> None:
        """Let the citizen write, the agent take it and answer."""
        self._citizen, self._desk = citizen, desk
        visit = await citizen.post("/api/v1/chat/visits", json={"client_id": "visit-0001", "notice_version": NOTICE})
        self.token = visit.json()["token"]
        citizen.headers["authorization"] = f"Bearer {self.token}"
        first = {"client_id": "first-words", "text": "Buenos días"}
        self.conversation = (await citizen.post("/api/v1/chat/messages", json=first)).json()["conversation"]
        items = (await desk.get("/api/v1/console/snapshot")).json()["items"]
        item = next(one for one in items if one["conversation"] == self.conversation)
        if item["state"] == "offered":
            accept = {"client_id": "accept-0001", "offer_id": item["offer"]["id"]}
            await desk.post("/api/v1/commands/work.accept", json=accept)
        else:
            await desk.post("/api/v1/commands/work.take", json={"client_id": "take-00001", "item_id": item["id"]})
        thread = (await desk.get(f"/api/v1/conversations/{self.conversation}")).json()
        self._epoch = thread["item"]["epoch"]
        await self.say(1)

    async def say(self, turn: int) -> None:
        """Let one side say something, and wait for the answer."""
        client_id = f"turn-{turn:06d}"
        if turn % 2:
            body = {
                "client_id": client_id,
                "conversation_id": self.conversation,
                "epoch": self._epoch,
                "text": client_id,
            }
            answer = await self._desk.post("/api/v1/commands/conversation.reply", json=body)
        else:
            body = {"client_id": client_id, "text": client_id}
            answer = await self._citizen.post("/api/v1/chat/messages", json=body)
        assert answer.status_code == 200, answer.text
        said = answer.json().get("result", answer.json())
        self.last_seq = max(self.last_seq, said.get("message", said)["seq"])


async def seen_by_five(url: str, messages: int, disconnects: int, *, seed: int = SEED, bug: str = "") -> list[str]:
    """Let five look at a conversation while lines break; return what they missed, saw twice or out of order."""
    print(f"seed {seed}")
    random = Random(seed)
    staff = await prepare(url, ("ana", Role.agent), ("jefa", Role.supervisor), ("otra", Role.supervisor))
    folder = Path(url.removeprefix("sqlite:///")).parent
    service = Service(folder, url, env={"CONTACT_CENTER_TEST_MUTANT": bug} if bug else {})
    try:
        await service.start()
        origin = service.origin
        async with (
            open_proxy(service.port, random) as proxy,
            httpx.AsyncClient(base_url=origin, headers={"origin": origin}, timeout=30) as citizen,
            staff_client(origin, staff["ana"]) as desk,
            anyio.create_task_group() as tasks,
        ):
            talk = Talk(origin, staff["ana"])
            await talk.begin(citizen, desk)
            proxy.latency_s = 0.001
            common = (origin, proxy.port, talk.conversation)
            viewers: list[Viewer] = [
                Tab("first tab", *common, talk.token),
                Tab("second tab", *common, talk.token),
                Console("agent", *common, staff["ana"]),
                Console("supervisor", *common, staff["jefa"], watches=True),
            ]
            for viewer in viewers:
                tasks.start_soon(viewer.look)
            with anyio.fail_after(SETTLE_S):  # a window shows the last 200 messages: everybody has to see the first
                while not all(viewer.seqs for viewer in viewers):
                    await anyio.sleep(0.01)
            late = Console("late supervisor", *common, staff["otra"], watches=True)
            await talk_and_break(talk, proxy, messages, disconnects, random)
            tasks.start_soon(late.look)
            viewers.append(late)
            await talk_and_break(talk, proxy, messages, disconnects, random, begin=messages // 2)
            with anyio.move_on_after(10 if bug else SETTLE_S):
                while any(len(viewer.seqs) < talk.last_seq for viewer in viewers):
                    await anyio.sleep(0.02)
            tasks.cancel_scope.cancel()
    finally:
        service.kill()
    counts = {viewer.name: (viewer.connections, viewer.resyncs) for viewer in viewers}
    print(f"{talk.last_seq} messages, {proxy.faults} faults, connections and resyncs: {counts}")
    assert proxy.faults >= disconnects * 0.8, proxy.faults
    wrong = [line for viewer in viewers for line in viewer.wrong]
    expected = list(range(1, talk.last_seq + 1))
    wrong += [f"{one.name}: has {len(one.seqs)} of {talk.last_seq}" for one in viewers if one.seqs != expected]
    return wrong


async def talk_and_break(
    talk: Talk, proxy: Proxy, messages: int, disconnects: int, random: Random, *, begin: int = 0
) -> None:
    """Say half of everything, from a turn on, and break lines at random turns."""
    turns = range(begin + 2, begin + 2 + messages // 2)
    breaks = sorted(random.choices(turns, k=disconnects // 2))
    for start in range(turns.start, turns.stop, AT_ONCE):
        async with anyio.create_task_group() as tasks:
            for turn in range(start, min(start + AT_ONCE, turns.stop)):
                tasks.start_soon(talk.say, turn)
        while breaks and breaks[0] <= start + AT_ONCE:
            breaks.pop(0)
            with anyio.move_on_after(5):
                while proxy.hurt() is None:
                    await anyio.sleep(0.01)
            await anyio.sleep(random.choice((0, 0, 0.05)))


async def test_five_viewers_see_every_message_once_and_in_order(database: str) -> None:
    assert await seen_by_five(database, 400, 30) == []


@pytest.mark.soak
async def test_five_viewers_see_ten_thousand_messages_through_five_hundred_breaks(database: str) -> None:
    assert await seen_by_five(database, 10_000, 500) == []


async def test_the_harness_notices_a_replay_with_a_hole(database: str) -> None:
    assert await seen_by_five(database, 120, 20, bug="replay_skips_one") != []
