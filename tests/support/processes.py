"""Starting the real servers that tests run against, so that none outlives the test run."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

START_TIMEOUT_S: Final = 30.0
STOP_TIMEOUT_S: Final = 10.0
PR_SET_PDEATHSIG: Final = 1


class DidNotStart(AssertionError):
    """A server did not start; the message carries what it printed."""


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_server(
    command: Sequence[str],
    *,
    is_ready: Callable[[], bool],
    log: Path,
    user: int | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = START_TIMEOUT_S,
) -> subprocess.Popen[bytes]:
    """Start a server and wait until `is_ready`; what it prints goes to `log`. Raises DidNotStart."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )
    give_up_at = time.monotonic() + timeout_s
    while not is_ready():
        if process.poll() is not None or time.monotonic() > give_up_at:
            stop_server(process)
            raise DidNotStart(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.01)
    return process


def stop_server(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM) -> None:
    """Stop a server and wait for its end. Idempotent."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def accepts_connections(port: int) -> bool:
    """Say whether something listens on this port of the loopback address."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_root() -> bool:
    """Say whether the tests run as root, as they do in many containers."""
    return os.geteuid() == 0


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
