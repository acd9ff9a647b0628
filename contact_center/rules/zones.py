"""What time it is for a citizen: the zone of a number, and clock times people write, turned into instants.

Mobile numbers travel with their owners, so a number only hints at zones; who dials has to be right in all of them. A
zone that somebody said is used alone. The tables are ours: a library that puts Sonora on the clock of Mazatlán would
ring people an hour early half the year (DOMAIN §4 «Time»). Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from contact_center.rules.calendars import check_zone
from contact_center.rules.folios import OFFICE_ZONE

_TIJUANA: Final = ("646", "658", "661", "664", "665", "686")
_MAZATLAN: Final = (
    *("612", "613", "615", "624"),  # Baja California Sur
    *("667", "668", "669", "672", "673", "687", "694", "695", "696", "697", "698"),  # Sinaloa
    *("311", "319", "323", "324", "325", "327", "389"),  # Nayarit
)
_SONORA: Final = (
    *("622", "623", "631", "632", "633", "634", "637", "638", "641", "642"),
    *("643", "644", "645", "647", "651", "653", "662"),
)
_BY_CODE: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_SONORA, (OFFICE_ZONE,)),
    **dict.fromkeys(_TIJUANA, ("America/Tijuana",)),
    **dict.fromkeys(_MAZATLAN, ("America/Mazatlan",)),
    **dict.fromkeys(("983", "984", "987", "998"), ("America/Cancun",)),
    **dict.fromkeys(("867", "868", "877", "878", "899"), ("America/Matamoros",)),
    "626": ("America/Ojinaga",),
    "656": ("America/Ciudad_Juarez",),
}
_ARIZONA: Final = ("480", "520", "602", "623", "928")
_NORTH: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(_ARIZONA, ("America/Phoenix",)),
    "907": ("America/Anchorage",),
    "808": ("Pacific/Honolulu",),
}
_CONTINENT: Final = ("America/New_York", "America/Los_Angeles")
"""A number of +1 whose place we do not know: what is allowed on both coasts is allowed between them."""

_LOCAL: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})", re.ASCII)


class LocalTimeRefused(ValueError):
    """A clock time that is none. `code`: bad_date, no_such_time (skipped by a leap; `next_at` is when it went on)."""

    def __init__(self, code: str, next_at: datetime | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.next_at = next_at


def zones_of(e164: str | None, said: str | None = None) -> tuple[str, ...]:
    """Return the zones in which a citizen with this number may be; only the one that was said, when one was."""
    if said:
        return (said,)
    if e164 is None:
        return (OFFICE_ZONE,)
    if e164.startswith("+52"):
        return _BY_CODE.get(e164[3:6], ("America/Mexico_City",))
    if e164.startswith("+1"):
        return _NORTH.get(e164[2:5], _CONTINENT)
    return (OFFICE_ZONE,)


def is_zone(name: str) -> bool:
    """Say whether this is the name of a zone, and not a path or anything else."""
    try:
        check_zone(name)
    except ValueError:
        return False
    return "/" in name and len(name) <= 60


def local_instant(text: str, zone: str) -> datetime:
    """Return the instant of "2027-03-14T02:30" in a zone. Of an hour that comes twice the first one is meant.

    Raises `LocalTimeRefused`: bad_date (29 February, second 60, year 0), no_such_time for one that a leap skips.
    """
    found = _LOCAL.fullmatch(text)
    if found is None:
        raise LocalTimeRefused("bad_date")
    try:
        wall = datetime(*(int(one) for one in found.groups()), tzinfo=check_zone(zone))  # type: ignore[arg-type,misc]
        instant = wall.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise LocalTimeRefused("bad_date") from error
    if instant.astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise LocalTimeRefused("no_such_time", _leap_before(wall))
    return instant


def _leap_before(wall: datetime) -> datetime:
    """The moment of the leap that skipped a clock time: what that clock showed next."""
    low = wall.replace(fold=1).astimezone(UTC) - timedelta(hours=3)
    high = wall.replace(fold=0).astimezone(UTC) + timedelta(hours=3)
    before = low.astimezone(wall.tzinfo).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(wall.tzinfo).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def local_day(instant: datetime, zone: str) -> datetime:
    """Return the first instant of the local day an instant lies in."""
    wall = instant.astimezone(check_zone(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return wall.astimezone(UTC)
