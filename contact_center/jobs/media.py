"""Files that citizens sent in messaging channels: fetched from the provider, checked, kept, and deleted there.

The bytes are on disk and synced before anything speaks of them; the provider's copy goes only after that (P34).
"""

import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

import anyio
import anyio.to_thread
import structlog

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.media import LEASE_S, TRIES, ClaimMedia, SettleMedia
from contact_center.actions.writer import Writer
from contact_center.crash import crash_point
from contact_center.errors import (
    ContactCenterError,
    Invalid,
    Missing,
    NoSpace,
    ProviderError,
    TooLarge,
    UnsupportedKind,
)
from contact_center.file_kinds import check_file
from contact_center.live.hub import Hub
from contact_center.ports import BlobStore, Channel, Clock
from contact_center.rules.backoff import Patience, delay_s
from contact_center.store import inbound as store
from contact_center.store import options as option_store
from contact_center.store.db import Database

IDLE_S: Final = 2.0
FETCH_S: Final = 90.0
AT_ONCE: Final = 4
PATIENCE: Final = Patience(base_s=2.0, most_s=300.0, tries=TRIES)
_DECODING: Final = anyio.CapacityLimiter(1)

assert FETCH_S < LEASE_S

log = structlog.get_logger(__name__)


class MediaFetcher:
    """Serve with `run()` inside the process's task group."""

    def __init__(
        self,
        db: Database,
        writer: Writer,
        hub: Hub,
        clock: Clock,
        blobs: BlobStore,
        channels: Sequence[Channel],
        *,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._blobs = blobs
        self._channels = {one.name: one for one in channels}
        self._draw = draw
        self._woken = hub.listen()

    async def run(self) -> None:
        """Fetch until cancelled."""
        while True:
            with anyio.move_on_after(IDLE_S):
                await self._woken.wait()
            self._woken.clear()
            try:
                while await self.step():
                    pass
            except ContactCenterError as error:
                log.warning("media_refused", code=error.code)
                await self._clock.sleep(IDLE_S)

    async def step(self) -> int:
        """Fetch what is due; return how many files that were."""
        sources = tuple(sorted(self._channels))
        async with self._db.read() as conn:
            if not await store.media_due(conn, sources, self._clock.now(), 1):
                return 0
        claimed = await self._writer.submit(SYSTEM, "media.claim", ClaimMedia(sources=sources, limit=AT_ONCE))
        async with anyio.create_task_group() as tasks:
            for row in claimed["files"]:
                tasks.start_soon(self._one, row)
        return len(claimed["files"])

    async def _one(self, row: Mapping[str, Any]) -> None:
        channel = self._channels[row["source"]]
        body = await (self._forget(channel, row) if row["stored"] else self._fetch(channel, row))
        with anyio.CancelScope(shield=True), anyio.move_on_after(10):
            await self._writer.submit(SYSTEM, "media.settle", body)

    async def _fetch(self, channel: Channel, row: Mapping[str, Any]) -> SettleMedia:
        try:
            async with self._db.read() as conn:
                max_bytes = (await option_store.load(conn)).upload_max_bytes
            if (row["size_bytes"] or 0) > max_bytes:
                raise TooLarge("file_too_large")
            with anyio.fail_after(FETCH_S):
                content = await self._read(channel, row["ref"], max_bytes)
                check = partial(check_file, row["name"], content, row["media_type"], max_bytes=max_bytes, sound=True)
                checked = await anyio.to_thread.run_sync(check, limiter=_DECODING)
                digest = sha256(checked.content).hexdigest()
                await self._blobs.put(digest, checked.content)
            crash_point("media_on_disk")
        except (TooLarge, UnsupportedKind, Invalid) as error:
            why = {"file_too_large": "too_large", "file_kind": "kind", "file_empty": "empty"}.get(error.code, "kind")
            return self._settled(row, "refused", why=why)
        except Missing:
            return self._settled(row, "failed", why="gone")
        except (ProviderError, NoSpace, TimeoutError, OSError) as error:
            return self._again(row, error)
        return SettleMedia(
            id=row["id"],
            epoch=row["epoch"],
            outcome="stored",
            name=checked.name,
            media_type=checked.media_type,
            size_bytes=len(checked.content),
            sha256=digest,
        )

    async def _read(self, channel: Channel, ref: Mapping[str, Any], max_bytes: int) -> bytes:
        """Read a file within its cap, whatever size the provider said it had."""
        content = bytearray()
        async for chunk in channel.fetch(ref):
            content += chunk
            if len(content) > max_bytes:
                raise TooLarge("file_too_large")
        return bytes(content)

    async def _forget(self, channel: Channel, row: Mapping[str, Any]) -> SettleMedia:
        try:
            with anyio.fail_after(FETCH_S):
                await channel.forget(row["ref"])
        except (ProviderError, TimeoutError, OSError) as error:
            return self._again(row, error)
        return self._settled(row, "removed")

    def _again(self, row: Mapping[str, Any], error: Exception) -> SettleMedia:
        log.warning("media_failed", source=row["source"], error=type(error).__name__, attempt=row["attempts"])
        final = isinstance(error, ProviderError) and not error.retryable
        if (final or row["attempts"] >= PATIENCE.tries) and not row["stored"]:
            return self._settled(row, "failed", why="provider")
        after = error.retry_after_s if isinstance(error, ProviderError) else None
        wait_s = delay_s(row["attempts"], self._draw(), PATIENCE, retry_after_s=after)
        return self._settled(row, "again", again_in_s=wait_s)

    def _settled(self, row: Mapping[str, Any], outcome: Any, **facts: Any) -> SettleMedia:
        return SettleMedia(id=row["id"], epoch=row["epoch"], outcome=outcome, **facts)
