"""P5: whoever vanishes, at whatever await, leaves a whole message or none, and the retry is answered the same."""

from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from typing import Any

import anyio
import msgspec
import pytest
from anyio.lowlevel import checkpoint

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.messages import ChatSend
from contact_center.actions.presence import Beat
from contact_center.actions.writer import Writer
from contact_center.errors import ContactCenterError
from contact_center.rules.access import Actor
from contact_center.rules.model import ActorKind
from tests.support.cancelling import CancelledAt, run_as_task, run_scoped
from tests.support.house import TestHouse, open_house
from tests.support.journal import gaps
from tests.support.mutants import plant
from tests.support.nodes import stored

Runner = Callable[[CancelledAt], Coroutine[Any, Any, None]]
RUNNERS = pytest.mark.parametrize("run", [run_scoped, run_as_task])
MOST_POINTS = 400


async def quiet(house: TestHouse) -> None:
    """Wait until the writer has done everything that was handed in."""
    await house.writer.submit(SYSTEM, "presence.beat", Beat())


async def count_of(house: TestHouse, client_id: str) -> int:
    return len([row for row in await stored(house) if row.client_id == client_id])


async def try_every_point(
    house: TestHouse,
    citizen: Actor,
    run: Runner,
    attempt: Callable[[str, str], Coroutine[Any, Any, Any]],
    answered: dict[str, Any],
) -> int:
    """Cancel `attempt(client_id, text)` at each of its awaits, check what is left, and return how many there are."""
    await house.do(citizen, "chat.send", "the-first-of-all", text="Buenos días")
    counted = CancelledAt(attempt("uncancelled", "Sin interrupción"), 0)
    await run(counted)
    points = counted.awaits
    await quiet(house)
    assert await count_of(house, "uncancelled") == 1
    assert 0 < points < MOST_POINTS
    left: set[int] = set()
    for at in range(1, points + 1):
        client_id, text = f"cancelled-at-{at:03d}", f"Interrumpido en {at}"
        await run(CancelledAt(attempt(client_id, text), at))
        await quiet(house)
        kept = await count_of(house, client_id)
        left.add(kept)
        assert kept <= 1, f"await {at}: stored {kept} times"
        if client_id in answered:
            assert kept == 1, f"await {at}: acknowledged and not stored"
        again = await house.do(citizen, "chat.send", client_id, text=text)
        if client_id in answered:
            assert again["seq"] == answered[client_id]["seq"]
        assert await count_of(house, client_id) == 1
        assert again == await house.do(citizen, "chat.send", client_id, text=text)
    assert gaps(await stored(house)) == []
    assert left <= {0, 1} and 1 in left, "some points must lie after the message is handed in"
    return points


async def open_visit(house: TestHouse) -> tuple[Actor, str]:
    """A citizen as a browser has one: by HTTP, with a token."""
    async with house.http() as http:
        body = {"client_id": "visit-0001", "notice_version": "2026-11"}
        answer = (await http.post("/api/v1/chat/visits", json=body)).raise_for_status().json()
    return Actor(kind=ActorKind.visitor, id=answer["visitor"]), answer["token"]


@RUNNERS
async def test_a_caller_of_the_writer_may_vanish_at_any_await(database_url: str, run: Runner) -> None:
    async with open_house(database_url) as house:
        citizen = await house.visitor()
        await house.do(citizen, "chat.send", "first-words", text="Buenos días")
        for at in (0, 1):
            await run(CancelledAt(house.do(citizen, "chat.send", f"vanished-{at}", text="Sigo aquí"), at))
            await quiet(house)
            assert await count_of(house, f"vanished-{at}") == 1, "what was handed in is finished all the same"
            again = await house.do(citizen, "chat.send", f"vanished-{at}", text="Sigo aquí")
            assert again["seq"] == 2 + at


@RUNNERS
async def test_an_http_request_may_be_cancelled_at_any_await(sqlite_database_url: str, run: Runner) -> None:
    async with open_house(sqlite_database_url) as house, house.http() as http:
        citizen, token = await open_visit(house)
        answered: dict[str, Any] = {}

        async def post(client_id: str, text: str) -> None:
            body = {"client_id": client_id, "text": text}
            headers = {"authorization": f"Bearer {token}"}
            response = await http.post("/api/v1/chat/messages", json=body, headers=headers)
            answered[client_id] = response.raise_for_status().json()

        await try_every_point(house, citizen, run, post, answered)


