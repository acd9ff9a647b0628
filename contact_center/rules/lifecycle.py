"""Every life cycle as a table: (from, event, to, who, guard), and one `step` that obeys it.

A move that is not in its table does not exist: `step` raises `IllegalMove`, which the actions turn into a 409. Sources:
DOMAIN §2.3 (capture), §2.4 (petition), §2.5 (conversation), §2.9 rule 13 (crisis), PROMISES §4.7 (ownership). Events
that leave the state as it is are in the tables too, because they are still refused elsewhere. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Generic, TypeVar

from contact_center.rules.calls import CallState
from contact_center.rules.model import (
    ActorKind,
    CaptureState,
    ConversationState,
    OfferState,
    PetitionKind,
    PetitionState,
    Role,
    WorkState,
)

Who = Role | ActorKind
S = TypeVar("S", bound=StrEnum)


class IllegalMove(Exception):
    """The life cycle has no such move from here, or not for this actor, or its guard says no.

    `why` is `state` (no such move from here), `who` (not for this actor), or the name of the guard that refused.
    """

    def __init__(self, table: str, state: str | None, event: str, why: str) -> None:
        super().__init__(f"{table}: {event} from {state or 'nothing'} refused ({why})")
        self.table = table
        self.state = state
        self.event = event
        self.why = why


@dataclass(frozen=True, slots=True)
class Facts:
    """What guards may look at. Every default is the one that refuses, so a forgotten fact never lets a move through.

    `by` is the roles of a person, or the kind of any other actor; see `by_of`.
    """

    by: frozenset[Who]
    crisis: bool = True
    """Whether a crisis flag is up. Defaults to true: forgetting it can only keep a conversation open."""
    office_open: bool = False
    notice_shown: bool = False
    warned: bool = False
    is_author: bool = False
    is_reviewer_apart: bool = False
    """The reviewer neither wrote nor held any part of what is reviewed."""
    checklist_complete: bool = False
    has_comment: bool = False
    captured: bool = False
    """Disposition and folio or reason are in place (`catalogues.capture_errors` is empty)."""
    in_time: bool = False
    """The offer's deadline has not passed."""
    fields_complete: bool = False
    attempts_exhausted: bool = False
    oficio_authorised: bool = False
    has_cause: bool = False
    has_main_folio: bool = False
    within_reopen_term: bool = False
    file_complete: bool = False
    petition_kind: PetitionKind | None = None


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One line of a table. `source` None is "does not exist yet"."""

    source: S | None
    event: str
    target: S
    who: frozenset[Who]
    guard: str | None = None


@dataclass(frozen=True, slots=True)
class Table(Generic[S]):
    """A life cycle: its name, its moves, and an index made once."""

    name: str
    moves: tuple[Move[S], ...]
    index: Mapping[tuple[S | None, str], tuple[Move[S], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        index: dict[tuple[S | None, str], tuple[Move[S], ...]] = {}
        for move in self.moves:
            key = (move.source, move.event)
            index[key] = (*index.get(key, ()), move)
        object.__setattr__(self, "index", MappingProxyType(index))

    @property
    def events(self) -> frozenset[str]:
        """Every event the table knows."""
        return frozenset(move.event for move in self.moves)


def by_of(kind: ActorKind, roles: frozenset[Role] = frozenset()) -> frozenset[Who]:
    """The value for `Facts.by`: a person counts by roles, anybody else by kind."""
    return frozenset(roles) if kind is ActorKind.staff else frozenset({kind})


def step(table: Table[S], state: S | None, event: str, facts: Facts) -> S:
    """The state after `event`. Raises `IllegalMove`.

    Where one event has several moves from a state, the first that this actor may make and whose guard passes is taken,
    in the order of the table.
    """
    moves = table.index.get((state, event), ())
    if not moves:
        raise IllegalMove(table.name, state, event, "state")
    why = "who"
    for move in moves:
        if move.who.isdisjoint(facts.by):
            continue
        if move.guard is None or GUARDS[move.guard](facts):
            return move.target
        why = move.guard
    raise IllegalMove(table.name, state, event, why)


def events_from(table: Table[S], state: S | None, by: frozenset[Who]) -> frozenset[str]:
    """The events an actor could try from a state, guards apart: what a screen offers as buttons."""
    return frozenset(move.event for move in table.moves if move.source == state and not move.who.isdisjoint(by))


GUARDS: Final[Mapping[str, Callable[[Facts], bool]]] = MappingProxyType(
    {
        "notice_shown": lambda f: f.notice_shown,
        "open_or_crisis": lambda f: f.office_open or f.crisis,
        "shut_and_no_crisis": lambda f: not f.office_open and not f.crisis,
        "crisis": lambda f: f.crisis,
        "no_crisis": lambda f: not f.crisis,
        "warned_and_no_crisis": lambda f: f.warned and not f.crisis,
        "captured": lambda f: f.captured,
        "in_time": lambda f: f.in_time,
        "author": lambda f: f.is_author,
        "reviewer_and_checklist": lambda f: f.is_reviewer_apart and f.checklist_complete,
        "reviewer_and_comment": lambda f: f.is_reviewer_apart and f.has_comment,
        "fields_complete": lambda f: f.fields_complete,
        "attempts_exhausted": lambda f: f.attempts_exhausted,
        "oficio_authorised": lambda f: f.oficio_authorised,
        "comment": lambda f: f.has_comment,
        "cause": lambda f: f.has_cause,
        "main_folio": lambda f: f.has_main_folio,
        "reopen_term": lambda f: f.within_reopen_term and f.has_comment,
        "file_complete": lambda f: f.file_complete,
        "courtesy_kind": lambda f: f.petition_kind in (PetitionKind.suggestion, PetitionKind.congratulation),
    }
)

_VISITOR: Final[frozenset[Who]] = frozenset({ActorKind.visitor})
_SYSTEM: Final[frozenset[Who]] = frozenset({ActorKind.system})
_AGENT: Final[frozenset[Who]] = frozenset({Role.agent, Role.supervisor, Role.area})
_SUPERVISOR: Final[frozenset[Who]] = frozenset({Role.supervisor})

_C = ConversationState


def _conversation(
    sources: tuple[_C | None, ...], event: str, target: _C, who: frozenset[Who], guard: str | None = None
) -> list[Move[ConversationState]]:
    return [Move(source, event, target, who, guard) for source in sources]


def _stay(
    sources: tuple[_C, ...], event: str, who: frozenset[Who], guard: str | None = None
) -> list[Move[ConversationState]]:
    return [Move(source, event, source, who, guard) for source in sources]


_HELD: Final = (_C.assigned, _C.active, _C.waiting)

CONVERSATION: Final[Table[ConversationState]] = Table(
    "conversation",
    (
        *_conversation((None,), "open", _C.started, _VISITOR | _SYSTEM | _AGENT, "notice_shown"),
        # The citizen writes. Out of hours a text becomes a left message, unless it is a crisis.
        *_conversation((_C.started, _C.message_left), "citizen_message", _C.queued, _VISITOR, "open_or_crisis"),
        *_conversation((_C.started,), "citizen_message", _C.message_left, _VISITOR, "shut_and_no_crisis"),
        *_stay((_C.message_left,), "citizen_message", _VISITOR, "shut_and_no_crisis"),
        *_stay((_C.queued, _C.assigned, _C.active), "citizen_message", _VISITOR),
        *_conversation((_C.waiting,), "citizen_message", _C.active, _VISITOR),
        *_conversation((_C.started, _C.queued), "leave_message", _C.message_left, _VISITOR | _SYSTEM, "no_crisis"),
        *_conversation((_C.message_left,), "enqueue", _C.queued, _SYSTEM | _SUPERVISOR),
        # A crisis (rule 13) brings any open conversation before a person, at any hour, and never ends one.
        *_conversation((_C.started, _C.message_left), "crisis", _C.queued, _SYSTEM | _AGENT, "crisis"),
        *_stay((_C.queued, _C.assigned, _C.active), "crisis", _SYSTEM | _AGENT, "crisis"),
        *_conversation((_C.waiting,), "crisis", _C.active, _SYSTEM | _AGENT, "crisis"),
        # Coming to a person, and changing hands.
        *_conversation((_C.queued, _C.message_left), "assign", _C.assigned, _SYSTEM | _AGENT),
        *_conversation(_HELD, "reassign", _C.assigned, _SUPERVISOR),
        *_conversation(_HELD, "hand_over", _C.assigned, _AGENT | _SYSTEM),
        *_conversation(_HELD, "take_over", _C.active, _SUPERVISOR),
        *_conversation((_C.assigned,), "no_first_reply", _C.queued, _SYSTEM),
        *_conversation(_HELD, "release", _C.queued, _SYSTEM | _SUPERVISOR),
        *_conversation(_HELD, "transfer", _C.queued, _AGENT),
        # The agent writes, and waits.
        *_conversation((_C.assigned, _C.active), "agent_message", _C.active, _AGENT),
        *_stay((_C.waiting,), "agent_message", _AGENT),
        *_conversation((_C.active,), "wait", _C.waiting, _AGENT | _SYSTEM),
        # Ends. Those that no member of staff decides are refused while a crisis flag is up.
        *_conversation((*_HELD, _C.message_left), "close", _C.closed, _AGENT),
        *_conversation(_HELD, "citizen_end", _C.closed, _VISITOR, "no_crisis"),
        # The line of a call is down; in a crisis the contact stays open all the same, for a person to call back.
        *_conversation((*_HELD, _C.message_left), "line_ended", _C.closed, _SYSTEM | _AGENT, "no_crisis"),
        *_conversation((_C.started, _C.queued), "line_ended", _C.abandoned, _SYSTEM | _AGENT, "no_crisis"),
        *_conversation((_C.started, _C.queued), "citizen_end", _C.abandoned, _VISITOR | _SYSTEM, "no_crisis"),
        *_conversation((_C.started, _C.queued), "queue_timeout", _C.abandoned, _SYSTEM, "no_crisis"),
        *_conversation((_C.waiting,), "inactivity", _C.closed_inactivity, _SYSTEM, "no_crisis"),
        *_conversation((_C.active,), "abuse", _C.closed_abuse, _AGENT | _SYSTEM, "warned_and_no_crisis"),
        *_conversation(
            (_C.assigned, _C.active, _C.message_left), "spam", _C.closed_spam, _AGENT | _SYSTEM, "no_crisis"
        ),
        *_conversation((_C.started, _C.queued), "self_service", _C.closed_self_service, _SYSTEM, "no_crisis"),
    ),
)
"""DOMAIN §2.5. Writing again after an end opens a new conversation linked to the old one: `open`, never a way back."""

_K = CaptureState

CAPTURE: Final[Table[CaptureState]] = Table(
    "capture",
    (
        Move(None, "end", _K.pending, _AGENT | _SYSTEM | _VISITOR),
        Move(_K.pending, "capture", _K.captured, _AGENT, "captured"),
        Move(_K.pending, "expire", _K.overdue, _SYSTEM),
        Move(_K.overdue, "capture", _K.captured, _AGENT, "captured"),
        Move(_K.captured, "approve", _K.reviewed, _SUPERVISOR, "reviewer_and_checklist"),
        Move(_K.captured, "return", _K.returned, _SUPERVISOR, "reviewer_and_comment"),
        Move(_K.returned, "correct", _K.captured, _AGENT, "author"),
    ),
)
"""DOMAIN §2.3. What is reviewed is immutable; a correction afterwards is a row of its own."""

_W = WorkState

WORK: Final[Table[WorkState]] = Table(
    "work",
    (
        Move(None, "enqueue", _W.waiting, _SYSTEM | _AGENT | _VISITOR),
        Move(None, "schedule", _W.scheduled, _SYSTEM | _AGENT | _VISITOR),
        Move(_W.scheduled, "due", _W.waiting, _SYSTEM),
        Move(_W.scheduled, "take", _W.held, _AGENT),
        Move(_W.scheduled, "assign", _W.held, _SUPERVISOR),
        Move(_W.waiting, "offer", _W.offered, _SYSTEM),
        Move(_W.waiting, "overflow", _W.waiting, _SYSTEM | _SUPERVISOR),
        Move(_W.waiting, "take", _W.held, _AGENT),
        Move(_W.waiting, "assign", _W.held, _SUPERVISOR),
        Move(_W.waiting, "reschedule", _W.scheduled, _SYSTEM | _VISITOR | _SUPERVISOR),
        # A callback waits for another hour: moved by somebody, or not reached.
        *(Move(source, "reschedule", _W.scheduled, _SYSTEM) for source in (_W.scheduled, _W.offered, _W.wrap_up)),
        Move(_W.offered, "accept", _W.held, _AGENT, "in_time"),
        Move(_W.offered, "decline", _W.waiting, _AGENT),
        Move(_W.offered, "expire", _W.waiting, _SYSTEM),
        Move(_W.offered, "withdraw", _W.waiting, _SYSTEM | _SUPERVISOR),
        Move(_W.offered, "assign", _W.held, _SUPERVISOR),
        Move(_W.held, "assign", _W.held, _SUPERVISOR),
        Move(_W.held, "take_over", _W.held, _SUPERVISOR),
        # A call handed over after a word with the other side, who is in it already.
        Move(_W.held, "hand_over", _W.held, _AGENT | _SYSTEM),
        Move(_W.held, "transfer", _W.waiting, _AGENT),
        Move(_W.held, "release", _W.waiting, _SYSTEM | _SUPERVISOR),
        Move(_W.held, "reschedule", _W.scheduled, _AGENT | _SYSTEM),
        Move(_W.held, "end", _W.wrap_up, _AGENT | _SYSTEM | _VISITOR),
        Move(_W.wrap_up, "finish", _W.done, _AGENT, "captured"),
        # The limit ran out or the agent is gone: the item leaves the agent, its capture stays an open finding.
        Move(_W.wrap_up, "wrap_up_expired", _W.done, _SYSTEM),
        *(
            Move(source, "cancel", _W.done, _SYSTEM | _VISITOR | _SUPERVISOR)
            for source in (_W.scheduled, _W.waiting, _W.offered)
        ),
    ),
)

OFFER: Final[Table[OfferState]] = Table(
    "offer",
    (
        Move(None, "make", OfferState.open, _SYSTEM),
        Move(OfferState.open, "accept", OfferState.accepted, _AGENT, "in_time"),
        Move(OfferState.open, "decline", OfferState.declined, _AGENT),
        Move(OfferState.open, "expire", OfferState.expired, _SYSTEM),
        Move(OfferState.open, "withdraw", OfferState.withdrawn, _SYSTEM | _SUPERVISOR | _VISITOR),
    ),
)

_L = CallState
_NOT_REACHED: Final = (
    *(_L.no_answer, _L.busy, _L.voicemail, _L.wrong_number, _L.out_of_service),
    *(_L.failed, _L.cancelled),
)


def _call(sources: tuple[CallState | None, ...], event: str, target: CallState) -> list[Move[CallState]]:
    return [Move(source, event, target, _SYSTEM | _AGENT) for source in sources]


CALL: Final[Table[CallState]] = Table(
    "call",
    (
        *_call((None,), "enter", _L.ringing),
        *_call((None,), "dial", _L.dialling),
        *_call((_L.ringing, _L.dialling), "answered", _L.in_progress),
        *_call((_L.in_progress,), "hold", _L.in_progress),
        *_call((_L.in_progress,), "resume", _L.in_progress),
        *_call((_L.in_progress,), "transfer", _L.transferring),
        *_call((_L.transferring,), "transfer_settled", _L.in_progress),
        *_call((_L.in_progress, _L.transferring), "ended", _L.completed),
        *_call((_L.in_progress, _L.transferring), "dropped", _L.dropped),
        *_call((_L.ringing,), "ended", _L.abandoned),
        *_call((_L.ringing,), "leave_message", _L.message_left),
        *_call((_L.ringing,), "ask_callback", _L.callback_asked),
        *_call((_L.ringing,), "served", _L.self_service),
        *(one for state in _NOT_REACHED for one in _call((_L.dialling,), state.value, state)),
        # A wrong number is only known once somebody answered, a machine too.
        *_call((_L.in_progress,), "wrong_number", _L.wrong_number),
        *_call((_L.in_progress,), "voicemail", _L.voicemail),
    ),
)
"""DOMAIN §2.6: what a person may say of a call, and from where. Its state itself is the fold of `rules.calls`."""

_P = PetitionState
_CORRESPONDENCE: Final[frozenset[Who]] = frozenset({Role.correspondence})
_HEADS: Final[frozenset[Who]] = frozenset({Role.director, Role.coordination})
_AREA: Final[frozenset[Who]] = frozenset({Role.area})
_LIAISON: Final[frozenset[Who]] = frozenset({Role.liaison})
_ANY_AREA: Final[frozenset[Who]] = _AGENT | _HEADS | _CORRESPONDENCE
_CONCLUDERS: Final[frozenset[Who]] = _CORRESPONDENCE | _HEADS | _AREA
_BEFORE_END: Final = (
    _P.registered,
    _P.verifying,
    _P.analysing,
    _P.internal,
    _P.referred,
    _P.following_up,
    _P.answered,
)
_CONCLUDED: Final = (_P.concluded_satisfactory, _P.concluded_unsatisfactory)

PETITION: Final[Table[PetitionState]] = Table(
    "petition",
    (
        Move(None, "start", _P.draft, _ANY_AREA),
        Move(_P.draft, "register", _P.registered, _ANY_AREA, "fields_complete"),
        Move(_P.registered, "ask_data", _P.verifying, _ANY_AREA, "comment"),
        Move(_P.verifying, "complete_data", _P.analysing, _AGENT),
        Move(_P.verifying, "not_located", _P.concluded_unsatisfactory, _CORRESPONDENCE, "attempts_exhausted"),
        Move(_P.registered, "classify", _P.analysing, _AREA | _SUPERVISOR | _HEADS | _CORRESPONDENCE),
        Move(_P.analysing, "route_inside", _P.internal, _HEADS | _SUPERVISOR),
        Move(_P.internal, "return_inside", _P.analysing, _AREA, "comment"),
        Move(_P.analysing, "refer", _P.referred, _CORRESPONDENCE | _HEADS, "oficio_authorised"),
        Move(_P.referred, "acknowledge", _P.following_up, _LIAISON | _CORRESPONDENCE),
        *(
            Move(source, "reject_competence", _P.analysing, _LIAISON, "comment")
            for source in (_P.referred, _P.following_up)
        ),
        Move(_P.following_up, "answer", _P.answered, _LIAISON | _AREA | _CORRESPONDENCE),
        Move(_P.internal, "answer", _P.answered, _AREA),
        Move(_P.answered, "conclude_satisfactory", _P.concluded_satisfactory, _CONCLUDERS),
        Move(_P.answered, "conclude_unsatisfactory", _P.concluded_unsatisfactory, _CONCLUDERS, "cause"),
        Move(_P.answered, "insufficient", _P.following_up, _CORRESPONDENCE, "comment"),
        *(
            Move(source, "withdraw", _P.concluded_unsatisfactory, _CORRESPONDENCE | _HEADS, "cause")
            for source in _BEFORE_END
        ),
        *(
            Move(source, "mark_duplicate", _P.duplicate, _CORRESPONDENCE | _HEADS, "main_folio")
            for source in _BEFORE_END
        ),
        *(Move(source, "reopen", _P.following_up, _HEADS | _CORRESPONDENCE, "reopen_term") for source in _CONCLUDED),
        *(Move(source, "archive", _P.archived, _CORRESPONDENCE, "file_complete") for source in _CONCLUDED),
        Move(_P.registered, "thank", _P.concluded_satisfactory, _SUPERVISOR, "courtesy_kind"),
    ),
)
"""DOMAIN §2.4. Overdue is computed, not a state."""

TABLES: Final[
    tuple[
        Table[ConversationState]
        | Table[CaptureState]
        | Table[WorkState]
        | Table[OfferState]
        | Table[CallState]
        | Table[PetitionState],
        ...,
    ]
] = (CONVERSATION, CAPTURE, WORK, OFFER, CALL, PETITION)
