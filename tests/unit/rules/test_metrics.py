"""The figures, against the worked example of the trade and against plain counting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.metrics import (
    Arrival,
    Segment,
    ServiceCounts,
    abandonment_rate,
    attention_rate,
    concurrency,
    count_arrivals,
    group_by,
    handle_time,
    my_day,
    occupancy,
    percentile,
    ratio,
    service_levels,
    speed_of_answer,
    spread,
    sum_s,
    transfer_rate,
    union_s,
)

T0 = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def span(start: float, end: float) -> tuple[datetime, datetime]:
    return at(start), at(end)


ICMI = ServiceCounts(answered=1000, answered_in_target=860, abandoned=60, abandoned_in_target=20, abandoned_short=10)


def test_the_variants_give_the_published_results_for_the_published_day() -> None:
    levels = service_levels(ICMI)
    shown = [f"{100 * value:.1f}" for value in (levels.a, levels.b, levels.c, levels.d, levels.e, levels.f) if value]
    assert shown == ["83.0", "86.0", "81.1", "82.7", "82.1", "81.9"]
    assert levels.g == levels.c and levels.ours == levels.f


def test_contacts_that_flowed_out_are_misses_in_ours() -> None:
    levels = service_levels(ServiceCounts(answered=10, answered_in_target=10, flowed_out=10))
    assert (levels.f, levels.ours, levels.g) == (1.0, 0.5, 0.5)


def test_a_figure_without_a_denominator_is_none() -> None:
    nothing = service_levels(ServiceCounts())
    assert {nothing.a, nothing.b, nothing.c, nothing.d, nothing.e, nothing.f, nothing.g, nothing.ours} == {None}
    assert attention_rate(ServiceCounts()) is None
    assert abandonment_rate(ServiceCounts()) is None
    assert transfer_rate([]) is None
    assert occupancy([], []) is None
    assert concurrency([]) is None
    assert percentile([], 90) is None
    assert spread([]).mean is None
    assert ratio(1, 0) is None


ARRIVALS = [
    Arrival(T0, answered_at=at(10)),
    Arrival(T0, answered_at=at(60)),
    Arrival(T0, answered_at=at(61)),
    Arrival(T0, abandoned_at=at(5)),
    Arrival(T0, abandoned_at=at(30)),
    Arrival(T0, abandoned_at=at(300)),
    Arrival(T0, flowed_out_at=at(90)),
    Arrival(T0),
    Arrival(T0, answered_at=at(1), is_excluded=True),
    Arrival(at(20), answered_at=at(10)),
]


def test_arrivals_are_counted_by_how_they_ended() -> None:
    counts = count_arrivals(ARRIVALS, target_s=60, short_s=10)
    assert counts == ServiceCounts(4, 3, 3, 2, 1, 1, 1)
    assert counts.offered == 8
    assert attention_rate(counts) == pytest.approx(4 / 7)
    assert abandonment_rate(counts) == pytest.approx(3 / 8)


def test_the_speed_of_answer_is_told_with_its_spread() -> None:
    waits = speed_of_answer(ARRIVALS)
    assert (waits.count, waits.median, waits.longest) == (4, 10, 61)
    assert waits.mean == pytest.approx((10 + 60 + 61 + 0) / 4)


def test_percentiles_are_values_that_happened() -> None:
    values = [float(one) for one in range(1, 11)]
    assert percentile(values, 90) == 9
    assert percentile(values, 50) == 5
    assert percentile(values, 0) == 1
    assert percentile(values, 100) == 10
    assert percentile([7.0], 90) == 7


SEGMENTS = [
    Segment(at(0), at(300), at(360), folios_created=1, first_reply_at=at(20)),
    Segment(at(100), at(200), was_transferred=True, folios_linked=2),
    Segment(at(-500), at(50), at(80)),
]


def test_handling_is_contact_and_wrap_up_per_segment() -> None:
    assert handle_time(SEGMENTS).count == 3
    assert handle_time(SEGMENTS[:2]).mean == 230
    assert transfer_rate(SEGMENTS) == pytest.approx(1 / 3)
    assert Segment(at(10), at(0)).handled_s == 0


def test_two_chats_at_once_do_not_make_anybody_two_hundred_percent_busy() -> None:
    engaged = [span(0, 100), span(0, 100)]
    assert occupancy(engaged, [span(0, 200)]) == 0.5
    assert concurrency(engaged) == 2
    assert occupancy(engaged, []) == 1


def test_time_outside_the_window_does_not_count() -> None:
    window = span(50, 150)
    assert union_s([span(0, 100), span(90, 500)], window) == 100
    assert sum_s([span(0, 100), span(90, 500)], window) == 110
    assert union_s([span(0, 40)], window) == 0
    assert sum_s([span(0, 40)], window) == 0
    assert union_s([span(100, 0)]) == 0


def test_my_day_adds_up() -> None:
    day = my_day(SEGMENTS, [span(0, 600)], {"meal": [span(600, 900)], "rest": []}, span(0, 1000))
    assert (day.handled, day.transferred, day.folios_created, day.folios_linked, day.unanswered) == (2, 1, 1, 2, 1)
    assert (day.available_s, day.engaged_s, day.paused_s) == (600, 360, {"meal": 300, "rest": 0})
    assert day.occupancy == pytest.approx(0.6)
    assert day.concurrency == pytest.approx((360 + 100 + 80) / 360)
    assert day.first_reply.mean == 20
    assert day.handle.longest == 360


def test_rows_are_grouped_in_the_order_they_came() -> None:
    assert group_by([3, 1, 4, 1, 5], lambda one: one % 2) == {1: [3, 1, 1, 5], 0: [4]}


intervals = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)).map(lambda pair: span(*pair)), max_size=8)


@given(intervals, st.integers(0, 300), st.integers(0, 300))
def test_the_union_is_what_counting_second_by_second_gives(
    times: list[tuple[datetime, datetime]], start: int, end: int
) -> None:
    covered = {
        second
        for second in range(min(start, end), max(start, end))
        if any(first <= at(second) < last for first, last in times)
    }
    window = span(min(start, end), max(start, end))
    assert union_s(times, window) == len(covered)
    assert union_s(times, window) <= sum_s(times, window) + 1e-9


@given(intervals, intervals)
def test_occupancy_is_a_part_of_one_and_concurrency_at_least_one(
    engaged: list[tuple[datetime, datetime]], available: list[tuple[datetime, datetime]]
) -> None:
    busy = occupancy(engaged, available)
    assert busy is None or 0 <= busy <= 1
    at_once = concurrency(engaged)
    assert at_once is None or at_once >= 1


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_spread_is_in_order(values: list[float]) -> None:
    found = spread(values)
    assert found.mean is not None and found.median is not None and found.p90 is not None and found.longest is not None
    assert min(values) <= found.median <= found.p90 <= found.longest
    assert min(values) <= found.mean <= found.longest


ends = st.none() | st.integers(0, 400).map(at)


@given(st.lists(st.builds(Arrival, st.just(T0), ends, ends, ends, st.booleans())))
def test_every_level_is_a_part_of_one_and_offered_is_the_sum_of_its_parts(arrivals: list[Arrival]) -> None:
    counts = count_arrivals(arrivals, target_s=60, short_s=10)
    assert counts.offered + counts.waiting == sum(not one.is_excluded for one in arrivals)
    levels = service_levels(counts)
    for value in (levels.a, levels.b, levels.c, levels.e, levels.f, levels.g, levels.ours):
        assert value is None or 0 <= value <= 1
