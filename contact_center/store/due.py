"""What time alone brings about, found in one look: the timers take it every second, so it is one statement, made once.

Each part starts from an index on what is open, and so takes as long after ten years of rows as on the first day
(tests/store/test_due.py). Acting on a row looks again inside its own transaction.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import BindParameter, ColumnElement

from contact_center.rules.calls import OPEN_STATES
from contact_center.store.schema import (
    agent_status,
    alerts,
    call_orders,
    callback_promises,
    calls,
    conversations,
    offers,
    visitors,
    work_items,
)
from contact_center.store.types import Instant

LIMIT: Final = 500
"""Rows of each kind in one look; what is beyond comes with the next one."""


class Kind(StrEnum):
    """What is due, and whose id a row has."""

    offer = "offer"
    """An offer nobody answered."""
    scheduled = "scheduled"
    """A work item whose time has come."""
    wrap_up = "wrap_up"
    """A work item whose wrap-up time is over."""
    agent = "agent"
    """An agent not offline who was not seen for too long."""
    no_reply = "no_reply"
    """A conversation's work item whose agent has not said a word."""
    quiet = "quiet"
    """A held conversation whose last word is the agent's, some time ago. Letters are answered in days: not e-mail."""
    left = "left"
    """A conversation nobody holds and whose visitor is gone."""
    call_ended = "call_ended"
    """A call whose end has not been acted upon."""
    promise = "promise"
    """A callback whose promise ended without a try."""
    call_alone = "call_alone"
    """A call in use whose agent left the line."""
    call_unconnected = "call_unconnected"
    """A call in use whose order to connect an agent came to nothing, or to nobody's answer."""
    long_wait = "long_wait"
    """A work item that has waited long and has no alert for it yet."""


@dataclass(frozen=True, slots=True)
class Ages:
    """How long each thing may last, in seconds."""

    agent_gone: int
    no_reply: int
    quiet: int
    quiet_elsewhere: int
    """In messaging channels, where people take their time."""
    left: int
    long_wait: int
    call_ended: int
    call_alone: int
    call_failed: int
    call_rings: int


class Row(NamedTuple):
    """Something that is due, since `at` in microseconds. `epoch` is a work item's, of wrap-ups and missing replies."""

    id: str
    epoch: int
    at: int


async def look(conn: AsyncConnection, now: datetime, ages: Ages) -> Mapping[Kind, list[Row]]:
    """Return everything that is due, by kind, the oldest first."""
    since = {name: now - timedelta(seconds=age) for name, age in asdict(ages).items()}
    found: dict[Kind, list[Row]] = {kind: [] for kind in Kind}
    for row in await conn.execute(_EVERYTHING, {"now": now, **since}):
        found[Kind(row.kind)].append(Row(row.id, row.epoch, row.at))
    return found


def _before(age: str) -> BindParameter[datetime]:
    return bindparam(age, type_=Instant)


def _text(value: str) -> ColumnElement[str]:
    """A value in the statement itself, as partial indexes have theirs: no plan has to look at what is bound."""
    return literal_column(f"'{value}'")


def _part(kind: Kind, query: Select[str, int, int]) -> Select[str, str, int, int]:
    found = query.order_by("at").limit(LIMIT).subquery()
    return select(_text(kind).label("kind"), found.c.id, found.c.epoch, found.c.at)


_NO_EPOCH: Final[ColumnElement[int]] = literal_column("0", Integer)


def _rows(
    id: ColumnElement[str], at: ColumnElement[Any], epoch: ColumnElement[int] = _NO_EPOCH
) -> Select[str, int, int]:
    return select(id.label("id"), epoch.label("epoch"), type_coerce(at, BigInteger).label("at"))


_offer, _item, _chat, _call, _order = offers.c, work_items.c, conversations.c, calls.c, call_orders.c
_now: Final = _before("now")
_seen: Final = func.coalesce(agent_status.c.seen_at, agent_status.c.since)
_answered: Final = func.coalesce(_order.done_at, _order.created_at)
_rung: Final = select(alerts.c.subject).where(alerts.c.kind == "long_wait", alerts.c.cleared_at.is_(None))
_call_in_use: Final = and_(_call.state.in_([one.value for one in OPEN_STATES]), _call.ended_at.is_(None))
_held_chats: Final = and_(_item.state == "held", _item.kind == "conversation")

_EVERYTHING: Final = union_all(
    _part(
        Kind.offer, _rows(_offer.id, _offer.expires_at).where(_offer.state == _text("open"), _offer.expires_at <= _now)
    ),
    _part(Kind.scheduled, _rows(_item.id, _item.due_at).where(_item.state == "scheduled", _item.due_at <= _now)),
    _part(
        Kind.wrap_up,
        _rows(_item.id, _item.wrap_until, _item.epoch).where(_item.state == "wrap_up", _item.wrap_until <= _now),
    ),
    _part(
        Kind.agent,
        _rows(agent_status.c.user_id, _seen).where(agent_status.c.state != "offline", _seen < _before("agent_gone")),
    ),
    _part(
        Kind.no_reply,
        _rows(_item.id, _item.since, _item.epoch)
        .join(conversations, _chat.id == _item.conversation_id)
        # A message left for later is no hurry: nobody is watching the screen.
        .where(_held_chats, _chat.state == "assigned", _item.since < _before("no_reply")),
    ),
    _part(
        Kind.quiet,
        _rows(_chat.id, _chat.last_agent_at)
        .join(work_items, _item.conversation_id == _chat.id)
        .where(
            _held_chats,
            _chat.is_open,
            _chat.state.in_(("active", "waiting")),
            _chat.channel != "email",
            _chat.last_agent_at >= _chat.last_citizen_at,
            or_(
                and_(_chat.source.is_(None), _chat.last_agent_at < _before("quiet")),
                and_(_chat.source.is_not(None), _chat.last_agent_at < _before("quiet_elsewhere")),
            ),
        ),
    ),
    _part(
        Kind.left,
        _rows(_chat.id, visitors.c.seen_at)
        .join(visitors, visitors.c.id == _chat.visitor_id)
        .where(
            _chat.is_open,
            # Words in a messaging channel wait for their reader: nobody left because no screen is open.
            or_(_chat.state == "started", and_(_chat.state == "queued", _chat.source.is_(None))),
            visitors.c.seen_at < _before("left"),
        ),
    ),
    _part(
        Kind.call_ended,
        _rows(_call.id, _call.ended_at).where(_call.closed_out_at.is_(None), _call.ended_at <= _before("call_ended")),
    ),
    _part(
        Kind.promise,
        _rows(callback_promises.c.callback_id, callback_promises.c.until).where(
            callback_promises.c.standing == "pending", callback_promises.c.until < _now
        ),
    ),
    _part(
        Kind.call_alone,
        _rows(_call.id, _call.alone_since).where(_call_in_use, _call.alone_since <= _before("call_alone")),
    ),
    _part(
        Kind.call_unconnected,
        _rows(_call.id, func.min(_answered))
        .join(call_orders, _order.call_id == _call.id)
        .where(
            _call_in_use,
            _order.kind == "bridge",
            or_(
                and_(_order.state.in_(("failed", "uncertain")), _answered <= _before("call_failed")),
                and_(_order.state == "done", _call.state == "ringing", _answered <= _before("call_rings")),
            ),
        )
        .group_by(_call.id),
    ),
    _part(
        Kind.long_wait,
        _rows(_item.id, _item.queued_at).where(
            _item.state.in_(("waiting", "offered")), _item.queued_at < _before("long_wait"), _item.id.not_in(_rung)
        ),
    ),
).order_by("at", "id")
