"""PROMISES §4.13: an answer leaves after its commit, and one code path gives it."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from contact_center.actions.writer import Job
from contact_center.store import inline
from tests.support.house import TestHouse, open_house
from tests.support.mutants import plant

PRODUCT = Path(__file__).resolve().parents[2] / "contact_center"
WRITER = PRODUCT / "actions" / "writer.py"
SETTERS = frozenset({"set_result", "set_exception"})


def calls_of(path: Path) -> list[tuple[str, int]]:
    """Return (attribute, line) of every method call in a module."""
    tree = ast.parse(path.read_text())
    return [
        (node.func.attr, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]


def product() -> list[Path]:
    return [path for path in PRODUCT.rglob("*.py") if "bench" not in path.parts and "demo" not in path.parts]


def test_nobody_but_the_writer_settles_a_command() -> None:
    found = {
        path.relative_to(PRODUCT).as_posix() for path in product() for name, _ in calls_of(path) if name in SETTERS
    }
    # The database's thread settles what waits for it: the writer, before it answers anybody.
    assert found == {"actions/writer.py", "store/db.py"}


def test_the_writer_settles_a_command_after_the_commit_and_nowhere_else() -> None:
    (results,) = [line for name, line in calls_of(WRITER) if name == "set_result"]
    (transaction,) = [line for name, line in calls_of(WRITER) if name == "in_transaction"]
    commit = next(node for node in ast.walk(ast.parse(WRITER.read_text())) if getattr(node, "name", "") == "_commit")
    assert isinstance(commit, ast.AsyncFunctionDef) and commit.end_lineno is not None
    assert commit.lineno < transaction < results < commit.end_lineno


def test_an_acknowledgement_is_said_in_one_place() -> None:
    said = [path.relative_to(PRODUCT).as_posix() for path in product() if '"type": "ack"' in path.read_text()]
    assert said == ["web/socket.py"]


@contextmanager
def watched_answers(house: TestHouse) -> Iterator[list[str]]:
    """Collect the verbs that were answered although nothing was committed since they were handed in."""
    commits = 0
    early: list[str] = []

    @event.listens_for(house.db.writer.sync_engine, "commit")
    def count(_conn: Any) -> None:
        nonlocal commits
        commits += 1

    now = inline.Connection.commit_now

    def counted(self: inline.Connection) -> None:
        now(self)
        count(self)

    original = Job.__init__

    def watched(self: Job, verb: Any, *args: Any) -> None:
        original(self, verb, *args)
        before = commits
        self.done.add_done_callback(lambda _: early.append(verb.name) if commits == before else None)

    with patch.object(Job, "__init__", watched), patch.object(inline.Connection, "commit_now", counted):
        yield early


async def answered_before_their_commit(url: str) -> list[str]:
    """Run commands of every kind and return those that were answered before a commit."""
    async with open_house(url) as house:
        with watched_answers(house) as early:
            citizen = await house.visitor()
            agent = await house.staff("ana")
            sent = await house.do(citizen, "chat.send", "one-message", text="Buenos días")
            item = await house.take_first(agent)
            fields = {"conversation_id": sent["conversation"]}
            await house.do(agent, "conversation.reply", "one-reply", epoch=item["epoch"], text="Hola", **fields)
            await house.do(agent, "conversation.note", "one-note-x", text="Nota", **fields)
            await house.do(citizen, "chat.send", "one-message", text="Buenos días")
        return early


async def test_every_answer_follows_a_commit(database_url: str) -> None:
    assert await answered_before_their_commit(database_url) == []


async def test_the_guard_notices_an_answer_before_the_commit(sqlite_database_url: str) -> None:
    async with open_house(sqlite_database_url) as house:
        citizen = await house.visitor()
        await house.do(citizen, "chat.send", "first-words", text="Buenos días")
        with plant("ack_before_commit"), watched_answers(house) as early:
            await house.do(citizen, "chat.send", "too-early-x", text="¿Ya?")
    assert early == ["chat.send"]
