"""What happens to calls, whoever reports it: facts stored once, the call folded, its contact moved along.

A provider's webhooks and an agent's keys both come here as facts (`rules.calls.Fact`). What a call's end calls for (a
callback, a message to hear, a finding) is done a little later by `call.close_out`, so that a fact that arrives after
the end is still taken into account and the order of arrival changes nothing (PROMISES P6, P7).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field

from contact_center.actions import call_orders, callback_tries, callbacks, captures, conversations, office, work
from contact_center.actions.call_contact import make
from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Missing
from contact_center.rules import calls as rules
from contact_center.rules.calls import CallFacts, CallState, EventKind, Fact, Mode, OrderKind
from contact_center.rules.identity import normalise
from contact_center.rules.lifecycle import CONVERSATION, Facts, step
from contact_center.rules.model import ActorKind, ConversationState, Direction
from contact_center.store import calls as store
from contact_center.store import conversations as chat_store
from contact_center.store import promises as promise_store
from contact_center.store import work as work_store

CLOSE_OUT_S: Final = 10
"""How long after a call's end its consequences wait for facts that are on their way."""
LOST_TRY_S: Final = 3_600
"""How long the line of a try may be open with its agent away before it is taken for over."""
_SYSTEM: Final[frozenset[Any]] = frozenset({ActorKind.system})
_LINES: Final = frozenset(
    {
        *(EventKind.entered, EventKind.dialled, EventKind.chose, EventKind.queued, EventKind.answered),
        *(EventKind.joined, EventKind.held, EventKind.resumed, EventKind.transferring, EventKind.leg_failed),
        *(EventKind.callback_asked, EventKind.ended),
    }
)
"""Facts that leave a line in the call's thread."""
_LEAVING: Final = frozenset({EventKind.message_left, EventKind.callback_asked, EventKind.served})
"""What a caller who is still on the line was already given instead of an agent."""
_SERVED: Final = frozenset({CallState.self_service, CallState.callback_asked})
"""Ends in which whoever called got what they asked for, without an agent."""
_HUNG_UP: Final = _SERVED | {CallState.completed, CallState.abandoned, CallState.message_left}
"""Ends in which somebody put the telephone down."""
_UNHELD: Final = frozenset({ConversationState.started.value, ConversationState.queued.value})


class FactBody(Body):
    """One fact, as `rules.calls.Fact`."""

    key: str = Field(min_length=1, max_length=160)
    kind: EventKind
    at: datetime
    timed: bool = True
    leg: str | None = Field(default=None, max_length=64)
    user_id: str | None = Field(default=None, max_length=36)
    data: dict[str, Any] = Field(default_factory=dict)

    def fact(self) -> Fact:
        return Fact(self.key, self.kind, self.at, self.timed, self.leg, self.user_id, self.data)


class Report(Body):
    """What a provider says of a call; `provider_call_id` is empty when only the room, our own call id, is known."""

    provider: str = Field(max_length=20)
    provider_call_id: str = Field(default="", max_length=64)
    room: str | None = Field(default=None, max_length=64)
    direction: Direction = Direction.inbound
    number: str = Field(default="", max_length=60)
    line: str = Field(default="", max_length=60)
    found_late: bool = False
    facts: tuple[FactBody, ...] = Field(max_length=50)


Reaction = Callable[[Tx, str, Sequence[Fact], Sequence[Fact]], Awaitable[None]]
_WHEN_REPORTED: list[Reaction] = []


def when_reported(react: Reaction) -> Reaction:
    """Register what else new facts of a provider ask for: (transaction, call id, the new facts, all known ones)."""
    _WHEN_REPORTED.append(react)
    return react


@verb("call.report", action="call.use", door="system")
async def report(tx: Tx, body: Report) -> Answer:
    """Store what a provider reports. Idempotent on each fact's key. Raises Missing for a room that is none of ours."""
    call = await _known(tx, body)
    if call is None:
        if not body.provider_call_id:
            raise Missing
        call = await make(
            tx,
            direction=body.direction,
            phone=normalise(body.number),
            line=normalise(body.line).e164,
            mode=Mode.browser,
            provider=body.provider,
            provider_call_id=body.provider_call_id,
            started_at=min(one.at for one in body.facts) if body.facts else tx.now,
            found_late=body.found_late,
        )
    fresh, known = await _take_in(tx, call, [one.fact() for one in body.facts])
    for react in _WHEN_REPORTED if fresh else ():
        await react(tx, call.id, fresh, known)
    return {"call_id": call.id, "interaction_id": call.interaction_id}


