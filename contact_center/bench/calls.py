"""`call_events` and `voice_webhook`: a provider's signed news into the real service, each answered after its commit."""

import sys
import tempfile
from itertools import count
from pathlib import Path
from typing import Any, Final

from contact_center.bench import processes, seed
from contact_center.bench.model import Effort, Entry, alternate

CALLERS: Final = 32
ACCOUNT: Final = "AC" + "5" * 32
TOKEN: Final = "bench-auth-token"  # noqa: S105 - opens nothing
LIMIT_MS: Final = 100.0
"""A caller hears silence meanwhile: what a document may take at the 99th percentile."""
_RUNS = count(1)


def _env(folder: Path, port: int) -> dict[str, str]:
    return {
        **processes.product_env(folder, port),
        "CONTACT_CENTER_TWILIO_ACCOUNT": ACCOUNT,
        "CONTACT_CENTER_TWILIO_AUTH_TOKEN": TOKEN,
        "CONTACT_CENTER_TWILIO_API_KEY": "SK" + "5" * 32,
        "CONTACT_CENTER_TWILIO_API_SECRET": "bench-api-secret-of-thirty-two-c",
        "CONTACT_CENTER_TWILIO_APP": "AP" + "5" * 32,
        "CONTACT_CENTER_TWILIO_NUMBERS": "+526621080000",
        "CONTACT_CENTER_TWILIO_API_URL": f"http://127.0.0.1:{processes.free_port()}",
    }


def _plan(port: int, path: str, **more: Any) -> dict[str, Any]:
    known = {"port": port, "url": f"http://127.0.0.1:{port}", "path": path, "account": ACCOUNT, "token": TOKEN}
    return {**known, "run": next(_RUNS), "callers": CALLERS, **more}


def run_events(effort: Effort) -> Entry:
    """Measure how many pieces of news a second are stored and answered; a call in two pieces."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        seed.make(folder)
        port, log = processes.free_port(), folder / "serve.log"
        bare, bare_log = processes.free_port(), folder / "bare.log"
        command = [sys.executable, "-m", "contact_center.bench.bare_hooks", str(bare), str(folder / "bare.db"), TOKEN]
        serve = [sys.executable, "-m", "contact_center", "serve"]
        with (
            processes.started(serve, log, _env(folder, port)) as product,
            processes.started(command, bare_log) as limit,
        ):
            processes.wait_until_ready(product, f"http://127.0.0.1:{port}/health/ready", log)
            processes.wait_until_ready(limit, f"http://127.0.0.1:{bare}/ready", bare_log)

            def measure(where: int, path: str) -> float:
                plan = _plan(where, path, mode="saturated", seconds=effort.seconds)
                return float(_checked(processes.load(plan, folder, module="contact_center.bench.hooks_load"))["per_s"])

            rounds = alternate(
                effort.rounds, lambda: measure(port, "/hooks/twilio/voice/status"), lambda: measure(bare, "/status")
            )
    detail = {"callers": CALLERS, "limit_is": "signature, one row a commit of all that waits, FULL"}
    return Entry("call_events", "events/s", "higher", *rounds, floor=0.1, aim=0.2, detail=detail)


def run_webhook(effort: Effort) -> Entry:
    """Measure how long a caller's document takes at 50 calls a second beside 100 chat messages a second."""
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        office = seed.make(folder, conversations=effort.scaled(100), agents=2)
        port, log = processes.free_port(), folder / "serve.log"
        with processes.started([sys.executable, "-m", "contact_center", "serve"], log, _env(folder, port)) as product:
            processes.wait_until_ready(product, f"http://127.0.0.1:{port}/health/ready", log)
            for _ in range(effort.rounds):
                pace = {"calls_per_s": 50, "chats_per_s": 100, "tokens": [one.token for one in office.citizens]}
                plan = _plan(port, "/hooks/twilio/voice/in", mode="paced", seconds=effort.seconds, **pace)
                found.append(_checked(processes.load(plan, folder, module="contact_center.bench.hooks_load")))
    p99 = [one["p99"] for one in found]
    detail = {"p50_ms": [round(one["p50"], 1) for one in found], "calls_per_s": 50, "chats_per_s": 100}
    return Entry("voice_webhook", "ms, p99", "lower", p99, [LIMIT_MS] * len(p99), floor=1.0, aim=0.5, detail=detail)


def _checked(found: dict[str, Any]) -> dict[str, Any]:
    if found["bad"]:
        raise processes.BenchFailed(f"{found['bad']} webhooks were refused")
    return found
