"""The real clock, ids and random secrets. Nothing else in the house reads time or randomness."""

import secrets
import time
from datetime import UTC, datetime

import anyio
from uuid_utils import uuid7


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)


class SystemIds:
    def new(self) -> str:
        return str(uuid7())

    def token(self) -> str:
        return secrets.token_urlsafe(32)
