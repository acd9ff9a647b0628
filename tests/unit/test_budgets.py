"""The size budgets of the UI and the strict policy of its pages, against builds that break them."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = '<!doctype html><script type="module" crossorigin src="/assets/{name}.js"></script><div id="app"></div>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    for name in ("chat", "console"):
        (tmp_path / f"{name}.html").write_text(PAGE.format(name=name))
        (tmp_path / "assets" / f"{name}.js").write_text("document.title='x';")
    (tmp_path / "widget.js").write_text("(function(){})();")
    return tmp_path


def check_budgets(built: Path) -> tuple[int, str]:
    command = [sys.executable, str(ROOT / "hatch_build.py"), "--node", "scripts/budgets.mjs", str(built)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def incompressible(kilobytes: int) -> str:
    return random.Random(7).randbytes(kilobytes * 500).hex()


def test_a_small_build_without_anything_inline_passes(built: Path) -> None:
    code, printed = check_budgets(built)
    assert code == 0, printed


def test_the_loader_may_not_outgrow_its_budget(built: Path) -> None:
    (built / "widget.js").write_text(f"/*{incompressible(8)}*/")
    code, printed = check_budgets(built)
    assert code == 1
    assert "widget.js weighs" in printed


def test_what_a_page_imports_statically_counts_and_what_is_lazy_does_not(built: Path) -> None:
    (built / "assets" / "part-a1.js").write_text(f"/*{incompressible(40)}*/export{{}}")
    (built / "assets" / "chat.js").write_text('import("./part-a1.js");')
    assert check_budgets(built)[0] == 0
    (built / "assets" / "chat.js").write_text('import{a as b}from"./part-a1.js";')
    code, printed = check_budgets(built)
    assert code == 1
    assert "chat.html weighs" in printed


@pytest.mark.parametrize(
    ("breach", "words"),
    [
        ("<script>start()</script>", "inline script"),
        ("<style>p{}</style>", "inline style"),
        ('<p style="color:red">', "inline style"),
        ('<body onload="start()">', "inline event handler"),
        ('<link rel="stylesheet" href="https://fonts.example/inter.css">', "another site"),
    ],
)
def test_a_page_that_the_policy_would_block_fails(built: Path, breach: str, words: str) -> None:
    page = built / "chat.html"
    page.write_text(page.read_text() + breach)
    code, printed = check_budgets(built)
    assert code == 1
    assert words in printed
