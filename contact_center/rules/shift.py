"""How many promised calls an hour of the shift can carry, so that nobody promises what cannot be kept. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_center.rules import hours
from contact_center.rules.calendars import Calendar
from contact_center.rules.dialling import Policy, refuse_time


@dataclass(frozen=True, slots=True)
class Shift:
    """What a queue has for callbacks: its people, the minutes one takes, the part of the day that is kept for them."""

    members: int
    minutes: int
    share_pct: int


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour of a queue. `why` an hour carries nothing: holiday, closed, outside_window."""

    at: datetime
    until: datetime
    capacity: int
    why: str | None = None
    name: str = ""

    @property
    def is_open(self) -> bool:
        return self.why is None


def hour_of(at: datetime, zone: str) -> datetime:
    """Return the beginning of the local hour an instant lies in."""
    wall = at.astimezone(ZoneInfo(zone))
    return at - timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)


def hour_at(at: datetime, office: Calendar, shift: Shift, policy: Policy, zones: Sequence[str]) -> Hour:
    """Return the hour an instant lies in, with what it can carry."""
    start = hour_of(at, office.zone)
    end = start + timedelta(hours=1)
    open_s = hours.business_seconds(office, start, end)
    if open_s <= 0:
        return Hour(start, end, 0, *_why(office, start))
    refused = refuse_time(zones, policy, office, max(start, _first_open(office, start)))
    if refused is not None:
        return Hour(start, end, 0, "holiday" if refused.code == "day_off" else refused.code, refused.name)
    carried = int(shift.members * open_s * shift.share_pct / 100 // (shift.minutes * 60))
    return Hour(start, end, max(carried, 1 if shift.members else 0))


def hours_of_days(
    first: datetime, days: int, office: Calendar, shift: Shift, policy: Policy, zones: Sequence[str]
) -> Iterator[Hour]:
    """Yield the hours of local days from the one `first` lies in, those of a day's window of calls only."""
    zone = ZoneInfo(office.zone)
    day = first.astimezone(zone).date()
    for ahead in range(days):
        date = day + timedelta(days=ahead)
        at = datetime(date.year, date.month, date.day, tzinfo=zone).astimezone(UTC)
        for _ in range(25):
            if at.astimezone(zone).date() != date:
                break
            minute = at.astimezone(zone).hour * 60
            if policy.window.start_min // 60 * 60 <= minute < policy.window.end_min:
                yield hour_at(at, office, shift, policy, zones)
            at += timedelta(hours=1)


def _first_open(office: Calendar, start: datetime) -> datetime:
    return hours.next_opening(office, start) or start


def _why(office: Calendar, at: datetime) -> tuple[str, str]:
    day = at.astimezone(ZoneInfo(office.zone)).date()
    for one in office.closures:
        if one.first <= day <= one.last and not one.ranges:
            return "holiday", one.name
    return "closed", ""
