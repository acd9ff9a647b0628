"""The load: citizens who write and agents who read, in a process of its own.

`python -m contact_center.bench.load plan`. The same load goes to the product and to the bare server; it knows no
difference but how a fan-out is set off.
"""

import json
import os
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from contact_center.bench.wire import Client, Poll, connect
from contact_center.bench.words import sentence

SETTLE_S = 20.0
"""How long what was acknowledged may take to reach the agents at the end."""
_MARK = re.compile(rb"#(\d+)#")


class LoadFailed(RuntimeError):
    """The server did not do what it must."""


def open_citizens(plan: dict[str, Any]) -> list[Client]:
    hellos = [json.dumps({"type": "hello", "token": token, "cursor": None}).encode() for token in plan["tokens"]]
    return connect(plan["port"], "/api/v1/chat/socket", [""], hellos)


def open_staff(plan: dict[str, Any]) -> list[Client]:
    headers = [f"Cookie: session={cookie}\r\n" for cookie in plan["cookies"]]
    hello = b'{"type":"hello","cursor":null}'
    # Each of them is news to all: few at once, or those who are still joining fall behind.
    return connect(plan["port"], "/api/v1/console/socket", headers, [hello] * len(headers), at_once=8)


def message(run: str, number: int, turn: int) -> bytes:
    """A citizen's message; no two are the same, so that nothing is answered from a memory of texts."""
    text = f"{sentence(number + turn)} {number}.{turn}"
    return b'{"type":"send","client_id":"%b-%05d-%07d","text":%b}' % (
        run.encode(),
        number,
        turn,
        json.dumps(text, ensure_ascii=False).encode(),
    )


def saturated(plan: dict[str, Any]) -> dict[str, Any]:
    """Every citizen writes again as soon as the last message is acknowledged. Counts what agents see as well."""
    staff, citizens = open_staff(plan), open_citizens(plan)
    poll, agents = Poll([*staff, *citizens]), {id(one) for one in staff}
    poll.drain(0.3)
    turns = [1] * len(citizens)
    run, acked, seen, frames, waiting = plan["run"], 0, 0, 0, len(citizens)
    for client in citizens:
        client.send(message(run, client.number, 0))
    cpu = [0.0, 0.0]
    began = perf_counter()
    measure_from, until = began + plan["warm_up"], began + plan["warm_up"] + plan["seconds"]
    at_start: tuple[int, int, int] | None = None
    at_end: tuple[int, int, int] | None = None
    sent = len(citizens)
    started = stopped = began
    while waiting or seen < acked:
        now = perf_counter()
        if at_start is None and now >= measure_from:
            at_start, started, cpu[0] = (acked, seen, frames), now, cpu_s(plan["pid"])
        if at_end is None and now >= until:
            at_end, stopped, cpu[1] = (acked, seen, frames), now, cpu_s(plan["pid"])
        if now > until + SETTLE_S:
            raise LoadFailed(f"sent {sent}, acknowledged {acked}, seen by agents {seen}")
        for client in poll.ready(0.1):
            for frame in client.receive():
                if id(client) in agents:
                    frames += 1
                    seen += frame.count(b'"type":"message.added"')
                elif frame.startswith(b'{"type":"ack"'):
                    acked += 1
                    if at_end is None:
                        turn = turns[client.number]
                        turns[client.number] = turn + 1
                        client.send(message(run, client.number, turn))
                        sent += 1
                    else:
                        waiting -= 1
                elif frame.startswith(b'{"type":"refused"'):
                    raise LoadFailed(frame.decode())
    assert at_start is not None
    assert at_end is not None
    took = stopped - started
    return {
        "acked_per_s": (at_end[0] - at_start[0]) / took,
        "seen_per_s": (at_end[1] - at_start[1]) / took,
        "messages": sent,
        "cpu_us_per_message": (cpu[1] - cpu[0]) * 1e6 / max(1, at_end[0] - at_start[0]),
        "agent_frames_per_message": (at_end[2] - at_start[2]) / max(1, at_end[1] - at_start[1]),
    }


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used, its threads' included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def paced(plan: dict[str, Any]) -> dict[str, Any]:
    """Every citizen writes once a second, spread evenly. Latencies count from when a message was due."""
    staff, citizens = open_staff(plan), open_citizens(plan)
    poll, agents = Poll([*staff, *citizens]), {id(one) for one in staff}
    poll.drain(0.3)
    count, run = len(citizens), plan["run"]
    total, skip = round(count * (plan["warm_up"] + plan["seconds"])), round(count * plan["warm_up"])
    due = [0.0] * total
    acks: list[float] = []
    views: list[float] = []
    sent = 0
    used_s = cpu_s(plan["pid"])
    began = perf_counter() + 0.1
    while len(acks) < total or len(views) < total:
        now = perf_counter()
        while sent < total and (at := began + sent / count) <= now:
            due[sent] = at
            text = f"{sentence(sent)} #{sent}#"
            body = {"type": "send", "client_id": f"{run}-{sent:07d}", "text": text}
            citizens[sent % count].send(json.dumps(body).encode())
            sent += 1
        if now > began + total / count + SETTLE_S:
            raise LoadFailed(f"sent {sent}, acknowledged {len(acks)}, seen by agents {len(views)}")
        pause = 0.1 if sent >= total else max(0.0, began + sent / count - perf_counter())
        for client in poll.ready(pause):
            for frame in client.receive():
                now = perf_counter()
                if id(client) in agents:
                    views += [now - due[int(mark)] for mark in _MARK.findall(frame)]
                elif frame.startswith(b'{"type":"ack"'):
                    number = int(frame.partition(b'"client_id":"')[2].partition(b'"')[0].rpartition(b"-")[2])
                    acks.append(now - due[number])
                elif frame.startswith(b'{"type":"refused"'):
                    raise LoadFailed(frame.decode())
    return {
        "cpu_us_per_message": (cpu_s(plan["pid"]) - used_s) * 1e6 / total,
        **{f"ack_{name}": value for name, value in _quantiles(acks[skip:]).items()},
        **{f"agent_{name}": value for name, value in _quantiles(views[skip:]).items()},
    }


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50_ms": ordered[len(ordered) // 2] * 1000,
        "p99_ms": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1000,
    }


