"""Trying again: full jitter, Retry-After to the second, a breaker that probes with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_center.rules.backoff import OPEN_AFTER, TRY_AFTER_S, TRY_MOST_S, Breaker, Patience, delay_s


@given(st.integers(1, 200), st.floats(0, 0.999), st.floats(0.1, 60), st.floats(1, 600))
def test_a_delay_is_between_nothing_and_its_doubling_cap(attempt: int, draw: float, base: float, most: float) -> None:
    found = delay_s(attempt, draw, Patience(base_s=base, most_s=most))
    assert 0 <= found <= most
    assert found <= base * 2.0**attempt


@given(st.integers(1, 50), st.floats(0, 0.999), st.floats(0, 10_000))
def test_retry_after_is_never_undercut(attempt: int, draw: float, asked_s: float) -> None:
    assert asked_s <= delay_s(attempt, draw, Patience(most_s=1), retry_after_s=asked_s) <= asked_s * 1.1


def test_attempts_count_from_one() -> None:
    with pytest.raises(ValueError, match="from 1"):
        delay_s(0, 0.5, Patience())


def test_a_breaker_opens_after_failures_in_a_row_and_probes_with_one() -> None:
    breaker = Breaker()
    for _ in range(OPEN_AFTER - 1):
        assert not breaker.broke(0)
    breaker.worked()
    for _ in range(OPEN_AFTER - 1):
        assert not breaker.broke(0)
    assert breaker.room(0, 9) == 9
    assert breaker.broke(0)
    assert (breaker.is_open, breaker.room(TRY_AFTER_S - 0.1, 9), breaker.room(TRY_AFTER_S, 9)) == (True, 0, 1)
    breaker.began()
    assert breaker.room(TRY_AFTER_S, 9) == 0, "one probe at a time"
    assert not breaker.broke(TRY_AFTER_S), "it was open before"
    assert breaker.room(TRY_AFTER_S * 2.5, 9) == 0, "and stays so for longer"
    breaker.began()
    breaker.worked()
    assert (breaker.is_open, breaker.room(TRY_AFTER_S * 3, 9)) == (False, 9)


def test_an_open_breaker_waits_no_longer_than_its_bound() -> None:
    breaker, now = Breaker(), 0.0
    for _ in range(40):
        breaker.began()
        breaker.broke(now)
        now += 1_000
    breaker.broke(now)
    assert breaker.room(now + TRY_MOST_S, 5) == 1
