"""Opening hours in every zone, month and odd night."""

import csv
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import contact_center
from contact_center.rules.calendars import DAY_MIN
from contact_center.rules.hours import (
    Calendar,
    Closure,
    Exceptional,
    Guard,
    HoursRefused,
    Range,
    add_business_days,
    add_business_hours,
    business_days_between,
    business_seconds,
    calendar_of,
    check_zone,
    closing_time,
    day_text_es,
    is_business_day,
    is_open,
    load_holidays,
    next_opening,
    opening_text_es,
    parse_date,
    ranges_of,
)

SONORA, TIJUANA = "America/Hermosillo", "America/Tijuana"
OFFICE = (Range.parse("08:00-15:00"),)
WEEK = (OFFICE,) * 5 + ((), ())
CEAC = Calendar(SONORA, WEEK)
ALWAYS = Calendar(SONORA, ((Range(0, DAY_MIN),),) * 7)
NEVER = Calendar(SONORA, ((),) * 7)


def local(text: str, zone: str = SONORA, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


# --- zones -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("month", range(1, 13))
def test_sonora_opens_at_eight_which_is_fifteen_utc_in_every_month(month: int) -> None:
    monday = next(date(2026, month, day) for day in range(1, 8) if date(2026, month, day).weekday() == 0)
    opening = datetime(2026, month, monday.day, 15, 0, tzinfo=UTC)
    assert not is_open(CEAC, opening - timedelta(seconds=1))
    assert is_open(CEAC, opening)
    assert is_open(CEAC, opening + timedelta(hours=7, seconds=-1))
    assert not is_open(CEAC, opening + timedelta(hours=7))


def test_tijuana_changes_its_clocks() -> None:
    tijuana = Calendar(TIJUANA, WEEK)
    assert next_opening(tijuana, datetime(2026, 1, 5, 0, 0, tzinfo=UTC)) == datetime(2026, 1, 5, 16, 0, tzinfo=UTC)
    assert next_opening(tijuana, datetime(2026, 7, 6, 8, 0, tzinfo=UTC)) == datetime(2026, 7, 6, 15, 0, tzinfo=UTC)


def test_an_hour_that_does_not_exist_is_not_counted() -> None:
    nights = Calendar(TIJUANA, ((Range.parse("01:00-04:00"),),) * 7)
    leap = local("2026-03-08T00:30", TIJUANA)
    assert business_seconds(nights, leap, leap + timedelta(hours=6)) == 2 * 3600
    inside = Calendar(TIJUANA, ((Range.parse("02:30-04:00"),),) * 7)
    assert next_opening(inside, leap) == local("2026-03-08T03:00", TIJUANA)
    swallowed = Calendar(TIJUANA, ((Range.parse("02:10-02:50"),),) * 7)
    assert next_opening(swallowed, leap) == local("2026-03-09T02:10", TIJUANA)
    into = Calendar(TIJUANA, ((Range.parse("01:00-02:30"),),) * 7)
    assert closing_time(into, local("2026-03-08T01:30", TIJUANA)) == local("2026-03-08T03:00", TIJUANA)


def test_an_hour_that_comes_twice_is_open_both_times() -> None:
    nights = Calendar(TIJUANA, ((Range.parse("01:00-01:30"),),) * 7)
    midnight = local("2026-11-01T00:00", TIJUANA)
    assert business_seconds(nights, midnight, midnight + timedelta(hours=6)) == 1.5 * 3600
    assert is_open(nights, local("2026-11-01T01:15", TIJUANA, fold=0))
    assert is_open(nights, local("2026-11-01T01:15", TIJUANA, fold=1))


@pytest.mark.parametrize(
    "name", ["America/../etc/passwd", "/etc/passwd", "", "Mars/Base", "America/Hermosillo\0", "América"]
)
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(HoursRefused) as refused:
        check_zone(name)
    assert refused.value.code == "zone_unknown"
    with pytest.raises(HoursRefused):
        Calendar(name, WEEK)


# --- ranges, closures, guards ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "start", "end", "shown"),
    [
        ("08:00-15:00", 480, 900, "08:00-15:00"),
        ("8:00-15:00", 480, 900, "08:00-15:00"),
        (" 22:00-06:00 ", 1320, 1800, "22:00-06:00"),
        ("16:00-24:00", 960, 1440, "16:00-24:00"),
        ("00:00-24:00", 0, 1440, "00:00-24:00"),
        ("16:00-00:00", 960, 1440, "16:00-24:00"),
    ],
)
def test_ranges_are_read_and_shown(text: str, start: int, end: int, shown: str) -> None:
    parsed = Range.parse(text)
    assert (parsed.start_min, parsed.end_min, str(parsed)) == (start, end, shown)
    assert Range.parse(str(parsed)) == parsed


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("08:00", "range_format"),
        ("8-15", "range_format"),
        ("24:00-08:00", "range_format"),
        ("08:00-24:30", "range_format"),
        ("25:00-26:00", "range_format"),
        ("٠٨:٠٠-١٥:٠٠", "range_format"),
        ("08:00-08:00", "range_empty"),
    ],
)
def test_a_range_that_is_none_is_refused(text: str, code: str) -> None:
    with pytest.raises(HoursRefused) as refused:
        Range.parse(text)
    assert refused.value.code == code


