"""The registers of calls as definitions: their figures with formulas, groupings and filters. Pure.

One definition makes the screen today and the files later, so that a figure means the same everywhere. A figure is a
count or is made of counts; `where` is the filter that lists exactly the rows it counts. Source: DOMAIN §3 R1, R3, R4
and its formulas, FEATURES §4 (the last sentence of each entry). Labels travel with them, as in the reference tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from contact_center.rules.calls import OPEN_STATES, CallState
from contact_center.rules.metrics import ratio
from contact_center.rules.model import Direction


class Unit(StrEnum):
    """How a figure is written."""

    number = "count"
    share = "share"
    """0 to 1, written as a percentage."""
    seconds = "seconds"
    days = "days"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. A zero denominator is None, which is written «—»."""

    key: str
    unit: Unit
    label_es: str
    label_en: str
    formula_es: str
    formula_en: str
    where: Mapping[str, str] | None = field(default_factory=dict)
    """The filter that opens its rows; None for a figure that counts no rows of its own."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """What rows may be put together by; `filter` is the filter a group opens with, by its key."""

    key: str
    label_es: str
    label_en: str
    filter: str


@dataclass(frozen=True, slots=True)
class Register:
    """A register: its name on the wire, its titles, its figures and how it may be put together."""

    key: str
    title_es: str
    title_en: str
    figures: tuple[Figure, ...]
    groupings: tuple[Grouping, ...]
    group_figures: tuple[str, ...]
    """The figures of each group, in order."""


class Outcome(StrEnum):
    """What became of a call: every inbound one is one of the first six, every outbound one of the last three."""

    answered = "answered"
    abandoned = "abandoned"
    message_left = "message_left"
    callback_asked = "callback_asked"
    self_service = "self_service"
    ringing = "ringing"
    reached = "reached"
    not_reached = "not_reached"
    dialling = "dialling"


NOT_THE_PERSON: Final = frozenset({CallState.wrong_number, CallState.voicemail})
"""Ends of an answered call of ours that did not reach whom we called."""


def outcome_of(direction: Direction, state: CallState, answered: bool) -> Outcome:
    """Return what became of a call; the SQL of the register says the same."""
    if direction is Direction.outbound:
        if answered and state not in NOT_THE_PERSON:
            return Outcome.reached
        return Outcome.dialling if state in OPEN_STATES else Outcome.not_reached
    if answered:
        return Outcome.answered
    if state in OPEN_STATES:
        return Outcome.ringing
    own = {one.value: one for one in (Outcome.message_left, Outcome.callback_asked, Outcome.self_service)}
    return own.get(state.value, Outcome.abandoned)


@dataclass(frozen=True, slots=True)
class CallCounts:
    """What the figures of R1 are made of. A call counts in the period of its start, once, whoever it went to."""

    calls: int = 0
    received: int = 0
    answered: int = 0
    abandoned: int = 0
    message_left: int = 0
    callback_asked: int = 0
    self_service: int = 0
    ringing: int = 0
    dropped: int = 0
    made: int = 0
    reached: int = 0
    not_reached: int = 0
    made_inform: int = 0
    made_request_info: int = 0
    made_return: int = 0
    made_attention: int = 0
    with_folio: int = 0
    transferred: int = 0
    waits: int = 0
    """Answered calls whose wait is known: one that was entered late has none, and that is not zero."""
    wait_s: int = 0
    lengths: int = 0
    """Answered calls that are over."""
    length_s: int = 0

    @property
    def connected(self) -> int:
        return self.answered + self.reached

    @property
    def balances(self) -> bool:
        """Whether what came in is what it became: printed on the register, and a fault of ours when it is not."""
        parts = self.answered + self.abandoned + self.message_left + self.callback_asked + self.self_service
        purposes = self.made_inform + self.made_request_info + self.made_return + self.made_attention
        return (
            self.received == parts + self.ringing
            and self.made == purposes
            and self.made >= self.reached + self.not_reached
            and self.calls == self.received + self.made
        )


def call_figures(n: CallCounts) -> dict[str, float | int | None]:
    """Return every figure of R1."""
    counts = {name: getattr(n, name) for name in CallCounts.__dataclass_fields__}
    return {
        **{key: value for key, value in counts.items() if key not in {"waits", "wait_s", "lengths", "length_s"}},
        "without_folio": n.calls - n.with_folio,
        "attention_rate": ratio(n.answered, n.answered + n.abandoned),
        "contact_rate": ratio(n.reached, n.reached + n.not_reached),
        "mean_wait_s": ratio(n.wait_s, n.waits),
        "mean_length_s": ratio(n.length_s, n.lengths),
        "transfer_rate": ratio(n.transferred, n.connected),
    }


@dataclass(frozen=True, slots=True)
class TransferCounts:
    """What the figures of R3 are made of."""

    transfers: int = 0
    accepted: int = 0
    refused: int = 0
    no_answer: int = 0
    pending: int = 0
    verified: int = 0
    answers: int = 0
    answer_s: int = 0

    @property
    def balances(self) -> bool:
        return self.transfers == self.accepted + self.refused + self.no_answer + self.pending


def transfer_figures(n: TransferCounts) -> dict[str, float | int | None]:
    """Return every figure of R3."""
    return {
        "transfers": n.transfers,
        "accepted": n.accepted,
        "refused": n.refused,
        "no_answer": n.no_answer,
        "pending": n.pending,
        "verified": n.verified,
        "unverified": n.transfers - n.verified,
        "accepted_rate": ratio(n.accepted, n.transfers - n.pending),
        "mean_answer_s": ratio(n.answer_s, n.answers),
    }


@dataclass(frozen=True, slots=True)
class RequestCounts:
    """What the figures of R4 are made of: calls to inform of a folio or to ask for more about it."""

    requests: int = 0
    inform: int = 0
    ask: int = 0
    reached: int = 0
    not_reached: int = 0
    cancelled: int = 0
    pending: int = 0
    overdue: int = 0
    """Of the pending ones, those whose time has passed."""
    attempts: int = 0
    achieved_days: int = 0
    """Business days from asking to reaching, over all that were reached."""

    @property
    def balances(self) -> bool:
        return (
            self.requests == self.reached + self.not_reached + self.cancelled + self.pending
            and self.requests == self.inform + self.ask
            and self.overdue <= self.pending
        )


def request_figures(n: RequestCounts) -> dict[str, float | int | None]:
    """Return every figure of R4."""
    return {
        "requests": n.requests,
        "inform": n.inform,
        "ask": n.ask,
        "reached": n.reached,
        "not_reached": n.not_reached,
        "cancelled": n.cancelled,
        "pending": n.pending,
        "overdue": n.overdue,
        "attempts": n.attempts,
        "contact_rate": ratio(n.reached, n.reached + n.not_reached),
        "mean_days": ratio(n.achieved_days, n.reached),
    }
