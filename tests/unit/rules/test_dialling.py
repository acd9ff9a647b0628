"""P17, P18: nobody is dialled outside the hours of calling of where they are, at any instant, through any leap.

The harness has its own idea of a permitted instant, from wall clocks alone, and holds the rule to it.
"""

import os
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact_center.rules import dialling
from contact_center.rules.calendars import Calendar, Closure, Guard, Range
from contact_center.rules.dialling import Dial, Policy, check, next_common, refuse_number, window_of
from contact_center.rules.identity import normalise
from contact_center.rules.options import OptionRefused, Options, check_option
from contact_center.rules.zones import LocalTimeRefused, is_zone, local_instant, zones_of
from tests.support import mutants_promises
from tests.support.mutants import plant

assert mutants_promises.ADDED, "importing it is what adds its bugs"
HOURS = (Range.parse("08:00-15:00"),)
OFFICE = Calendar(
    "America/Hermosillo",
    (HOURS, HOURS, HOURS, HOURS, HOURS, (), ()),
    (Closure(date(2026, 11, 16), date(2026, 11, 16), "Revolución"), Closure(date(2027, 1, 1), date(2027, 1, 1), "Año")),
    (Guard(date(2026, 12, 19), (Range.parse("09:00-13:00"),), "Guardia"),),
)
POLICY = Policy.of(Options())
NUMBERS = ("+526620000001", "+526641234567", "+525512345678", "+529981234567", "+526561234567", "+12125550123")
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def permitted(number: str, at: datetime) -> bool:
    """Say whether a number may be called, from the clocks on the walls where it may be."""
    for zone in zones_of(number):
        wall = at.astimezone(ZoneInfo(zone))
        guard = any(one.day == wall.date() for one in OFFICE.guards)
        closed = any(one.first <= wall.date() <= one.last for one in OFFICE.closures)
        if not 8 <= wall.hour < 20 or (not guard and (closed or wall.weekday() > 4)):
            return False
    return True


def transitions() -> list[datetime]:
    """Every leap of every zone of the numbers, 2024 to 2030."""
    found = []
    for zone in sorted({zone for number in NUMBERS for zone in zones_of(number)}):
        at, offset = START, START.astimezone(ZoneInfo(zone)).utcoffset()
        while at < END:
            at += timedelta(hours=1)
            if at.astimezone(ZoneInfo(zone)).utcoffset() != offset:
                offset = at.astimezone(ZoneInfo(zone)).utcoffset()
                found.append(at)
    return found


def violations(instants: int, seed: int = 1) -> list[str]:
    """Ask for random instants and those around every leap; return where the rule allows what it must not."""
    random = Random(seed)
    span = int((END - START).total_seconds())
    moments = [START + timedelta(seconds=random.randrange(span)) for _ in range(instants)]
    moments += [at + timedelta(minutes=m) for at in transitions() for m in (-61, -1, 0, 1, 59, 61)]
    wrong = []
    for at in moments:
        number = random.choice(NUMBERS)
        refused = check(Dial(normalise(number)), POLICY, OFFICE, at)
        if (refused is None) is not permitted(number, at):
            wrong.append(f"{number} at {at}: {refused}")
        elif refused is not None and refused.next_at is not None and not permitted(number, refused.next_at):
            wrong.append(f"{number} at {at}: sent to {refused.next_at}")
    return wrong


def test_nobody_is_dialled_outside_the_hours_where_they_are() -> None:
    assert violations(4_000) == []


@pytest.mark.soak
def test_nobody_is_dialled_outside_the_hours_in_a_hundred_thousand_instants() -> None:
    seed = int(os.environ.get("SEED", "1"))
    print(f"seed {seed}")
    assert violations(100_000, seed) == []


def test_the_harness_notices_a_window_in_the_offices_zone() -> None:
    with plant("window_in_the_offices_zone"):
        window_of.cache_clear()
        wrong = violations(400)
    window_of.cache_clear()
    assert any("+12125550123" in one or "+529981234567" in one for one in wrong)


def test_the_harness_notices_that_holidays_are_forgotten() -> None:
    with plant("holidays_not_asked"):
        window_of.cache_clear()
        wrong = [one for one in violations_on(date(2026, 11, 16)) if one]
    window_of.cache_clear()
    assert wrong


def violations_on(day: date) -> list[bool]:
    noon = datetime(day.year, day.month, day.day, 19, tzinfo=UTC)
    number = NUMBERS[0]
    return [(check(Dial(normalise(number)), POLICY, OFFICE, noon) is None) is not permitted(number, noon)]


@settings(max_examples=200)
@given(st.sampled_from(NUMBERS), st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 31)))  # noqa: DTZ001 - made aware below
def test_a_refusal_names_the_first_instant_that_is_allowed(number: str, at: datetime) -> None:
    now = at.replace(tzinfo=UTC)
    calendars = [window_of(POLICY, zone, OFFICE) for zone in zones_of(number)]
    found = next_common(calendars, now)
    assert found is not None
    assert permitted(number, found)
    assert found == now or not permitted(number, found - timedelta(seconds=1))
    half = now + (found - now) / 2
    assert found == now or not permitted(number, half)


def test_sonora_is_seven_hours_behind_all_year_and_tijuana_is_not() -> None:
    sonora, tijuana = set(), set()
    for month in range(1, 13):
        for year in range(2024, 2031):
            at = datetime(year, month, 15, 12, tzinfo=UTC)
            sonora.add(at.astimezone(ZoneInfo("America/Hermosillo")).utcoffset())
            tijuana.add(at.astimezone(ZoneInfo("America/Tijuana")).utcoffset())
    assert sonora == {timedelta(hours=-7)}
    assert tijuana == {timedelta(hours=-8), timedelta(hours=-7)}