def test_calendars_that_cannot_be_are_refused() -> None:
    with pytest.raises(HoursRefused, match="range_empty"):
        Range(10, 10)
    with pytest.raises(HoursRefused, match="weekdays_count"):
        Calendar(SONORA, WEEK[:6])
    with pytest.raises(HoursRefused, match="range_overlap"):
        Calendar(SONORA, ((Range(0, 100), Range(50, 200)),) + ((),) * 6)
    with pytest.raises(HoursRefused, match="dates_reversed"):
        Closure(date(2026, 1, 2), date(2026, 1, 1))
    with pytest.raises(HoursRefused, match="date_format"):
        parse_date("2026-02-30")


def test_several_ranges_a_day_leave_lunch_shut() -> None:
    split = Calendar(SONORA, ((Range.parse("08:00-13:00"), Range.parse("15:00-18:00")),) * 7)
    assert is_open(split, local("2026-11-24T12:59"))
    assert not is_open(split, local("2026-11-24T13:00"))
    assert next_opening(split, local("2026-11-24T13:00")) == local("2026-11-24T15:00")
    assert closing_time(split, local("2026-11-24T12:00")) == local("2026-11-24T13:00")


def test_a_night_shift_belongs_to_the_day_it_starts_on() -> None:
    friday = Calendar(SONORA, ((),) * 4 + ((Range.parse("22:00-06:00"),), (), ()))
    assert is_open(friday, local("2026-11-28T05:59"))
    assert not is_open(friday, local("2026-11-28T06:00"))
    assert not is_open(friday, local("2026-11-27T05:00"))
    assert closing_time(friday, local("2026-11-27T23:00")) == local("2026-11-28T06:00")
    shut = Calendar(SONORA, friday.weekly, (Closure(date(2026, 11, 27), date(2026, 11, 27)),))
    assert not is_open(shut, local("2026-11-28T05:00"))


def test_a_closure_shuts_its_days_and_a_partial_one_only_its_hours() -> None:
    shut = Calendar(SONORA, WEEK, (Closure(date(2026, 11, 16), date(2026, 11, 17)),))
    assert next_opening(shut, local("2026-11-13T15:00")) == local("2026-11-18T08:00")
    partial = Calendar(
        SONORA, WEEK, (Closure(date(2026, 11, 24), date(2026, 11, 24), "", ranges_of([["12:00", "24:00"]])),)
    )
    assert is_open(partial, local("2026-11-24T11:59"))
    assert not is_open(partial, local("2026-11-24T12:00"))
    middle = Calendar(
        SONORA, WEEK, (Closure(date(2026, 11, 24), date(2026, 11, 24), "", ranges_of([["10:00", "11:00"]])),)
    )
    assert next_opening(middle, local("2026-11-24T10:00")) == local("2026-11-24T11:00")
    night = Calendar(
        SONORA,
        ((Range(0, DAY_MIN),),) * 7,
        (Closure(date(2026, 11, 23), date(2026, 11, 23), "", ranges_of([["22:00", "02:00"]])),),
    )
    assert next_opening(night, local("2026-11-23T23:00")) == local("2026-11-24T02:00")


def test_a_guard_opens_on_a_day_off_and_wins_over_a_closure() -> None:
    saturday = date(2026, 11, 28)
    guarded = Calendar(SONORA, WEEK, (Closure(saturday, saturday),), (Guard(saturday, (Range.parse("20:00-02:00"),)),))
    assert is_open(guarded, local("2026-11-28T20:00"))
    assert is_open(guarded, local("2026-11-29T01:59"))
    assert not is_open(guarded, local("2026-11-29T02:00"))
    assert not is_business_day(guarded, saturday)
    overlapping = Calendar(SONORA, WEEK, (), (Guard(date(2026, 11, 24), (Range.parse("14:00-17:00"),)),))
    assert closing_time(overlapping, local("2026-11-24T14:30")) == local("2026-11-24T17:00")


