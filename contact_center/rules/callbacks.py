"""What becomes of a promised call: its states, what keeps a promise, when to try again, what is asked. Pure.

A callback is one matter; each time that a citizen was given is a promise of its own. The first try keeps a promise,
whether or not somebody answers: the citizen is owed the call, not their own presence. Sources: DOMAIN §2.1 «Call
request», §2.7; PROMISES P16.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from contact_center.rules.calendars import Calendar
from contact_center.rules.calls import CallState, Purpose
from contact_center.rules.dialling import next_common
from contact_center.rules.lifecycle import Facts, Move, Table, Who, step
from contact_center.rules.model import ActorKind, Role


class CallbackState(StrEnum):
    """Where a callback is (DOMAIN §2.7)."""

    solicited = "solicited"
    assigned = "assigned"
    """Its time has come: in the queue, or in somebody's hands."""
    rescheduled = "rescheduled"
    """To be tried again at its next time."""
    achieved = "achieved"
    exhausted = "exhausted"
    """Tried as often as the protocol says: the requester decides what next."""
    cancelled = "cancelled"
    closed = "closed"

    @property
    def is_open(self) -> bool:
        """Whether the office still owes a call."""
        return self in OPEN_CALLBACKS


OPEN_CALLBACKS: Final = frozenset({CallbackState.solicited, CallbackState.assigned, CallbackState.rescheduled})
OPEN_STATES: Final = tuple(sorted(one.value for one in OPEN_CALLBACKS))


class Standing(StrEnum):
    """What became of one promise."""

    pending = "pending"
    kept = "kept"
    late = "late"
    broken = "broken"
    moved = "moved"
    """Another time was given, and the citizen was told before this one was broken."""
    withdrawn = "withdrawn"


class Told(StrEnum):
    """How a citizen knows of a time."""

    chat = "chat"
    sms = "sms"
    said = "said"
    """By voice: in a call, or by the menu."""
    none = "none"


_ANYBODY: Final[frozenset[Who]] = frozenset({*Role, *ActorKind})
_C = CallbackState
_OPEN: Final = (_C.solicited, _C.assigned, _C.rescheduled)

CALLBACK: Final[Table[CallbackState]] = Table(
    "callback",
    (
        Move(None, "solicit", _C.solicited, _ANYBODY),
        Move(_C.solicited, "due", _C.assigned, _ANYBODY),
        Move(_C.rescheduled, "due", _C.assigned, _ANYBODY),
        Move(_C.assigned, "due", _C.assigned, _ANYBODY),
        *(Move(one, "again", _C.rescheduled, _ANYBODY) for one in _OPEN),
        *(Move(one, "move", _C.rescheduled, _ANYBODY) for one in _OPEN),
        *(Move(one, "achieve", _C.achieved, _ANYBODY) for one in _OPEN),
        *(Move(one, "exhaust", _C.exhausted, _ANYBODY) for one in _OPEN),
        *(Move(one, "cancel", _C.cancelled, _ANYBODY) for one in _OPEN),
        *(Move(one, "receive", _C.closed, _ANYBODY) for one in (_C.achieved, _C.exhausted)),
    ),
)
"""Who may do what is in `rules.access`; this says only what leads where."""


def after(state: str | None, event: str) -> str:
    """Return the state after an event. Raises `IllegalMove`."""
    facts = Facts(by=frozenset({ActorKind.system}))
    return step(CALLBACK, None if state is None else CallbackState(state), event, facts).value


PURPOSE_OF: Final[Mapping[str, Purpose]] = MappingProxyType(
    {
        "inform": Purpose.inform,
        "ask": Purpose.request_info,
        "return": Purpose.give_back,
        "other": Purpose.attention,
    }
)
"""What the calls of a callback are for, by its reason."""
NAMED: Final = frozenset({"inform", "ask"})
"""Reasons whose call reveals something: who is on the line has to be the one it concerns."""


# --- questions -------------------------------------------------------------------------------------------------------

