"""The figures, each defined once: service level, waits, handling, occupancy. Pure arithmetic over plain records.

A figure without a denominator is None, never 0 or 100: screens show «—». Every figure can be opened into the records
it was made of, since these are its arguments. Source: FEATURES §4, the last sentence of each entry, and DOMAIN §3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

SHORT_ABANDON_VOICE_S: Final = 5.0
SHORT_ABANDON_CHAT_S: Final = 10.0
TARGET_VOICE_S: Final = 20.0
TARGET_CHAT_S: Final = 60.0

Interval = tuple[datetime, datetime]
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One contact that entered a queue, counted in the interval of its arrival (so that intervals add up).

    `answered_at` is the first message or word of a person, not the assignment. At most one of the three ends is set;
    none means it still waits.
    """

    arrived_at: datetime
    answered_at: datetime | None = None
    abandoned_at: datetime | None = None
    flowed_out_at: datetime | None = None
    is_excluded: bool = False
    """Spam and out-of-hours contacts: counted apart, in no rate (DOMAIN §3)."""


@dataclass(frozen=True, slots=True)
class ServiceCounts:
    """What every variant of the service level is made of."""

    answered: int = 0
    answered_in_target: int = 0
    abandoned: int = 0
    abandoned_in_target: int = 0
    abandoned_short: int = 0
    flowed_out: int = 0
    waiting: int = 0

    @property
    def offered(self) -> int:
        """Contacts that entered the queue and left it somehow; always the sum of its parts."""
        return self.answered + self.abandoned + self.flowed_out


@dataclass(frozen=True, slots=True)
class ServiceLevels:
    """The variants in use in the trade, as parts of one. `ours` is what screens show unless they say another."""

    a: float | None
    b: float | None
    c: float | None
    d: float | None
    e: float | None
    f: float | None
    g: float | None
    ours: float | None
    """F with flow-outs as misses: answered in time / (answered + long abandons + flow-outs)."""


def count_arrivals(arrivals: Iterable[Arrival], *, target_s: float, short_s: float) -> ServiceCounts:
    """Count arrivals for the service level; excluded ones are left out."""
    answered = in_target = abandoned = abandoned_in_target = short = flowed = waiting = 0
    for one in arrivals:
        if one.is_excluded:
            continue
        if one.answered_at is not None:
            answered += 1
            in_target += _wait(one, one.answered_at) <= target_s
        elif one.abandoned_at is not None:
            wait = _wait(one, one.abandoned_at)
            abandoned += 1
            abandoned_in_target += wait <= target_s
            short += wait <= short_s
        elif one.flowed_out_at is not None:
            flowed += 1
        else:
            waiting += 1
    return ServiceCounts(answered, in_target, abandoned, abandoned_in_target, short, flowed, waiting)


def service_levels(counts: ServiceCounts) -> ServiceLevels:
    """All variants from the same counts, so that nobody has to guess which one a figure is."""
    hits, left = counts.answered_in_target, counts.abandoned
    every = counts.answered + left
    long_only = counts.answered + left - counts.abandoned_short
    return ServiceLevels(
        a=ratio(hits + counts.abandoned_in_target, every),
        b=ratio(hits, counts.answered),
        c=ratio(hits, every),
        d=ratio(hits, counts.answered + left - counts.abandoned_in_target),
        e=ratio(hits + counts.abandoned_short, every),
        f=ratio(hits, long_only),
        g=ratio(hits, every + counts.flowed_out),
        ours=ratio(hits, long_only + counts.flowed_out),
    )


def attention_rate(counts: ServiceCounts) -> float | None:
    """% atención of the reports: answered / (answered + abandoned)."""
    return ratio(counts.answered, counts.answered + counts.abandoned)


def abandonment_rate(counts: ServiceCounts) -> float | None:
    """Abandoned / offered, short abandons included; these are always shown beside it."""
    return ratio(counts.abandoned, counts.offered)


@dataclass(frozen=True, slots=True)
class Spread:
    """How durations lie, in seconds. All None when there are none."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None
    longest: float | None


def spread(durations_s: Iterable[float]) -> Spread:
    """Mean, median, 90th percentile (nearest rank) and maximum."""
    values = sorted(durations_s)
    if not values:
        return Spread(0, None, None, None, None)
    mean = min(values[-1], max(values[0], math.fsum(values) / len(values)))
    return Spread(len(values), mean, percentile(values, 50), percentile(values, 90), values[-1])


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Nearest-rank percentile of values in rising order; None when there are none."""
    if not ordered:
        return None
    return ordered[min(len(ordered), max(1, math.ceil(percent / 100 * len(ordered)))) - 1]


