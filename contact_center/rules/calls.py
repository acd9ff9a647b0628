"""What a call is: the fold of the facts that were reported about it, in whatever order they came. Pure.

A provider reports a call in pieces that arrive late, twice, or the last one first; an agent at a desk phone reports
it by pressing keys. Both end as `Fact`s, each under a key that is the same on every delivery. `fold` looks at the set,
never at the order of arrival, so every permutation of the same webhooks gives the same call (PROMISES P6, P7). Source
of the states: DOMAIN §2.6.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from contact_center.rules.model import Direction


class CallState(StrEnum):
    """Where a call is. The first four are open; an inbound call ends as one of the next six, an outbound one as
    `completed`, `dropped` or one of the last seven.
    """

    ringing = "ringing"
    dialling = "dialling"
    in_progress = "in_progress"
    transferring = "transferring"
    completed = "completed"
    dropped = "dropped"
    abandoned = "abandoned"
    message_left = "message_left"
    callback_asked = "callback_asked"
    self_service = "self_service"
    no_answer = "no_answer"
    busy = "busy"
    voicemail = "voicemail"
    wrong_number = "wrong_number"
    out_of_service = "out_of_service"
    failed = "failed"
    cancelled = "cancelled"

    @property
    def is_open(self) -> bool:
        """Whether the line is still in use."""
        return self in OPEN_STATES

    @property
    def is_missed(self) -> bool:
        """Whether a citizen called and spoke with nobody: somebody has to call back (DOMAIN §2.6)."""
        return self is CallState.abandoned


OPEN_STATES: Final = frozenset({CallState.ringing, CallState.dialling, CallState.in_progress, CallState.transferring})
MACHINE_S: Final = 60
"""Whoever speaks longer than this with what was taken for a machine spoke with a person."""
NOT_REACHED: Final = frozenset(
    {
        CallState.no_answer,
        CallState.busy,
        CallState.voicemail,
        CallState.wrong_number,
        CallState.out_of_service,
        CallState.failed,
        CallState.cancelled,
    }
)
"""How an outbound call ends that reached nobody; each is an attempt of its callback."""


class Purpose(StrEnum):
    """What an outbound call is for; an inbound one is always `attention` (DOMAIN «Read first»)."""

    attention = "attention"
    inform = "inform"
    request_info = "request_info"
    give_back = "return"


class Mode(StrEnum):
    """Who handles the line: an ordinary telephone, the provider, or nobody any more (found in an exchange's list)."""

    desk = "desk"
    browser = "browser"
    record = "record"


class EventKind(StrEnum):
    """The kinds of facts about a call."""

    entered = "entered"
    dialled = "dialled"
    chose = "chose"
    queued = "queued"
    answered = "answered"
    """The citizen picked up a call of ours."""
    joined = "joined"
    """A leg came into the call; with `user_id` it is an agent's."""
    left = "left"
    held = "held"
    resumed = "resumed"
    leg_failed = "leg_failed"
    """An agent's or an outside leg did not answer."""
    message_left = "message_left"
    callback_asked = "callback_asked"
    served = "served"
    """The menu itself gave what was asked for."""
    transferring = "transferring"
    transferred = "transferred"
    recording = "recording"
    ended = "ended"
    """`data.how`: completed, dropped, or one of `NOT_REACHED`; `data.by`: citizen, agent, system."""


class OrderKind(StrEnum):
    """What we ask of the provider; each is a row that is sent at most once by itself (PROMISES P14).

    The room of a call is named by our call id. Legs of staff are browsers and carry the custom parameter `call` (our
    call id), a supervisor's `how` as well. A leg is known by the provider's id for it, which is the `leg` of its facts;
    `data.user` names the leg of a member of staff, `data.leg` any other one.
    """

    bridge = "bridge"
    """Bring the waiting caller and the agent `data.user` together in the call's room. The caller goes on hearing that
    they wait until the agent's device answers; when it does not, `leg_failed` with the agent's `user_id` is reported
    and the caller waits on.
    """
    dial = "dial"
    """Ring the device of the agent `data.user`, then the citizen's number, into the room. The citizen's leg is the
    call's own provider id; the agent's leg is none but a leg.
    """
    hold = "hold"
    """Let the citizen hear music; reported as `held`."""
    resume = "resume"
    hang_up = "hang_up"
    """End the call for everybody."""
    requeue = "requeue"
    """Send the caller back to wait, then let `data.user` go: a cold transfer, or an agent who is gone."""
    consult = "consult"
    """Hold the caller and call `data.user` or the outside `data.number` into the room. Reported as `joined` or
    `leg_failed`, both with `data.consult`: the order's id.
    """
    join_all = "join_all"
    """Three-way: nobody on hold."""
    drop_leg = "drop_leg"
    """Take the leg of `data.user`, or leg `data.leg`, out of the room; the others go on talking."""
    listen = "listen"
    """A supervisor `data.user` comes in; `data.how`: listen, whisper, barge; `data.agent` is whom a whisper reaches.
    Their `joined` and `left` carry `data.listens` and no `user_id`: they are no agent of the call. Asked again with
    another `how`, it changes how they are in.
    """
    record = "record"
    pause_recording = "pause_recording"
    resume_recording = "resume_recording"
    stop_recording = "stop_recording"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known to have happened to a call.

    `key` identifies it: two deliveries of one fact have the same. `timed` says that `at` is the provider's word, not
    the moment we heard of it.
    """

    key: str
    kind: EventKind
    at: datetime
    timed: bool = True
    leg: str | None = None
    user_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Leg:
    """One stay of somebody in the call. `left` is None while it lasts; an agent may have several."""

    leg: str
    user_id: str | None
    joined: datetime
    left: datetime | None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call as it stands: what the columns of `calls` say. Times are aware UTC, durations seconds."""

    state: CallState
    started_at: datetime
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    held_since: datetime | None = None
    hold_s: int = 0
    talk_s: int = 0
    ended_by: str | None = None
    choice: str | None = None
    legs: tuple[Leg, ...] = ()

    @property
    def agents(self) -> tuple[Leg, ...]:
        """The legs of members of staff who spoke, first one first; supervisors who listened are not among them."""
        return tuple(one for one in self.legs if one.user_id is not None)

    @property
    def wait_s(self) -> int | None:
        """Seconds from the queue (or the first ring) to the first agent, or to the end; None while it waits."""
        until = self.answered_at or self.ended_at
        return None if until is None else _seconds(self.queued_at or self.started_at, until)

    def stay_of(self, user_id: str) -> int:
        """Seconds one agent was in the call, hold included."""
        ends = [(leg.joined, leg.left or self.ended_at) for leg in self.agents if leg.user_id == user_id]
        return sum(_seconds(start, end) for start, end in ends if end is not None)


_ORDER: Final[Mapping[EventKind, int]] = MappingProxyType({kind: rank for rank, kind in enumerate(EventKind)})


def fold(direction: Direction, facts: Iterable[Fact]) -> CallFacts:
    """Return the call that a set of facts describes. The order of `facts` does not matter, nor do repeats.

    A time that the provider said is believed before one at which we merely heard. Raises ValueError for no facts.
    """
    known = sorted({one.key: one for one in sorted(facts, key=_tie)}.values(), key=_tie)
    if not known:
        raise ValueError("a call without facts")
    end = _best(known, EventKind.ended)
    ended_at = end.at if end else None
    legs = _legs(known, ended_at)
    agents = [one for one in legs if one.user_id is not None]
    holds = _holds(known, ended_at)
    first_talk = min((one.joined for one in agents), default=None)
    picked_up = _best(known, EventKind.answered)
    answered_at = first_talk if direction is Direction.inbound else (picked_up.at if picked_up else None)
    queued, chose = _best(known, EventKind.queued), _best(known, EventKind.chose)
    open_hold = holds[-1][0] if holds and holds[-1][1] is None else None
    hold_s = sum(_seconds(start, stop) for start, stop in holds if stop is not None)
    talk_end = ended_at or max((one.left for one in agents if one.left), default=None)
    return CallFacts(
        state=_state(direction, known, end, answered_at is not None),
        started_at=_start(known),
        queued_at=queued.at if queued else None,
        answered_at=answered_at,
        ended_at=ended_at,
        held_since=None if ended_at else open_hold,
        hold_s=hold_s,
        talk_s=max(0, _seconds(answered_at, talk_end) - hold_s) if answered_at and talk_end else 0,
        ended_by=end.data.get("by") if end else None,
        choice=chose.data.get("choice") if chose else None,
        legs=legs,
    )


def holds_of(facts: Iterable[Fact], ended_at: datetime | None) -> list[tuple[datetime, datetime | None]]:
    """Return when the citizen was on hold; the last one may be open."""
    return _holds(sorted(facts, key=_tie), ended_at)


def seconds_within(leg: Leg, spans: Iterable[tuple[datetime, datetime | None]], until: datetime | None) -> int:
    """Return how many seconds of `spans` fall into a leg: an agent's own share of the hold."""
    end = leg.left or until
    if end is None:
        return 0
    total = 0
    for start, stop in spans:
        low, high = max(start, leg.joined), min(stop or end, end)
        total += _seconds(low, high) if high > low else 0
    return total


def _tie(one: Fact) -> tuple[datetime, int, str]:
    return one.at, _ORDER[one.kind], one.key


def _best(known: Sequence[Fact], kind: EventKind) -> Fact | None:
    """The first fact of a kind; one with the provider's own time before any other."""
    of_kind = [one for one in known if one.kind is kind]
    return min(of_kind, key=lambda one: (not one.timed, _tie(one)), default=None)


def _start(known: Sequence[Fact]) -> datetime:
    """The first thing known of a call, or its end less the length that the provider says: what told of its beginning
    carries no time, or never came.
    """
    lengths = [(one.at, one.data.get("seconds")) for one in known if one.kind is EventKind.ended]
    begun = [at - timedelta(seconds=length) for at, length in lengths if isinstance(length, int)]
    return min([known[0].at, *begun])


def _legs(known: Sequence[Fact], ended_at: datetime | None) -> tuple[Leg, ...]:
    """Who was in the call. That an agent's leg was answered counts until the room itself says when it came in."""
    found: list[Leg] = []
    seen = {one.leg for one in known if one.kind is EventKind.joined and one.timed}
    came = [one for one in known if one.kind is EventKind.joined and one.leg and (one.timed or one.leg not in seen)]
    for joined in came:
        leaves = (
            one.at for one in known if one.kind is EventKind.left and one.leg == joined.leg and one.at >= joined.at
        )
        left = min(leaves, default=ended_at)
        found.append(Leg(joined.leg or "", joined.user_id, joined.at, left))
    return tuple(found)


def _holds(known: Sequence[Fact], ended_at: datetime | None) -> list[tuple[datetime, datetime | None]]:
    spans: list[tuple[datetime, datetime | None]] = []
    for one in known:
        is_open = bool(spans) and spans[-1][1] is None
        if one.kind is EventKind.held and not is_open and (ended_at is None or one.at < ended_at):
            spans.append((one.at, None))
        elif one.kind is EventKind.resumed and is_open:
            spans[-1] = (spans[-1][0], one.at if ended_at is None else min(one.at, ended_at))
    if spans and spans[-1][1] is None and ended_at is not None:
        spans[-1] = (spans[-1][0], ended_at)
    return spans


def _state(direction: Direction, known: Sequence[Fact], end: Fact | None, answered: bool) -> CallState:
    kinds = {one.kind for one in known}
    if end is None:
        if answered:
            moving = sum(one.kind is EventKind.transferring for one in known)
            settled = sum(one.kind is EventKind.transferred for one in known)
            return CallState.transferring if moving > settled else CallState.in_progress
        return CallState.ringing if direction is Direction.inbound else CallState.dialling
    how = str(end.data.get("how", "completed"))
    if answered and how == CallState.completed and direction is Direction.outbound and _was_machine(known, end):
        return CallState.voicemail
    if answered:
        return CallState(how) if how in _AFTER_ANSWER else CallState.completed
    if direction is Direction.outbound:
        return CallState(how) if how in NOT_REACHED else CallState.no_answer
    for kind, state in _UNANSWERED:
        if kind in kinds:
            return state
    return CallState.abandoned


def _was_machine(known: Sequence[Fact], end: Fact) -> bool:
    """Whether a machine picked up and nobody spoke with it for long: what detects machines takes a long greeting of a
    person for one.
    """
    picked_up = _best(known, EventKind.answered)
    short = picked_up is None or _seconds(picked_up.at, end.at) < MACHINE_S
    return short and any(one.kind is EventKind.leg_failed and one.data.get("how") == "voicemail" for one in known)


_AFTER_ANSWER: Final = frozenset({CallState.dropped, CallState.wrong_number, CallState.voicemail})
"""Ends of an answered call that say more than that it ended."""
_UNANSWERED: Final = (
    (EventKind.message_left, CallState.message_left),
    (EventKind.callback_asked, CallState.callback_asked),
    (EventKind.served, CallState.self_service),
)
"""What an inbound call that no agent answered may still have come to, the first that applies."""


def _seconds(start: datetime, end: datetime) -> int:
    return max(0, int((end - start).total_seconds()))
