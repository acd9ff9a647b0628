"""The registers as views: a page of rows, the figures of all of them, and groups, for the screen and the files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from contact_center.rules.access import Actor
from contact_center.rules.faces import contact_label, ms, office_day
from contact_center.rules.hours import business_days_between
from contact_center.rules.identity import mask_phone
from contact_center.rules.model import Role
from contact_center.rules.registers import RequestCounts, call_figures, request_figures, transfer_figures
from contact_center.rules.sight import sight_of
from contact_center.store import call_register, request_register, transfer_register
from contact_center.store import hours as hours_store
from contact_center.store import petitions as petition_store
from contact_center.store.call_register import Cursor, Reach

View = dict[str, Any]
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a register: in which order, after which row, how many."""

    sort: str
    descending: bool
    after: Cursor | None
    limit: int


async def reach_of(conn: AsyncConnection, actor: Actor) -> Reach:
    """Return whose calls the actor may list: the own ones, those of the area and what is under it, or all."""
    sight = sight_of(actor, "register.read")
    return Reach(sight, await call_register.areas_under(conn, sight.area_id))


def sees_people(actor: Actor) -> bool:
    """Say whether rows name people to the actor: systems count, and read no personal data (DOMAIN §2.2)."""
    return bool(actor.roles - {Role.systems})


async def call_page(
    conn: AsyncConnection, actor: Actor, reach: Reach, f: call_register.Filters, asked: Asked
) -> tuple[list[View], Any]:
    """Return a page of R1 and the row it goes on after, None at its end."""
    rows = await call_register.page(
        conn, reach, f, sort=asked.sort, descending=asked.descending, after=asked.after, limit=asked.limit + 1
    )
    shown = rows[: asked.limit]
    ids = [one.interaction_id for one in shown]
    folios = await visible_folios(conn, actor, ids)
    passed = await call_register.last_transfers(conn, ids)
    named = sees_people(actor)
    views = [_call(one, folios.get(one.interaction_id, []), passed.get(one.interaction_id), named) for one in shown]
    return views, shown[-1] if len(rows) > asked.limit else None


def _call(one: Any, folios: Sequence[str], passed: Any | None, named: bool) -> View:
    hidden = one.restricted or not named
    return {
        "id": one.id,
        "interaction": one.interaction_id,
        "started_at": ms(one.started_at),
        "direction": one.direction,
        "purpose": one.purpose,
        "mode": one.mode,
        "result": one.state,
        "outcome": one.outcome,
        "number": mask_phone(one.number) if one.number and not hidden else None,
        "number_kind": one.number_kind,
        "label": None if hidden else contact_label(_Labelled(one, one.interaction_id)),
        "restricted": one.restricted,
        "municipality": one.municipality,
        "topic": one.topic,
        "area": one.area_id,
        "agent": one.agent_id,
        "wait_s": one.wait_s,
        "length_s": one.length_s,
        "capture": one.capture,
        "disposition": one.disposition,
        "flags": one.flags,
        "late": one.found_late or "late_capture" in one.flags,
        "transferred": None if passed is None else _passed(passed),
        "folios": list(folios),
    }


class _Labelled:
    """A row whose label is made from the id of its contact, not from that of the call or the transfer."""

    def __init__(self, row: Any, interaction_id: str) -> None:
        self._row = row
        self.id = interaction_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _passed(one: Any) -> View:
    return {
        "agent": one.to_agent_id,
        "queue": one.to_queue_id,
        "area": one.to_area_id,
        "outside": one.to_number is not None,
        "answer": one.answer,
    }


async def call_totals(conn: AsyncConnection, reach: Reach, f: call_register.Filters) -> View:
    """Return every figure of R1 over all rows, and whether they balance."""
    counted = await call_register.counts(conn, reach, f)
    return {"figures": call_figures(counted), "balances": counted.balances, "total": counted.calls}


async def call_groups(conn: AsyncConnection, reach: Reach, f: call_register.Filters, by: str) -> list[View]:
    """Return the groups of R1, each with its figures."""
    return [
        {"key": _key(by, key), "figures": call_figures(counted)}
        for key, counted in await call_register.groups(conn, reach, f, by)
    ]


async def transfer_page(
    conn: AsyncConnection, actor: Actor, reach: Reach, f: transfer_register.Filters, asked: Asked
) -> tuple[list[View], Any]:
    """Return a page of R3 and the row it goes on after, None at its end."""
    rows = await transfer_register.page(
        conn, reach, f, sort=asked.sort, descending=asked.descending, after=asked.after, limit=asked.limit + 1
    )
    shown = rows[: asked.limit]
    folios = await visible_folios(conn, actor, [one.interaction_id for one in shown])
    named = sees_people(actor)
    views = [_transfer(one, folios.get(one.interaction_id, []), named) for one in shown]
    return views, shown[-1] if len(rows) > asked.limit else None


