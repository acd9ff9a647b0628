"""What every action is made of: a transaction, a registry of verbs, and the bodies they take.

A verb is one thing somebody may ask for. It names the access action it needs, its body is a pydantic model that refuses
unknown fields, and it runs inside the writer's transaction: what it writes, the events it emits and the answer to its
client id are committed together or not at all.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast

from pydantic import BaseModel, ConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.errors import Denied, Missing
from contact_center.ports import Ids
from contact_center.rules import access
from contact_center.rules.access import Actor, Scope
from contact_center.rules.messaging import ChannelLimits
from contact_center.rules.model import ActorKind
from contact_center.rules.options import Options
from contact_center.store import events as event_log
from contact_center.store import options as option_store
from contact_center.store.conversations import NewMessage
from contact_center.store.events import NewEvent
from contact_center.store.types import to_us

Answer = dict[str, Any]

SYSTEM = Actor(kind=ActorKind.system, id="system")
"""The house itself: the router, the timers, the set-up."""


def actor_key(actor: Actor) -> str:
    """Return who acts as one text, the same in the log, the commands and the access log."""
    return actor.id if actor.kind is ActorKind.system else f"{actor.kind.value}:{actor.id}"


@dataclass(slots=True)
class Tx:
    """One transaction. Everything a verb may touch; it never sees the writer, a socket or a clock."""

    conn: AsyncConnection
    now: datetime
    ids: Ids
    actor: Actor
    events: list[NewEvent] = field(default_factory=list)
    said: dict[str, NewMessage] = field(default_factory=dict)
    """Citizens' plain words among what happened, by their id."""
    limits: Mapping[str, ChannelLimits] = field(default_factory=dict)
    """What each messaging channel of this house can carry, by its name."""
    _options: Options | None = None

    @property
    def now_us(self) -> int:
        return to_us(self.now)

    async def options(self) -> Options:
        """Return the office's settings as they stand in this transaction."""
        if self._options is None:
            self._options = await option_store.load(self.conn)
        return self._options

    def emit(
        self,
        type: str,
        *,
        item: str | None = None,
        conversation: str | None = None,
        message: str | None = None,
        user: str | None = None,
        queue: str | None = None,
        **data: Any,
    ) -> None:
        """Record that something happened. `data` holds ids and small facts, never message text or personal data."""
        self.events.append(
            NewEvent(self.now_us, type, actor_key(self.actor), item, conversation, message, user, queue, data or None)
        )

    def check(self, action: str, obj: Scope | None = None) -> None:
        """Raise Denied unless the actor may do `action` (to `obj`)."""
        if not access.can(self.actor, action, obj):
            raise Denied(action=action)

    def check_visible(self, action: str, obj: Scope) -> None:
        """Like `check`, but raise Missing: whoever may not see a thing is not told that it exists."""
        if not access.can(self.actor, action, obj):
            raise Missing


class Body(BaseModel):
    """Base of every command's body. Unknown fields are refused; strings are not coerced from other types."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=40_000, defer_build=True)


class Run(Protocol):
    async def __call__(self, tx: Tx, body: Any, /) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing somebody may ask for. `door` says by which way: staff, visitor or system.

    A verb has either `run`, for one job in a savepoint, or `batch`, for a run of jobs in a handful of statements.
    """

    name: str
    action: str
    door: str
    body: type[Body]
    run: Run | None = None
    batch: Callable[[Tx, Any], Awaitable[Any]] | None = None


B = TypeVar("B", bound=Body)

VERBS: dict[str, Verb] = {}
"""Every verb by name: what the command route, the openapi page and the access walk are made from."""


def verb(
    name: str, *, action: str, door: str = "staff"
) -> Callable[[Callable[[Tx, B], Awaitable[Answer]]], Callable[[Tx, B], Awaitable[Answer]]]:
    """Register an action under its wire name. The type of its second parameter is its body."""

    def register(run: Callable[[Tx, B], Awaitable[Answer]]) -> Callable[[Tx, B], Awaitable[Answer]]:
        body = cast(type[Body], next(kind for key, kind in run.__annotations__.items() if key not in {"tx", "return"}))
        assert name not in VERBS, name
        VERBS[name] = Verb(name, action, door, body, run=cast(Run, run))
        return run

    return register


def batch_verb(name: str, body: type[Body], *, action: str, door: str = "staff") -> Callable[[Any], Any]:
    """Register an action that takes a whole run of jobs and returns (job, outcome) pairs in their order."""

    def register(run: Any) -> Any:
        assert name not in VERBS, name
        VERBS[name] = Verb(name, action, door, body, batch=run)
        return run

    return register


async def flush_events(conn: AsyncConnection, rows: list[NewEvent]) -> None:
    """Append what a batch emitted; the last statements before its commit."""
    await event_log.append(conn, rows)
