"""What systems manage on screen about how the office works: areas, queues, hours and closures.

Every change says so with `reference.changed`, so that open consoles fetch what they show anew.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import Table

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.actions.people import access_changed
from contact_center.errors import Conflict, Invalid, Missing
from contact_center.rules.calendars import Exceptional, HoursRefused, calendar_of
from contact_center.rules.identity import normalise
from contact_center.rules.model import Channel
from contact_center.rules.textfold import TextRefused, safe_line
from contact_center.store import admin
from contact_center.store.schema import (
    areas,
    calendars,
    closures,
    queues,
    users,
)

_AREA = re.compile(r"\d{2}(\.\d{2}){1,6}")

Id = Annotated[str, Field(min_length=1, max_length=36)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
Span = tuple[Clock, Clock]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def clean_line(text: str, field: str, longest: int) -> str:
    """Return one line fit to be stored. Raises Invalid."""
    try:
        return safe_line(text, longest, field=field)
    except TextRefused as error:
        raise Invalid("invalid", fields={field: error.code}) from error


def check_format(pattern: re.Pattern[str], text: str, field: str) -> str:
    """Return a text that matches a pattern whole. Raises Invalid."""
    if not pattern.fullmatch(text):
        raise Invalid("invalid", fields={field: "wrong_format"})
    return text


async def check_exists(tx: Tx, table: Table, value: str | None, field: str) -> None:
    """Raise Invalid unless the row that a field points to exists."""
    if value is not None and not await admin.existing(tx.conn, table, [value]):
        raise Invalid("invalid", fields={field: "unknown"})


def told(tx: Tx, what: str, key: str, verb_name: str = "saved") -> None:
    """Record a change, and tell consoles to fetch what they show anew."""
    tx.emit(f"admin.{verb_name}", what=what, key=key)
    tx.emit("reference.changed", what=what)


def one_of(rows: list[dict[str, Any]], **key: Any) -> dict[str, Any]:
    """Return the row with this key, which is there."""
    return next(row for row in rows if all(row[name] == value for name, value in key.items()))


class SaveArea(Body):
    """A unit of the organigram; `id` is its code."""

    id: str = Field(max_length=36)
    name: str = Field(min_length=1, max_length=200)
    parent_id: str | None = Field(default=None, max_length=36)
    takes_transfers: bool = True
    closed: bool = False


@verb("area.save", action="admin.areas")
async def save_area(tx: Tx, body: SaveArea) -> Answer:
    """Add or change an area. A closed one is no longer offered; what it has, it keeps."""
    check_format(_AREA, body.id, "id")
    await check_exists(tx, areas, body.parent_id, "parent_id")
    parent = body.parent_id
    while parent is not None:
        if parent == body.id:
            raise Invalid("invalid", fields={"parent_id": "circle"})
        row = await admin.get_one(tx.conn, areas, id=parent)
        parent = None if row is None else row.parent_id
    values = {
        "name": clean_line(body.name, "name", 200),
        "parent_id": body.parent_id,
        "takes_transfers": body.takes_transfers,
        "closed_at": tx.now if body.closed else None,
    }
    await admin.put(tx.conn, areas, {"id": body.id}, values)
    told(tx, "areas", body.id)
    return {"area": one_of(await admin.area_rows(tx.conn), id=body.id)}


class Member(Body):
    """Who serves a queue; level 1 is asked first."""

    user_id: Id
    level: int = Field(default=1, ge=1, le=9)


class SaveQueue(Body):
    """A queue. Durations are seconds. `members` replaces who serves it; leave it out to keep them."""

    id: str | None = Field(default=None, max_length=36)
    name: str = Field(min_length=1, max_length=120)
    area_id: Id
    calendar_id: Id
    channels: tuple[Channel, ...] = Field(default=(), max_length=9)
    priority: int = Field(default=0, ge=0, le=9)
    strategy: Literal["longest_idle", "least_busy"] = "longest_idle"
    offer_timeout_s: int = Field(default=20, ge=5, le=600)
    target_s: int = Field(default=60, ge=1, le=86_400)
    wrap_up_s: int = Field(default=120, ge=0, le=3_600)
    overflow_queue_id: str | None = Field(default=None, max_length=36)
    overflow_after_s: int | None = Field(default=None, ge=10, le=86_400)
    phone_number: str | None = Field(default=None, max_length=40)
    """The office's number whose calls start here; empty takes it away. This and the next two: leave out to keep."""
    recording: bool | None = None
    """Whether its calls at a browser phone are recorded, which callers are told first."""
    recording_days: int | None = Field(default=None, ge=1, le=3_650)
    closed: bool = False
    members: tuple[Member, ...] | None = Field(default=None, max_length=500)


@verb("queue.save", action="admin.queues")
async def save_queue(tx: Tx, body: SaveQueue) -> Answer:
    """Add or change a queue and who serves it. A channel starts in one queue only."""
    await check_exists(tx, areas, body.area_id, "area_id")
    await check_exists(tx, calendars, body.calendar_id, "calendar_id")
    await check_exists(tx, queues, body.overflow_queue_id, "overflow_queue_id")
    if body.id is not None and await admin.get_one(tx.conn, queues, id=body.id) is None:
        raise Missing
    overflow = body.overflow_queue_id
    if (overflow is None) != (body.overflow_after_s is None) or (overflow is not None and overflow == body.id):
        raise Invalid("invalid", fields={"overflow_queue_id": "invalid"})
    await _check_channels(tx, body)
    queue_id = body.id or tx.ids.new()
    values = body.model_dump(mode="json", exclude={"id", "members", "closed", "name"})
    values["name"] = clean_line(body.name, "name", 120)
    values["closed_at"] = tx.now if body.closed else None
    for name in ("phone_number", "recording", "recording_days"):
        if values[name] is None:
            del values[name]
    if "phone_number" in values:
        values["phone_number"] = await _line_of(tx, body)
    await admin.put(tx.conn, queues, {"id": queue_id}, values)
    if body.members is not None:
        await _set_members(tx, queue_id, {one.user_id: one.level for one in body.members})
    tx.emit("queue.changed", queue=queue_id)
    told(tx, "queues", queue_id)
    return {"queue": (await admin.queue_rows(tx.conn, [queue_id]))[0]}


