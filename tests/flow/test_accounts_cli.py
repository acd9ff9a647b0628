"""The command line: people, settings, backups."""

import logging
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from contact_center.cli import app


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


class Answer:
    """How one command ended."""

    def __init__(self, folder: Path, words: tuple[str, ...], stdin: str) -> None:
        env = {
            "CONTACT_CENTER_DATABASE_URL": f"sqlite:///{folder / 'house.db'}",
            "CONTACT_CENTER_DATA_DIR": str(folder / "files"),
        }
        ended = CliRunner().invoke(app, list(words), input=stdin, env=env)
        self.returncode, self.stdout, self.stderr = ended.exit_code, ended.stdout, ended.stderr


def cli(folder: Path, *words: str, stdin: str = "") -> Answer:
    """Run one command in this process."""
    return Answer(folder, words, stdin)


def test_people_are_added_listed_disabled_and_given_passwords_from_the_machine(tmp_path: Path) -> None:
    added = cli(tmp_path, "user", "add", "ana", "--name", "Ana Prueba", "--role", "supervisor", "--queue", "Recados")
    assert added.returncode == 0 and "Contraseña" in added.stdout, added.stderr
    assert cli(tmp_path, "user", "add", "ANA").returncode == 1
    weak = cli(tmp_path, "user", "add", "beto", "--password-stdin", stdin="corta\n")
    assert weak.returncode == 1 and "weak_password" in weak.stderr
    assert cli(tmp_path, "user", "add", "eva", "--queue", "Nada").returncode == 1
    assert cli(tmp_path, "user", "add", "eva", "--role", "king").returncode == 1
    assert cli(tmp_path, "user", "disable", "Ana").returncode == 0
    listed = cli(tmp_path, "user", "list").stdout
    assert "Ana Prueba" in listed and "de baja" in listed
    assert "Contraseña" in cli(tmp_path, "user", "reset-password", "ana").stdout
    assert cli(tmp_path, "user", "reset-password", "nobody").returncode == 1


def test_settings_that_cannot_be_are_told_without_a_traceback(tmp_path: Path) -> None:
    answer = cli(tmp_path, "migrate", "--database", "mysql://x")
    assert (
        answer.returncode == 2 and "CONTACT_CENTER_DATABASE_URL" in answer.stderr and "Traceback" not in answer.stderr
    )


def test_a_backup_comes_back_whole_and_a_damaged_one_does_not(tmp_path: Path) -> None:
    cli(tmp_path, "user", "add", "ana", "--name", "Ana Prueba")
    files = tmp_path / "files" / "ab"
    files.mkdir(parents=True)
    (files / "abcdef").write_bytes(b"an attachment")
    backup = tmp_path / "backup.tar.gz"
    made = cli(tmp_path, "backup", str(backup))
    assert made.returncode == 0, made.stderr
    assert backup.stat().st_mode & 0o077 == 0, "only its owner may read it"
    assert cli(tmp_path, "backup", str(backup)).returncode == 1, "nothing is overwritten"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    back = cli(elsewhere, "restore", str(backup))
    assert back.returncode == 0, back.stderr
    assert (elsewhere / "files" / "ab" / "abcdef").read_bytes() == b"an attachment"
    assert "Ana Prueba" in cli(elsewhere, "user", "list").stdout
    assert cli(elsewhere, "restore", str(backup)).returncode == 1, "a house that is there is not overwritten"
    for damage in ("cut", "changed"):
        bad = tmp_path / f"{damage}.tar.gz"
        content = backup.read_bytes()
        if damage == "cut":
            bad.write_bytes(content[: len(content) // 2])
        else:
            with tarfile.open(backup) as old, tarfile.open(bad, "w:gz") as new:
                for entry in old.getmembers():
                    data = old.extractfile(entry)
                    if data is not None and entry.name != "files/ab/abcdef":
                        new.addfile(entry, data)
        third = tmp_path / damage
        third.mkdir()
        refused = cli(third, "restore", str(bad))
        assert refused.returncode == 1 and not (third / "house.db").exists(), damage
