"""What the provider keeps in mind: call legs, conferences, recordings, queues, and the exchange that holds them and
the text messages."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Final, Protocol

import anyio
from anyio.abc import TaskGroup

from contact_center.simulators.twilio.config import API_VERSION, Config
from contact_center.simulators.twilio.elapse import Elapse
from contact_center.simulators.twilio.faults import Faults
from contact_center.simulators.twilio.ledger import Ledger
from contact_center.simulators.twilio.text_model import Texts
from contact_center.simulators.twilio.webhooks import Params, Webhooks

SPEECH_CHARS_PER_S: Final = 15.0
LIVE: Final = frozenset({"queued", "initiated", "ringing", "in-progress"})
SIP: Final = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}

Step = Callable[[], Awaitable["Step | None"]]
"""What a call does next: a document, a conference, a bridge. It returns what comes after it, or nothing."""


@dataclass(frozen=True, slots=True)
class Callback:
    """Where a call, a conference or a recording reports, and what."""

    url: str
    method: str = "POST"
    events: tuple[str, ...] = ("completed",)


@dataclass(slots=True)
class Utterance:
    """Something that the other end of a line hears, from `began_at` on."""

    text: str
    began_at: datetime
    seconds: float
    is_over: bool = False


class Keys:
    """Keys pressed on a line and not yet taken."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._pressed = anyio.Event()

    def press(self, digits: str) -> None:
        self._waiting.extend(digits)
        pressed, self._pressed = self._pressed, anyio.Event()
        pressed.set()

    def clear(self) -> None:
        self._waiting.clear()

    async def any(self) -> None:
        """Return when there is a key to take."""
        while not self._waiting:
            await self._pressed.wait()

    async def next(self, elapse: Elapse, seconds: float) -> str | None:
        """Take a key; None when none is pressed within simulated seconds."""
        with elapse.limit(seconds):
            await self.any()
        return self._waiting.pop(0) if self._waiting else None


class Line(Protocol):
    """Who is at the other end: a scripted person, a telephone that rings, an agent's device."""

    async def ring(self, leg: "Leg", ringing: Callable[[], None]) -> str:
        """Call `ringing` when it rings; return answered, busy, no-answer or failed. Cancelled when it rang too long."""
        ...

    def connected(self, leg: "Leg") -> None: ...

    def ended(self, leg: "Leg") -> None: ...


@dataclass(slots=True, eq=False, kw_only=True)
class Leg:
    """One call, as the provider counts them: one line to one person."""

    sid: str
    from_: str
    to: str
    direction: str
    line: Line
    created_at: datetime
    updated_at: datetime
    status: str = "queued"
    caller_name: str = ""
    parent_sid: str = ""
    app_sid: str = ""
    extra: Params = field(default_factory=dict)
    """Parameters of its own that every webhook of the call carries, as those of a call from a browser."""
    custom: Params = field(default_factory=dict)
    """Parameters for the device that is called."""
    fallback_url: str = ""
    has_fallen_back: bool = False
    documents: int = 0
    answered_by: str = ""
    started_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    callback: Callback | None = None
    machine_callback: Callback | None = None
    """Told who answered, some seconds after the answer, while the call already goes on."""
    sequence: int = 0
    scope: anyio.CancelScope | None = None
    pending: Step | None = None
    ending: str = ""
    ended_by: str = ""
    participant: "Participant | None" = None
    queue_sid: str = ""
    keys: Keys = field(default_factory=Keys)
    heard: list[Utterance] = field(default_factory=list)
    spoke: anyio.Event = field(default_factory=anyio.Event)
    talking_until: datetime | None = None
    done: anyio.Event = field(default_factory=anyio.Event)
    unbridged: anyio.Event = field(default_factory=anyio.Event)
    """Set when a dialled line stops being connected with who dialled it."""
    together: anyio.Event = field(default_factory=anyio.Event)
    """Set when the line is first connected with another person."""

    @property
    def is_live(self) -> bool:
        return self.status in LIVE and not self.ending

    def seconds(self) -> int:
        """Return the length of the call, from its answer to its end."""
        if self.answered_at is None or self.ended_at is None:
            return 0
        return round((self.ended_at - self.answered_at).total_seconds())


