"""Opening hours as values: ranges, closures, guards, their stored form and their words. What they mean in time is in
`rules.hours`. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY_MIN: Final = 24 * 60
WEEKDAY_CODES: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKDAYS_ES: Final = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MONTHS_ES: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)

_RANGE = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)


class HoursRefused(ValueError):
    """A calendar that cannot be. `code` is stable: range_format, range_empty, range_overlap, zone_unknown, date_format,
    dates_reversed, weekdays_count.
    """

    def __init__(self, code: str, value: object) -> None:
        super().__init__(f"{code}: {value!r}")
        self.code = code
        self.value = value


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Minutes after local midnight; `end_min` is up to a day after `start_min` and may lie in the next day."""

    start_min: int
    end_min: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_min < DAY_MIN or not self.start_min < self.end_min <= self.start_min + DAY_MIN:
            raise HoursRefused("range_empty", (self.start_min, self.end_min))

    @classmethod
    def parse(cls, text: str) -> Range:
        """Read "08:00-15:00"; an end at or before the start is on the next day. Raises `HoursRefused`."""
        found = _RANGE.fullmatch(text.strip())
        if found is None:
            raise HoursRefused("range_format", text)
        hour, minute, end_hour, end_minute = map(int, found.groups())
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if start >= DAY_MIN or end > DAY_MIN:
            raise HoursRefused("range_format", text)
        if start == end:
            raise HoursRefused("range_empty", text)
        return cls(start, end if end > start else end + DAY_MIN)

    def __str__(self) -> str:
        return f"{_clock(self.start_min, 2)}-{_clock(_wrapped(self.end_min), 2)}"


@dataclass(frozen=True, slots=True)
class Closure:
    """Local dates, both included, on which the office is shut: all day, or during `ranges` only."""

    first: date
    last: date
    name: str = ""
    ranges: tuple[Range, ...] = ()

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise HoursRefused("dates_reversed", (self.first, self.last))


@dataclass(frozen=True, slots=True)
class Guard:
    """Extra opening on one local date."""

    day: date
    ranges: tuple[Range, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """A stored exception to the week: `kind` is holiday, closure or guard; no `ranges` means the whole day."""

    kind: str
    starts_on: str
    ends_on: str
    name: str = ""
    ranges: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours. `weekly` has seven entries, Monday first, each with its ranges (empty: shut)."""

    zone: str
    weekly: tuple[tuple[Range, ...], ...]
    closures: tuple[Closure, ...] = ()
    guards: tuple[Guard, ...] = ()

    def __post_init__(self) -> None:
        check_zone(self.zone)
        if len(self.weekly) != 7:
            raise HoursRefused("weekdays_count", len(self.weekly))
        for ranges in self.weekly:
            for before, after in zip(sorted(ranges), sorted(ranges)[1:], strict=False):
                if after.start_min < before.end_min:
                    raise HoursRefused("range_overlap", (str(before), str(after)))


def check_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name. Raises `HoursRefused` ("zone_unknown") for anything else, paths included."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise HoursRefused("zone_unknown", name) from error


def calendar_of(
    zone: str, week: Mapping[str, Sequence[Sequence[str]]], exceptions: Iterable[Exceptional] = ()
) -> Calendar:
    """A calendar from its stored form: `{"mon": [["08:00", "15:00"]], …}` and the rows of closures and guards.

    Raises `HoursRefused`.
    """
    unknown = set(week) - set(WEEKDAY_CODES)
    if unknown:
        raise HoursRefused("weekdays_count", sorted(unknown))
    weekly = tuple(ranges_of(week.get(code, ())) for code in WEEKDAY_CODES)
    closures, guards = [], []
    for one in exceptions:
        first, last, ranges = parse_date(one.starts_on), parse_date(one.ends_on), ranges_of(one.ranges)
        if one.kind != "guard":
            closures.append(Closure(first, last, one.name, ranges))
            continue
        if last < first:
            raise HoursRefused("dates_reversed", (first, last))
        extra = ranges or (Range(0, DAY_MIN),)
        guards += [Guard(first + timedelta(days=ahead), extra, one.name) for ahead in range((last - first).days + 1)]
    return Calendar(zone, weekly, tuple(closures), tuple(guards))


def ranges_of(pairs: Sequence[Sequence[str]]) -> tuple[Range, ...]:
    """Ranges from pairs of clock times, in order. Raises `HoursRefused`."""
    if any(len(pair) != 2 for pair in pairs):
        raise HoursRefused("range_format", pairs)
    return tuple(sorted(Range.parse("-".join(pair)) for pair in pairs))


def load_holidays(
    rows: Iterable[Mapping[str, str]],
    *,
    scopes: frozenset[str] | None = None,
    verified: frozenset[str] = frozenset({"si", "parcial"}),
) -> tuple[Closure, ...]:
    """Whole-day closures from the rows of `festivos.csv`; `fecha` is a date or "first/last".

    Rows whose `verificado` is not in `verified` are left out: an extrapolated vacation closes nothing until a person
    confirms it. `scopes` limits by `ambito`. Raises `HoursRefused` ("date_format").
    """
    found = []
    for row in rows:
        if row.get("verificado", "") not in verified or (scopes is not None and row.get("ambito", "") not in scopes):
            continue
        first, _, last = row["fecha"].partition("/")
        found.append(Closure(parse_date(first), parse_date(last or first), row.get("nombre", "")))
    return tuple(found)


def parse_date(text: str) -> date:
    """Read "2026-11-24". Raises `HoursRefused` ("date_format")."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise HoursRefused("date_format", text) from error


def opening_text_es(calendar: Calendar) -> str:
    """The weekly hours in words: "lunes a viernes de 8:00 a 15:00"."""
    parts: list[str] = []
    day = 0
    while day < 7:
        ranges, last = sorted(calendar.weekly[day]), day
        while last < 6 and sorted(calendar.weekly[last + 1]) == ranges:
            last += 1
        if ranges:
            parts.append(f"{_days_es(day, last)} {_ranges_es(ranges)}")
        day = last + 1
    if not parts:
        return "sin horario de atención"
    return parts[0] if len(parts) == 1 else "; ".join(parts[:-1]) + " y " + parts[-1]


def day_text_es(day: date) -> str:
    """A date in words: "lunes 16 de noviembre de 2026"."""
    return f"{WEEKDAYS_ES[day.weekday()]} {day.day} de {MONTHS_ES[day.month - 1]} de {day.year}"


def _days_es(first: int, last: int) -> str:
    if first == last:
        return WEEKDAYS_ES[first]
    return f"{WEEKDAYS_ES[first]} {'y' if last == first + 1 else 'a'} {WEEKDAYS_ES[last]}"


def _ranges_es(ranges: Sequence[Range]) -> str:
    if len(ranges) == 1 and ranges[0] == Range(0, DAY_MIN):
        return "las 24 horas"
    return " y ".join(f"de {_clock(one.start_min)} a {_clock(_wrapped(one.end_min))}" for one in ranges)


def _wrapped(minute: int) -> int:
    """The end of a range as a clock shows it: 24:00 stays, what is in the next day starts anew."""
    return minute if minute <= DAY_MIN else minute - DAY_MIN


def _clock(minute: int, hour_digits: int = 1) -> str:
    return f"{minute // 60:0{hour_digits}d}:{minute % 60:02d}"
