"""Planted bugs of messaging; see `tests.support.mutants`. Each breaks one promise, and its harness has to notice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any
from unittest.mock import patch

from channels import telegram, telegram_wire
from contact_center.actions import intake
from contact_center.actions import outbox as outbox_actions
from contact_center.errors import ContactCenterError, ProviderError
from contact_center.jobs import outbox as outbox_jobs
from contact_center.rules.backoff import Outcome
from contact_center.rules.messaging import InboundMessage
from contact_center.rules.model import DeliveryState
from contact_center.store import outbox as outbox_store
from tests.support.mutants import _mutant

ADDED = True
"""Whoever imports this module has these bugs to plant."""


@_mutant
@contextmanager
def updates_lose_their_names() -> Iterator[None]:
    """Every delivery of an update looks like a new one."""
    inner, number = telegram_wire.event_of, count()

    def event_of(channel: str, bot_id: int, update: Any) -> Any:
        event = inner(channel, bot_id, update)
        if not isinstance(event, InboundMessage):
            return event
        n = next(number)
        return replace(event, event_key=f"{event.event_key}.{n}", external_id=f"{event.external_id}.{n}")

    with patch.object(telegram_wire, "event_of", event_of):
        yield


@_mutant
@contextmanager
def the_last_report_wins() -> Iterator[None]:
    """A late «sent» undoes a «delivered»."""
    with patch.object(DeliveryState, "merge", staticmethod(lambda known, reported: reported)):
        yield


@_mutant
@contextmanager
def taken_without_being_stored() -> Iterator[None]:
    """The provider is told yes although the database said no."""
    inner = intake.MessageIntake.receive

    async def receive(self: Any, event: Any) -> None:
        try:
            await inner(self, event)
        except ContactCenterError:
            return

    with patch.object(intake.MessageIntake, "receive", receive):
        yield


@_mutant
@contextmanager
def nobody_looks_at_the_bot() -> Iterator[None]:
    """Updates may wait with an error for a day."""
    with patch.object(telegram_wire.Outage, "seen", lambda self, now, pending, last_error_at: None):
        yield


@_mutant
@contextmanager
def silence_is_taken_for_no() -> Iterator[None]:
    """A request without an answer is sent again."""

    def failure(error: Any) -> ProviderError:
        found = telegram_wire_failure(error)
        return ProviderError("unreachable", retryable=True) if found.code == "uncertain" else found

    telegram_wire_failure = telegram_wire.failure
    with patch.object(telegram_wire, "failure", failure):
        yield


@_mutant
@contextmanager
def every_answer_is_yes() -> Iterator[None]:
    """What the provider refused is shown as sent."""
    inner = outbox_jobs.Outbox._failed

    def _failed(self: Any, name: str, row: Any, error: Any, parts: int) -> Any:
        found = inner(self, name, row, error, parts)
        return replace(found, outcome=Outcome.done) if found.outcome == "failed" else found

    with patch.object(outbox_jobs.Outbox, "_failed", _failed):
        yield


@_mutant
@contextmanager
def nobody_waits_for_the_one_before() -> Iterator[None]:
    """A message is sent while an earlier one of its conversation still has to be."""
    with patch.object(outbox_store, "STANDS_BEFORE", ("nothing",)):
        yield


@_mutant
@contextmanager
def retry_after_is_not_read() -> Iterator[None]:
    """A provider that asks for a pause is asked again at once."""
    inner = telegram_wire.failure

    def failure(error: Any) -> ProviderError:
        found = inner(error)
        return ProviderError(found.code, retryable=found.retryable) if found.retry_after_s else found

    with patch.object(telegram_wire, "failure", failure):
        yield


@_mutant
@contextmanager
def nobody_keeps_the_pace() -> Iterator[None]:
    """Messages leave as fast as they can."""
    fast = replace(telegram.Telegram.limits, per_address_s=0.0, per_s=100_000.0)

    async def ready(conn: Any, channel: str, now: datetime, *, pause_since: datetime, limit: int) -> Sequence[Any]:
        return await inner(conn, channel, now, pause_since=now, limit=limit)

    inner = outbox_store.ready
    with patch.object(telegram.Telegram, "limits", fast), patch.object(outbox_store, "ready", ready):
        yield


@_mutant
@contextmanager
def leases_end_soon() -> Iterator[None]:
    """No bug: what a dead node was sending is found after three seconds instead of a minute, for a test in a hurry."""
    with patch.object(outbox_actions, "LEASE_S", 3):
        yield


@_mutant
@contextmanager
def the_lost_go_again() -> Iterator[None]:
    """What a dead node was sending is simply sent again."""

    async def _doubt(tx: Any, row: Any, error: str) -> None:
        again = {"state": "queued", "next_at": tx.now}
        await outbox_store.move(tx.conn, row.id, states=["sending"], epoch=row.lease_epoch, **again)

    with patch.object(outbox_actions, "LEASE_S", 3), patch.object(outbox_actions, "_doubt", _doubt):
        yield