@dataclass(slots=True, eq=False, kw_only=True)
class Participant:
    """A call in a conference, or on its way into it."""

    leg: Leg
    conference: "Conference"
    created_at: datetime
    updated_at: datetime
    label: str = ""
    muted: bool = False
    hold: bool = False
    coaching: bool = False
    coached_sid: str = ""
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep: str = "true"
    wait_url: str | None = None
    wait_method: str = "POST"
    hold_url: str = ""
    hold_method: str = "GET"
    announce_url: str = ""
    announce_method: str = "POST"
    is_in: bool = False
    out: anyio.Event = field(default_factory=anyio.Event)
    out_reason: str = ""
    changed: anyio.Event = field(default_factory=anyio.Event)

    def change(self, now: datetime) -> None:
        """Say that what the participant hears may have changed."""
        self.updated_at = now
        changed, self.changed = self.changed, anyio.Event()
        changed.set()


@dataclass(slots=True, eq=False, kw_only=True)
class Conference:
    sid: str
    name: str
    created_at: datetime
    updated_at: datetime
    status: str = "init"
    callback: Callback | None = None
    sequence: int = 0
    participants: dict[str, Participant] = field(default_factory=dict)
    reason_ended: str = ""
    ended_by: str = ""
    record: bool = False
    record_callback: Callback | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Recording:
    sid: str
    source: str
    created_at: datetime
    updated_at: datetime
    call_sid: str = ""
    conference_sid: str = ""
    channels: int = 1
    track: str = "both"
    status: str = "in-progress"
    callback: Callback | None = None
    counted_s: float = 0.0
    counting_since: datetime | None = None

    def seconds(self, now: datetime) -> float:
        """Return the recorded length so far; pauses are left out."""
        if self.counting_since is None:
            return self.counted_s
        return self.counted_s + (now - self.counting_since).total_seconds()


@dataclass(slots=True, eq=False, kw_only=True)
class Queue:
    sid: str
    name: str
    size: int = 1000
    members: dict[str, datetime] = field(default_factory=dict)
    waits_s: list[float] = field(default_factory=list)


class Sids:
    """Names of resources: the same seed gives the same ones in the same order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._count = 0

    def new(self, prefix: str) -> str:
        self._count += 1
        return prefix + hashlib.sha256(f"{self._seed}|{self._count}".encode()).hexdigest()[:32]


class Lines(Protocol):
    """How the exchange reaches the other end of a line it calls."""

    def to(self, address: str, *, detect_machine: bool) -> Line:
        """Return the line of a telephone number or of `client:identity`."""
        ...


@dataclass(slots=True, eq=False, kw_only=True)
class Exchange:
    """All of the simulated provider. `tasks` runs the calls and ends with the simulator."""

    config: Config
    elapse: Elapse
    ledger: Ledger
    faults: Faults
    webhooks: Webhooks
    tasks: TaskGroup
    sids: Sids
    lines: Lines
    url: str = ""
    calls: dict[str, Leg] = field(default_factory=dict)
    conferences: dict[str, Conference] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    texts: Texts = field(default_factory=Texts)

    def now(self) -> datetime:
        return self.elapse.now()

    def account_path(self, rest: str) -> str:
        return f"/{API_VERSION}/Accounts/{self.config.account_sid}/{rest}"


def rfc2822(moment: datetime | None) -> str:
    """Return a moment as the provider writes it."""
    return format_datetime(moment) if moment is not None else ""


def call_params(x: Exchange, leg: Leg, **more: str) -> Params:
    """Return the form that every webhook of a call carries."""
    params = {
        "AccountSid": x.config.account_sid,
        "ApiVersion": API_VERSION,
        "CallSid": leg.sid,
        "CallStatus": leg.status,
        "Direction": leg.direction,
        "From": leg.from_,
        "To": leg.to,
        "Caller": leg.from_,
        "Called": leg.to,
    }
    for side, number in (("From", leg.from_), ("Caller", leg.from_), ("To", leg.to), ("Called", leg.to)):
        if number.startswith("+"):
            params |= {f"{side}City": "", f"{side}State": "", f"{side}Zip": "", f"{side}Country": _country(number)}
    optional = {
        "CallerName": leg.caller_name,
        "ParentCallSid": leg.parent_sid,
        "ApplicationSid": leg.app_sid,
        "AnsweredBy": leg.answered_by,
    }
    params |= {name: value for name, value in optional.items() if value}
    return params | leg.extra | more


def _country(number: str) -> str:
    return "MX" if number.startswith("+52") else "US" if number.startswith("+1") else ""
