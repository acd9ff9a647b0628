"""Recordings and voicemails copied in: fetched with a cap, hashed, synced to our disk, then removed at the provider.

Every step may run again: the same bytes are the same file, and the provider's copy goes only after our commit (P34).
"""

import random
from hashlib import sha256
from typing import Any, Final

import anyio
import structlog

from contact_center.actions.kernel import SYSTEM
from contact_center.actions.recordings import Claim, Expire, Failed, Removed, Stored
from contact_center.actions.writer import Writer
from contact_center.crash import crash_point
from contact_center.errors import ContactCenterError, NoSpace, ProviderError
from contact_center.ports import BlobStore, Clock, VoiceProvider
from contact_center.rules.backoff import Patience, delay_s
from contact_center.store.db import Database

EVERY_S: Final = 5.0
FETCH_S: Final = 60.0
"""How long one copy may take; below the lease of a recording."""
MAX_BYTES: Final = 64 * 1024 * 1024
"""Two hours of speech as the provider sends it; more is no recording of ours."""
AT_ONCE: Final = 2
PATIENCE: Final = Patience(base_s=15.0, most_s=3 * 3_600.0, tries=12)
EXPIRE_EVERY_S: Final = 3_600.0

log = structlog.get_logger(__name__)


class Refused(Exception):
    """What came is no recording that we keep. The text is a code."""


class Recordings:
    """Serve with `run()` inside the process's task group."""

    def __init__(
        self,
        db: Database,
        writer: Writer,
        clock: Clock,
        blobs: BlobStore,
        provider: VoiceProvider,
        draw: Any = random.random,
    ) -> None:
        self._db = db
        self._writer = writer
        self._clock = clock
        self._blobs = blobs
        self._provider = provider
        self._draw = draw
        self._expired_at = float("-inf")

    async def run(self) -> None:
        """Copy until cancelled."""
        while True:
            try:
                await self.step()
                if self._clock.monotonic() - self._expired_at >= EXPIRE_EVERY_S:
                    self._expired_at = self._clock.monotonic()
                    await self.expire()
            except ContactCenterError as error:  # the database is busy: what is leased is taken up again
                log.warning("recordings_refused", code=error.code)
            await self._clock.sleep(EVERY_S)

    async def step(self) -> int:
        """Work on what is due once; return how much that was."""
        leased = (await self._writer.submit(SYSTEM, "recording.claim", Claim(limit=AT_ONCE)))["recordings"]
        async with anyio.create_task_group() as tasks:
            for one in leased:
                tasks.start_soon(self._one, one)
        return len(leased)

    async def expire(self) -> None:
        """Remove recordings whose time is over."""
        answer = await self._writer.submit(SYSTEM, "recordings.expire", Expire())
        for name in answer["files"]:
            await self._blobs.remove(name, unused_since_us=answer["before"])

    async def _one(self, one: dict[str, Any]) -> None:
        try:
            with anyio.fail_after(FETCH_S):
                if one["state"] == "announced":
                    await self._copy(one)
                await self._remove(one)
        except ProviderError as error:
            await self._failed(one, error.code, error.retryable or error.code == "uncertain", error.retry_after_s)
        except (TimeoutError, NoSpace) as error:
            await self._failed(one, type(error).__name__, True)
        except Refused as error:
            await self._failed(one, str(error), False)

    async def _copy(self, one: dict[str, Any]) -> None:
        content = bytearray()
        async for chunk in self._provider.recording(one["provider_id"]):
            content += chunk
            if len(content) > MAX_BYTES:
                raise Refused("too_large")
        media_type = sniff(bytes(content[:16]))
        if media_type is None:
            raise Refused("no_audio")
        digest = sha256(content).hexdigest()
        await self._blobs.put(digest, bytes(content))
        crash_point("recording_on_disk")
        body = Stored(
            id=one["id"], attempts=one["attempts"], media_type=media_type, size_bytes=len(content), sha256=digest
        )
        await self._writer.submit(SYSTEM, "recording.stored", body)
        crash_point("recording_stored")

    async def _remove(self, one: dict[str, Any]) -> None:
        await self._provider.remove_recording(one["provider_id"])
        crash_point("recording_removed")
        await self._writer.submit(SYSTEM, "recording.removed", Removed(id=one["id"]))

    async def _failed(self, one: dict[str, Any], error: str, again: bool, retry_after_s: float | None = None) -> None:
        log.warning("recording_not_copied", error=error, again=again)
        wait_s = delay_s(one["attempts"], self._draw(), PATIENCE, retry_after_s=retry_after_s) if again else None
        body = Failed(id=one["id"], attempts=one["attempts"], again_in_s=wait_s, error=error[:80])
        await self._writer.submit(SYSTEM, "recording.failed", body)


def sniff(head: bytes) -> str | None:
    """Return what sound the first bytes of a file are, None for anything else."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
        return "audio/mpeg"
    return None
