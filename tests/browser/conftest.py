"""The stage that a module of browser tests shares: one service, one database, whoever it hires."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.databases import copy_sqlite
from tests.support.stage import Stage, open_stage


@pytest.fixture(scope="module")
def stage(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A running service of this module's own, on Tuesday 24 November 2026 at 09:12 in Hermosillo."""
    folder = tmp_path_factory.mktemp("stage")
    with open_stage(copy_sqlite(_sqlite_template, folder), folder / "files") as running:
        yield running
