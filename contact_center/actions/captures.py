"""What happened in each contact is written down, justified, or an open finding: nothing escapes the register.

`capture` and `open_finding` are called by whoever ends a contact, inside that transaction; the sweep for what was left
too long is called by the timers.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field
from sqlalchemy.exc import IntegrityError

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules import catalogues, hours
from contact_center.rules.access import Scope
from contact_center.rules.lifecycle import CAPTURE, Facts, by_of, step
from contact_center.rules.model import ActorKind, CaptureState, Channel, Role
from contact_center.rules.textfold import TextRefused, safe_text
from contact_center.store import captures as store
from contact_center.store import hours as hours_store
from contact_center.store import work as work_store

MAX_NOTE = 4_000
_FIELD_OF = {
    "disposition_required": "disposition",
    "disposition_unknown": "disposition",
    "disposition_not_for_channel": "disposition",
    "petition_required": "disposition",
    "reason_required": "no_petition_reason",
    "reason_unknown": "no_petition_reason",
    "reason_with_petition": "no_petition_reason",
    "note_required": "note",
    "topic_unknown": "topic",
}
_UNCAPTURED = frozenset({CaptureState.pending, CaptureState.overdue, CaptureState.returned})
_NEEDS_NOTE = frozenset(one.code for one in catalogues.NO_PETITION_REASONS if one.needs_note)


async def capture(
    tx: Tx,
    interaction_id: str,
    disposition: str | None,
    no_petition_reason: str | None = None,
    note: str | None = None,
    topic: str | None = None,
    by: str | None = None,
    *,
    draft: bool = False,
) -> CaptureState:
    """Write down how a contact ended and return where its capture stands now.

    `by` is the user id of the author, None when the house ends a contact by itself. Raises Invalid
    `capture_incomplete` with `fields`, unless it is a draft: then what is there is kept and the rest stays pending.
    Complete, it closes the contact's findings and alerts. What is reviewed never changes: IllegalMove. DOMAIN §2.3.
    """
    row = await work_store.get_interaction(tx.conn, interaction_id)
    if row is None:
        raise Missing
    before = CaptureState(row.state)
    if before is CaptureState.reviewed:
        _after(tx, row, by)  # refuses
    note = _note(note)
    linked = await store.count_folios(tx.conn, interaction_id)
    wrong = list(catalogues.capture_errors(disposition, Channel(row.channel), linked, no_petition_reason))
    if no_petition_reason in _NEEDS_NOTE and not note:
        wrong.append("note_required")
    if topic and not await store.has_topic(tx.conn, topic):
        wrong.append("topic_unknown")
    is_draft = draft and before in _UNCAPTURED and all(code.endswith("_required") for code in wrong)
    if wrong and not is_draft:
        raise Invalid("capture_incomplete", fields={_FIELD_OF[code]: code for code in reversed(wrong)})
    after = before if wrong else _after(tx, row, by)
    values: dict[str, Any] = {
        "state": after.value,
        "disposition": disposition,
        "no_petition_reason": no_petition_reason or _own_reason(disposition, linked),
        "note": note,
        "topic": topic,
    }
    if after is CaptureState.captured:
        values |= {"captured_by": by, "captured_at": tx.now}
    if not await store.change(tx.conn, interaction_id, row.state, values):
        raise Conflict("changed_meanwhile")
    if after is CaptureState.captured:
        await close_finding(tx, interaction_id, how="captured")
    return after


def _after(tx: Tx, row: Any, by: str | None) -> CaptureState:
    before = CaptureState(row.state)
    if before is CaptureState.captured:
        return before  # its author completes it again, until somebody reviews it
    # Contacts that nobody held (left, self-service, spam) are written down by the house in the desk's name.
    who = by_of(tx.actor.kind, tx.actor.roles) if tx.actor.kind is ActorKind.staff else frozenset({Role.agent})
    is_author = row.captured_by in (None, by)
    event = "correct" if before is CaptureState.returned else "capture"
    return step(CAPTURE, before, event, Facts(by=who, captured=True, is_author=is_author))


def _own_reason(disposition: str | None, linked: int) -> str | None:
    if not disposition or linked:
        return None
    return catalogues.get_disposition(disposition).no_petition_reason


def _note(note: str | None) -> str | None:
    if note is None or not note.strip():
        return None
    try:
        return safe_text(note, MAX_NOTE, field="note")
    except TextRefused as error:
        raise Invalid("capture_incomplete", fields={"note": error.code}) from error


async def is_captured(tx: Tx, interaction_id: str) -> bool:
    """Say whether a contact needs nothing more to be written down."""
    row = await work_store.get_interaction(tx.conn, interaction_id)
    return row is not None and row.state in (CaptureState.captured, CaptureState.reviewed)


async def account_for(tx: Tx, interaction_id: str, *, disposition: str, reason: str | None = None) -> None:
    """Write down, in the house's name, a contact that nobody held: left, answered by itself, spam. Idempotent."""
    if await is_captured(tx, interaction_id):
        return
    linked = await store.count_folios(tx.conn, interaction_id)
    own = catalogues.get_disposition(disposition).no_petition_reason
    chosen = None if linked or reason == own else reason
    await capture(tx, interaction_id, disposition, no_petition_reason=chosen)