async def _line_of(tx: Tx, body: SaveQueue) -> str | None:
    """Return a queue's number as it is stored. Raises Invalid for what is none, Conflict for another queue's."""
    if not (body.phone_number or "").strip():
        return None
    number = normalise(body.phone_number or "").e164
    if number is None:
        raise Invalid("invalid", fields={"phone_number": "invalid"})
    for row in await admin.queue_rows(tx.conn):
        if row["id"] != body.id and row["phone_number"] == number:
            raise Conflict("number_taken", fields={"phone_number": "taken"}, queue=row["id"])
    return number


async def _check_channels(tx: Tx, body: SaveQueue) -> None:
    if body.closed:
        return
    for row in await admin.queue_rows(tx.conn):
        if row["id"] != body.id and row["closed_at"] is None and not set(row["channels"]).isdisjoint(body.channels):
            raise Conflict("channel_taken", fields={"channels": "taken"}, queue=row["id"])


async def _set_members(tx: Tx, queue_id: str, levels: dict[str, int]) -> None:
    before = await admin.members_of(tx.conn, queue_id)
    if before == levels:
        return
    if len(await admin.existing(tx.conn, users, levels)) != len(levels):
        raise Invalid("invalid", fields={"members": "unknown"})
    await admin.set_members(tx.conn, queue_id, levels)
    for user_id in sorted(set(before) ^ set(levels)):
        await access_changed(tx, user_id)
        tx.emit("agent.changed", user=user_id)


Week = dict[Annotated[str, Field(pattern="^(mon|tue|wed|thu|fri|sat|sun)$")], tuple[Span, ...]]


class SaveHours(Body):
    """A calendar: for each day of the week its ranges, e.g. `{"mon": [["08:00", "15:00"]]}`."""

    id: str | None = Field(default=None, max_length=36)
    name: str = Field(min_length=1, max_length=120)
    zone: str = Field(default="America/Hermosillo", max_length=60)
    week: Week


@verb("hours.save", action="admin.hours")
async def save_hours(tx: Tx, body: SaveHours) -> Answer:
    """Add or change opening hours."""
    if body.id is not None and await admin.get_one(tx.conn, calendars, id=body.id) is None:
        raise Missing
    week = {day: [list(span) for span in spans] for day, spans in body.week.items()}
    try:
        calendar_of(body.zone, week)
    except HoursRefused as error:
        raise Invalid("invalid", fields={"zone" if error.code == "zone_unknown" else "week": error.code}) from error
    calendar_id = body.id or tx.ids.new()
    values = {"name": clean_line(body.name, "name", 120), "zone": body.zone, "week": week}
    await admin.put(tx.conn, calendars, {"id": calendar_id}, values)
    await _hours_told(tx, calendar_id)
    return {"hours": one_of(await admin.hours_rows(tx.conn), id=calendar_id)}


async def _hours_told(tx: Tx, key: str) -> None:
    told(tx, "hours", key)
    for row in await admin.queue_rows(tx.conn):
        tx.emit("queue.changed", queue=row["id"])


class SaveClosure(Body):
    """Days off or extra opening. Without `calendar_id` it holds for every calendar; no `ranges` is the whole day."""

    id: str | None = Field(default=None, max_length=36)
    calendar_id: str | None = Field(default=None, max_length=36)
    kind: Literal["holiday", "closure", "guard"]
    name: str = Field(min_length=1, max_length=160)
    starts_on: Day
    ends_on: Day
    ranges: tuple[Span, ...] = Field(default=(), max_length=10)


@verb("closure.save", action="admin.hours")
async def save_closure(tx: Tx, body: SaveClosure) -> Answer:
    """Add or change a closure or a guard."""
    await check_exists(tx, calendars, body.calendar_id, "calendar_id")
    if body.id is not None and await admin.get_one(tx.conn, closures, id=body.id) is None:
        raise Missing
    ranges = [list(span) for span in body.ranges]
    try:
        calendar_of("UTC", {}, [Exceptional(body.kind, body.starts_on, body.ends_on, body.name, ranges)])
    except HoursRefused as error:
        field = {"dates_reversed": "ends_on", "date_format": "starts_on"}.get(error.code, "ranges")
        raise Invalid("invalid", fields={field: error.code}) from error
    closure_id = body.id or tx.ids.new()
    values = {
        "calendar_id": body.calendar_id,
        "kind": body.kind,
        "name": clean_line(body.name, "name", 160),
        "starts_on": body.starts_on,
        "ends_on": body.ends_on,
        "ranges": ranges,
    }
    await admin.put(tx.conn, closures, {"id": closure_id}, values)
    await _hours_told(tx, closure_id)
    return {"closure": {"id": closure_id, **values}}


class Delete(Body):
    """Which row to delete."""

    id: Id


@verb("closure.delete", action="admin.hours")
async def delete_closure(tx: Tx, body: Delete) -> Answer:
    """Delete a closure or a guard."""
    if not await admin.remove(tx.conn, closures, id=body.id):
        raise Missing
    await _hours_told(tx, body.id)
    return {}
