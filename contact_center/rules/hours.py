"""When the office is open: ranges per weekday, closures, guards, in a zone of its own.

A range is minutes after local midnight and may pass it ("22:00-06:00") or end at it ("24:00"). A closure takes time
away on its dates, a guard (guardia) adds time on its date and wins over closures. Instants in and out are aware UTC;
local days are those of the calendar's zone, so Sonora (no daylight saving) and Tijuana (with it) are both right: an
hour that does not exist is not counted, an hour that comes twice is open both times. Pure; the zone rules come from
the standard library.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from contact_center.rules.calendars import (
    DAY_MIN,
    Calendar,
    Closure,
    Exceptional,
    Guard,
    HoursRefused,
    Range,
    calendar_of,
    check_zone,
    day_text_es,
    load_holidays,
    opening_text_es,
    parse_date,
    ranges_of,
)

__all__ = [
    "Calendar",
    "Closure",
    "Exceptional",
    "Guard",
    "HoursRefused",
    "Range",
    "add_business_days",
    "add_business_hours",
    "business_days_between",
    "business_seconds",
    "calendar_of",
    "check_zone",
    "closing_time",
    "day_text_es",
    "is_business_day",
    "is_open",
    "load_holidays",
    "next_opening",
    "opening_text_es",
    "parse_date",
    "ranges_of",
]

SEARCH_DAYS: Final = 400
"""How far ahead an opening is looked for; a calendar closed for longer has none."""
MAX_SPAN_DAYS: Final = 20 * 366
"""The longest stretch that is added up."""


def is_open(calendar: Calendar, now: datetime) -> bool:
    """Whether the office is open at this instant; the end of a range is shut."""
    return any(start <= now < end for start, end in _spans(calendar, _local_date(calendar, now)))


def next_opening(calendar: Calendar, now: datetime) -> datetime | None:
    """The first instant from `now` on that is open (`now` itself when open); None when there is none in 400 days."""
    first = _local_date(calendar, now)
    for ahead in range(SEARCH_DAYS):
        for start, end in _spans(calendar, first + timedelta(days=ahead)):
            if end > now:
                return max(start, now)
    return None


def closing_time(calendar: Calendar, now: datetime) -> datetime | None:
    """When the current opening ends, through midnight if need be; None when it is shut now, or never shuts."""
    if not is_open(calendar, now):
        return None
    at, day = now, _local_date(calendar, now)
    for ahead in range(SEARCH_DAYS):
        for start, end in _spans(calendar, day + timedelta(days=ahead)):
            if end <= at:
                continue
            if start > at:
                return at
            at = end
    return None


def business_seconds(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Open seconds between two instants; 0 when the end is not after the start. Raises `ValueError` beyond 20 years."""
    total = 0.0
    for span_start, span_end in _spans_between(calendar, start, end):
        total += max(0.0, (min(span_end, end) - max(span_start, start)).total_seconds())
    return total


def is_business_day(calendar: Calendar, day: date) -> bool:
    """Whether the office works on this local date by its week: a guard does not make a day a working day."""
    return bool(calendar.weekly[day.weekday()]) and not _is_closed_whole(calendar, day)


def add_business_days(calendar: Calendar, day: date, count: int) -> date:
    """The `count`-th working day after `day` (before it when negative); 0 gives `day` if it is one, else the next.

    Raises `ValueError` when there are not that many within reach.
    """
    step = timedelta(days=-1 if count < 0 else 1)
    left, current = abs(count), day
    if count == 0:
        left, current = 1, day - step
    for _ in range(SEARCH_DAYS + 8 * left):
        current += step
        if is_business_day(calendar, current):
            left -= 1
            if left == 0:
                return current
    raise ValueError("the calendar has not that many working days")


def business_days_between(calendar: Calendar, first: date, last: date) -> int:
    """Working days after `first` up to and including `last`: the «días» of the reports; 0 when `last` is not later."""
    span = min((last - first).days, MAX_SPAN_DAYS)
    return sum(is_business_day(calendar, first + timedelta(days=ahead)) for ahead in range(1, span + 1))


