"""Folios: their form from a setting, their year, and finding them in what people write. Pure.

The number is given by the store (gapless per year); here it is only shown and read. `CEAC-AAAA-NNNNNN` is our proposal
and a setting: `AAAA` stands for the year, the run of `N` for the number, which may outgrow it and is never cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

OFFICE_ZONE: Final = "America/Hermosillo"
DEFAULT_TEMPLATE: Final = "CEAC-AAAA-NNNNNN"
NUMBER_DIGITS_MAX: Final = 9
YEARS: Final = range(2000, 2200)

_TEMPLATE = re.compile(r"(?P<before>[A-Z0-9/.\-]*?)A{4}(?P<between>[/.\-]?)(?P<digits>N{3,9})(?P<after>[A-Z0-9/.\-]*)")
_SEPARATOR: Final = r"[\s\-–—_./:#]{0,3}"
_FOUR = re.compile(r"(?<![\d-])(\d{4})(?![\d-])", re.ASCII)
_PHONE = re.compile(r"(?<!\d)(?:\+?52[\s.-]?)?(?:1[\s.-]?)?((?:\d[\s.-]?){9}\d)(?!\d)", re.ASCII)


class FolioRefused(ValueError):
    """A template or folio that cannot be. `code` is folio_template or folio_number."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, order=True)
class Folio:
    """A year and a number in it, from 1."""

    year: int
    number: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A folio found in a text, and the four digits that came with it, if any."""

    folio: Folio
    last4: str | None


@dataclass(frozen=True, slots=True)
class FolioFormat:
    """One way of writing folios. Raises `FolioRefused` for a template without exactly one year and one number."""

    template: str = DEFAULT_TEMPLATE
    _tolerant: re.Pattern[str] = field(init=False, repr=False, compare=False)
    _parts: tuple[str, str, int, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = _TEMPLATE.fullmatch(self.template)
        if found is None or len(self.template) > 40:
            raise FolioRefused("folio_template")
        before, between, digits, after = found["before"], found["between"], found["digits"], found["after"]
        object.__setattr__(self, "_parts", (before, between, len(digits), after))
        prefix, suffix = (re.sub(r"[^A-Z0-9]", "", one) for one in (before, after))
        pattern = (
            rf"(?<![A-Za-z0-9]){_loose(prefix)}{_SEPARATOR}(20\d\d|21\d\d){_SEPARATOR}(\d{{1,{NUMBER_DIGITS_MAX}}})"
            rf"{_SEPARATOR + _loose(suffix) if suffix else ''}(?![A-Za-z0-9])"
        )
        object.__setattr__(self, "_tolerant", re.compile(pattern, re.ASCII | re.IGNORECASE))

    def write(self, folio: Folio) -> str:
        """The folio as it is shown: `CEAC-2026-000123`. Raises `FolioRefused` for a number below 1 or a bad year."""
        if folio.number < 1 or len(str(folio.number)) > NUMBER_DIGITS_MAX or folio.year not in YEARS:
            raise FolioRefused("folio_number")
        before, between, digits, after = self._parts
        return f"{before}{folio.year}{between}{folio.number:0{digits}d}{after}"

    def read(self, text: str) -> Folio | None:
        """The folio when the text is one and nothing else, however loosely written; None otherwise."""
        found = self._tolerant.fullmatch(_plain(text).strip())
        return _folio(found) if found else None

    def find_all(self, text: str) -> list[Folio]:
        """Every folio in a text, in order, without repeats: "ceac 2026 123" and "CEAC2026000123" count too."""
        return list(dict.fromkeys(folio for folio, _ in self._found(_plain(text))))

    def ask(self, text: str) -> Asked | None:
        """The first folio in a text with the four digits of the phone given beside it ("CEAC-2026-000123, 0001").

        A whole phone number gives its last four. None when there is no folio.
        """
        plain = _plain(text)
        for folio, (start, end) in self._found(plain):
            rest = plain[end:] + " | " + plain[:start]
            return Asked(folio, find_last4(rest))
        return None

    def _found(self, plain: str) -> Iterator[tuple[Folio, tuple[int, int]]]:
        for found in self._tolerant.finditer(plain):
            folio = _folio(found)
            if folio is not None:
                yield folio, found.span()


def find_last4(text: str) -> str | None:
    """Four digits standing alone in a text, or the last four of a phone number of ten; None when there is neither."""
    plain = _plain(text)
    phone = _PHONE.search(plain)
    if phone is not None:
        return re.sub(r"\D", "", phone[1])[-4:]
    four = _FOUR.search(plain)
    return four[1] if four else None


def folio_year(now: datetime) -> int:
    """The year of a folio issued at `now`: it rolls at midnight in Hermosillo, 07:00 UTC (DOMAIN §2.9 rule 7)."""
    return now.astimezone(ZoneInfo(OFFICE_ZONE)).year


def _folio(found: re.Match[str]) -> Folio | None:
    number = int(found[2])
    return Folio(int(found[1]), number) if number > 0 else None


def _loose(letters: str) -> str:
    return _SEPARATOR.join(map(re.escape, letters)) if len(letters) <= 12 else re.escape(letters)


def _plain(text: str) -> str:
    """Full-width and other compatibility forms as plain ones, without what cannot be seen; bounded by the caller."""
    return "".join(char for char in unicodedata.normalize("NFKC", text[:20_000]) if unicodedata.category(char) != "Cf")
