"""`fan_out`: one event to 1,000 watchers, again and again; deliveries per second beside `websockets.broadcast`."""

import json
import tempfile
from pathlib import Path

from contact_center.bench import processes, seed
from contact_center.bench.chat import fresh
from contact_center.bench.model import Effort, Entry, alternate

WATCHERS = 1_000
WINDOWS = 8
"""Consoles that one person has open, as many as the service allows."""


def run(effort: Effort) -> Entry:
    """Measure deliveries per second of an agent's changed state to every console, set off one after the other."""
    people = max(2, effort.scaled(WATCHERS) // WINDOWS)
    rates: list[float] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        office = seed.make(folder, agents=1 + people)
        runs = iter(range(1_000_000))

        def measure(product: bool) -> float:
            found = _measure(folder, office, next(runs), effort.seconds, product=product)
            if product:
                rates.append(found["events_per_s"])
            return float(found["deliveries_per_s"])

        product, limit = alternate(effort.rounds, lambda: measure(True), lambda: measure(False))
    detail = {"watchers": people * WINDOWS, "events_per_s": round(max(rates), 1)}
    return Entry("fan_out", "deliveries/s", "higher", product, limit, 0.5, 0.8, detail=detail)


def _measure(folder: Path, office: seed.Office, run: int, seconds: float, *, product: bool) -> dict[str, float]:
    actor, *watchers = office.staff
    with fresh(folder) as copy:
        (copy / "office.json").write_text(json.dumps({}))
        server = processes.product(copy) if product else processes.bare(copy, str(copy / "office.json"))
        with server as (port, _pid):
            return processes.load(
                {
                    "mode": "fan_out",
                    "port": port,
                    "run": f"f{run:06d}",
                    "bare": not product,
                    "cookies": [one.cookie for one in watchers for _ in range(WINDOWS)],
                    "actor_cookie": actor.cookie,
                    "csrf": actor.csrf,
                    "seconds": seconds,
                },
                copy,
            )
