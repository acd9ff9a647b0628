"""The load of the webhook benches: signed news over kept connections, saturated or at a pace."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from itertools import count
from pathlib import Path
from time import perf_counter
from typing import Any, Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from contact_center.bench.load import SETTLE_S, LoadFailed, open_staff
from contact_center.bench.wire import Client
from contact_center.bench.words import sentence

STATES: Final = ("ringing", "completed")
"""The two pieces of news of each call."""


class Line:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a POST and return the status of its answer."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        head = f"POST {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\ncontent-length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self._writer.write(head.encode() + b"\r\n" + body)
        answer = await self._reader.readuntil(b"\r\n\r\n")
        status = int(answer[9:12])
        size = next((line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
        await self._reader.readexactly(int(size.partition(b":")[2]))
        return status


async def _news(plan: Mapping[str, Any]) -> AsyncIterator[tuple[bytes, dict[str, str]]]:
    """Yield signed forms, the two of a call one after the other."""
    validator, url = RequestValidator(plan["token"]), plan["url"] + plan["path"]
    for number in count():
        for state in STATES:
            form = {
                "AccountSid": plan["account"],
                "CallSid": f"CA{plan['run']:04d}{number:028d}",
                "From": f"+5266200{number % 100_000:05d}",
                "To": "+526621080000",
                "Direction": "inbound",
                "CallStatus": state,
            }
            signature = validator.compute_signature(url, form)
            kind = "application/x-www-form-urlencoded"
            yield urlencode(form).encode(), {"x-twilio-signature": signature, "content-type": kind}


async def saturated(plan: Mapping[str, Any]) -> dict[str, Any]:
    """As many as go: each connection sends its next when the last one is answered."""
    news, done, bad = _news(plan), 0, 0
    until = perf_counter() + plan["seconds"]

    async def caller() -> None:
        nonlocal done, bad
        line = Line("127.0.0.1", plan["port"])
        while perf_counter() < until:
            body, headers = await anext(news)
            status = await line.ask(plan["path"], body, headers)
            done, bad = done + 1, bad + (status >= 300)

    started = perf_counter()
    await asyncio.gather(*(caller() for _ in range(plan["callers"])))
    return {"per_s": done / (perf_counter() - started), "bad": bad}


async def paced(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Calls and chat messages at a pace: how long each call's document took from when it was due, in milliseconds."""
    news = _news(plan)
    late: list[float] = []
    bad = 0
    began = perf_counter() + 0.2

    async def calls(offset: int, lanes: int) -> None:
        nonlocal bad
        line = Line("127.0.0.1", plan["port"])
        for turn in range(max(1, int(plan["seconds"] * plan["calls_per_s"] / lanes))):
            due = began + (turn * lanes + offset) / plan["calls_per_s"]
            body, headers = await anext(news)
            await asyncio.sleep(max(0.0, due - perf_counter()))
            bad += await line.ask(plan["path"], body, headers) >= 300
            late.append((perf_counter() - due) * 1000)

    async def chats(token: str, offset: int, lanes: int) -> None:
        line = Line("127.0.0.1", plan["port"])
        for turn in range(int(plan["seconds"] * plan["chats_per_s"] / lanes)):
            due = began + (turn * lanes + offset) / plan["chats_per_s"]
            await asyncio.sleep(max(0.0, due - perf_counter()))
            said = {"client_id": f"{token[:12]}{turn:06d}", "text": f"Buenos días, mensaje {turn} de {offset}"}
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "origin": plan["url"]}
            await line.ask("/api/v1/chat/messages", json.dumps(said).encode(), headers)

    tokens: list[str] = plan["tokens"]
    lanes = [calls(number, plan["callers"]) for number in range(plan["callers"])]
    await asyncio.gather(*lanes, *(chats(one, number, len(tokens)) for number, one in enumerate(tokens)))
    late.sort()
    return {"p50": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "count": len(late), "bad": bad}


async def texts(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Citizens' text messages, as many as go; agents' consoles are open, and every message must be seen at one."""
    validator, url = RequestValidator(plan["token"]), plan["url"] + plan["path"]
    loop, staff = asyncio.get_running_loop(), open_staff(dict(plan)) if plan["cookies"] else []
    seen = done = bad = 0

    def read(client: Client) -> None:
        nonlocal seen
        seen += sum(frame.count(b'"type":"message.added"') for frame in client.receive())

    for client in staff:
        loop.add_reader(client.sock, read, client)
    await asyncio.sleep(0.3)
    seen, number = 0, count()
    until = perf_counter() + plan["seconds"]

    async def provider() -> None:
        nonlocal done, bad
        line = Line("127.0.0.1", plan["port"])
        while perf_counter() < until:
            turn = next(number)
            form = {
                "AccountSid": plan["account"],
                "MessageSid": f"SM{plan['run']:04d}{turn:028d}",
                "From": plan["numbers"][turn % len(plan["numbers"])],
                "To": plan["to"],
                "Body": f"{sentence(turn)} {turn}",
                "NumMedia": "0",
                "SmsStatus": "received",
            }
            headers = {
                "x-twilio-signature": validator.compute_signature(url, form),
                "content-type": "application/x-www-form-urlencoded",
            }
            status = await line.ask(plan["path"], urlencode(form).encode(), headers)
            done, bad = done + 1, bad + (status >= 300)

    started = perf_counter()
    await asyncio.gather(*(provider() for _ in range(plan["callers"])))
    took = perf_counter() - started
    give_up = perf_counter() + SETTLE_S
    while staff and seen < done - bad:
        if perf_counter() > give_up:
            raise LoadFailed(f"taken {done - bad}, seen at a console {seen}")
        await asyncio.sleep(0.02)
    return {"per_s": done / took, "seen_per_s": seen / (perf_counter() - started), "bad": bad}


MODES = {"saturated": saturated, "paced": paced, "texts": texts}

if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text())
    sys.stdout.write(json.dumps(asyncio.run(MODES[given["mode"]](given))))