def _transfer(one: Any, folios: Sequence[str], named: bool) -> View:
    hidden = one.restricted or not named
    return {
        "id": one.id,
        "interaction": one.interaction_id,
        "at": ms(one.at),
        "label": None if hidden else contact_label(_Labelled(one, one.interaction_id)),
        "restricted": one.restricted,
        "from_area": one.from_area,
        "from_agent": one.from_agent_id,
        "to_area": one.to_area,
        "to_queue": one.to_queue_id,
        "to_agent": one.to_agent_id,
        "kind": one.kind,
        "reason": one.reason,
        "note": None if hidden else one.note,
        "answer": one.answer,
        "answer_s": one.answer_s,
        "verified_by": one.verified_by,
        "verified_at": ms(one.verified_at),
        "folios": list(folios),
    }


async def transfer_totals(conn: AsyncConnection, reach: Reach, f: transfer_register.Filters) -> View:
    """Return every figure of R3 over all rows, and whether they balance."""
    counted = await transfer_register.counts(conn, reach, f)
    return {"figures": transfer_figures(counted), "balances": counted.balances, "total": counted.transfers}


async def transfer_groups(conn: AsyncConnection, reach: Reach, f: transfer_register.Filters, by: str) -> list[View]:
    """Return the groups of R3; the matrix has a key of two areas."""
    return [
        {"key": _key(by, key), "figures": transfer_figures(counted)}
        for key, counted in await transfer_register.groups(conn, reach, f, by)
    ]


async def request_page(
    conn: AsyncConnection, actor: Actor, reach: Reach, f: request_register.Filters, asked: Asked
) -> tuple[list[View], Any]:
    """Return a page of R4 and the row it goes on after, None at its end."""
    rows = await request_register.page(
        conn, reach, f, sort=asked.sort, descending=asked.descending, after=asked.after, limit=asked.limit + 1
    )
    shown = rows[: asked.limit]
    wanted = {one.folio for one in shown if one.folio}
    seen = await petition_store.visible_among(conn, sight_of(actor, "petition.read"), wanted)
    days = await _business_days(conn)
    named = sees_people(actor)
    views = [_request(one, one.folio if one.folio in seen else None, named, days) for one in shown]
    return views, shown[-1] if len(rows) > asked.limit else None


def _request(one: Any, folio: str | None, named: bool, days: Callable[[date, date], int]) -> View:
    hidden = one.restricted or not named or (one.folio is not None and folio is None)
    made, kept = office_day(one.made_at), None if one.kept_at is None else office_day(one.kept_at)
    return {
        "id": one.id,
        "interaction": one.id,
        "kind": one.reason,
        "made_at": ms(one.made_at),
        "due_at": ms(one.due_at),
        "kept_at": ms(one.kept_at),
        "closed_at": ms(one.closed_at),
        "requested_by": one.requested_by,
        "area": one.requested_area_id,
        "agent": one.agent_id,
        "folio": folio,
        "label": None if hidden else contact_label(_Labelled(one, one.id)),
        "restricted": one.restricted,
        "number": mask_phone(one.number) if one.number and not hidden else None,
        "attempts": one.attempts,
        "result": one.result,
        "is_overdue": bool(one.is_overdue),
        "told": None if hidden else one.told,
        "questions": len(one.questions),
        "answers": len(one.answers),
        "days": None if kept is None else days(made, kept),
    }


async def request_totals(conn: AsyncConnection, reach: Reach, f: request_register.Filters) -> View:
    """Return every figure of R4 over all rows, and whether they balance."""
    ((_, counted, spans),) = await request_register.groups(conn, reach, f, None)
    full = _with_days(counted, spans, await _business_days(conn))
    return {"figures": request_figures(full), "balances": full.balances, "total": full.requests}


async def request_groups(conn: AsyncConnection, reach: Reach, f: request_register.Filters, by: str) -> list[View]:
    """Return the groups of R4, each with its figures."""
    days = await _business_days(conn)
    return [
        {"key": _key(by, key), "figures": request_figures(_with_days(counted, spans, days))}
        for key, counted, spans in await request_register.groups(conn, reach, f, by)
    ]


def _with_days(
    counted: RequestCounts, spans: Sequence[tuple[int, int, int]], days: Callable[[date, date], int]
) -> RequestCounts:
    total = sum(
        times * days(_EPOCH + timedelta(days=made), _EPOCH + timedelta(days=kept)) for made, kept, times in spans
    )
    return replace(counted, achieved_days=total)


async def _business_days(conn: AsyncConnection) -> Callable[[date, date], int]:
    """Return how many business days lie between two days, by the office's first calendar (DOMAIN §3 «Días»)."""
    calendar = next(iter((await hours_store.load(conn)).values()), None)

    @cache
    def between(first: date, last: date) -> int:
        return 0 if calendar is None else business_days_between(calendar, first, last)

    return between


def _key(by: str, key: Any) -> Any:
    if by == "matrix":
        return list(key)
    return (_EPOCH + timedelta(days=key)).isoformat() if by == "day" else key


async def visible_folios(conn: AsyncConnection, actor: Actor, ids: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the folios of contacts, without those that the actor may not know of."""
    found = await petition_store.folios_of(conn, ids)
    every = {folio for folios in found.values() for folio in folios}
    seen = await petition_store.visible_among(conn, sight_of(actor, "petition.read"), every)
    return {key: [folio for folio in folios if folio in seen] for key, folios in found.items()}