def test_the_stored_form_of_a_calendar_is_read_whole() -> None:
    calendar = calendar_of(
        SONORA,
        {"mon": [["08:00", "15:00"]], "tue": [["15:00", "18:00"], ["08:00", "13:00"]]},
        [
            Exceptional("holiday", "2026-11-16", "2026-11-16", "Revolución"),
            Exceptional("guard", "2026-11-28", "2026-11-29", "Guardia", [["09:00", "12:00"]]),
            Exceptional("guard", "2026-12-05", "2026-12-05"),
        ],
    )
    assert calendar.weekly[1] == (Range(480, 780), Range(900, 1080))
    assert calendar.closures == (Closure(date(2026, 11, 16), date(2026, 11, 16), "Revolución"),)
    assert [one.day.day for one in calendar.guards] == [28, 29, 5]
    assert calendar.guards[2].ranges == (Range(0, DAY_MIN),)
    with pytest.raises(HoursRefused, match="weekdays_count"):
        calendar_of(SONORA, {"lun": [["08:00", "15:00"]]})
    with pytest.raises(HoursRefused, match="range_format"):
        calendar_of(SONORA, {"mon": [["08:00"]]})
    with pytest.raises(HoursRefused, match="dates_reversed"):
        calendar_of(SONORA, {}, [Exceptional("guard", "2026-11-29", "2026-11-28")])


def test_holidays_of_the_reference_file_close_and_unconfirmed_vacations_do_not() -> None:
    path = Path(contact_center.__file__).parent / "data" / "festivos.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    closures = load_holidays(rows)
    assert len(rows) == 26
    assert len(closures) == 24
    assert len(load_holidays(rows, scopes=frozenset({"federal_LFT"}))) == 14
    all_rows = load_holidays(rows, verified=frozenset({"si", "parcial", "no"}))
    assert (
        Closure(date(2026, 12, 21), date(2027, 1, 4), "Segundo periodo vacacional (patrón 2024: 19 dic-3 ene)")
        in all_rows
    )
    calendar = Calendar(SONORA, WEEK, closures)
    assert not is_open(calendar, local("2026-11-16T10:00"))
    assert is_open(calendar, local("2026-11-17T10:00"))


# --- adding up -------------------------------------------------------------------------------------------------------


def test_business_seconds_skip_nights_and_weekends() -> None:
    assert business_seconds(CEAC, local("2026-11-27T14:00"), local("2026-11-30T09:00")) == 2 * 3600
    assert business_seconds(CEAC, local("2026-11-27T14:00"), local("2026-11-27T14:00")) == 0
    assert business_seconds(CEAC, local("2026-11-27T14:00"), local("2026-11-27T10:00")) == 0
    with pytest.raises(ValueError, match="too long"):
        business_seconds(CEAC, local("2026-11-27T14:00"), local("9998-11-27T14:00"))


def test_business_days_are_counted_over_weekends_and_holidays() -> None:
    shut = Calendar(SONORA, WEEK, (Closure(date(2026, 11, 16), date(2026, 11, 16)),))
    friday = date(2026, 11, 13)
    assert add_business_days(shut, friday, 1) == date(2026, 11, 17)
    assert add_business_days(shut, friday, 5) == date(2026, 11, 23)
    assert add_business_days(shut, date(2026, 11, 17), -1) == friday
    assert add_business_days(shut, date(2026, 11, 14), 0) == date(2026, 11, 17)
    assert add_business_days(shut, friday, 0) == friday
    assert business_days_between(shut, friday, date(2026, 11, 17)) == 1
    assert business_days_between(shut, friday, friday) == 0
    assert business_days_between(shut, friday, date(2026, 1, 1)) == 0
    with pytest.raises(ValueError, match="working days"):
        add_business_days(NEVER, friday, 1)


def test_business_hours_are_added_over_closed_time() -> None:
    assert add_business_hours(CEAC, local("2026-11-27T14:00"), 2) == local("2026-11-30T09:00")
    assert add_business_hours(CEAC, local("2026-11-27T20:00"), 0) == local("2026-11-30T08:00")
    assert add_business_hours(CEAC, local("2026-11-24T09:00"), 24) == local("2026-11-27T12:00")
    with pytest.raises(ValueError, match="negative"):
        add_business_hours(CEAC, local("2026-11-27T14:00"), -1)
    with pytest.raises(ValueError, match="open time"):
        add_business_hours(NEVER, local("2026-11-27T14:00"), 1)


