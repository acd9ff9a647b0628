"""Planted bugs of promised calls; importing this adds them to `tests.support.mutants`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from contact_center.actions.kernel import VERBS, Tx
from contact_center.rules import callbacks as callback_rules_pure
from contact_center.rules import dialling
from contact_center.store import due
from contact_center.store import promises as store
from contact_center.store import work as work_store
from contact_center.store.due import Kind
from contact_center.store.types import from_us
from tests.support.mutants import MUTANTS


def _mutant(make: Any) -> Any:
    MUTANTS[make.__name__] = make
    return make


@_mutant
@contextmanager
def window_in_the_offices_zone() -> Iterator[None]:
    """The hours of calling are read off the office's clock, wherever the citizen is."""
    real = dialling.window_of

    def window(policy: Any, zone: str, office: Any) -> Any:
        return real(policy, office.zone, office)

    with patch.object(dialling, "window_of", window):
        yield


@_mutant
@contextmanager
def holidays_not_asked() -> Iterator[None]:
    """Closures are for the office, not for calls."""
    real = dialling.window_of

    def window(policy: Any, zone: str, office: Any) -> Any:
        return real(policy, zone, replace(office, closures=()))

    with patch.object(dialling, "window_of", window):
        yield


@_mutant
@contextmanager
def dialling_not_claimed() -> Iterator[None]:
    """Whoever asks may dial, also while somebody does."""

    async def claim(conn: Any, callback_id: str, call_id: str) -> bool:
        from sqlalchemy import update

        from contact_center.store.schema import callbacks

        await conn.execute(update(callbacks).where(callbacks.c.id == callback_id).values(dialling_id=call_id))
        return True

    async def nobody(*_: Any) -> None:
        return None

    with patch.object(store, "claim_dialling", claim), patch("contact_center.store.calls.open_of", nobody):
        yield


@_mutant
@contextmanager
def late_is_dropped() -> Iterator[None]:
    """What is more than an hour late does not come due any more, as a scheduler with a misfire grace would have it."""
    real = due.look

    async def look(conn: Any, now: Any, ages: Any) -> Any:
        found = await real(conn, now, ages)
        in_time = [row for row in found[Kind.scheduled] if now - from_us(row.at) < timedelta(hours=1)]
        return {**found, Kind.scheduled: in_time}

    with patch.object(due, "look", look):
        yield


@_mutant
@contextmanager
def broken_is_not_written_down() -> Iterator[None]:
    """A promise past its end goes on as if nothing were."""

    async def nothing(_tx: Tx, _body: Any) -> dict[str, Any]:
        return {}

    verb = VERBS["callback.break"]
    with patch.dict(VERBS, {"callback.break": replace(verb, run=nothing)}):
        yield


@_mutant
@contextmanager
def due_without_second_look() -> Iterator[None]:
    """What was due when it was looked for is due, whatever happened to it since."""
    verb = VERBS["engine.due"]

    async def due(tx: Tx, body: Any) -> dict[str, Any]:
        item = await work_store.get_item(tx.conn, body.item_id)
        assert item is not None
        await work_store.change_item(tx.conn, item.id, state="waiting", owner_id=None, since=tx.now, due_at=None)
        return {}

    with patch.dict(VERBS, {"engine.due": replace(verb, run=due)}):
        yield


@_mutant
@contextmanager
def a_move_always_counts_as_told() -> Iterator[None]:
    """A promise that was moved is no longer owed, whether or not the citizen heard of it."""

    def standing(*_: Any) -> Any:
        return callback_rules_pure.Standing.moved

    with patch.object(callback_rules_pure, "standing_of_move", standing):
        yield


ADDED = True
