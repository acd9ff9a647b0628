"""The registers of calls, for reading: a page of rows with the figures of all of them, and groups.

What a stranger may choose is a closed list (fields, orders, groupings) or a bounded text that reaches the database as a
value; everything else is refused before it (PROMISES §3: 23–28).
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from contact_center.errors import Invalid
from contact_center.reports import definitions
from contact_center.reports import registers as reports
from contact_center.reports.registers import Asked
from contact_center.rules import faces
from contact_center.rules.periods import Period, PeriodRefused, Span, span_of
from contact_center.store import call_register, request_register, transfer_register
from contact_center.store.call_register import Cursor, Reach
from contact_center.store.types import from_us, to_us
from contact_center.web import auth, inputs
from contact_center.web.house import house_of

_Code = Field(default="", max_length=36, pattern=r"^[A-Za-z0-9_.\-]*$")
_DAY: Final = r"^(\d{4}-\d{2}-\d{2})?$"
_Yes = Literal["", "yes", "no"]
_Direction = Literal["", "inbound", "outbound"]


class Common(BaseModel):
    """What every register takes. `from` and `to` are days of the office, both included, of the period `range`."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    period: Period = Period.today
    back: int = Field(default=0, ge=0, le=1_200)
    first: str = Field(default="", alias="from", pattern=_DAY)
    last: str = Field(default="", alias="to", pattern=_DAY)
    agent: str = _Code
    descending: Literal["0", "1"] = "1"
    after: str = Field(default="", max_length=400)
    limit: int = Field(default=50, ge=1, le=200)
    by: str = Field(default="", max_length=20)


class CallsAsked(Common):
    """What R1 may be narrowed by."""

    direction: _Direction = ""
    purpose: Literal["", "attention", "inform", "request_info", "return"] = ""
    result: str = Field(default="", max_length=20, pattern=r"^[a-z_]*$")
    outcome: str = Field(default="", max_length=20, pattern=r"^[a-z_]*$")
    municipality: str = _Code
    topic: str = _Code
    area: str = _Code
    folio: _Yes = ""
    hour: int | None = Field(default=None, ge=0, le=23)
    q: str = Field(default="", max_length=100)
    sort: Literal["started", "wait", "length", "agent", "result", "purpose"] = "started"


class TransfersAsked(Common):
    """What R3 may be narrowed by."""

    from_area: str = _Code
    to_area: str = _Code
    answer: Literal["", "accepted", "refused", "no_answer", "pending"] = ""
    reason: str = _Code
    kind: Literal["", "cold", "warm"] = ""
    verified: _Yes = ""
    sort: Literal["at", "wait", "answer", "reason"] = "at"


class RequestsAsked(Common):
    """What R4 may be narrowed by."""

    kind: Literal["", "inform", "ask"] = ""
    area: str = _Code
    result: Literal["", "reached", "not_reached", "cancelled", "pending", "overdue"] = ""
    sort: Literal["made", "due", "attempts", "result"] = "made"


@dataclass(frozen=True, slots=True)
class _Source:
    """How one register is read."""

    asked: type[Common]
    filters: Callable[[Any, Span, datetime], Any]
    page: Callable[..., Awaitable[tuple[list[dict[str, Any]], Any]]]
    totals: Callable[[AsyncConnection, Reach, Any], Awaitable[dict[str, Any]]]
    groups: Callable[[AsyncConnection, Reach, Any, str], Awaitable[list[dict[str, Any]]]]
    at: str
    """The column that breaks ties of an order."""


def _calls(given: CallsAsked, span: Span, _: datetime) -> call_register.Filters:
    digits = re.sub(r"\D", "", given.q)
    is_number = len(digits) >= 4 and not re.search(r"[^\W\d_]", given.q)
    return call_register.Filters(
        start=span.start,
        end=span.end,
        agent=given.agent,
        direction=given.direction,
        purpose=given.purpose,
        result=given.result,
        outcome=given.outcome,
        municipality=given.municipality,
        topic=given.topic,
        area=given.area,
        folio=given.folio,
        hour=given.hour,
        q="" if is_number else given.q.strip().lower(),
        digits=digits[-10:] if is_number else "",
    )


