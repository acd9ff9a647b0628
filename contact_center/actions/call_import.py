"""An exchange's records brought in: each one is a call of ours, or a call that escaped the register and is now found.

A found call gets its contact, its thread, a work item that is done (so that it is captured from its finding as any late
capture) and the finding `unlogged_call`. A batch is one transaction and each record is stored once, so an import may
run twice, be killed, or run beside another.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import call_contact, callbacks
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Missing
from contact_center.rules.calls import CallState, EventKind, Fact, Mode, Purpose, fold
from contact_center.rules.identity import PhoneKind
from contact_center.rules.model import Direction
from contact_center.store import call_records as store
from contact_center.store import calls as call_store
from contact_center.store import work as work_store
from contact_center.store.schema import (
    call_events,
    calls,
    conversations,
    findings,
    interactions,
    messages,
    segments,
    work_items,
)

MAX_RECORDS: Final = 500
MATCH_WINDOW_S: Final = 120
"""How far apart the exchange's clock and an agent's key may be."""
RETURN_DAYS: Final = 3
"""A missed call found later than this is not returned by itself any more."""


class RecordBody(Body):
    """One call of an exchange; instants are aware."""

    key: str = Field(min_length=1, max_length=120)
    direction: Direction
    number: str | None = Field(default=None, max_length=20)
    number_kind: PhoneKind
    started_at: datetime
    answered_at: datetime | None = None
    ended_at: datetime
    talk_s: int = Field(ge=0)
    extension: str | None = Field(default=None, max_length=10)
    state: CallState
    agent_id: str | None = Field(default=None, max_length=36)


class AddRecords(Body):
    """Some records of one source, in the order of the file."""

    source: str = Field(min_length=1, max_length=40)
    records: tuple[RecordBody, ...] = Field(max_length=MAX_RECORDS)
    queue_id: str | None = Field(default=None, max_length=36)
    """Where found calls belong; the telephone's queue unless said."""
    window_s: int = Field(default=MATCH_WINDOW_S, ge=0, le=3_600)


@verb("records.add", action="call.import", door="system")
async def add(tx: Tx, body: AddRecords) -> Answer:
    """Store records, match them to calls, and make the calls that are missing. Idempotent on (source, key)."""
    given = {one.key: one for one in body.records}
    ids = {tx.ids.new(): one for one in given.values()}
    added = await store.add_new(tx.conn, [_row(tx, body.source, row_id, one) for row_id, one in ids.items()])
    fresh = [(row_id, one) for row_id, one in ids.items() if row_id in added]
    answer = {"new": len(fresh), "known": len(body.records) - len(fresh), "matched": 0, "unlogged": 0}
    if not fresh:
        return answer
    window = timedelta(seconds=body.window_s)
    first = min(one.started_at for _id, one in fresh) - window
    last = max(one.started_at for _id, one in fresh) + window
    pairs = match(fresh, await store.candidates(tx.conn, body.source, first, last), window)
    missing = [(row_id, one) for row_id, one in fresh if row_id not in pairs]
    found = await _make_found(tx, body, missing)
    await store.set_calls(tx.conn, [(call_id, row_id) for row_id, call_id in (pairs | found).items()])
    return answer | {"matched": len(pairs), "unlogged": len(found)}


def match(records: Sequence[tuple[str, RecordBody]], candidates: Sequence[Any], window: timedelta) -> dict[str, str]:
    """Return {record id: call id}: same direction and number, begun within the window, the nearest in time first.

    A call whose number nobody typed is its agent's at that time. Each call and each record is matched once.
    """
    by_number: dict[tuple[str, str | None, str | None], list[Any]] = defaultdict(list)
    for call in candidates:
        by_number[call.direction, call.number, None].append(call)
        if call.number is None and call.agent_id is not None:
            by_number[call.direction, None, call.agent_id].append(call)
    options: list[tuple[bool, timedelta, str, str]] = []
    for row_id, one in records:
        keys: list[tuple[str, str | None, str | None]] = [(one.direction.value, one.number, None)]
        if one.number is not None and one.agent_id is not None:
            keys.append((one.direction.value, None, one.agent_id))
        for key in keys:
            near = by_number.get(key, [])
            begin = bisect_left(near, one.started_at - window, key=lambda call: call.started_at)
            for call in near[begin:]:
                if call.started_at > one.started_at + window:
                    break
                options.append((key[1] != one.number, abs(call.started_at - one.started_at), row_id, call.id))
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for _guess, _apart, row_id, call_id in sorted(options):
        if row_id not in pairs and call_id not in taken:
            pairs[row_id] = call_id
            taken.add(call_id)
    return pairs


def _row(tx: Tx, source: str, row_id: str, one: RecordBody) -> dict[str, Any]:
    return {
        "id": row_id,
        "source": source,
        "record_key": one.key,
        "started_at": one.started_at,
        "answered_at": one.answered_at,
        "ended_at": one.ended_at,
        "direction": one.direction.value,
        "number": one.number,
        "extension": one.extension,
        "answered": one.answered_at is not None,
        "talk_s": one.talk_s,
        "imported_at": tx.now,
    }


