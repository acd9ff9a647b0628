"""Runs benches by name, prints a table, writes `bench.json`."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from contact_center.bench import calls, chat, cold_start, durable, fan_out, memory, routing, texts
from contact_center.bench.model import Bench, Effort, Entry
from contact_center.bench.processes import BenchFailed, raise_limits

BENCHES = (
    Bench("routing", "a pass of the router: 200 agents, 5,000 waiting", routing.run),
    Bench("cold_start", "from the command to «ready», on an empty database", cold_start.run),
    Bench("durable_commands", "acknowledged commands, 200 callers", durable.run),
    Bench("fan_out", "one event to 1,000 consoles", fan_out.run),
    Bench("chat_saturated", "1,000 conversations, as fast as they go", chat.run_saturated),
    Bench("chat_latency", "1,000 conversations, a message a second each", chat.run_latency),
    Bench("call_events", "a provider's signed news of calls, as fast as they go", calls.run_events),
    Bench("voice_webhook", "a caller's document at 50 calls a second beside 100 chat messages", calls.run_webhook),
    Bench("texts_in", "text messages through a webhook to agents' consoles, as fast as they go", texts.run_in),
    Bench("texts_out", "replies to a provider that answers in 200 ms", texts.run_out),
    Bench("memory_idle", "5,000 citizens connected", memory.run),
)
_STYLE = {"aim": "green", "floor": "yellow", "below": "red", "void": "magenta"}


def main(names: Sequence[str] = (), *, rounds: int = 5, seconds: float = 5.0, out: Path = Path("bench.json")) -> int:
    """Run the named benches, all without a name; return 0, or 1 when one could not be run, 2 for an unknown name.

    A figure below its floor is reported, not failed: a bench measures. Entries of other benches in `out` are kept.
    """
    known = {one.name: one for one in BENCHES}
    unknown = [name for name in names if name not in known]
    console = Console(file=sys.stdout, highlight=False)
    if unknown:
        console.print(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}")
        return 2
    raise_limits()
    written = json.loads(out.read_text()) if names and out.exists() else {}
    made: list[Entry] = []
    failed = 0
    for bench in BENCHES if not names else [known[name] for name in names]:
        console.print(f"… {bench.name}: {bench.about}")
        try:
            entry = bench.run(Effort(rounds, seconds))
        except BenchFailed as error:
            failed = 1
            console.print(f"[red]{bench.name} could not be run[/red]")
            console.print(str(error), markup=False)
            continue
        made.append(entry)
        written[entry.name] = entry.as_json()
        out.write_text(json.dumps(written, indent=1) + "\n")
    console.print(table_of(made))
    return failed


def table_of(entries: Sequence[Entry]) -> Table:
    """Return what is printed at the end."""
    table = Table("bench", "product", "limit", "ratio", "floor", "aim", "reached", "spread of the limit", "unit")
    for one in entries:
        sign = "≥" if one.better == "higher" else "≤"
        style = _STYLE[one.verdict]
        table.add_row(
            one.name,
            f"{one.product:,.4g}",
            f"{one.limit:,.4g}",
            f"[{style}]{one.ratio:.3f}[/{style}]",
            f"{sign} {one.floor:g}",
            f"{sign} {one.aim:g}",
            f"[{style}]{one.verdict}[/{style}]",
            f"{one.spread:.2f}",
            one.unit,
        )
    return table