def _transfers(given: TransfersAsked, span: Span, _: datetime) -> transfer_register.Filters:
    return transfer_register.Filters(
        start=span.start,
        end=span.end,
        agent=given.agent,
        from_area=given.from_area,
        to_area=given.to_area,
        answer=given.answer,
        reason=given.reason,
        kind=given.kind,
        verified=given.verified,
    )


def _requests(given: RequestsAsked, span: Span, now: datetime) -> request_register.Filters:
    return request_register.Filters(
        start=span.start,
        end=span.end,
        now=now,
        agent=given.agent,
        area=given.area,
        kind=given.kind,
        result=given.result,
    )


_SOURCES: Final = {
    "calls": _Source(CallsAsked, _calls, reports.call_page, reports.call_totals, reports.call_groups, at="started_at"),
    "transfers": _Source(
        TransfersAsked, _transfers, reports.transfer_page, reports.transfer_totals, reports.transfer_groups, at="at"
    ),
    "requests": _Source(
        RequestsAsked, _requests, reports.request_page, reports.request_totals, reports.request_groups, at="made_at"
    ),
}


def _reader(name: str) -> Callable[[Request], Awaitable[Response]]:
    source, register = _SOURCES[name], definitions.REGISTERS[name]
    groupings = {one.key for one in register.groupings}

    async def read(request: Request) -> Response:
        house, actor = house_of(request), auth.actor_of(request)
        given = inputs.query(request, source.asked)
        if given.by and given.by not in groupings:
            raise Invalid("invalid", fields={"by": "unknown"})
        now = house.clock.now()
        span, after = _span(given, now), _read_cursor(given)
        f = source.filters(given, span, now)
        head = {"first": span.first.isoformat(), "last": span.last.isoformat(), "now": faces.ms(now)}
        async with house.db.read() as conn:
            reach = await reports.reach_of(conn, actor)
            if given.by:
                groups = await source.groups(conn, reach, f, given.by)
                return inputs.json({**head, "groups": groups, **await source.totals(conn, reach, f)})
            sort = given.sort  # type: ignore[attr-defined]  # every register has an order of its own
            asked = Asked(sort, given.descending == "1", after, given.limit)
            rows, last = await source.page(conn, actor, reach, f, asked)
            totals = {} if given.after else await source.totals(conn, reach, f)
        following = None if last is None else _cursor(last, getattr(last, source.at))
        return inputs.json({**head, "rows": rows, "next": following, "total": None, **totals})

    read.__name__ = f"{name}_register"
    read.__doc__ = f"{register.title_en}: rows with the figures of all of them, or `by` a grouping."
    return read


def _span(given: Common, now: datetime) -> Span:
    try:
        return span_of(
            given.period,
            faces.office_day(now),
            back=given.back,
            first=_day("from", given.first),
            last=_day("to", given.last),
        )
    except PeriodRefused as error:
        raise Invalid("invalid", fields={error.field: error.code}) from error


def _day(field: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise PeriodRefused(field, "invalid") from error


def _cursor(row: Any, at: datetime) -> str:
    return urlsafe_b64encode(msgspec.json.encode([row.sort_key, to_us(at), row.id])).decode()


_TEXT_SORTS: Final = frozenset({"agent", "result", "purpose", "answer", "reason"})


def _read_cursor(given: Common) -> Cursor | None:
    """Return where a page goes on from. Raises Invalid for what no page in this order ever said."""
    if not given.after:
        return None
    of_text = given.sort in _TEXT_SORTS  # type: ignore[attr-defined]  # every register has an order
    kind: Any = tuple[str, int, str] if of_text else tuple[int, int, str]
    try:
        value, at, row_id = msgspec.json.decode(urlsafe_b64decode(given.after), type=kind)
        if (isinstance(value, int) and abs(value) > 2**62) or len(row_id) > 36 or "\0" in f"{value}{row_id}":
            raise ValueError("no such row")
        return value, from_us(at), row_id
    except (ValueError, OverflowError, msgspec.DecodeError) as error:
        raise Invalid("invalid", fields={"after": "invalid"}) from error


async def described(request: Request) -> Response:
    """The definitions of the registers: figures with their formulas and the rows they open, groupings."""
    return inputs.json({"registers": [definitions.as_json(one) for one in definitions.REGISTERS.values()]})


routes: list[BaseRoute] = [
    auth.get("/api/v1/registers", described, "register.read"),
    *(auth.get(f"/api/v1/registers/{name}", _reader(name), "register.read") for name in _SOURCES),
]
