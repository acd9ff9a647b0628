"""May this number be dialled at this moment? One answer for the desk, the browser phone and the house itself.

The check is made by whoever dials, at the moment of dialling, in the citizen's zone (PROMISES P17, S16): kind and
country of the number, «no contactar», the hours of calling, holidays and closures, how often a day, how far apart.
Nothing overrides it. A refusal says why, and from when it would be allowed. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from contact_center.rules import hours
from contact_center.rules.calendars import WEEKDAY_CODES, Calendar, Guard, Range
from contact_center.rules.hours import next_opening
from contact_center.rules.identity import Phone, PhoneKind
from contact_center.rules.options import Options
from contact_center.rules.zones import local_day, zones_of

_DIALLED: Final = (PhoneKind.mexican, PhoneKind.foreign, PhoneKind.toll_free)
_STEPS: Final = 1_000
"""How often a common opening is looked for before there is none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The office's settings of dialling."""

    window: Range
    days: frozenset[str]
    prefixes: tuple[str, ...]
    daily_cap: int
    apart_s: int

    @classmethod
    def of(cls, options: Options) -> Policy:
        """Return the policy that the settings make. Hours that end before they begin allow no call at all."""
        turned = options.dial_until <= options.dial_from
        return cls(
            window=Range.parse("08:00-20:00" if turned else f"{options.dial_from}-{options.dial_until}"),
            days=frozenset() if turned else frozenset(options.dial_days.split(",")),
            prefixes=tuple(one for one in options.dial_prefixes.split(",") if one),
            daily_cap=options.dial_number_cap,
            apart_s=options.callback_apart_s,
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not. `code`: a kind of number or `country`; do_not_contact, outside_window, day_off, daily_cap, too_soon."""

    code: str
    next_at: datetime | None = None
    name: str = ""

    @property
    def is_number(self) -> bool:
        """Whether the number itself is refused, at any time."""
        return self.code in _NUMBER_CODES


_NUMBER_CODES: Final = frozenset({"country", *(kind.value for kind in PhoneKind)})


@dataclass(frozen=True, slots=True)
class Dial:
    """One call that somebody is about to make. Counts and times are those that are known in this moment."""

    phone: Phone
    zone: str | None = None
    """What was said of the citizen's zone; without it the number's zones all count."""
    do_not_contact: bool = False
    dialled_today: int = 0
    """Calls to this number since the citizen's midnight."""
    last_tried_at: datetime | None = None
    """The last try of the same callback."""

    @property
    def zones(self) -> tuple[str, ...]:
        return zones_of(self.phone.e164, self.zone)


def refuse_number(phone: Phone, prefixes: Sequence[str]) -> Refusal | None:
    """Return why a number may never be dialled, None when it may: no emergency, premium, satellite or short one."""
    if phone.kind not in _DIALLED or phone.e164 is None:
        return Refusal(phone.kind.value)
    if prefixes and not phone.e164.startswith(tuple(prefixes)):
        return Refusal("country")
    return None


def check(dial: Dial, policy: Policy, office: Calendar, now: datetime) -> Refusal | None:
    """Return why this call may not be made now, None when it may. The first reason of the order of this module."""
    number = refuse_number(dial.phone, policy.prefixes)
    if number is not None:
        return number
    if dial.do_not_contact:
        return Refusal("do_not_contact")
    off = refuse_time(dial.zones, policy, office, now)
    if off is not None:
        return off
    calendars = [window_of(policy, zone, office) for zone in dial.zones]
    if policy.daily_cap and dial.dialled_today >= policy.daily_cap:
        tomorrow = max(local_day(local_day(now, zone) + timedelta(hours=30), zone) for zone in dial.zones)
        return Refusal("daily_cap", next_common(calendars, tomorrow))
    if dial.last_tried_at is not None and (now - dial.last_tried_at).total_seconds() < policy.apart_s:
        return Refusal("too_soon", next_common(calendars, dial.last_tried_at + timedelta(seconds=policy.apart_s)))
    return None


def refuse_time(zones: Iterable[str], policy: Policy, office: Calendar, at: datetime) -> Refusal | None:
    """Return why nobody in these zones may be called at an instant, None when they may."""
    calendars = [window_of(policy, zone, office) for zone in zones]
    if all(hours.is_open(one, at) for one in calendars):
        return None
    next_at = next_common(calendars, at)
    for calendar in calendars:
        day = at.astimezone(hours.check_zone(calendar.zone)).date()
        if any(one.day == day for one in calendar.guards):
            continue
        for closure in calendar.closures:
            if closure.first <= day <= closure.last and not closure.ranges:
                return Refusal("day_off", next_at, closure.name)
        if not calendar.weekly[day.weekday()]:
            return Refusal("day_off", next_at)
    return Refusal("outside_window", next_at)


@lru_cache(maxsize=256)
def window_of(policy: Policy, zone: str, office: Calendar) -> Calendar:
    """Return when a citizen in a zone may be called, as a calendar.

    Closures are the office's, on the citizen's dates. A day of guard is a day of calls, within the same window.
    """
    week = tuple((policy.window,) if code in policy.days else () for code in WEEKDAY_CODES)
    guards = tuple(Guard(one.day, (policy.window,), one.name) for one in office.guards)
    return Calendar(zone, week, office.closures, guards)


def next_common(calendars: Sequence[Calendar], at: datetime) -> datetime | None:
    """Return the first instant from `at` on at which all these calendars are open; None when there is none."""
    for _ in range(_STEPS):
        latest = at
        for one in calendars:
            opening = next_opening(one, latest)
            if opening is None:
                return None
            latest = opening
        if latest == at or all(hours.is_open(one, latest) for one in calendars):
            return latest
        at = latest
    return None


def closes_at(calendars: Sequence[Calendar], at: datetime) -> datetime | None:
    """Return when the first of these calendars shuts after an instant at which all are open."""
    ends = [hours.closing_time(one, at) for one in calendars]
    known = [one for one in ends if one is not None]
    return min(known, default=None)
