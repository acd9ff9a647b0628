"""`texts_in` and `texts_out`: text messages by webhook to agents' consoles, and replies to a slow provider."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Final
from urllib.request import urlopen

import httpx2

from contact_center.bench import processes, seed
from contact_center.bench.calls import ACCOUNT, TOKEN
from contact_center.bench.model import Effort, Entry, alternate
from contact_center.jobs.outbox import AT_ONCE

OFFICE: Final = "+526621080099"
CALLERS: Final = 32
ANSWERS_AFTER_S: Final = 0.2
SETTLE_S: Final = 60.0
_RUNS = count(1)


def _env(folder: Path, port: int, provider: int) -> dict[str, str]:
    return {
        **processes.product_env(folder, port),
        "CONTACT_CENTER_TWILIO_ACCOUNT": ACCOUNT,
        "CONTACT_CENTER_TWILIO_AUTH_TOKEN": TOKEN,
        "CONTACT_CENTER_TWILIO_SMS_NUMBER": OFFICE,
        "CONTACT_CENTER_TWILIO_TEXTS_PER_S": "500",
        "CONTACT_CENTER_TWILIO_API_URL": f"http://127.0.0.1:{provider}",
    }


@contextmanager
def _provider(folder: Path) -> Iterator[int]:
    """Run the slow provider on the load's core."""
    port, log = processes.free_port(), folder / "provider.log"
    command = [sys.executable, "-m", "contact_center.bench.bare_provider", str(port), str(ANSWERS_AFTER_S)]
    with processes.started(command, log) as process:
        processes.pin(process.pid, processes.cores()[1])
        processes.wait_until_ready(process, f"http://127.0.0.1:{port}/ready", log)
        yield port


def run_in(effort: Effort) -> Entry:
    """Measure how many messages a second are stored, acknowledged and seen at an agent's console."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        office, numbers = seed.make_texts(folder, conversations=effort.scaled(500), agents=20)
        bare, bare_log = processes.free_port(), folder / "bare.log"
        command = [sys.executable, "-m", "contact_center.bench.bare_hooks", str(bare), str(folder / "bare.db"), TOKEN]
        with _provider(folder) as provider, processes.started(command, bare_log) as limit:
            processes.wait_until_ready(limit, f"http://127.0.0.1:{bare}/ready", bare_log)
            port, log = processes.free_port(), folder / "serve.log"
            serve = [sys.executable, "-m", "contact_center", "serve"]
            with processes.started(serve, log, _env(folder, port, provider)) as product:
                processes.wait_until_ready(product, f"http://127.0.0.1:{port}/health/ready", log)

                def measure(where: int, path: str, cookies: list[str]) -> float:
                    plan = {
                        "mode": "texts",
                        "port": where,
                        "url": f"http://127.0.0.1:{where}",
                        "path": path,
                        "account": ACCOUNT,
                        "token": TOKEN,
                        "to": OFFICE,
                        "numbers": numbers,
                        "cookies": cookies,
                        "run": next(_RUNS),
                        "callers": CALLERS,
                        "seconds": effort.seconds,
                    }
                    found = processes.load(plan, folder, module="contact_center.bench.hooks_load")
                    if found["bad"]:
                        raise processes.BenchFailed(f"{found['bad']} messages were refused")
                    return float(found["seen_per_s"] if cookies else found["per_s"])

                cookies = [one.cookie for one in office.staff]
                rounds = alternate(
                    effort.rounds,
                    lambda: measure(port, "/hooks/sms/inbound", cookies),
                    lambda: measure(bare, "/sms", []),
                )
    detail = {"callers": CALLERS, "consoles": 20, "limit_is": "signature, one row a commit of all that waits, FULL"}
    return Entry("texts_in", "messages/s", "higher", *rounds, floor=0.2, aim=0.4, detail=detail)


def run_out(effort: Effort) -> Entry:
    """Measure how many replies a second leave when the provider takes 200 ms for each; the same lanes by hand."""
    replies = max(AT_ONCE, round(effort.seconds * AT_ONCE / ANSWERS_AFTER_S))

    def product() -> float:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            seed.make_texts(folder, conversations=replies, agents=4)
            port, log = processes.free_port(), folder / "serve.log"
            serve = [sys.executable, "-m", "contact_center", "serve"]
            with _provider(folder) as provider, processes.started(serve, log, _env(folder, port, provider)):
                return _sent_per_s(provider, replies)

    def limit() -> float:
        with tempfile.TemporaryDirectory(prefix="bench-") as name, _provider(Path(name)) as provider:
            asyncio.run(_by_hand(provider, replies))
            return _sent_per_s(provider, replies)

    rounds = alternate(min(effort.rounds, 3), product, limit)
    detail = {"at_once": AT_ONCE, "answers_after_ms": ANSWERS_AFTER_S * 1000, "replies": replies}
    return Entry("texts_out", "messages/s", "higher", *rounds, floor=0.6, aim=0.85, detail=detail)


def _sent_per_s(provider: int, least: int) -> float:
    """Return the rate at the provider once it has had so many."""
    give_up = perf_counter() + SETTLE_S
    while True:
        with urlopen(f"http://127.0.0.1:{provider}/count", timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
        if found["sent"] >= least:
            return float(found["sent"]) / float(found["took"])
        if perf_counter() > give_up:
            raise processes.BenchFailed(f"{found['sent']} of {least} left")
        sleep(0.05)


async def _by_hand(provider: int, replies: int) -> None:
    """Send so many with as many lanes as the product has, and nothing else."""
    left = iter(range(replies))

    async def lane() -> None:
        for turn in left:
            await client.post("/Messages.json", data={"To": "+526620000000", "From": OFFICE, "Body": f"Hola {turn}"})

    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{provider}") as client:
        await asyncio.gather(*(lane() for _ in range(AT_ONCE)))
