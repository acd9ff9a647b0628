"""Files from strangers: their names made safe, their bytes kept outside the web root.

What a file really is gets decided in `file_kinds`. On disk a file is named by the SHA-256 of its content, never by what
somebody sent.
"""

import errno
import os
import re
import unicodedata
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import anyio
import anyio.to_thread

from contact_center.errors import Missing, NoSpace

CHUNK_BYTES: Final = 256 * 1024
KEEP_FREE_BYTES: Final = 256 * 1024 * 1024
"""Room that files never take: uploads are refused before messages are (PROMISES P20)."""
MAX_NAME_BYTES: Final = 200
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BLOB_NAME: Final = re.compile(r"[0-9a-f]{64}")
_ENCODED: Final = re.compile(r"%(?:0[0-9a-f]|1[0-9a-f]|2e|2f|5c|7f)", re.IGNORECASE)
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*]')
_DEVICES: Final = re.compile(r"(?:con|prn|aux|nul|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


class DiskBlobs:
    """Files by the SHA-256 of their content, below one folder (mode 0700, files 0600). A `ports.BlobStore`."""

    def __init__(self, root: Path, *, keep_free_bytes: int = KEEP_FREE_BYTES) -> None:
        self._root = root
        self._keep_free_bytes = keep_free_bytes

    async def put(self, name: str, content: bytes) -> None:
        """Store and fsync file and folder. Idempotent on the same name. Raises NoSpace; nothing half written stays."""
        if name != sha256(content).hexdigest():
            raise ValueError("a blob is named by its content")
        if await self.free_bytes() < len(content):
            raise NoSpace
        try:
            await anyio.to_thread.run_sync(self._write, name, content)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise NoSpace from error
            raise

    async def read(self, name: str) -> AsyncIterator[bytes]:
        """Yield the file in chunks. Raises Missing."""
        try:
            file = await anyio.open_file(self._path(name), "rb")
        except FileNotFoundError as error:
            raise Missing from error
        async with file:
            while chunk := await file.read(CHUNK_BYTES):
                yield chunk

    async def remove(self, name: str, *, unused_since_us: int) -> None:
        """Remove a file nobody stored again since an instant (microseconds). Idempotent."""
        path = self._path(name)

        def unlink() -> None:
            if path.is_file() and path.stat().st_mtime_ns < unused_since_us * 1_000:
                path.unlink(missing_ok=True)

        await anyio.to_thread.run_sync(unlink)

    async def free_bytes(self) -> int:
        """Return the room left for files, less what is kept for the database; never negative."""

        def look() -> int:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            room = os.statvfs(self._root)
            return max(0, room.f_bavail * room.f_frsize - self._keep_free_bytes)

        return await anyio.to_thread.run_sync(look)

    async def has(self, name: str) -> bool:
        """Say whether the file is there."""
        return await anyio.Path(self._path(name)).is_file()

    def _path(self, name: str) -> Path:
        if not _BLOB_NAME.fullmatch(name):
            raise Missing
        return self._root / name[:2] / name

    def _write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        if path.is_file() and path.stat().st_size == len(content):
            path.touch()  # somebody wants it again: `remove` leaves it alone
            return
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _fsync_folder(self._root)
        half = path.with_name(f"{name}.{os.getpid()}.{id(content):x}.part")
        try:
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        _fsync_folder(path.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def safe_name(name: str, *, fallback: str = "archivo") -> str:
    """Return a name to show and to download under: the last part of a path, without control, invisible or direction
    characters (so `factura\u202egpj.exe` shows what it is), reserved device names or outer dots, at most 200 bytes."""
    if _ENCODED.search(name):
        name = unquote(name, errors="replace")
    name = unicodedata.normalize("NFC", name)
    name = "".join(c for c in name if c in " \t" or not unicodedata.category(c).startswith("C"))
    name = re.split(r"[/\\]", name)[-1]
    name = " ".join(_NOT_IN_NAMES.sub("_", name).split()).rstrip(". ")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    stem = stem.strip(". ")
    if not stem:
        stem = fallback
    if _DEVICES.fullmatch(stem.split(".")[0].strip()):
        stem = f"_{stem}"
    extension = f".{extension[:10]}" if extension else ""
    return _cut(stem, MAX_NAME_BYTES - len(extension.encode())) + extension


def _cut(text: str, size_bytes: int) -> str:
    return text.encode()[:size_bytes].decode(errors="ignore").rstrip(". ") or "_"


def content_disposition(name: str) -> str:
    """Return the header that makes a browser save the file (RFC 6266): plain ASCII first, the real name beside it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^\w .\-()]", "_", plain).strip() or "archivo"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
