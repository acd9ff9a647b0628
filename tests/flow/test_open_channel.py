"""The open channel, with the bridge that its documentation shows: real HTTP both ways, signed both ways."""

import json
import re
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx2 as httpx
import pytest

from channels import webhook_wire as wire
from channels.webhook import WebhookChannel
from contact_center.errors import Invalid
from contact_center.live import views
from contact_center.store.schema import inbox, messages
from tests.support.clock import ManualClock
from tests.support.house import TestHouse, open_house
from tests.support.processes import free_port
from tests.support.serving import serving
from tests.support.stage import StageClock

SECRET = "a-secret-of-the-bridge-and-the-house-0001"
GUIDE = Path(__file__).parents[2] / "docs" / "open-channel.md"


class Bridge:
    """The documented example, running."""

    def __init__(self, names: dict[str, Any], sent: list[tuple[str, str]]) -> None:
        self.tell, self.sent = names["tell"], sent


@contextmanager
def bridge(port: int, house_url: str) -> Iterator[Bridge]:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert "HTTPServer((" in example
    code = example.replace("at least 32 signs, shared, of yours", SECRET)
    code = code.replace("https://atencion.example.org", house_url).replace(".serve_forever()", "")
    code = re.sub(r'HTTPServer\(\("127.0.0.1", 9000\), In\)', "", code)
    sent: list[tuple[str, str]] = []

    def send_to_the_network(to: str, text: str) -> str:
        sent.append((to, text))
        return f"net-{len(sent)}"

    names: dict[str, Any] = {"send_to_the_network": send_to_the_network}
    exec(compile(code, str(GUIDE), "exec"), names)
    names["In"].log_message = lambda *_: None
    server = HTTPServer(("127.0.0.1", port), names["In"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield Bridge(names, sent)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def peer(port: int, **more: Any) -> dict[str, Any]:
    return {
        "name": "facebook",
        "url": f"http://127.0.0.1:{port}/in",
        "secrets": [SECRET],
        "medium": "facebook",
        "text": 2_000,
        "media_bytes": 1_000_000,
        "per_s": 1_000,
        "personal": True,
        **more,
    }


@asynccontextmanager
async def open_channel(database_url: str, port: int, house_port: int) -> AsyncIterator[TestHouse]:
    clock: Any = StageClock(datetime.fromtimestamp(time.time(), UTC))
    made: list[WebhookChannel] = []

    def make(door: Any) -> list[WebhookChannel]:
        made.append(WebhookChannel(peer(port), door, clock))
        return made

    async with (
        open_house(database_url, clock=clock, channels=make) as house,
        serving(house.app, house_port),
        made[0].client(),
    ):
        yield house


async def thread_of(house: TestHouse) -> list[dict[str, Any]]:
    async with house.db.read() as conn:
        rows = (await conn.execute(messages.select().order_by(messages.c.seq))).all()
        seen = await views.messages(conn, rows)
    return [seen[row.id] for row in rows]


async def test_the_documented_bridge_carries_words_and_receipts(sqlite_database_url: str) -> None:
    port, house_port = free_port(), free_port()
    async with open_channel(sqlite_database_url, port, house_port) as house:
        with bridge(port, f"http://127.0.0.1:{house_port}") as network:
            event = {
                "type": "message",
                "id": "evt-1",
                "message_id": "m-1",
                "from": {"address": "u-1", "name": "María Ejemplo"},
                "text": "Hola",
            }
            await anyio.to_thread.run_sync(network.tell, event)
            await anyio.to_thread.run_sync(network.tell, event)
            said = await thread_of(house)
            assert [one["text"] for one in said if one["author"]["kind"] == "citizen"] == ["Hola"]
            while await house.outbox.step("facebook"):
                pass
            assert network.sent[0][0] == "u-1"
            with anyio.fail_after(5):
                while (await thread_of(house))[1]["delivery"] != "delivered":
                    await anyio.sleep(0.02)


@pytest.mark.parametrize("wrong", ["secret", "body", "old", "no_stamp", "kind"])
async def test_a_request_that_is_not_signed_for_now_changes_nothing(sqlite_database_url: str, wrong: str) -> None:
    clock = ManualClock()
    async with open_house(
        sqlite_database_url, clock=clock, channels=lambda door: [WebhookChannel(peer(1), door, clock)]
    ) as house:
        event = {"type": "message", "id": "e1", "message_id": "m1", "from": {"address": "u"}, "text": "hola"}
        body = json.dumps({"events": [event]}).encode()
        stamp = int(clock.now().timestamp()) - (400 if wrong == "old" else 0)
        signature = wire.sign("another" if wrong == "secret" else SECRET, stamp, body)
        headers = {
            "content-type": "text/plain" if wrong == "kind" else "application/json",
            "x-timestamp": "" if wrong == "no_stamp" else str(stamp),
            "x-signature": signature,
        }
        async with house.http() as http:
            given = body.replace(b"hola", b"adios") if wrong == "body" else body
            answer = await http.post("/hooks/facebook/events", content=given, headers=headers)
        assert answer.status_code == (400 if wrong == "kind" else 401)
        async with house.db.read() as conn:
            assert (await conn.execute(inbox.select())).all() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"events": []}',
        b'{"events": [{"type": "message"}]}',
        b'{"events": [{"type": "other", "id": "x"}]}',
        b'{"events": [{"type": "message", "id": {"$gt": ""}, "message_id": "m", "from": {"address": "u"}}]}',
        b'{"events": [{"type": "message", "id": "e", "message_id": "m", "from": {"address": ""}}]}',
        b'{"events": [{"type": "message", "id": "e", "message_id": "m", "from": {"address": "u"}, "owner": "me"}]}',
        b'{"events": [{"type": "receipt", "id": "e", "message_id": "m", "state": "eaten"}]}',
        b"[" * 100_000,
        '{"events": 1}'.encode("utf-16"),
        b'{"events": [{"type": "edit", "id": "e", "address": "u", "message_id": "m", "text": "\\ud800"}]',
    ],
)
def test_what_is_no_event_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Invalid):
        list(wire.parse("facebook", body))


async def test_how_a_network_answers_decides_whether_it_is_asked_again(sqlite_database_url: str) -> None:
    from contact_center.errors import ProviderError
    from contact_center.rules.messaging import OutboundMessage

    channel = WebhookChannel(peer(1), None, ManualClock())  # type: ignore[arg-type]  # nothing comes in here
    message = OutboundMessage(id="o.0", conversation_id="c", address="u", text="hola")
    answers = {
        429: ("busy", True, 7.0),
        503: ("busy", True, 7.0),
        500: ("uncertain", False, None),
        504: ("uncertain", False, None),
        403: ("blocked", False, None),
        404: ("blocked", False, None),
    }
    for status, expected in answers.items():
        transport = httpx.MockTransport(
            lambda request, status=status: httpx.Response(
                status, json={"reason": "blocked"}, headers={"retry-after": "7"} if status in (429, 503) else {}
            )
        )
        channel._client = httpx.AsyncClient(transport=transport)
        with pytest.raises(ProviderError) as refused:
            await channel.send(message)
        error = refused.value
        assert (error.code, error.retryable, error.retry_after_s) == expected
    channel._client = httpx.AsyncClient()
    with pytest.raises(ProviderError) as refused:  # nobody listens at port 1
        await channel.send(message)
    assert (refused.value.code, refused.value.retryable) == ("unreachable", True)
