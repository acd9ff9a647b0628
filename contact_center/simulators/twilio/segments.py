"""How a text goes through a telephone network: which alphabet it needs and into how many parts it is cut. Pure."""

from typing import Final

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")
LONGEST: Final = 1_600
"""Characters the provider takes in one request."""


def count(text: str) -> tuple[str, int]:
    """Return the alphabet (GSM-7 or UCS-2) and the number of parts."""
    if all(char in BASIC or char in EXTENDED for char in text):
        units = [2 if char in EXTENDED else 1 for char in text]
        return "GSM-7", _parts(units, 160, 153)
    return "UCS-2", _parts([2 if ord(char) > 0xFFFF else 1 for char in text], 70, 67)


def _parts(units: list[int], alone: int, joined: int) -> int:
    if sum(units) <= alone:
        return 1
    parts, used = 1, 0
    for size in units:
        if used + size > joined:
            parts, used = parts + 1, 0
        used += size
    return parts
