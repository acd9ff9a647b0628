"""Text from strangers: what is refused, what is cleaned, and a folded form for searching and comparing. Pure.

Cleaning never makes text safe to be put into HTML; nothing does but text nodes. It bounds what one message can hold
and refuses what a database or a screen cannot carry (PROMISES §3, 11–22).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

MESSAGE_MAX: Final = 4000
"""Characters of one message, after trimming (DOMAIN §2.1)."""
MARKS_MAX: Final = 8
"""Combining marks in a row that are kept; Vietnamese, Hebrew and Zalgo-free emoji need fewer."""

BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_INVISIBLE: Final = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u2800\u3164\uffa0")
_NEWLINES: Final = re.compile("\r\n|[\r\u0085\u2028\u2029\v\f]")
_SPACES: Final = re.compile(r"\s+")
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Category Cc without tab and line end."""
_MAY_MARK: Final = re.compile("[^\x00-\u02ff]")
"""Anything at or after U+0300, the first combining mark there is."""

CONFUSABLES: Final[Mapping[str, str]] = MappingProxyType(
    dict(
        zip(
            "авекмнорстухіјѕԁԛԝһгпьꙑЅІЈАВЕКМНОРСТУХαβεικνορτυχωηΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡ",
            "abekmhopctyxijsdqwhrnbbsijabekmhopctyxabeiknoptuxwnabezhikmnoptyxiag",
            strict=True,
        )
    )
)
"""Letters of other alphabets that look like a Latin one; only for detecting, never for storing."""


class TextRefused(ValueError):
    """Text that cannot be taken. `code` is stable: text_empty, text_too_long, text_nul, text_surrogate, or the same
    with another prefix than `text`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def safe_text(raw: str, max_len: int = MESSAGE_MAX, *, field: str = "text") -> str:
    """The message as it is stored: NFC, one kind of line end, trimmed, 1..`max_len` characters. Raises `TextRefused`.

    Control characters other than tab and line end vanish, runs of combining marks are cut at `MARKS_MAX`. Bidi controls
    stay, since quoted text may need them: show the text isolated, and mark it when `has_bidi`. Idempotent.
    """
    if len(raw) > 4 * max_len + 1000:
        raise TextRefused(f"{field}_too_long")
    _refuse_uncarriable(raw, field)
    text = _trim(clip_marks(_without_controls(_NEWLINES.sub("\n", raw))))
    text = _trim(unicodedata.normalize("NFC", text))
    if is_blank(text):
        raise TextRefused(f"{field}_empty")
    if len(text) > max_len:
        raise TextRefused(f"{field}_too_long")
    return text


def safe_line(raw: str, max_len: int, *, field: str = "text") -> str:
    """Like `safe_text` for one line, such as a name or a subject: no bidi controls, no zero-width characters, single
    spaces. Raises `TextRefused`. Idempotent.
    """
    if len(raw) > 4 * max_len + 1000:
        raise TextRefused(f"{field}_too_long")
    _refuse_uncarriable(raw, field)
    kept = "".join(char for char in raw if not _is_format(char))
    text = unicodedata.normalize("NFC", clip_marks(_without_controls(_SPACES.sub(" ", kept))))
    text = _SPACES.sub(" ", text).strip()
    if is_blank(text):
        raise TextRefused(f"{field}_empty")
    if len(text) > max_len:
        raise TextRefused(f"{field}_too_long")
    return text


def is_blank(text: str) -> bool:
    """Whether there is nothing to see: white space, zero-width and filler characters, lone marks."""
    if text[:1].isascii() and text[:1].isalnum():
        return False
    return all(
        char.isspace() or char in _INVISIBLE or unicodedata.category(char) in ("Cf", "Cc", "Mn", "Me") for char in text
    )


def has_bidi(text: str) -> bool:
    """Whether the text carries characters that turn the direction of what is shown."""
    return not BIDI_CONTROLS.isdisjoint(text)


def mixes_scripts(text: str) -> bool:
    """Whether one word has letters of more than one of Latin, Cyrillic and Greek, as look-alike names do."""
    for word in _SPACES.split(text):
        scripts = {name for name in map(_script, word) if name}
        if len(scripts) > 1:
            return True
    return False


def clip_marks(text: str) -> str:
    """Cut each run of combining marks at `MARKS_MAX`. Linear; do it before any normalising, which is not."""
    if _MAY_MARK.search(text) is None:
        return text
    kept: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if run <= MARKS_MAX:
            kept.append(char)
    return "".join(kept)


def fold(text: str) -> str:
    """The form for searching and comparing: no accents, no case, single spaces, nothing invisible.

    Each character is folded by itself, so it is linear for any input; never fails, not even on lone surrogates.
    Idempotent. "Peñúñuri  Ruiz" and "penunuri ruiz" are the same.
    """
    return " ".join(text.translate(_FOLDED).split())


def fold_lookalikes(text: str) -> str:
    """`fold`, with look-alike letters of other alphabets as the Latin ones they imitate. For detecting only."""
    return " ".join(text.translate(_FOLDED_LOOKALIKES).split())


class _FoldTable(dict[int, str]):
    """A translation table that works out each character once."""

    def __init__(self, first: Mapping[str, str]) -> None:
        super().__init__()
        self._first = first

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = self[code] = _fold_char(self._first.get(char, char))
        return folded


_FOLDED: Final = _FoldTable({})
_FOLDED_LOOKALIKES: Final = _FoldTable(CONFUSABLES)


def _fold_char(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cc" or char.isspace():
        return " "
    if category in ("Cf", "Cs") or char in _INVISIBLE:
        return ""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold())
    return "".join(part for part in folded if unicodedata.category(part) not in ("Mn", "Me"))


def _refuse_uncarriable(raw: str, field: str) -> None:
    if "\0" in raw:
        raise TextRefused(f"{field}_nul")
    try:
        raw.encode("utf-8")
    except UnicodeEncodeError as error:
        raise TextRefused(f"{field}_surrogate") from error


def _without_controls(text: str) -> str:
    return _CONTROLS.sub("", text)


def _trim(text: str) -> str:
    return text.strip()


def _is_format(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or char in _INVISIBLE


def _script(char: str) -> str | None:
    if not char.isalpha():
        return None
    name = unicodedata.name(char, "")
    return next((script for script in ("LATIN", "CYRILLIC", "GREEK") if name.startswith(script)), None)