async def was_served(tx: Tx, interaction_id: str) -> bool:
    """Say whether the house itself answered what the citizen came for."""
    return await store.was_queried(tx.conn, interaction_id)


async def open_finding(
    tx: Tx, interaction_id: str, kind: str | None = None, *, agent_id: str | None = None
) -> str | None:
    """Open a finding for a contact that ended uncaptured, in an agent's list (its last one's), and return its id.

    Idempotent: an open one stays. Without a kind, what is missing decides, and None says that nothing is missing.
    """
    row = await work_store.get_interaction(tx.conn, interaction_id)
    if row is None:
        raise Missing
    if kind is None:
        kind = await _missing(tx, row)
        if kind is None:
            return None
    known = await store.open_finding_of(tx.conn, interaction_id, kind)
    if known is None and kind == "no_disposition":  # it is in a list already, under a name that says more
        known = await store.open_finding_of(tx.conn, interaction_id, "unlogged_call")
    if known is not None:
        return known
    finding_id, agent = tx.ids.new(), agent_id or row.agent_id
    try:
        async with tx.conn.begin_nested():
            await store.add_finding(
                tx.conn,
                {
                    "id": finding_id,
                    "kind": kind,
                    "interaction_id": interaction_id,
                    "agent_id": agent,
                    "opened_at": tx.now,
                },
            )
    except IntegrityError:  # another node opened it in this moment
        return await store.open_finding_of(tx.conn, interaction_id, kind)
    tx.emit("finding.opened", user=agent, finding=finding_id, interaction=interaction_id)
    return finding_id


async def _missing(tx: Tx, row: Any) -> str | None:
    if row.state == CaptureState.reviewed:
        return None
    linked = await store.count_folios(tx.conn, row.id)
    wrong = catalogues.capture_errors(row.disposition, Channel(row.channel), linked, row.no_petition_reason)
    if not row.disposition:
        return "no_disposition"
    if "petition_required" in wrong or "reason_required" in wrong:
        return "no_petition_reason"
    return "no_disposition" if wrong or row.state != CaptureState.captured else None


async def close_finding(tx: Tx, interaction_id: str, *, how: str) -> None:
    """Close every open finding of a contact and quiet what rang about it. Idempotent."""
    for finding in await store.close_findings(tx.conn, interaction_id, now=tx.now, how=how):
        tx.emit("finding.closed", user=finding.agent_id, finding=finding.id, interaction=interaction_id)
    for alert_id in await work_store.clear_alerts(tx.conn, interaction_id, tx.now, ("capture_overdue",)):
        tx.emit("alert.cleared", alert=alert_id)


