"""Codes with which a citizen goes on in another channel without repeating: made to be read aloud and typed. Pure."""

from __future__ import annotations

import re
from typing import Final

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs without 0, O, 1 and I: eight of them are 40 bits."""
LENGTH: Final = 8
VALID_S: Final = 86_400
"""A day: long enough to get home, short enough to be forgotten."""
MISSES: Final = 5
LOCK_S: Final = 900
_CODE: Final = re.compile(rf"(?<![A-Za-z0-9])CC[-\s]?([{ALPHABET}]{{4}})[-\s]?([{ALPHABET}]{{4}})(?![A-Za-z0-9])", re.I)


def make(random: bytes) -> str:
    """Return the code of 5 random bytes or more, as it is shown: "CC-7K4M-2QX9"."""
    number = int.from_bytes(random[:5], "big")
    signs = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))
    return f"CC-{signs[:4]}-{signs[4:]}"


def find(text: str) -> str | None:
    """Return the first code in a text, in the form it is made; None when there is none."""
    found = _CODE.search(text[:2_000])
    return None if found is None else f"CC-{found[1].upper()}-{found[2].upper()}"
