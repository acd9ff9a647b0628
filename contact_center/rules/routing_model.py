"""What the queue engine looks at and what it answers: value types of `rules.routing`. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from contact_center.rules.model import AgentState, Channel, Flag, Priority, WorkKind


class Strategy(StrEnum):
    """Which of several free agents goes first."""

    longest_idle = "longest_idle"
    least_busy = "least_busy"


class SkipCode(StrEnum):
    """Why an item goes on waiting."""

    not_yet = "not_yet"
    queue_unknown = "queue_unknown"
    queue_closed = "queue_closed"
    no_members = "no_members"
    nobody_connected = "nobody_connected"
    nobody_available = "nobody_available"
    channel_not_served = "channel_not_served"
    no_device = "no_device"
    """Members are available, and none of them has a telephone ready in the browser."""
    offers_pending = "offers_pending"
    all_busy = "all_busy"
    kept_for_call = "kept_for_call"
    """Somebody has room, and is let run free for a call that is first in order."""
    waiting_for_agent = "waiting_for_agent"


@dataclass(frozen=True, slots=True)
class Policy:
    """Settings of the engine that are the same for every queue. Durations in seconds."""

    max_offers: int = 1
    """Open offers one agent may have at a time; a crisis may be one more."""
    voice_excludes_text: bool = True
    """Whether somebody on the phone is full, and somebody who writes is not called."""
    decline_memory_s: int = 300
    """For how long an agent who declined an item, or let it expire, comes last for it."""
    direct_wait_s: int = 60
    """For how long an item turned over to one person waits for that person before its queue gets it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One work item in a queue. All instants are aware UTC."""

    item_id: str
    queue_id: str
    kind: WorkKind
    channel: Channel
    priority: Priority
    enqueued_at: datetime
    """When the citizen first arrived; never changes by transfer, return or overflow."""
    queue_entered_at: datetime
    language: str | None = None
    skills: frozenset[str] = frozenset()
    preferred_agent_id: str | None = None
    """Who spoke with this citizen last; goes first when free and able."""
    direct_agent_id: str | None = None
    """Whom it was turned over to by name."""
    not_before: datetime | None = None
    declined_by: Mapping[str, datetime] = field(default_factory=dict)
    flags: frozenset[Flag] = frozenset()
    visited_queue_ids: frozenset[str] = frozenset()
    """Queues it has been in before: overflow never sends it back to one."""
    direct_until: datetime | None = None
    """Until when it is kept for `direct_agent_id`, there or not; without it `Policy.direct_wait_s` says how long."""
    needs_device: bool = False
    """A caller who waits at the provider: only an agent's telephone in the browser can take them."""

    @property
    def is_crisis(self) -> bool:
        """Whether it jumps the line and overrides hours and capacity."""
        return any(flag.is_crisis for flag in self.flags)


@dataclass(frozen=True, slots=True)
class AgentView:
    """One agent as the engine sees it at `now`."""

    agent_id: str
    state: AgentState
    since: datetime
    """When the state began."""
    capacity: Mapping[Channel, int]
    """How many of each channel at once, if there were nothing else; a channel that is absent is not served."""
    queues: Mapping[str, int]
    """Queue id to member level: 1 is asked first, higher numbers are reserves."""
    load: Mapping[Channel, int] = field(default_factory=dict)
    """Items held or in wrap-up, per channel."""
    offered: Mapping[Channel, int] = field(default_factory=dict)
    """Offers still open, per channel; they count as load until answered."""
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset({"es"})
    last_offer_at: datetime | None = None
    idle_since: datetime | None = None
    connected: bool = True
    has_device: bool = False
    """Whether a telephone of theirs is ready in a browser."""


@dataclass(frozen=True, slots=True)
class QueueView:
    """One queue. `priority` adds points; `ageing` is points per minute of waiting."""

    queue_id: str
    priority: float = 0.0
    strategy: Strategy = Strategy.longest_idle
    offer_timeout_s: int = 30
    overflow_queue_id: str | None = None
    overflow_after_s: int = 0
    ageing: float = 1.0
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """Offer the item to the agent until `expires_at`. `reason` is small, serialisable and without personal data."""

    item_id: str
    agent_id: str
    expires_at: datetime
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Overflow:
    """Move the item to another queue; it keeps its original time of arrival."""

    item_id: str
    to_queue_id: str
    reason: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave the item where it is, for now."""

    item_id: str
    code: SkipCode


Decision = Offer | Overflow | Skip