async def close_kind(tx: Tx, interaction_id: str, kind: str, *, how: str) -> None:
    """Close one finding of a contact, if it is open: what it asked for was done. Idempotent."""
    finding_id = await store.open_finding_of(tx.conn, interaction_id, kind)
    if finding_id is None:
        return
    for one in await store.close_findings(tx.conn, interaction_id, now=tx.now, how=how, finding_id=finding_id):
        tx.emit("finding.closed", user=one.agent_id, finding=one.id, interaction=interaction_id)


async def recheck(tx: Tx, interaction_id: str) -> None:
    """After a folio was linked or taken away: what is complete closes its findings, what no longer is opens one."""
    row = await work_store.get_interaction(tx.conn, interaction_id)
    if row is None or row.ended_at is None:
        return
    if await _missing(tx, row) is None:
        await close_finding(tx, interaction_id, how="captured")
    elif row.state == CaptureState.captured:
        await open_finding(tx, interaction_id)


class Justify(Body):
    """Why a contact was not captured, in words."""

    finding_id: str = Field(max_length=36)
    reason: str = Field(min_length=1, max_length=300)


@verb("finding.justify", action="work.wrap_up")
async def justify(tx: Tx, body: Justify) -> Answer:
    """Close a finding with a reason. Its agent or a supervisor. A finding that is closed already is a conflict."""
    row = await store.get_finding(tx.conn, body.finding_id)
    if row is None:
        raise Missing
    scope = Scope(
        owner_id=row.agent_id,
        queue_ids=frozenset({row.queue_id} - {None}),
        restricted=row.restricted,
        accused_user_ids=frozenset({row.accused_user_id} - {None}),
    )
    tx.check_visible("work.wrap_up", scope)
    try:
        reason = safe_text(body.reason, 300, field="reason")
    except TextRefused as error:
        raise Invalid(error.code, fields={"reason": error.code}) from error
    if len(reason) < 5:
        raise Invalid("reason_too_short", fields={"reason": "reason_too_short"})
    closed = await store.close_findings(
        tx.conn, row.interaction_id, now=tx.now, how="justified", reason=reason, finding_id=row.id
    )
    if not closed:
        raise Conflict("finding_closed")
    tx.emit("finding.closed", user=row.agent_id, finding=row.id, interaction=row.interaction_id)
    return {}


async def overdue(tx: Tx, now: datetime) -> list[str]:
    """Mark what was left uncaptured for too many working hours, ring for the supervisors, and return the interactions.

    Idempotent: each is marked once. The hours are those of the contact's queue.
    """
    limit_h = (await tx.options()).capture_overdue_hours
    rows: Sequence[Any] = await store.uncaptured(tx.conn, ended_before=now - timedelta(hours=limit_h))
    if not rows:
        return []
    calendars = await hours_store.load(tx.conn)
    queues = {row.id: row.calendar_id for row in await work_store.all_queues(tx.conn)}
    late: list[str] = []
    for row in rows:
        calendar = calendars.get(queues.get(row.queue_id, ""))
        if calendar is not None and not _is_past(calendar, row.ended_at, limit_h, now):
            continue
        state = step(CAPTURE, CaptureState.pending, "expire", Facts(by=frozenset({ActorKind.system})))
        if await store.change(tx.conn, row.id, CaptureState.pending.value, {"state": state.value}):
            await open_finding(tx, row.id)
            await _ring(tx, row)
            late.append(row.id)
    return late


def _is_past(calendar: hours.Calendar, ended_at: datetime, limit_h: int, now: datetime) -> bool:
    try:
        return hours.add_business_hours(calendar, ended_at, limit_h) <= now
    except ValueError:  # an office that never opens: clock hours count
        return True


async def _ring(tx: Tx, row: Any) -> None:
    item = await work_store.latest_item_of(tx.conn, row.id)
    alert_id = tx.ids.new()
    values = {
        "id": alert_id,
        "kind": "capture_overdue",
        "subject": row.id,
        "work_item_id": item.id if item else None,
        "level": "warning",
        "data": {"agent": row.agent_id},
        "at": tx.now,
    }
    if await work_store.raise_alert(tx.conn, values):
        tx.emit("alert.raised", item=item.id if item else None, alert=alert_id)
