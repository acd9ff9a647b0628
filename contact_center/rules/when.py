"""Times as people say them: «mañana a las 10:30», «el lunes 30 de noviembre entre las 9:00 y las 11:00». Pure.

Names of days and months are Babel's; which day is «mañana» depends on the citizen's zone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_timezone_location

from contact_center.rules.folios import OFFICE_ZONE

_NEAR: Final = {
    "es": {0: "hoy", 1: "mañana", 2: "pasado mañana", -1: "ayer"},
    "en": {0: "today", 1: "tomorrow", -1: "yesterday"},
}


def in_words(at: datetime, now: datetime, *, until: datetime | None = None, zone: str = "", locale: str = "es") -> str:
    """Return an instant, or the time between two, in a citizen's words. A zone that is not the office's is named."""
    tz = ZoneInfo(zone or OFFICE_ZONE)
    local, today = at.astimezone(tz), now.astimezone(tz).date()
    end = None if until is None or until <= at else until.astimezone(tz)
    day = _day(local.date(), today, locale)
    if end is None:
        said = f"{day} {_at(local, locale)}"
    elif end.date() == local.date():
        said = f"{day} {_between(local, end, locale)}"
    else:
        said = _across(day, _at(local, locale), _day(end.date(), today, locale), _at(end, locale), locale)
    return said + _zone_name(zone, at, locale)


def _across(day: str, at: str, last_day: str, last_at: str, locale: str) -> str:
    if locale == "en":
        return f"from {day.removeprefix('on ')} {at} to {last_day.removeprefix('on ')} {last_at}"
    first = f"del {day.removeprefix('el ')}" if day.startswith("el ") else f"de {day}"
    last = f"al {last_day.removeprefix('el ')}" if last_day.startswith("el ") else f"a {last_day}"
    return f"{first} {at} {last} {last_at}"


def _day(day: date, today: date, locale: str) -> str:
    near = _NEAR[locale].get((day - today).days)
    if near is not None:
        return near
    same_year = day.year == today.year
    if locale == "es":
        return "el " + format_date(day, "EEEE d 'de' MMMM" + ("" if same_year else " 'de' y"), locale="es")
    return "on " + format_date(day, "EEEE, MMMM d" + ("" if same_year else ", y"), locale="en")


def _clock(local: datetime, locale: str) -> str:
    if locale == "es":
        return format_skeleton("Hm", local, locale="es").removeprefix("0")
    return format_time(local.replace(tzinfo=None), "short", locale="en").replace("\u202f", " ")


def _article(local: datetime) -> str:
    return "la" if local.hour == 1 else "las"


def _at(local: datetime, locale: str) -> str:
    return f"a {_article(local)} {_clock(local, locale)}" if locale == "es" else f"at {_clock(local, locale)}"


def _between(start: datetime, end: datetime, locale: str) -> str:
    if locale == "es":
        return f"entre {_article(start)} {_clock(start, locale)} y {_article(end)} {_clock(end, locale)}"
    return f"between {_clock(start, locale)} and {_clock(end, locale)}"


def _zone_name(zone: str, at: datetime, locale: str) -> str:
    """Name the place whose clock is meant, when it is another one than the office's at that moment."""
    if not zone or at.astimezone(ZoneInfo(zone)).utcoffset() == at.astimezone(ZoneInfo(OFFICE_ZONE)).utcoffset():
        return ""
    city = get_timezone_location(zone, locale=locale, return_city=True)
    return f" (hora de {city})" if locale == "es" else f" ({city} time)"