def fan_out(plan: dict[str, Any]) -> dict[str, Any]:
    """One thing happens, everybody hears of it; then the next. Counts deliveries."""
    watchers = open_staff(plan)
    poll = Poll(watchers)
    poll.drain(1.0)
    trigger = _Trigger(plan)
    delivered = happened = 0
    began = perf_counter()
    while perf_counter() - began < plan["seconds"]:
        trigger.fire(happened)
        happened += 1
        missing = len(watchers)
        give_up = perf_counter() + SETTLE_S
        while missing:
            for client in poll.ready(0.1):
                missing -= sum(frame.count(b'"agent.changed"') for frame in client.receive())
            if perf_counter() > give_up:
                raise LoadFailed(f"event {happened}: {missing} of {len(watchers)} heard nothing")
        trigger.finish()
        delivered += len(watchers)
    took = perf_counter() - began
    return {"deliveries_per_s": delivered / took, "events_per_s": happened / took}


class _Trigger:
    """Makes something happen: a command over HTTP, or a word to the bare server."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._sock = socket.create_connection(("127.0.0.1", plan["port"]), timeout=20)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fire(self, number: int) -> None:
        plan = self._plan
        if plan["bare"]:
            body, path = b"", "/fire"
        else:
            path = "/api/v1/commands/agent.set_state"
            state = {"state": "available"} if number % 2 == 0 else {"state": "offline"}
            body = json.dumps({"client_id": f"{plan['run']}-{number:07d}", **state}).encode()
        port = plan["port"]
        self._sock.sendall(
            (
                f"{'GET' if plan['bare'] else 'POST'} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
                f"Origin: http://127.0.0.1:{port}\r\nCookie: session={plan['actor_cookie']}\r\n"
                f"X-CSRF-Token: {plan['csrf']}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            + body
        )

    def finish(self) -> None:
        """Take the whole answer, head and body, and be ready for the next."""
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._sock.recv(65536)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
        while length is not None and len(body) < int(length[1]):
            body += self._sock.recv(65536)
        if not answer.startswith(b"HTTP/1.1 200"):
            raise LoadFailed(answer[:500].decode(errors="replace"))
        if self._plan["bare"]:  # that server speaks one request a connection
            self._sock.close()
            self._sock = socket.create_connection(("127.0.0.1", self._plan["port"]), timeout=20)


def idle(plan: dict[str, Any]) -> dict[str, Any]:
    """Connect everybody, say so, and stay until told to go."""
    citizens = open_citizens(plan)
    print(json.dumps({"connected": len(citizens)}), flush=True)
    sys.stdin.readline()
    return {}


MODES = {"saturated": saturated, "paced": paced, "fan_out": fan_out, "idle": idle}


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text())
    print(json.dumps(MODES[plan["mode"]](plan)), flush=True)


if __name__ == "__main__":
    main()