KINDS: Final = ("text", "yes_no", "number", "date", "choice")
MAX_ANSWER: Final = 2_000


def answer_error(question: Mapping[str, Any], value: Any) -> str | None:
    """Say what is wrong with an answer: wrong_type, too_long, not_a_choice, bad_date; None for nothing."""
    match question["kind"]:
        case "yes_no":
            return None if isinstance(value, bool) else "wrong_type"
        case "number":
            ok = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15
            return None if ok else "wrong_type"
        case _ if not isinstance(value, str) or not value.strip():
            return "wrong_type"
        case "choice":
            return None if value in question.get("choices", ()) else "not_a_choice"
        case "date":
            try:
                datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007 - a date, no instant
            except ValueError:
                return "bad_date"
            return None
        case _:
            return "too_long" if len(value) > MAX_ANSWER else None


def missing_answers(questions: Iterable[Mapping[str, Any]], answers: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the ids of required questions nobody answered yet."""
    known = {one["question"] for one in answers}
    return [one["id"] for one in questions if one["required"] and one["id"] not in known]


# --- promises --------------------------------------------------------------------------------------------------------


def standing_of_try(tried_at: datetime, on_time_until: datetime, until: datetime) -> Standing:
    """What a first try makes of a promise: kept within its tolerance, late until its end, broken after it."""
    if tried_at <= on_time_until:
        return Standing.kept
    return Standing.late if tried_at <= until else Standing.broken


def standing_of_move(told_before: str, told_now: str, until: datetime, now: datetime) -> Standing:
    """What a new time makes of the old promise.

    A citizen who was given a time and does not hear of the new one waits for a call that does not come: that is broken.
    """
    if now > until:
        return Standing.broken
    return Standing.broken if told_before != Told.none and told_now == Told.none else Standing.moved


# --- the attempt protocol --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Protocol:
    """How often, and how far apart."""

    attempts: int = 3
    apart_s: int = 7_200


@dataclass(frozen=True, slots=True)
class Next:
    """What follows a try. `event` is one of CALLBACK; `at` the next time, for `again`."""

    event: str
    at: datetime | None = None


HOPELESS: Final = frozenset({CallState.wrong_number})
"""Outcomes after which no further try can help (DOMAIN §2.7)."""
UNCOUNTED: Final = frozenset({CallState.failed, CallState.cancelled})
"""Tries that never rang: the provider refused them, or somebody hung up before."""


def after_try(
    outcome: CallState, tried: Sequence[datetime], protocol: Protocol, zone: str, calendars: Sequence[Calendar]
) -> Next:
    """Say what follows a try that did not settle the matter. `tried` are all counted tries, this one last.

    The next one is at least `apart_s` later, when everybody in `calendars` (citizen and office) is reachable, and at an
    hour of the citizen's day that was not tried before. With no such time left, the requester decides.
    """
    if outcome in HOPELESS or (outcome not in UNCOUNTED and len(tried) >= protocol.attempts):
        return Next("exhaust")
    return_at = next_try(tried, protocol, zone, calendars)
    return Next("exhaust") if return_at is None else Next("again", return_at)


def next_try(
    tried: Sequence[datetime], protocol: Protocol, zone: str, calendars: Sequence[Calendar]
) -> datetime | None:
    """Return when to try again after `tried`, None when there is no such time."""
    tz = ZoneInfo(zone)
    hours_tried = {one.astimezone(tz).hour for one in tried}
    at = next_common(calendars, max(tried) + timedelta(seconds=protocol.apart_s))
    first = at
    for _ in range(24 * 15):
        if at is None:
            break
        if at.astimezone(tz).hour not in hours_tried:
            return at
        at = next_common(calendars, _next_hour(at, tz))
    return first  # an office that is open for one hour a day has no other hour to offer


def _next_hour(at: datetime, zone: ZoneInfo) -> datetime:
    wall = at.astimezone(zone)
    return at + timedelta(hours=1) - timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
