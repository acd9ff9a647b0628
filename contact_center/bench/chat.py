"""`chat_saturated` and `chat_latency`: a citizen's socket → stored for good → ack and the agent's socket."""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from contact_center.bench import processes, seed
from contact_center.bench.model import Effort, Entry, alternate

CONVERSATIONS = 1_000
AGENTS = 50
WARM_UP_S = 1.0
Server = Callable[[Path], AbstractContextManager[tuple[int, int]]]


class Ground:
    """A seeded office on disk, and rounds on fresh copies of it."""

    def __init__(self, folder: Path, effort: Effort) -> None:
        self.folder = folder
        conversations = effort.scaled(CONVERSATIONS)
        self.office = seed.make(folder, conversations=conversations, agents=max(1, min(AGENTS, conversations // 4)))
        self.effort = effort
        self.runs = 0

    def round(self, mode: str, *, product: bool) -> dict[str, Any]:
        """Start one of the two servers on a copy of the office and put the load on it."""
        self.runs += 1
        with fresh(self.folder) as copy:
            office = {
                one.token: [one.visitor_id, one.conversation_id, self.office.staff[one.agent].cookie]
                for one in self.office.citizens
            }
            (copy / "office.json").write_text(json.dumps(office))
            server = processes.product(copy) if product else processes.bare(copy, str(copy / "office.json"))
            with server as (port, pid):
                return processes.load(
                    {
                        "mode": mode,
                        "port": port,
                        "pid": pid,
                        "run": f"r{self.runs:03d}",
                        "tokens": [one.token for one in self.office.citizens],
                        "cookies": [one.cookie for one in self.office.staff],
                        "warm_up": min(WARM_UP_S, self.effort.seconds),
                        "seconds": self.effort.seconds,
                    },
                    copy,
                )


@contextmanager
def fresh(folder: Path) -> Iterator[Path]:
    """A copy of the seeded database, under both servers' names."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        copy = Path(name)
        shutil.copyfile(folder / "house.db", copy / "house.db")
        shutil.copyfile(folder / "house.db", copy / "bare.db")
        yield copy


def run_saturated(effort: Effort) -> Entry:
    """Measure messages per second that are stored, acknowledged and shown to their agent."""
    rounds: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ground = Ground(Path(name), effort)

        def measure(product: bool) -> float:
            found = ground.round("saturated", product=product)
            rounds[product].append(found)
            return float(min(found["acked_per_s"], found["seen_per_s"]))

        product, limit = alternate(effort.rounds, lambda: measure(True), lambda: measure(False))
    detail: dict[str, Any] = {"conversations": len(ground.office.citizens), "agents": len(ground.office.staff)}
    for key in ("cpu_us_per_message", "agent_frames_per_message"):
        pair = [median(one[key] for one in rounds[which]) for which in (True, False)]
        detail[key] = {"product": round(pair[0], 3), "limit": round(pair[1], 3)}
    return Entry("chat_saturated", "msg/s", "higher", product, limit, floor=0.40, aim=0.60, detail=detail)


def run_latency(effort: Effort) -> Entry:
    """Measure p50 and p99 of ack and of the agent's view; the ratio is the worst of the four."""
    names = ("ack_p50_ms", "ack_p99_ms", "agent_p50_ms", "agent_p99_ms")
    rounds: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ground = Ground(Path(name), effort)

        def measure(product: bool) -> float:
            found = ground.round("paced", product=product)
            rounds[product].append(found)
            return float(found["agent_p50_ms"])

        product, limit = alternate(effort.rounds, lambda: measure(True), lambda: measure(False))
    parts = {}
    for one in names:
        pair = [median(found[one] for found in rounds[product]) for product in (True, False)]
        parts[one] = {"product": round(pair[0], 3), "limit": round(pair[1], 3), "ratio": round(pair[0] / pair[1], 3)}
    worst = max(part["ratio"] for part in parts.values())
    cpu = [round(median(one["cpu_us_per_message"] for one in rounds[which])) for which in (True, False)]
    detail = {"messages_per_s": len(ground.office.citizens), "cpu_us_per_message": cpu, **parts}
    return Entry(
        "chat_latency", "ms p50 to the agent", "lower", product, limit, 2.0, 1.5, detail=detail, ratio_given=worst
    )
