"""Every bench runs, in tiny form, and gives a ratio. Nothing here asserts how quick anything is."""

import json
from pathlib import Path

import pytest

from contact_center.bench import calls, chat, durable, fan_out, memory, routing, run, texts
from contact_center.bench.model import Bench, Effort, Entry, alternate
from contact_center.bench.wire import frame

TINY = Effort(rounds=1, seconds=0.4, scale=0.008)
NAMES = {
    "routing",
    "cold_start",
    "durable_commands",
    "fan_out",
    "chat_saturated",
    "chat_latency",
    "memory_idle",
    "call_events",
    "voice_webhook",
    "texts_in",
    "texts_out",
}


def entry(product: list[float], limit: list[float], better: str = "higher") -> Entry:
    return Entry("x", "1/s", better, product, limit, floor=0.5, aim=0.8)  # type: ignore[arg-type]


def test_the_names_are_those_that_people_and_scripts_know() -> None:
    assert {one.name for one in run.BENCHES} == NAMES


def test_the_ratio_is_of_the_medians_and_says_what_it_reached() -> None:
    assert entry([10, 90, 60], [100, 100, 100]).ratio == 0.6
    assert entry([60], [100]).verdict == "floor"
    assert entry([90], [100]).verdict == "aim"
    assert entry([40], [100]).verdict == "below"
    assert entry([40], [100], better="lower").verdict == "aim"


def test_a_run_is_void_when_the_limits_own_rounds_differ_too_much() -> None:
    assert entry([90, 90], [100, 151]).verdict == "void"
    assert entry([90, 90], [100, 149]).verdict != "void"


def test_rounds_alternate_and_swap_who_is_first() -> None:
    visited: list[str] = []

    def measure(who: str) -> float:
        visited.append(who)
        return 1.0

    alternate(3, lambda: measure("product"), lambda: measure("limit"))
    assert visited == ["product", "limit", "limit", "product", "product", "limit"]


def test_results_go_to_a_file_that_keeps_the_entries_of_other_benches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "bench.json"
    out.write_text('{"other": {"ratio": 1}}')
    monkeypatch.setattr(run, "BENCHES", (Bench("x", "nothing", lambda _: entry([60], [100])),))
    assert run.main(["x"], rounds=1, seconds=1, out=out) == 0
    written = json.loads(out.read_text())
    assert written["other"] == {"ratio": 1}
    assert written["x"]["ratio"] == 0.6
    assert written["x"]["rounds"] == {"product": [60], "limit": [100]}
    assert run.main(["y"], out=out) == 2


def test_the_loads_frames_are_masked_as_a_clients_must_be() -> None:
    assert frame(b"a") == b"\x81\x81\0\0\0\0a"
    assert frame(b"a" * 126)[:8] == b"\x81\xfe\0\x7e\0\0\0\0"


def test_routing_gives_a_ratio() -> None:
    assert routing.run(Effort(rounds=1, scale=0.02)).ratio > 0


def test_durable_commands_gives_a_ratio() -> None:
    found = durable.run(TINY)
    assert found.ratio > 0
    assert found.detail["other_commands_per_s"] > 0


BENCHES = [
    *(chat.run_saturated, chat.run_latency, fan_out.run, memory.run),
    *(calls.run_events, calls.run_webhook, texts.run_in, texts.run_out),
]


@pytest.mark.process
@pytest.mark.parametrize("bench", BENCHES)
def test_a_bench_of_the_real_service_gives_a_ratio(bench: object) -> None:
    found: Entry = bench(TINY)  # type: ignore[operator]
    assert found.ratio > 0
    assert len(found.product_rounds) == len(found.limit_rounds) == 1