def speed_of_answer(arrivals: Iterable[Arrival]) -> Spread:
    """Waits of answered contacts, from arrival to a person's first word; the mean is the ASA."""
    return spread(_wait(one, one.answered_at) for one in arrivals if one.answered_at and not one.is_excluded)


@dataclass(frozen=True, slots=True)
class Segment:
    """One agent's part in one contact: from accepting to letting go, and the wrap-up that followed."""

    started_at: datetime
    ended_at: datetime
    wrapped_up_at: datetime | None = None
    was_transferred: bool = False
    folios_created: int = 0
    folios_linked: int = 0
    first_reply_at: datetime | None = None

    @property
    def handled_s(self) -> float:
        """Seconds from accepting to the end of wrap-up."""
        return max(0.0, ((self.wrapped_up_at or self.ended_at) - self.started_at).total_seconds())


def handle_time(segments: Iterable[Segment]) -> Spread:
    """AHT per segment: contact and wrap-up. Chats at the same time count in full each; see `concurrency`."""
    return spread(one.handled_s for one in segments)


def transfer_rate(segments: Sequence[Segment]) -> float | None:
    """Segments that ended in a transfer / all of them."""
    return ratio(sum(one.was_transferred for one in segments), len(segments))


def union_s(intervals: Iterable[Interval], window: Interval | None = None) -> float:
    """Seconds covered by at least one interval, within the window; overlaps count once, reversed ones not at all."""
    total, reach = 0.0, None
    for start, end in sorted(_clipped(intervals, window)):
        begin = start if reach is None or start > reach else reach
        if end > begin:
            total += (end - begin).total_seconds()
            reach = end
    return total


def sum_s(intervals: Iterable[Interval], window: Interval | None = None) -> float:
    """Seconds of all intervals, within the window; overlaps count each."""
    return math.fsum((end - start).total_seconds() for start, end in _clipped(intervals, window) if end > start)


def occupancy(
    engaged: Sequence[Interval], available: Sequence[Interval], window: Interval | None = None
) -> float | None:
    """Engaged time / (engaged or available time), both as unions: two chats at once do not make anybody 200 % busy.

    `engaged` are contacts with their wrap-up, `available` the times of state available. Pauses are in neither.
    """
    return ratio(union_s(engaged, window), union_s([*engaged, *available], window))


def concurrency(engaged: Sequence[Interval], window: Interval | None = None) -> float | None:
    """Contacts at a time while there was any: the sum of their time / the union."""
    return ratio(sum_s(engaged, window), union_s(engaged, window))


@dataclass(frozen=True, slots=True)
class MyDay:
    """An agent's own figures for a stretch of time; nothing in it compares people."""

    handled: int
    transferred: int
    folios_created: int
    folios_linked: int
    handle: Spread
    first_reply: Spread
    """From accepting to the first reply; segments without a reply are in `unanswered`."""
    unanswered: int
    available_s: float
    engaged_s: float
    paused_s: Mapping[str, float]
    occupancy: float | None
    concurrency: float | None


def my_day(
    segments: Sequence[Segment],
    available: Sequence[Interval],
    pauses: Mapping[str, Sequence[Interval]],
    window: Interval,
) -> MyDay:
    """The figures of "my day"; `pauses` maps the reason code to its times.

    A segment counts in the window it began in; times are cut at the window.
    """
    mine = [one for one in segments if window[0] <= one.started_at < window[1]]
    engaged = [(one.started_at, one.wrapped_up_at or one.ended_at) for one in segments]
    replied = [(one.first_reply_at - one.started_at).total_seconds() for one in mine if one.first_reply_at is not None]
    return MyDay(
        handled=len(mine),
        transferred=sum(one.was_transferred for one in mine),
        folios_created=sum(one.folios_created for one in mine),
        folios_linked=sum(one.folios_linked for one in mine),
        handle=handle_time(mine),
        first_reply=spread(replied),
        unanswered=len(mine) - len(replied),
        available_s=union_s(available, window),
        engaged_s=union_s(engaged, window),
        paused_s={reason: union_s(times, window) for reason, times in pauses.items()},
        occupancy=occupancy(engaged, available, window),
        concurrency=concurrency(engaged, window),
    )


def ratio(part: float, whole: float) -> float | None:
    """part / whole, or None when there is nothing to divide by."""
    return part / whole if whole > 0 else None


def group_by(rows: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    """Rows under their key, in the order they came."""
    groups: dict[K, list[V]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups


def _wait(one: Arrival, until: datetime) -> float:
    return max(0.0, (until - one.arrived_at).total_seconds())


def _clipped(intervals: Iterable[Interval], window: Interval | None) -> list[Interval]:
    if window is None:
        return list(intervals)
    return [(max(start, window[0]), min(end, window[1])) for start, end in intervals]