async def _known(tx: Tx, body: Report) -> Any | None:
    """Return the call that is reported on, held until the transaction ends."""
    sid = body.provider_call_id
    call = await store.by_provider(tx.conn, body.provider, sid, lock=True) if sid else None
    if call is not None:
        return call
    if body.room:
        call = await store.get(tx.conn, body.room)
        is_own = not body.number.startswith("client:")  # what an agent's leg says is not the citizen's
        if call is not None and is_own and sid and call.provider_call_id is None:
            await store.change(tx.conn, call.id, provider=body.provider, provider_call_id=sid)
    if call is None and sid:  # a leg of a call we have: an agent's, or somebody outside
        call = await store.by_leg(tx.conn, body.provider, sid)
    return None if call is None else await store.lock(tx.conn, call.id)


async def add_facts(tx: Tx, call: Any, facts: Sequence[Fact]) -> Sequence[Fact]:
    """Store facts, fold the call again and move its contact along; return those that are new. Idempotent on keys."""
    fresh, _ = await _take_in(tx, await store.lock(tx.conn, call.id), facts)
    return fresh


async def _take_in(tx: Tx, before: Any, facts: Sequence[Fact]) -> tuple[Sequence[Fact], Sequence[Fact]]:
    """Do the work of `add_facts` on the held row of a call; return the new facts, and all that are known."""
    fresh = await store.add_facts(tx.conn, before.id, [(tx.ids.new(), one) for one in facts])
    if not fresh:
        return [], []
    known = (await store.facts(tx.conn, [before.id]))[before.id]
    after = rules.fold(Direction(before.direction), known)
    if after.ended_by is None and before.mode == Mode.browser and after.state in _HUNG_UP:
        after = replace(after, ended_by=before.ended_by or await call_orders.hung_up_by(tx, before.id))
    await store.change(
        tx.conn,
        before.id,
        state=after.state.value,
        started_at=after.started_at,
        queued_at=after.queued_at,
        answered_at=after.answered_at,
        ended_at=after.ended_at,
        held_since=after.held_since,
        hold_s=after.hold_s,
        talk_s=after.talk_s,
        ended_by=after.ended_by,
        menu=after.choice,
        agent_id=after.agents[0].user_id if after.agents else before.agent_id,
    )
    for one in _worth_a_line(before.mode, known, fresh):
        if one.kind in _LINES:
            await conversations.add_message(
                tx, before.interaction_id, "system", None, "", code=f"call.{one.kind.value}", data=line_data(one)
            )
    await _share_times(tx, before.interaction_id, known, after)
    await _move_along(tx, before, after, known)
    return fresh, known


def _worth_a_line(mode: str, known: Sequence[Fact], fresh: Sequence[Fact]) -> list[Fact]:
    """Leave out whom nobody knows, and the second word about one leg: its own answer and the room say the same."""
    keys = {one.key for one in fresh}
    said = {one.leg for one in known if one.kind is EventKind.joined and one.key not in keys}
    kept: list[Fact] = []
    for one in fresh:
        if one.kind is EventKind.joined:
            if one.user_id is None or (mode == Mode.browser and one.leg in said):
                continue
            said.add(one.leg)
        kept.append(one)
    return kept


def line_data(one: Fact) -> dict[str, Any]:
    """Return what a line in the thread says of a fact: when, who, how. Never a number."""
    kept = {key: one.data[key] for key in ("how", "by", "choice") if key in one.data}
    return {**kept, "at": int(one.at.timestamp() * 1000), **({"user": one.user_id} if one.user_id else {})}


async def _share_times(tx: Tx, interaction_id: str, known: Sequence[Fact], after: CallFacts) -> None:
    """Give each agent's segment the talk and the hold that fell into it: a transfer never spoils another's figures."""
    if not after.agents:
        return
    rows = await store.segments_of(tx.conn, interaction_id)
    if not rows:
        return
    spans = rules.holds_of(known, after.ended_at)
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        until = following.started_at if following is not None else None
        mine = [
            leg
            for leg in after.agents
            if leg.user_id == row.agent_id and leg.left and (until is None or leg.joined < until)
        ]
        hold_s = sum(rules.seconds_within(leg, spans, after.ended_at) for leg in mine)
        stay_s = sum(int((leg.left - leg.joined).total_seconds()) for leg in mine if leg.left)
        await store.change_segment(tx.conn, row.id, talk_s=max(0, stay_s - hold_s), hold_s=hold_s)