def test_the_same_instant_is_early_in_tijuana_in_winter_only() -> None:
    winter, summer = datetime(2027, 1, 12, 15, 30, tzinfo=UTC), datetime(2026, 7, 14, 15, 30, tzinfo=UTC)
    in_tijuana = Dial(normalise("664 123 4567"))
    assert check(Dial(normalise("662 000 0001")), POLICY, OFFICE, winter) is None
    refused = check(in_tijuana, POLICY, OFFICE, winter)
    assert refused is not None and (refused.code, refused.next_at) == (
        "outside_window",
        winter.replace(hour=16, minute=0),
    )
    assert check(in_tijuana, POLICY, OFFICE, summer) is None
    assert check(Dial(normalise("664 123 4567"), "America/Hermosillo"), POLICY, OFFICE, winter) is None


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2027-03-14T02:30", "America/Tijuana", "no_such_time"),
        ("2026-02-29T10:00", "America/Hermosillo", "bad_date"),
        ("2026-12-31T23:59:60", "America/Hermosillo", "bad_date"),
        ("2026-12-31T23:60", "America/Hermosillo", "bad_date"),
        ("0000-01-01T00:00", "America/Hermosillo", "bad_date"),
        ("mañana", "America/Hermosillo", "bad_date"),
    ],
)
def test_a_clock_time_that_is_none_is_said_to_be_none(text: str, zone: str, code: str) -> None:
    with pytest.raises(LocalTimeRefused) as refused:
        local_instant(text, zone)
    assert refused.value.code == code
    if code == "no_such_time":
        assert refused.value.next_at == datetime(2027, 3, 14, 10, 0, tzinfo=UTC)


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    first = local_instant("2026-11-01T01:30", "America/Tijuana")
    assert first == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert local_instant("2028-02-29T10:00", "America/Hermosillo") == datetime(2028, 2, 29, 17, tzinfo=UTC)
    assert local_instant("2027-03-14T02:30", "America/Hermosillo") == datetime(2027, 3, 14, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "name", ["", "../etc/passwd", "America/../etc", "Hermosillo", "UTC", "America/Nowhere", "a" * 90]
)
def test_what_is_no_zone_is_refused(name: str) -> None:
    assert not is_zone(name)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("+52 1 662 000 0001", None),
        ("+52 662 000 0001", None),
        ("+1 520 555 0123", None),
        ("900 123 4567", "premium"),
        ("+1 900 555 0123", "premium"),
        ("+881 612 345 678", "satellite"),
        ("911", "emergency"),
        ("070", "short_code"),
        ("+34 612 345 678", "country"),
        ("anonymous", "anonymous"),
        ("662 000 000x", "invalid"),
    ],
)
def test_which_numbers_may_never_be_dialled(raw: str, code: str | None) -> None:
    refused = refuse_number(normalise(raw), POLICY.prefixes)
    assert (refused.code if refused else None) == code
    if code is not None:
        assert refused is not None and refused.is_number and refused.next_at is None


def test_the_days_cap_and_the_distance_of_tries_are_kept() -> None:
    noon = datetime(2026, 11, 24, 19, tzinfo=UTC)
    phone = normalise("662 000 0001")
    capped = check(Dial(phone, dialled_today=POLICY.daily_cap), POLICY, OFFICE, noon)
    assert capped is not None and (capped.code, capped.next_at) == (
        "daily_cap",
        datetime(2026, 11, 25, 15, tzinfo=UTC),
    )
    friday = noon + timedelta(days=3)
    capped = check(Dial(phone, dialled_today=99), POLICY, OFFICE, friday)
    assert capped is not None and capped.next_at == datetime(2026, 11, 30, 15, tzinfo=UTC)
    soon = check(Dial(phone, last_tried_at=noon - timedelta(hours=1)), POLICY, OFFICE, noon)
    assert soon is not None and (soon.code, soon.next_at) == ("too_soon", noon + timedelta(hours=1))
    barred = check(Dial(phone, do_not_contact=True), POLICY, OFFICE, noon)
    assert barred is not None and barred.code == "do_not_contact"


def test_a_day_of_guard_is_a_day_of_calls_and_a_turned_window_allows_none() -> None:
    guard = datetime(2026, 12, 19, 18, tzinfo=UTC)
    phone = normalise("662 000 0001")
    assert check(Dial(phone), POLICY, OFFICE, guard) is None
    assert check(Dial(phone), POLICY, OFFICE, guard + timedelta(days=1)) is not None
    turned = Policy.of(Options(dial_from="20:00", dial_until="08:00"))
    refused = dialling.refuse_time(zones_of("+526620000001"), turned, OFFICE, datetime(2026, 11, 24, 19, tzinfo=UTC))
    assert refused is not None and refused.code == "day_off"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("dial_from", "8 am"),
        ("dial_until", "24:00"),
        ("dial_days", "mon,monday"),
        ("dial_prefixes", "52"),
        ("callback_attempts", 0),
        ("callback_minutes", 0),
    ],
)
def test_a_setting_of_dialling_that_cannot_be_is_refused(key: str, value: object) -> None:
    with pytest.raises(OptionRefused):
        check_option(key, value)
