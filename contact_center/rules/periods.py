"""Periods of registers and reports: days of the office, cut at 00:00 America/Hermosillo. Pure.

Source: DOMAIN §3 «Periods». A week runs from Monday to Sunday, a fortnight to the 15th and from the 16th.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from contact_center.rules.folios import OFFICE_ZONE

MOST_DAYS: Final = 3_660
"""The longest range that may be asked for: ten years."""
MOST_BACK: Final = 1_200
"""How many periods back one may go."""
_ZONE: Final = ZoneInfo(OFFICE_ZONE)
_DAY: Final = timedelta(days=1)


class Period(StrEnum):
    """What people call a stretch of days."""

    today = "today"
    yesterday = "yesterday"
    week = "week"
    fortnight = "fortnight"
    month = "month"
    quarter = "quarter"
    year = "year"
    range = "range"


class PeriodRefused(ValueError):
    """A range that is none; `field` and `code` say why: required, ends_before_start, too_long, out_of_range."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(code)
        self.field = field
        self.code = code


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days of the office, both included."""

    first: date
    last: date

    @property
    def start(self) -> datetime:
        """The first instant in it."""
        return datetime.combine(self.first, time(), _ZONE).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return datetime.combine(self.last + _DAY, time(), _ZONE).astimezone(UTC)


def span_of(period: Period, today: date, *, back: int = 0, first: date | None = None, last: date | None = None) -> Span:
    """Return the days of a period, `back` periods before the present one. Raises PeriodRefused.

    `first` and `last` belong to `range` alone; one that is not given is the other.
    """
    if period is Period.range:
        return _range(first, last)
    if not 0 <= back <= MOST_BACK:
        raise PeriodRefused("back", "out_of_range")
    try:
        return _SPANS[period](today, back)
    except (ValueError, OverflowError) as error:
        raise PeriodRefused("back", "out_of_range") from error


def _range(first: date | None, last: date | None) -> Span:
    start, end = first or last, last or first
    if start is None or end is None:
        raise PeriodRefused("from", "required")
    if not 1900 <= start.year <= 9000 or not 1900 <= end.year <= 9000:
        raise PeriodRefused("from", "out_of_range")
    if end < start:
        raise PeriodRefused("to", "ends_before_start")
    if (end - start).days >= MOST_DAYS:
        raise PeriodRefused("to", "too_long")
    return Span(start, end)


def _day(today: date, back: int) -> Span:
    day = today - back * _DAY
    return Span(day, day)


def _week(today: date, back: int) -> Span:
    monday = today - timedelta(days=today.weekday() + 7 * back)
    return Span(monday, monday + 6 * _DAY)


def _fortnight(today: date, back: int) -> Span:
    halves = today.year * 24 + (today.month - 1) * 2 + (today.day > 15) - back
    year, rest = divmod(halves, 24)
    month, second = divmod(rest, 2)
    whole = _of_month(year, month + 1)
    middle = whole.first.replace(day=15)
    return Span(middle + _DAY, whole.last) if second else Span(whole.first, middle)


def _months(length: int, today: date, back: int) -> Span:
    """Return the stretch of `length` months that begins at a multiple of it in the year."""
    stretch = (today.year * 12 + today.month - 1) // length - back
    year, month = divmod(stretch * length, 12)
    last_year, last_month = divmod(stretch * length + length - 1, 12)
    return Span(_of_month(year, month + 1).first, _of_month(last_year, last_month + 1).last)


def _of_month(year: int, month: int) -> Span:
    return Span(date(year, month, 1), date(year, month, monthrange(year, month)[1]))


_SPANS: Final[Mapping[Period, Callable[[date, int], Span]]] = {
    Period.today: _day,
    Period.yesterday: lambda today, back: _day(today, back + 1),
    Period.week: _week,
    Period.fortnight: _fortnight,
    Period.month: partial(_months, 1),
    Period.quarter: partial(_months, 3),
    Period.year: partial(_months, 12),
}
