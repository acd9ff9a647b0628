"""The figures of the promise ledger, from counts of rows: due, kept, late, broken, and the rate kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Final

from contact_center.rules.callbacks import Standing


@dataclass(frozen=True, slots=True)
class Count:
    """How many promises of one group have one standing, and in how many of them somebody was reached."""

    key: str | None
    standing: str
    count: int
    reached: int


@dataclass(frozen=True, slots=True)
class Figures:
    """One line of the ledger. A promise that was moved or withdrawn in time is owed no more, and is not `due`."""

    kept: int = 0
    late: int = 0
    broken: int = 0
    pending: int = 0
    moved: int = 0
    withdrawn: int = 0
    reached: int = 0

    @property
    def due(self) -> int:
        return self.kept + self.late + self.broken + self.pending

    @property
    def rate_kept(self) -> float | None:
        """The part of what was decided that was kept in time; None when nothing was decided."""
        decided = self.kept + self.late + self.broken
        return self.kept / decided if decided else None

    def as_json(self) -> dict[str, Any]:
        return {"due": self.due, **asdict(self), "rate_kept": self.rate_kept}


_FIELDS: Final = frozenset(one.value for one in Standing)


def figures(counts: Iterable[Count]) -> Figures:
    """Return the sum of counts as one line."""
    sums: dict[str, int] = dict.fromkeys((*sorted(_FIELDS), "reached"), 0)
    for one in counts:
        sums[one.standing] += one.count
        sums["reached"] += one.reached
    return Figures(**sums)


def grouped(counts: Iterable[Count]) -> dict[str | None, Figures]:
    """Return a line for each key, the fullest first, without one last."""
    by_key: dict[str | None, list[Count]] = {}
    for one in counts:
        by_key.setdefault(one.key, []).append(one)
    lines = {key: figures(found) for key, found in by_key.items()}
    return dict(sorted(lines.items(), key=lambda line: (line[0] is None, -line[1].due, line[0] or "")))


def key_text(by: str, key: Any) -> str | None:
    """Return a group's key as text; a day is its date."""
    if key is None:
        return None
    return (date(1970, 1, 1) + timedelta(days=int(key))).isoformat() if by == "day" else str(key)
