"""The real service as a process group that can be killed at any instant, on a database that is prepared beforehand."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import anyio
import httpx2 as httpx
from sqlalchemy import create_engine, insert, text, update

from contact_center.rules.model import Role
from contact_center.store.schema import calendars, closures, sessions, users
from tests.support.clock import ManualClock
from tests.support.house import open_house
from tests.support.journal import Stored
from tests.support.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 30.0
CSRF = "csrf-of-this-session"


@dataclass
class Staff:
    """Somebody who is signed in already."""

    id: str
    cookie: str


@dataclass
class Service:
    """One node of the real service. `env` is added to its environment."""

    folder: Path
    url: str
    port: int = field(default_factory=free_port)
    env: dict[str, str] = field(default_factory=dict)
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, **env: str) -> None:
        """Start and wait until it answers. Raises AssertionError with the end of its log."""
        self.starts += 1
        ours = {
            "CONTACT_CENTER_DATABASE_URL": self.url,
            "CONTACT_CENTER_DATA_DIR": str(self.folder / "blobs"),
            "CONTACT_CENTER_PUBLIC_URL": self.origin,
            "CONTACT_CENTER_PORT": str(self.port),
            "CONTACT_CENTER_UNLIMITED_NETWORKS": "127.0.0.0/8",
            "CONTACT_CENTER_LOG_LEVEL": "warning",
            "PYTHONPATH": os.pathsep.join((str(ROOT / "tests" / "process" / "mutants"), str(ROOT))),
        }
        self._process = self._spawn({**os.environ, **ours, **self.env, **env})
        with anyio.move_on_after(START_S):
            while self.is_running and not await self.answers():
                await anyio.sleep(0.02)
        if env.get("CONTACT_CENTER_CRASH_AT") is None:
            assert self.is_running and await self.answers(), self.log.read_text(errors="replace")[-4000:]

    def _spawn(self, env: dict[str, str]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "contact_center", "serve"],
                cwd=self.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.folder / "service.log"

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    async def answers(self) -> bool:
        """Say whether the service serves requests."""
        try:
            async with httpx.AsyncClient(timeout=2) as http:
                return (await http.get(f"{self.origin}/health/live")).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End the whole process group as a power button would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    async def died(self, within_s: float) -> int:
        """Wait for the process to die by itself; return its code. Raises TimeoutError."""
        assert self._process is not None
        with anyio.fail_after(within_s):
            while self._process.poll() is None:
                await anyio.sleep(0.01)
        return int(self._process.returncode)

    async def stop(self) -> int:
        """Ask it to stop and wait; return its exit code."""
        assert self._process is not None
        self._process.terminate()
        return await self.died(20)

    def messages(self) -> list[Stored]:
        """Every message in an SQLite database, read when nobody writes."""
        with _opened(self.url) as conn:
            query = "SELECT conversation_id, seq, client_id, text FROM messages ORDER BY conversation_id, seq"
            return [Stored(*row) for row in conn.execute(query)]

    def integrity(self) -> str:
        """What SQLite says of its own file."""
        with _opened(self.url) as conn:
            return str(conn.execute("PRAGMA integrity_check").fetchone()[0])


@contextmanager
def _opened(url: str) -> Iterator[sqlite3.Connection]:
    conn = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        yield conn
    finally:
        conn.close()


async def prepare(url: str, *staff: tuple[str, Role]) -> dict[str, Staff]:
    """Fill a migrated database: an office that never closes, and staff who are signed in for a day."""
    now = datetime.now(UTC)
    found: dict[str, Staff] = {}
    async with open_house(url, node=900, clock=ManualClock(now)) as house:
        async with house.db.write() as conn:
            day = [["00:00", "24:00"]]
            week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), day)
            await conn.execute(update(calendars).values(week=week))
            await conn.execute(closures.delete())
        for name, role in staff:
            actor = await house.staff(name, role, state="available" if role is Role.agent else None)
            cookie = f"session-of-{name}"
            async with house.db.write() as conn:
                await conn.execute(update(users).where(users.c.id == actor.id).values(totp_confirmed=True))
                await conn.execute(update(users).where(users.c.id == actor.id).values(capacity_chat=20))
                await conn.execute(
                    insert(sessions).values(
                        id=house.house.ids.new(),
                        token_hash=sha256(cookie.encode()).digest(),
                        csrf=CSRF,
                        user_id=actor.id,
                        finished=True,
                        created_at=now,
                        seen_at=now,
                        expires_at=now + timedelta(hours=10),
                    )
                )
            found[name] = Staff(actor.id, cookie)
    return found


def staff_client(origin: str, staff: Staff, **options: Any) -> httpx.AsyncClient:
    """An HTTP client that is signed in."""
    headers = {"origin": origin, "x-csrf-token": CSRF, "cookie": f"session={staff.cookie}"}
    return httpx.AsyncClient(base_url=origin, headers=headers, timeout=10, **options)


def rows_of(url: str, query: str) -> list[Any]:
    """Read a SQLite database beside whatever else has it open."""
    engine = create_engine(url)
    try:
        with engine.connect() as conn:
            return list(conn.execute(text(query)).all())
    finally:
        engine.dispose()