async def _make_found(tx: Tx, body: AddRecords, records: Sequence[tuple[str, RecordBody]]) -> dict[str, str]:
    """Make what a contact consists of for each record, a few statements for all of them. Returns {record: call}."""
    if not records:
        return {}
    queue = (
        await call_contact.queue_for(tx, None)
        if body.queue_id is None
        else await work_store.get_queue(tx.conn, body.queue_id)
    )
    if queue is None:
        raise Missing
    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    made: dict[str, str] = {}
    missed: list[str] = []
    for row_id, one in records:
        call_id = made[row_id] = tx.ids.new()
        _make_one(tx, one, call_id, queue, rows)
        if one.state is CallState.abandoned and tx.now - one.ended_at <= timedelta(days=RETURN_DAYS):
            missed.append(call_id)
    for table in (interactions, conversations, messages, calls, call_events, work_items, segments, findings):
        await store.add_rows(tx.conn, table, rows[table])
    for call_id in missed:
        await callbacks.for_missed(tx, await call_store.get(tx.conn, call_id))
    return made


def _make_one(tx: Tx, one: RecordBody, call_id: str, queue: Any, rows: dict[Any, list[dict[str, Any]]]) -> None:
    contact, item, finding = tx.ids.new(), tx.ids.new(), tx.ids.new()
    facts = facts_of(one)
    folded = fold(one.direction, facts)
    inbound = one.direction is Direction.inbound
    rows[interactions].append(
        {
            "id": contact,
            "channel": "phone",
            "direction": one.direction.value,
            "area_id": queue.area_id,
            "queue_id": queue.id,
            "agent_id": one.agent_id,
            "started_at": one.started_at,
            "answered_at": one.answered_at,
            "ended_at": one.ended_at,
            "state": "pending",
            "flags": ["late_capture"],
            "restricted": False,
        }
    )
    rows[conversations].append(
        {
            "id": contact,
            "channel": "phone",
            "state": "abandoned" if inbound and one.answered_at is None else "closed",
            "locale": "es",
            "last_seq": 1,
            "opened_at": one.started_at,
            "closed_at": one.ended_at,
            "closed_by": "system",
            "is_open": False,
        }
    )
    at = int(one.ended_at.timestamp() * 1000)
    rows[messages].append(
        {
            "id": tx.ids.new(),
            "conversation_id": contact,
            "seq": 1,
            "author_kind": "system",
            "text": "",
            "at": one.started_at,
            "delivery": "sent",
            "code": "call.ended",
            "data": {"how": one.state.value, "by": "system", "at": at},
        }
    )
    rows[calls].append(
        {
            "id": call_id,
            "interaction_id": contact,
            "direction": one.direction.value,
            "purpose": Purpose.attention.value,
            "mode": Mode.record.value,
            "state": one.state.value,
            "number": one.number,
            "number_kind": one.number_kind.value,
            "extension": one.extension,
            "agent_id": one.agent_id,
            "started_at": one.started_at,
            "answered_at": one.answered_at,
            "ended_at": one.ended_at,
            "talk_s": one.talk_s if one.answered_at else folded.talk_s,
            "found_late": True,
            "captured_at": tx.now,
            "closed_out_at": tx.now,
        }
    )
    rows[call_events] += [
        {
            "id": tx.ids.new(),
            "call_id": call_id,
            "key": fact.key,
            "kind": fact.kind.value,
            "at": fact.at,
            "timed": True,
            "leg": fact.leg,
            "user_id": fact.user_id,
            "data": dict(fact.data) or None,
        }
        for fact in facts
    ]
    rows[work_items].append(
        {
            "id": item,
            "kind": "call",
            "interaction_id": contact,
            "conversation_id": contact,
            "channel": "phone",
            "direction": one.direction.value,
            "queue_id": queue.id,
            "state": "done",
            "priority": "normal",
            "flags": ["late_capture"],
            "skills": [],
            "enqueued_at": one.started_at,
            "queued_at": one.started_at,
            "since": tx.now,
            "visited_queue_ids": [],
            "declined": [],
            "done_at": tx.now,
        }
    )
    if one.agent_id is not None and (one.answered_at is not None or not inbound):
        rows[segments].append(
            {
                "id": tx.ids.new(),
                "interaction_id": contact,
                "work_item_id": item,
                "agent_id": one.agent_id,
                "queue_id": queue.id,
                "epoch": 1,
                "started_at": one.answered_at or one.started_at,
                "ended_at": one.ended_at,
                "wrap_ended_at": one.ended_at,
                "how": "taken",
                "ended_how": "closed",
                "talk_s": one.talk_s,
                "hold_s": 0,
            }
        )
    rows[findings].append(
        {
            "id": finding,
            "kind": "unlogged_call",
            "interaction_id": contact,
            "agent_id": one.agent_id,
            "opened_at": tx.now,
        }
    )
    tx.emit("finding.opened", user=one.agent_id, finding=finding, interaction=contact)


def facts_of(one: RecordBody) -> list[Fact]:
    """Return a record as the facts its call is the fold of. Who spoke is named when the extension is known."""
    inbound = one.direction is Direction.inbound
    facts = [Fact("record:begin", EventKind.entered if inbound else EventKind.dialled, one.started_at)]
    if one.answered_at is not None:
        if not inbound:
            facts.append(Fact("record:answered", EventKind.answered, one.answered_at))
        leg = one.agent_id or f"ext:{one.extension or ''}"
        facts.append(Fact("record:joined", EventKind.joined, one.answered_at, leg=leg, user_id=one.agent_id))
    if one.state is CallState.message_left:
        facts.append(Fact("record:message", EventKind.message_left, one.ended_at))
    how = one.state.value if one.answered_at is not None or not inbound else "completed"
    facts.append(Fact("record:end", EventKind.ended, one.ended_at, data={"how": how, "by": "system"}))
    return facts
