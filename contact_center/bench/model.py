"""What a bench measures and how two series of rounds become one ratio."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

MAX_SPREAD = 1.5
"""A run is void when the limit's own rounds differ more than this: the machine was busy with something else."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure. The defaults are the real run; a smoke test asks for far less."""

    rounds: int = 5
    seconds: float = 5.0
    """Of each measured stretch."""
    scale: float = 1.0
    """Of the number of conversations, connections, watchers, items."""

    def scaled(self, count: int, least: int = 4) -> int:
        return max(least, round(count * self.scale))


@dataclass(frozen=True, slots=True)
class Entry:
    """One bench of `bench.json`. `ratio` is product / limit; `better` says which way is good."""

    name: str
    unit: str
    better: Literal["higher", "lower"]
    product_rounds: Sequence[float]
    limit_rounds: Sequence[float]
    floor: float
    aim: float
    detail: Mapping[str, Any] = field(default_factory=dict)
    ratio_given: float | None = None
    """For a bench of several figures, such as p50 and p99: the worst of their ratios."""

    @property
    def product(self) -> float:
        return median(self.product_rounds)

    @property
    def limit(self) -> float:
        return median(self.limit_rounds)

    @property
    def ratio(self) -> float:
        return self.product / self.limit if self.ratio_given is None else self.ratio_given

    @property
    def spread(self) -> float:
        return max(self.limit_rounds) / min(self.limit_rounds)

    @property
    def is_void(self) -> bool:
        return self.spread > MAX_SPREAD

    def meets(self, bar: float) -> bool:
        return self.ratio >= bar if self.better == "higher" else self.ratio <= bar

    @property
    def verdict(self) -> str:
        if self.is_void:
            return "void"
        return "aim" if self.meets(self.aim) else "floor" if self.meets(self.floor) else "below"

    def as_json(self) -> dict[str, Any]:
        return {
            "product": _short(self.product),
            "limit": _short(self.limit),
            "ratio": round(self.ratio, 3),
            "unit": self.unit,
            "better": self.better,
            "floor": self.floor,
            "aim": self.aim,
            "verdict": self.verdict,
            "void": self.is_void,
            "rounds": {
                "product": [_short(one) for one in self.product_rounds],
                "limit": [_short(one) for one in self.limit_rounds],
            },
            **({"detail": dict(self.detail)} if self.detail else {}),
        }


def _short(value: float) -> float:
    return float(f"{value:.4g}")


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench by its fixed name."""

    name: str
    about: str
    run: Callable[[Effort], Entry]


def alternate(rounds: int, product: Callable[[], float], limit: Callable[[], float]) -> tuple[list[float], list[float]]:
    """Visit the two in turn, the order swapped each time, so that a slow minute of the machine hits both."""
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        pair = ((0, product), (1, limit))
        for which, measure in pair if number % 2 == 0 else pair[::-1]:
            found[which].append(measure())
    return found
