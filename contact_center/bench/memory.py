"""`memory_idle`: what one more citizen costs who is connected and says nothing."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from contact_center.bench import processes, seed
from contact_center.bench.chat import fresh
from contact_center.bench.model import Effort, Entry, alternate

CONNECTED = 5_000


def run(effort: Effort) -> Entry:
    """Measure kB of private memory for each connected citizen, beside a bare `websockets` connection."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        office = seed.make(folder, visitors=effort.scaled(CONNECTED))
        tokens = [one.token for one in office.citizens]
        product, limit = alternate(
            effort.rounds,
            lambda: _measure(folder, tokens, product=True),
            lambda: _measure(folder, tokens, product=False),
        )
    return Entry("memory_idle", "kB per citizen", "lower", product, limit, 3.0, 2.0, detail={"connected": len(tokens)})


def _measure(folder: Path, tokens: list[str], *, product: bool) -> float:
    with fresh(folder) as copy:
        (copy / "office.json").write_text(json.dumps({token: ["", "", ""] for token in tokens}))
        server = processes.product(copy) if product else processes.bare(copy, str(copy / "office.json"))
        with server as (port, pid):
            first = max(1, len(tokens) // 50)  # what the first ones cost is not theirs: pools, caches, code
            with _connected(copy, port, tokens[:first]):
                before = processes.resident_kb(pid)
                with _connected(copy, port, tokens[first:]):
                    after = processes.resident_kb(pid)
    return (after - before) / (len(tokens) - first)


class _connected:  # noqa: N801 - used as a block
    """Keep citizens connected while the block lasts."""

    def __init__(self, folder: Path, port: int, tokens: list[str]) -> None:
        path = folder / f"idle-{len(tokens)}.json"
        path.write_text(json.dumps({"mode": "idle", "port": port, "tokens": tokens}))
        self._command = [sys.executable, "-m", "contact_center.bench.load", str(path)]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        processes.pin(self._process.pid, processes.cores()[1])
        assert self._process.stdout is not None
        if not self._process.stdout.readline():
            self._process.wait()
            raise processes.BenchFailed("the idle citizens could not connect")

    def __exit__(self, *_: object) -> None:
        self._process.communicate("\n", timeout=60)