class FakeSocket:
    """The server's side of a WebSocket, from a script of frames; it ends when the message was acknowledged."""

    def __init__(self, *frames: dict[str, Any], until: str) -> None:
        self._frames: list[Any] = [{"type": "websocket.connect"}]
        self._frames += [{"type": "websocket.receive", "text": msgspec.json.encode(frame).decode()} for frame in frames]
        self._until = until
        self._acked = anyio.Event()
        self.acks: dict[str, Any] = {}

    async def receive(self) -> Any:
        if self._frames:
            return self._frames.pop(0)
        await self._acked.wait()
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(self, message: Any) -> None:
        await checkpoint()
        frame = msgspec.json.decode(message.get("text") or "{}")
        if frame.get("type") == "ack":
            self.acks[frame["client_id"]] = frame
        if frame.get("client_id") == self._until or message["type"] == "websocket.close":
            self._acked.set()


@RUNNERS
async def test_a_socket_may_be_cut_at_any_await(sqlite_database_url: str, run: Runner) -> None:
    async with open_house(sqlite_database_url) as house:
        citizen, token = await open_visit(house)
        answered: dict[str, Any] = {}
        scope = {
            "type": "websocket",
            "path": "/api/v1/chat/socket",
            "raw_path": b"/api/v1/chat/socket",
            "query_string": b"",
            "root_path": "",
            "scheme": "ws",
            "subprotocols": [],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8000),
            "headers": [(b"host", b"127.0.0.1:8000"), (b"origin", house.house.settings.public_url.encode())],
        }

        async def talk(client_id: str, text: str) -> None:
            hello = {"type": "hello", "token": token, "cursor": None}
            send = {"type": "send", "client_id": client_id, "text": text}
            socket = FakeSocket(hello, send, until=client_id)
            try:
                await house.app(dict(scope), socket.receive, socket.send)
            finally:
                answered.update(socket.acks)

        await try_every_point(house, citizen, run, talk, answered)
        assert not house.house.hub.connections, "no connection is left behind"


async def writers_that_break(database_url: str, run: Runner, bug: str | None = None) -> list[str]:
    """Stop the writer itself at each await of a batch; return what is wrong afterwards."""
    wrong: list[str] = []
    async with open_house(database_url) as house:
        citizen = await house.visitor()
        at, points = 0, 1
        while at <= points and not wrong:
            client_id, text = f"writer-stopped-{at:03d}", f"Parado en {at}"
            with plant(bug) if bug else nullcontext():
                waits, answer = await submit_to_a_writer_that_stops(house, citizen, client_id, text, run, at)
            points = max(points, waits if at == 0 else 1)
            if answer is None:
                wrong.append(f"await {at}: the caller waits for ever")
            kept = await count_of(house, client_id)
            if isinstance(answer, dict) and kept != 1:
                wrong.append(f"await {at}: acknowledged and stored {kept} times")
            again = await house.do(citizen, "chat.send", client_id, text=text)
            if isinstance(answer, dict) and answer != again:
                wrong.append(f"await {at}: answered {answer}, then {again}")
            if await count_of(house, client_id) != 1:
                wrong.append(f"await {at}: the retry left {await count_of(house, client_id)} rows")
            at += 1
        wrong += gaps(await stored(house))
        assert wrong or at > (2 if house.db.is_sqlite else 3), "a batch waits for its commit at least"
    return wrong


async def submit_to_a_writer_that_stops(
    house: TestHouse, citizen: Actor, client_id: str, text: str, run: Runner, at: int
) -> tuple[int, Any]:
    """Hand one message to a writer that is stopped at an await; return how often it waited, and what the caller got."""
    writer = Writer(house.db, house.clock, house.house.ids)
    watched = CancelledAt(writer.run(), at)
    answers: list[Any] = []
    answered = anyio.Event()

    async def submit() -> None:
        try:
            answers.append(await writer.submit(citizen, "chat.send", ChatSend(text=text), client_id))
        except ContactCenterError as error:
            answers.append(error.code)
        answered.set()

    async def write(scope: anyio.CancelScope) -> None:
        with scope:
            await run(watched)

    with anyio.move_on_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(submit)
            await checkpoint()
            scope = anyio.CancelScope()
            tasks.start_soon(write, scope)
            await answered.wait()
            scope.cancel()
    return watched.awaits, answers[0] if answers else None


async def test_the_writer_may_be_stopped_at_any_await(database_url: str) -> None:
    assert await writers_that_break(database_url, run_scoped) == []


async def test_the_harness_notices_retries_that_are_not_recognised(sqlite_database_url: str) -> None:
    assert await writers_that_break(sqlite_database_url, run_scoped, "client_id_not_looked_up") != []
