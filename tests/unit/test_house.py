"""The house rules that no other tool checks."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE_LINES = 400
PYTHON = ("contact_center", "channels", "tests", "agents_ui")


def sources() -> Iterator[Path]:
    for folder in PYTHON:
        for pattern in ("*.py", "*.ts", "*.tsx", "*.css"):
            yield from (path for path in (ROOT / folder).rglob(pattern) if not is_made(path))


def is_made(path: Path) -> bool:
    return bool({"node_modules", "static", ".static-new", ".static-old"} & set(path.relative_to(ROOT).parts))


def test_no_file_is_too_long_to_read() -> None:
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines()) for path in sources()}
    assert {name: lines for name, lines in long.items() if lines > LONGEST_FILE_LINES} == {}


def test_every_dependency_is_pinned_to_one_version_without_an_address() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.+-]+", line)] == []
    pinned = {plain_name(line) for line in lines}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {plain_name(line) for line in project["dependencies"] + project["optional-dependencies"]["dev"]}
    assert wanted - pinned == set()


def plain_name(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9_.-]+", requirement)
    assert match is not None
    return re.sub(r"[-_.]+", "-", match.group()).lower()


def test_the_lock_file_of_the_ui_has_no_addresses() -> None:
    lock = (ROOT / "agents_ui" / "package-lock.json").read_text()
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') > 20


@pytest.mark.parametrize("call", [r"\bcreate_task\(", r"\bensure_future\(", r"except\s*:"])
def test_code_without_structure_is_not_written(call: str) -> None:
    python = [path for path in sources() if path.suffix == ".py" and path.is_relative_to(ROOT / "contact_center")]
    found = [path.relative_to(ROOT).as_posix() for path in python if re.search(call, path.read_text())]
    assert found == []