def test_a_calendar_that_never_opens_or_never_shuts_says_so() -> None:
    now = local("2026-11-24T10:00")
    assert next_opening(NEVER, now) is None
    assert closing_time(NEVER, now) is None
    assert next_opening(ALWAYS, now) == now
    assert closing_time(ALWAYS, now) is None


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weekly", "text"),
    [
        (WEEK, "lunes a viernes de 8:00 a 15:00"),
        (((),) * 7, "sin horario de atención"),
        (((Range(0, DAY_MIN),),) * 7, "lunes a domingo las 24 horas"),
        (
            (OFFICE,) * 5 + ((Range.parse("9:00-13:00"),),) * 2,
            "lunes a viernes de 8:00 a 15:00 y sábado y domingo de 9:00 a 13:00",
        ),
        ((*WEEK[:5], (Range.parse("22:00-06:00"),), ()), "lunes a viernes de 8:00 a 15:00 y sábado de 22:00 a 6:00"),
        (
            ((Range.parse("08:00-13:00"), Range.parse("15:00-24:00")), *((),) * 6),
            "lunes de 8:00 a 13:00 y de 15:00 a 24:00",
        ),
        (
            (OFFICE, (), OFFICE, (), OFFICE, (), ()),
            "lunes de 8:00 a 15:00; miércoles de 8:00 a 15:00 y viernes de 8:00 a 15:00",
        ),
    ],
)
def test_the_week_in_words(weekly: tuple[tuple[Range, ...], ...], text: str) -> None:
    assert opening_text_es(Calendar(SONORA, weekly)) == text


def test_a_date_in_words() -> None:
    assert day_text_es(date(2026, 11, 17)) == "martes 17 de noviembre de 2026"


# --- properties ------------------------------------------------------------------------------------------------------

day_ranges = st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=2).map(
    lambda pairs: tuple(Range(start, min(start + length, start + 1440)) for start, length in pairs)
)


def _apart(ranges: tuple[Range, ...]) -> bool:
    ordered = sorted(ranges)
    return all(after.start_min >= before.end_min for before, after in pairwise(ordered))


calendars = st.builds(
    Calendar,
    st.sampled_from([SONORA, TIJUANA, "UTC", "Australia/Lord_Howe"]),
    st.tuples(*[day_ranges.filter(_apart)] * 7),
    st.lists(
        st.builds(Closure, st.just(date(2026, 3, 8)), st.just(date(2026, 3, 9)), st.just(""), day_ranges), max_size=1
    ).map(tuple),
    st.lists(st.builds(Guard, st.dates(date(2026, 3, 6), date(2026, 3, 10)), day_ranges), max_size=2).map(tuple),
)
instants = st.one_of(
    st.integers(0, 6 * 86_400).map(lambda s: datetime(2026, 3, 6, tzinfo=UTC) + timedelta(seconds=s)),
    st.integers(0, 4 * 86_400).map(lambda s: datetime(2026, 10, 30, tzinfo=UTC) + timedelta(seconds=s)),
)


@settings(max_examples=100)
@given(calendars, instants)
def test_the_next_opening_is_open_and_nothing_before_it_is(calendar: Calendar, now: datetime) -> None:
    opening = next_opening(calendar, now)
    if opening is None:
        assert not any(calendar.weekly)
        return
    assert opening >= now
    assert is_open(calendar, opening)
    assert (opening == now) == is_open(calendar, now)
    if opening > now:
        assert not is_open(calendar, opening - timedelta(seconds=1))
        assert business_seconds(calendar, now, opening) == 0


@settings(max_examples=100)
@given(calendars, instants, st.integers(0, 5 * 86_400), st.integers(0, 5 * 86_400))
def test_business_seconds_add_up_and_never_exceed_the_clock(
    calendar: Calendar, start: datetime, first: int, second: int
) -> None:
    middle = start + timedelta(seconds=first)
    end = middle + timedelta(seconds=second)
    whole = business_seconds(calendar, start, end)
    assert 0 <= whole <= first + second
    assert whole == pytest.approx(
        business_seconds(calendar, start, middle) + business_seconds(calendar, middle, end), abs=1e-3
    )


@settings(max_examples=60)
@given(calendars, instants, st.floats(0.01, 30))
def test_adding_business_hours_takes_exactly_that_much_open_time(
    calendar: Calendar, start: datetime, hours: float
) -> None:
    if not any(calendar.weekly):
        return
    try:
        end = add_business_hours(calendar, start, hours)
    except ValueError:  # an office that is open for minutes a week
        assert business_seconds(calendar, start, start + timedelta(days=398)) < hours * 3600
        return
    assert business_seconds(calendar, start, end) == pytest.approx(hours * 3600, abs=1e-3)


@settings(max_examples=60)
@given(calendars, instants)
def test_the_closing_time_ends_an_unbroken_opening(calendar: Calendar, now: datetime) -> None:
    closing = closing_time(calendar, now)
    if closing is None:
        return
    assert is_open(calendar, now)
    assert not is_open(calendar, closing)
    assert business_seconds(calendar, now, closing) == pytest.approx((closing - now).total_seconds(), abs=1e-3)
