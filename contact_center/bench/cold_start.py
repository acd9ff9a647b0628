"""`cold_start`: from the command to «ready» on an empty database, beside importing the three big libraries."""

import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from contact_center.bench import processes
from contact_center.bench.model import Effort, Entry, alternate

IMPORTS = "import starlette, uvicorn, sqlalchemy"


def run(effort: Effort) -> Entry:
    """Measure seconds; the product makes its tables and first data on the way."""
    start_once(), import_once()  # the first time compiles
    product, limit = alternate(effort.rounds, start_once, import_once)
    return Entry("cold_start", "s", "lower", product, limit, floor=4.0, aim=2.5, detail={"limit_is": IMPORTS})


def start_once() -> float:
    """Start the service on nothing and return how long it took to be ready."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        port, log = processes.free_port(), folder / "serve.log"
        env = processes.product_env(folder, port)
        began = perf_counter()
        with processes.started([sys.executable, "-m", "contact_center", "serve"], log, env) as process:
            processes.wait_until_ready(process, f"http://127.0.0.1:{port}/health/ready", log, every_s=0.005)
            return perf_counter() - began


def import_once() -> float:
    """Import what the limit imports, in a process of its own on the same core."""
    began = perf_counter()
    process = subprocess.Popen([sys.executable, "-c", IMPORTS], env=processes.environment())  # noqa: S603 - our own
    processes.pin(process.pid, processes.cores()[0])
    if process.wait():
        raise processes.BenchFailed("the libraries cannot be imported")
    return perf_counter() - began
