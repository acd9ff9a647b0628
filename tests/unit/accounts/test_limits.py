"""Moving windows on a clock that a test moves."""

import pytest

from contact_center.errors import TooMany
from contact_center.web import limits
from contact_center.web.limits import PATHS, RATES, Limiter, neighbourhood
from tests.support.clock import ManualClock


def test_a_window_moves_with_time_and_not_in_jumps() -> None:
    clock = ManualClock()
    limiter = Limiter(clock)
    for second in range(10):
        limiter.check("recado", "10.0.0.1")
        clock.advance(second)
    with pytest.raises(TooMany) as refused:
        limiter.check("recado", "10.0.0.1")
    assert refused.value.data["retry_after_s"] == 15
    clock.advance(15.5)
    limiter.check("recado", "10.0.0.1")


def test_addresses_and_names_have_windows_of_their_own() -> None:
    limiter = Limiter(ManualClock())
    for _ in range(10):
        limiter.check("recado", "10.0.0.1")
    limiter.check("recado", "10.0.0.2")
    limiter.check("folio", "10.0.0.1")


@pytest.mark.parametrize(
    ("address", "around"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_neighbourhood_is_a_24_or_a_64(address: str, around: str) -> None:
    assert neighbourhood(address) == around


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_KEYS", 100)
    limiter = Limiter(ManualClock())
    for number in range(1_000):
        limiter.check("any", f"10.{number // 250}.{number % 250}.1")
    assert len(limiter._storage._windows) <= 101


def test_every_path_with_a_limit_names_a_rate() -> None:
    assert set(PATHS.values()) <= RATES.keys()
