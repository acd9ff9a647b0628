"""A real NATS server for one test run; its one file comes from a Python package."""

import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.support.processes import accepts_connections, free_port, start_server, stop_server


class NatsServer:
    """A server on a port of its own. `stop` and `start` again to play an outage: the address stays the same."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="contact-center-nats-"))
        self._port = free_port()
        self.url = f"nats://127.0.0.1:{self._port}"
        self.start()

    def start(self) -> None:
        """Start and wait until it listens."""
        self._process = start_server(
            [str(_packaged_binary()), "-a", "127.0.0.1", "-p", str(self._port)],
            is_ready=lambda: accepts_connections(self._port),
            log=self._folder / "log",
        )

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End it at once, as a fault would. Idempotent."""
        stop_server(self._process, how)

    def close(self) -> None:
        """Stop and remove every file."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


def _packaged_binary() -> Path:
    binary = Path(sys.executable).with_name("nats-server")
    if not binary.exists():
        raise AssertionError("NATS for tests is missing: pip install -e '.[dev]'")
    return binary
