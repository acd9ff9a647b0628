"""Periods are whole days of the office: none overlaps, none leaves a gap, and the night belongs to its own day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.periods import MOST_BACK, Period, PeriodRefused, Span, span_of

TUESDAY = date(2026, 11, 24)
DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (Period.today, date(2026, 11, 24), date(2026, 11, 24)),
        (Period.yesterday, date(2026, 11, 23), date(2026, 11, 23)),
        (Period.week, date(2026, 11, 23), date(2026, 11, 29)),
        (Period.fortnight, date(2026, 11, 16), date(2026, 11, 30)),
        (Period.month, date(2026, 11, 1), date(2026, 11, 30)),
        (Period.quarter, date(2026, 10, 1), date(2026, 12, 31)),
        (Period.year, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_each_period_is_what_people_call_it(period: Period, first: date, last: date) -> None:
    assert span_of(period, TUESDAY) == Span(first, last)


def test_a_day_is_cut_at_midnight_in_sonora() -> None:
    span = span_of(Period.today, TUESDAY)
    assert span.start == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert span.end == datetime(2026, 11, 25, 7, tzinfo=UTC)


@given(
    DAYS, st.sampled_from([one for one in Period if one not in (Period.range, Period.yesterday)]), st.integers(0, 40)
)
def test_the_period_before_ends_the_day_before_this_one_begins(day: date, period: Period, back: int) -> None:
    here, before = span_of(period, day, back=back), span_of(period, day, back=back + 1)
    assert before.last + timedelta(days=1) == here.first
    assert before.end == here.start
    assert back > 0 or here.first <= day <= here.last


def test_a_range_needs_days_that_are_in_order_and_within_reach() -> None:
    assert span_of(Period.range, TUESDAY, first=TUESDAY) == Span(TUESDAY, TUESDAY)
    for first, last, field, code in (
        (None, None, "from", "required"),
        (TUESDAY, TUESDAY - timedelta(days=1), "to", "ends_before_start"),
        (date(1, 1, 1), None, "from", "out_of_range"),
        (date(1990, 1, 1), TUESDAY, "to", "too_long"),
    ):
        with pytest.raises(PeriodRefused) as refused:
            span_of(Period.range, TUESDAY, first=first, last=last)
        assert (refused.value.field, refused.value.code) == (field, code)


def test_nobody_goes_back_beyond_the_calendar() -> None:
    for back in (-1, MOST_BACK + 1):
        with pytest.raises(PeriodRefused):
            span_of(Period.month, TUESDAY, back=back)
    with pytest.raises(PeriodRefused):
        span_of(Period.year, date(2, 1, 1), back=100)
