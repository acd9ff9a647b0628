"""Backups of an SQLite house: one file with the database as it stood at one instant, and every attachment.

The database is copied by `VACUUM INTO`, never as a file, so the service may run. PostgreSQL has its own tools: pg_dump
and pg_basebackup.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

DATABASE: Final = "database.db"
MANIFEST: Final = "manifest.json"
FILES: Final = "files/"
FORMAT: Final = 1


class BackupRefused(Exception):
    """Why a backup was not made or not restored, in words."""


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    tables: int
    rows: int
    files: int


def sqlite_path(url: str) -> Path:
    """Return the file of a database address. Raises BackupRefused for PostgreSQL."""
    if not url.startswith("sqlite:///"):
        raise BackupRefused("Este comando respalda SQLite; con PostgreSQL use pg_dump o pg_basebackup.")
    return Path(url.removeprefix("sqlite:///"))


def make(url: str, data_dir: Path, to: Path) -> Made:
    """Write a backup to a file that is not there yet. The file is complete or absent. Raises BackupRefused."""
    source = sqlite_path(url)
    if not source.is_file():
        raise BackupRefused(f"No existe la base de datos {source}.")
    if to.exists():
        raise BackupRefused(f"{to} ya existe: elija otro nombre.")
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".backup-") as folder:
        copy, part = Path(folder) / DATABASE, Path(folder) / "part"
        with closing(sqlite3.connect(source, timeout=30)) as db:
            db.execute("VACUUM INTO ?", (str(copy),))
        counts = check(copy)
        files = sorted(path for path in data_dir.rglob("*") if path.is_file() and is_file_of_ours(path, source))
        manifest = {"format": FORMAT, "sha256": _sha256(copy), "rows": counts, "files": len(files)}
        with part.open("xb") as raw:
            os.fchmod(raw.fileno(), 0o600)
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6) as archive:
                _add_bytes(archive, MANIFEST, json.dumps(manifest, indent=1).encode())
                archive.add(copy, DATABASE)
                for path in files:
                    archive.add(path, FILES + path.relative_to(data_dir).as_posix())
            raw.flush()
            os.fsync(raw.fileno())
        part.rename(to)
    return Made(len(counts), sum(counts.values()), len(files))


def is_file_of_ours(path: Path, database: Path) -> bool:
    """Say whether a file under the data folder is an attachment: not the database, nor something half written."""
    return not path.name.startswith((".", database.name)) and not path.name.endswith((".part", ".gz"))


def restore_to(source: Path, url: str, data_dir: Path) -> Made:
    """Unpack a backup into a database that is not there yet, after checking it whole. Raises BackupRefused."""
    target = sqlite_path(url)
    if target.exists():
        raise BackupRefused(f"{target} ya existe: no se sobrescribe una base de datos.")
    if not source.is_file():
        raise BackupRefused(f"No existe el respaldo {source}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".restore-") as folder:
        try:
            with tarfile.open(source, "r:gz") as archive:
                archive.extractall(folder, filter="data")
            manifest: dict[str, Any] = json.loads((Path(folder) / MANIFEST).read_text())
            copy = Path(folder) / DATABASE
            damaged = manifest["format"] != FORMAT or manifest["sha256"] != _sha256(copy)
        except (tarfile.TarError, OSError, KeyError, ValueError, EOFError) as error:
            raise BackupRefused(f"{source} no es un respaldo, o está dañado.") from error
        counts = check(copy)
        files = [path for path in (Path(folder) / FILES).rglob("*") if path.is_file()]
        if damaged or counts != manifest["rows"] or len(files) != manifest["files"]:
            raise BackupRefused(f"{source} está dañado: su contenido no es el que se guardó.")
        for path in files:
            place = data_dir / path.relative_to(Path(folder) / FILES)
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.exists():
                shutil.move(path, place)
        copy.chmod(0o600)
        copy.rename(target)
    return Made(len(counts), sum(counts.values()), len(files))


def check(path: Path) -> dict[str, int]:
    """Return how many rows each table of a database has, once it is known to be whole. Raises BackupRefused."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        try:
            if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupRefused("La copia de la base de datos está dañada.")
            names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
            counts = {name: db.execute(f'SELECT count(*) FROM "{name}"') for name in names}  # noqa: S608 - our names
            return {name: cursor.fetchone()[0] for name, cursor in counts.items()}
        except sqlite3.DatabaseError as error:
            raise BackupRefused("La copia de la base de datos está dañada.") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))