async def _move_along(tx: Tx, call: Any, after: CallFacts, known: Sequence[Fact]) -> None:
    """Bring item, interaction and thread to where the call is now. Looks at the rows, so it may run again."""
    row = await chat_store.get(tx.conn, call.interaction_id)
    item = await work_store.open_item_of(tx.conn, call.interaction_id)
    assert row is not None
    leaving = any(one.kind in _LEAVING for one in known) and after.answered_at is None
    if leaving and item is not None and item.kind == "call" and item.state in {"waiting", "offered"}:
        await work.drop(tx, item)  # they said what they want: nobody is offered them any more
        item = None
    if after.queued_at and not after.ended_at and item is None and row.state == "started" and not leaving:
        await chat_store.change(tx.conn, row.id, state=ConversationState.queued.value, queued_at=after.queued_at)
        await work.enqueue(tx, await chat_store.get(tx.conn, row.id), kind="call")
        item = await work_store.open_item_of(tx.conn, call.interaction_id)
    if after.answered_at:
        inbound = call.direction == Direction.inbound
        wait_s = after.wait_s if inbound and not call.found_late and "late_capture" not in row.flags else None
        await work_store.change_interaction(tx.conn, row.id, answered_at=after.answered_at, wait_s=wait_s)
    if after.ended_at is not None:
        await _line_down(tx, call, after, row, item)
    alone = _alone_since(call, after, item)
    if alone != call.alone_since:
        await store.change(tx.conn, call.id, alone_since=alone)
    if item is not None:
        tx.emit("work.changed", item=item.id, conversation=row.id, user=item.owner_id, queue=item.queue_id)


def _alone_since(call: Any, after: CallFacts, item: Any | None) -> datetime | None:
    """Return when whoever holds a provider's call left the line while it goes on; None while all is well."""
    if call.mode != Mode.browser or after.answered_at is None or after.ended_at is not None or item is None:
        return None
    mine = [leg for leg in after.agents if leg.user_id == item.owner_id]
    if item.owner_id is None or not mine or any(leg.left is None for leg in mine):
        return None
    return max(leg.left for leg in mine if leg.left is not None)


async def _line_down(tx: Tx, call: Any, after: CallFacts, row: Any, item: Any | None) -> None:
    """The line is down: whoever holds the contact wraps up, nobody is offered it any more.

    A callback that was not reached stays with its agent, and a crisis stays open for a person (rule 13).
    """
    await call_orders.cancel_all(tx, call.id)
    if not CallState(call.state).is_open:
        return  # it was down before; what came now only says more about it
    await callback_tries.ended(tx, call, after.state)
    pending = await work_store.pending_transfer(tx.conn, item.id) if item is not None else None
    if pending is not None:  # the citizen did not wait for the other side
        await work_store.answer_transfer(tx.conn, pending.id, answer="no_answer", now=tx.now)
    if item is not None and item.kind == "callback" and after.state in rules.NOT_REACHED:
        return
    if conversations.is_crisis(row.flags) or not row.is_open:
        return
    if item is not None and item.kind == "message":
        return
    how = "self_service" if after.state in _SERVED and row.state in _UNHELD else "line_ended"
    state = step(CONVERSATION, ConversationState(row.state), how, Facts(by=_SYSTEM, crisis=False))
    await chat_store.change(
        tx.conn, row.id, state=state.value, is_open=False, closed_at=tx.now, closed_by=after.ended_by or "system"
    )
    await work_store.change_interaction(tx.conn, row.id, ended_at=after.ended_at)
    tx.emit("conversation.changed", conversation=row.id)
    if item is not None and item.state == "held":
        await work.end(tx, item, by_system=True)
    elif item is not None and item.state in {"waiting", "offered", "scheduled"}:
        await work.drop(tx, item)


class CallBody(Body):
    """A call to look at again."""

    call_id: str = Field(max_length=36)


@verb("call.close_out", action="call.use", door="system")
async def close_out(tx: Tx, body: CallBody) -> Answer:
    """Do what a call's end calls for: account for it, hear the message, call back, or ask its agent. Idempotent."""
    call = await store.get(tx.conn, body.call_id)
    if call is None or call.ended_at is None or call.closed_out_at is not None:
        return {}
    call = await store.lock(tx.conn, call.id)
    await store.change(tx.conn, call.id, closed_out_at=tx.now)
    row = await chat_store.get(tx.conn, call.interaction_id)
    assert row is not None
    match CallState(call.state):
        case CallState.abandoned if not conversations.is_crisis(row.flags):
            wait_s = int((call.ended_at - (call.queued_at or call.started_at)).total_seconds())
            await work_store.change_interaction(tx.conn, row.id, wait_s=None if call.found_late else wait_s)
            await captures.account_for(tx, row.id, disposition="call_abandoned")
            await callbacks.for_missed(tx, call)
        case CallState.callback_asked:
            await captures.account_for(tx, row.id, disposition="callback_promised", reason="callback_pending")
            await callbacks.for_missed(tx, call, keep_place=True)
        case CallState.self_service:
            await captures.account_for(tx, row.id, disposition="status_given", reason="folio_status_only")
        case CallState.message_left:
            await _leave_message(tx, row)
        case CallState.dropped:
            await callbacks.for_dropped(tx, call)
        case _:
            pass
    if await work_store.open_item_of(tx.conn, call.interaction_id) is None:
        await captures.open_finding(tx, call.interaction_id, "unlogged_call" if call.found_late else None)
    return {}


