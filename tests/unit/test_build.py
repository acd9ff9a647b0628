"""The build of the UI: when it is needed, and what it leaves."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from agents_ui import STATIC

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def hatch_build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    folder = tmp_path / "agents_ui"
    (folder / "src" / "chat").mkdir(parents=True)
    (folder / "static").mkdir()
    (folder / "chat.html").write_text("<!doctype html>")
    (folder / "src" / "chat" / "main.tsx").write_text("export {};")
    return folder


def test_unchanged_sources_are_not_built_again(hatch_build: ModuleType, ui: Path) -> None:
    assert not hatch_build.is_built(ui)
    (ui / "static" / hatch_build.STAMP).write_text(hatch_build.sources_hash(ui))
    assert hatch_build.is_built(ui)


@pytest.mark.parametrize("change", ["edit", "add", "rename", "remove"])
def test_any_change_of_the_sources_asks_for_a_build(hatch_build: ModuleType, ui: Path, change: str) -> None:
    (ui / "static" / hatch_build.STAMP).write_text(hatch_build.sources_hash(ui))
    source = ui / "src" / "chat" / "main.tsx"
    match change:
        case "edit":
            source.write_text("export const changed = 1;")
        case "add":
            source.with_name("state.ts").write_text("export {};")
        case "rename":
            source.rename(source.with_name("other.tsx"))
        case "remove":
            source.unlink()
    assert not hatch_build.is_built(ui)


def test_a_tree_from_an_sdist_needs_no_node(hatch_build: ModuleType, ui: Path) -> None:
    root = ui.parent
    assert not hatch_build.is_from_sdist(root)
    (root / "PKG-INFO").write_text("Metadata-Version: 2.4")
    assert not hatch_build.is_from_sdist(root), "an sdist without the built UI must not pass for a good one"
    (ui / "static" / "console.html").write_text("<!doctype html>")
    assert hatch_build.is_from_sdist(root)


def test_the_built_ui_has_its_pages_and_loader() -> None:
    assert {"console.html", "chat.html", "widget.js"} <= {path.name for path in STATIC.iterdir()}