def add_business_hours(calendar: Calendar, start: datetime, hours: float) -> datetime:
    """The instant at which `hours` of open time have passed since `start`; 0 gives the next open instant.

    Raises `ValueError` when the calendar has not that much open time within reach, or `hours` is negative.
    """
    if hours < 0:
        raise ValueError("hours is negative")
    left_s = hours * 3600
    first = _local_date(calendar, start)
    for ahead in range(SEARCH_DAYS + int(hours) + 1):
        for span_start, span_end in _spans(calendar, first + timedelta(days=ahead)):
            begin = max(span_start, start)
            length = (span_end - begin).total_seconds()
            if length <= 0:
                continue
            if length >= left_s:
                return begin + timedelta(seconds=left_s)
            left_s -= length
    raise ValueError("the calendar has not that much open time")


def _local_date(calendar: Calendar, instant: datetime) -> date:
    return instant.astimezone(ZoneInfo(calendar.zone)).date()


def _is_closed_whole(calendar: Calendar, day: date) -> bool:
    return any(one.first <= day <= one.last and not one.ranges for one in calendar.closures)


def _spans_between(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    if end <= start:
        return
    first, last = _local_date(calendar, start), _local_date(calendar, end)
    if (last - first).days > MAX_SPAN_DAYS:
        raise ValueError("too long a stretch of time")
    for ahead in range((last - first).days + 1):
        yield from _spans(calendar, first + timedelta(days=ahead))


@lru_cache(maxsize=4096)
def _spans(calendar: Calendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The open stretches of one local date as UTC instants, in order and apart."""
    zone = ZoneInfo(calendar.zone)
    spans = []
    for start_min, end_min in _open_minutes(calendar, day):
        # The first of two equal clock times opens, the second closes: never less open than was said.
        start, end = _instant(day, start_min, zone, 0), _instant(day, end_min, zone, 1)
        if start < end:
            spans.append((start, end))
    return tuple(spans)


def _instant(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    """The instant of a clock time; one that a leap forward skips is the moment of the leap."""
    ahead, minute = divmod(minute, DAY_MIN)
    wall = datetime.combine(day + timedelta(days=ahead), time(minute // 60, minute % 60, fold=fold), zone)
    instant = wall.astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return instant
    # In a gap the two folds lie on both sides of the leap, as far from it as the clock time is from its edges.
    before = wall.replace(fold=1).astimezone(UTC)
    after = wall.replace(fold=0).astimezone(UTC)
    low, high = min(before, after), max(before, after)
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def _open_minutes(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    """Minutes of one local date that are open: ranges and the tail of the day before, less closures, plus guards."""
    pieces: list[tuple[int, int]] = []
    if not _is_closed_whole(calendar, day):
        pieces += _heads(calendar.weekly[day.weekday()])
        if not _is_closed_whole(calendar, day - timedelta(days=1)):
            pieces += _tails(calendar.weekly[(day.weekday() - 1) % 7])
        for closure in calendar.closures:
            if closure.first <= day <= closure.last:
                pieces = _without(pieces, _heads(closure.ranges))
            if closure.first <= day - timedelta(days=1) <= closure.last:
                pieces = _without(pieces, _tails(closure.ranges))
    for guard in calendar.guards:
        if guard.day == day:
            pieces += _heads(guard.ranges)
        elif guard.day == day - timedelta(days=1):
            pieces += _tails(guard.ranges)
    return _merged(pieces)


def _heads(ranges: Iterable[Range]) -> list[tuple[int, int]]:
    return [(one.start_min, min(one.end_min, DAY_MIN)) for one in ranges]


def _tails(ranges: Iterable[Range]) -> list[tuple[int, int]]:
    return [(0, one.end_min - DAY_MIN) for one in ranges if one.end_min > DAY_MIN]


def _without(pieces: list[tuple[int, int]], cuts: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    for cut_start, cut_end in cuts:
        pieces = [
            (start, end)
            for piece_start, piece_end in pieces
            for start, end in ((piece_start, min(piece_end, cut_start)), (max(piece_start, cut_end), piece_end))
            if start < end
        ]
    return pieces


def _merged(pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