async def _leave_message(tx: Tx, row: Any) -> None:
    """A voicemail waits to be heard: at once in office hours, else when the office opens."""
    if await work_store.open_item_of(tx.conn, row.id) is not None:
        return
    await chat_store.change(tx.conn, row.id, state=ConversationState.message_left.value, is_open=True, closed_at=None)
    opening = await office.opening(tx, row.queue_id)
    fresh = await chat_store.get(tx.conn, row.id)
    await work.enqueue(tx, fresh, kind="message", due_at=None if opening.is_open else opening.opens_at)


@work.when_held("call")
async def taken_up(tx: Tx, item: Any, agent_id: str) -> None:
    """Somebody took a call: bring the caller to them, or note who speaks now at the desk phones."""
    call = await store.open_of(tx.conn, item.interaction_id)
    if call is None or "late_capture" in item.flags:
        return
    if call.mode == Mode.browser:
        await _bring(tx, call, item, agent_id)
        return
    if call.state == CallState.dialling:
        return  # they speak from the moment the citizen answers
    facts = [Fact(f"joined:{agent_id}:{tx.ids.new()}", EventKind.joined, tx.now, leg=agent_id, user_id=agent_id)]
    if call.state == CallState.transferring:
        facts.append(Fact(f"transferred:{tx.ids.new()}", EventKind.transferred, tx.now))
    await add_facts(tx, call, facts)


class LostTry(Body):
    """A try at a desk phone whose agent is gone."""

    call_id: str = Field(max_length=36)


@verb("call.lost_try", action="call.use", door="system")
async def lost_try(tx: Tx, body: LostTry) -> Answer:
    """End a try of a callback that nobody can say the end of, so that the promise is not forgotten with it.

    The agent left with the line open: a citizen who had answered counts as cut off, one who had not as not reached.
    Idempotent.
    """
    if body.call_id not in await promise_store.lost_tries(tx.conn, tx.now - timedelta(seconds=LOST_TRY_S)):
        return {}
    call = await store.get(tx.conn, body.call_id)
    assert call is not None
    how = CallState.dropped if call.answered_at is not None else CallState.no_answer
    data = {"how": how.value, "by": "system"}
    await add_facts(tx, call, [fact_now(tx, EventKind.ended, key="ended", data=data)])
    return {"call_id": call.id}


@call_orders.when_refused
async def not_dialled(tx: Tx, call: Any) -> None:
    """An order to dial was refused before it left: the call ends without having rung."""
    data = {"how": CallState.cancelled.value, "by": "system"}
    await add_facts(tx, call, [fact_now(tx, EventKind.ended, key="ended", data=data)])


async def _bring(tx: Tx, call: Any, item: Any, agent_id: str) -> None:
    """Bring a caller to an agent's browser, unless that agent is in the call already. Raises Conflict `no_device`."""
    known = (await store.facts(tx.conn, [call.id]))[call.id]
    legs = rules.fold(Direction(call.direction), known).agents if known else ()
    await store.change(tx.conn, call.id, alone_since=None)
    if call.state == CallState.dialling:
        return  # the order to dial rings their telephone
    if any(leg.user_id == agent_id and leg.left is None for leg in legs):
        return
    status = await work_store.get_status(tx.conn, agent_id)
    if status is None or status.phone_at is None:
        raise Conflict("no_device")
    await call_orders.ask(tx, call, OrderKind.bridge, by=agent_id, user=agent_id)


def fact_now(
    tx: Tx, kind: EventKind, *, key: str | None = None, data: Mapping[str, Any] | None = None, **more: Any
) -> Fact:
    """Return a fact of this moment, told by a person."""
    return Fact(key or f"{kind.value}:{tx.ids.new()}", kind, tx.now, data=data or {}, **more)
