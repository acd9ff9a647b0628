"""Nothing personal reaches a log, and nobody forges a line (PROMISES S28; §3: 33, 34)."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from contact_center import log

CANARIES = [
    "+52 662 123 4567",
    "6621234567",
    "(662) 123-4567",
    "ana.perez@example.org",
    "PUEU800101MSRRJN02",
    "pueu800101msrrjn02",
    "PUEU800101AB1",
    "Bearer abcdefghijklmnop",
    "PKe9Jt89C21wsEV1JBGAgAANT6RSFXnuKkVxIWJZtlo",
]
HARMLESS = [
    "01a20b78-9b4a-76b7-ad0c-30733ba77e23",
    "2026-11-24T02:53:03.100536Z",
    "CEAC-2026-000123",
    "127.0.0.1:8000",
    "/api/v1/conversations/01a20b78-9b4a-76b7-ad0c-30733ba77e23",
    "sqlite",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged while the test runs."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.set_up("info", stream=stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("canary", CANARIES)
def test_what_is_personal_is_replaced_wherever_it_stands(lines: io.StringIO, canary: str) -> None:
    logger: Any = structlog.get_logger("x")
    logger.info("done", detail=f"said {canary} today", deep={"a": [canary, {"b": canary}]}, other=canary)
    logging.getLogger("library").warning("library says %s", canary)
    try:
        raise ValueError(canary)
    except ValueError:
        logger.exception("failed")
    assert canary.removeprefix("Bearer ") not in lines.getvalue()


@pytest.mark.parametrize("key", ["password", "token", "csrf", "phone", "visitor_phone", "text", "name", "cookie"])
def test_a_field_with_a_telling_name_is_hidden_whatever_it_holds(lines: io.StringIO, key: str) -> None:
    structlog.get_logger("x").info("done", **{key: "Ana"})
    assert "Ana" not in lines.getvalue()


@pytest.mark.parametrize("text", HARMLESS)
def test_ids_times_and_folios_stay_readable(text: str) -> None:
    assert log.clean_text(text) == text


@pytest.mark.parametrize("text", ["a\r\n2026 INFO login ok admin", "\x1b[2J", "a\u202eb", "a\u0085b", "\ud800"])
def test_a_stranger_cannot_forge_a_line_or_move_the_cursor(
    lines: io.StringIO, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    root = logging.getLogger()  # without the test runner's handlers: half a character cannot travel in a report
    monkeypatch.setattr(root, "handlers", [one for one in root.handlers if type(one).__module__ != "_pytest.logging"])
    structlog.get_logger("x").info("done", detail=text)
    logging.getLogger("library").warning("%s", text)
    out = lines.getvalue()
    assert out.count("\n") == 2
    assert not set("\r\x1b\u202e\u0085") & set(out)
    assert [json.loads(line)["level"] for line in out.splitlines()] == ["info", "warning"]


def test_a_long_text_is_cut() -> None:
    assert len(log.clean_text("a b " * 100_000)) <= 4_000
