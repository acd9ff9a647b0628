"""The processes of a bench: started alike for product and limit, each side on its own core, none left behind."""

import ctypes
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

START_S = 60.0
_PR_SET_PDEATHSIG = 1


class BenchFailed(RuntimeError):
    """A bench could not be run; the message says what a process printed."""


def raise_limits() -> None:
    """Let this process and those it starts hold as many sockets as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def cores() -> tuple[set[int], set[int]]:
    """Return the cores of the server and of the load; the same for the product and its limit."""
    known = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
    return ({known[0]}, {known[1]}) if len(known) > 1 else ({known[0]}, {known[0]})


def pin(pid: int, where: set[int]) -> None:
    """Keep a process on some cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(pid, where)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _child() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def environment() -> dict[str, str]:
    """Return what processes of a bench start with: compiled code may be kept, as after an installation."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextmanager
def started(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run a process on the server's core until the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**environment(), **(env or {})},
            text=True,
            preexec_fn=_child,
        )
    pin(process.pid, cores()[0])
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(process: subprocess.Popen[str], url: str, log: Path, every_s: float = 0.01) -> float:
    """Return how long it took until `url` answered 200. Raises BenchFailed with what was printed."""
    began = perf_counter()
    while perf_counter() - began < START_S:
        if process.poll() is not None:
            break
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return perf_counter() - began
        except (URLError, OSError):
            sleep(every_s)
    raise BenchFailed(f"{process.args!r} did not get ready:\n{log.read_text(errors='replace')[-3000:]}")


def product_env(folder: Path, port: int) -> dict[str, str]:
    """Return the settings of the real service on SQLite in `folder`, with no rate limits for the load."""
    return {
        "CONTACT_CENTER_DATABASE_URL": f"sqlite:///{folder / 'house.db'}",
        "CONTACT_CENTER_DATA_DIR": str(folder / "files"),
        "CONTACT_CENTER_PORT": str(port),
        "CONTACT_CENTER_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "CONTACT_CENTER_UNLIMITED_NETWORKS": "127.0.0.0/8",
        "CONTACT_CENTER_LOG_LEVEL": "warning",
    }


@contextmanager
def product(folder: Path) -> Iterator[tuple[int, int]]:
    """Run the real `contact-center serve` on the database in `folder`; yields (port, pid)."""
    port, log = free_port(), folder / "serve.log"
    with started([sys.executable, "-m", "contact_center", "serve"], log, product_env(folder, port)) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}/health/ready", log)
        yield port, process.pid


@contextmanager
def bare(folder: Path, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run the limit's server on its own database in `folder`; yields (port, pid)."""
    port, log = free_port(), folder / "bare.log"
    command = [sys.executable, "-m", "contact_center.bench.bare", str(port), str(folder / "bare.db"), *arguments]
    with started(command, log) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}/ready", log)
        yield port, process.pid


def load(plan: Mapping[str, Any], folder: Path, module: str = "contact_center.bench.load") -> dict[str, Any]:
    """Run the load generator on its own core with a plan, and return what it saw. Raises BenchFailed."""
    path = folder / "plan.json"
    path.write_text(json.dumps(plan))
    process = subprocess.Popen(  # noqa: S603 - our own
        [sys.executable, "-m", module, str(path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_child,
    )
    pin(process.pid, cores()[1])
    out, err = process.communicate()
    if process.returncode:
        logs = "".join(one.read_text(errors="replace")[-2000:] for one in folder.glob("*.log"))
        raise BenchFailed(f"the load failed:\n{err[-3000:]}\n{logs}")
    found: dict[str, Any] = json.loads(out)
    return found


def resident_kb(pid: int) -> int:
    """Return the memory a process holds, in kB, that it shares with nobody."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1])
    raise BenchFailed("smaps_rollup has no Pss_Anon")
