"""Messages that a provider has approved beforehand, with blanks: the only ones that may begin a talk on WhatsApp. Pure.

Source: WhatsApp's template rules as Twilio enforces them (errors 21656, 63016, 63040–63042).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

APPROVED: Final = "approved"
VALUE_MAX: Final = 300
_BLANK: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,40})\s*\}\}")


@dataclass(frozen=True, slots=True)
class Template:
    """One message of a provider's list. `status` is its word: approved, pending, rejected, paused, disabled …"""

    provider_id: str
    name: str
    language: str
    category: str
    body: str
    status: str
    rejection: str = ""

    @property
    def blanks(self) -> tuple[str, ...]:
        return blanks_of(self.body)


class TemplateRefused(ValueError):
    """A template that cannot go as filled. `code`: template_blanks; `blank` names the one that is wrong."""

    def __init__(self, blank: str) -> None:
        super().__init__(blank)
        self.code = "template_blanks"
        self.blank = blank


def blanks_of(body: str) -> tuple[str, ...]:
    """Return the names of a template's blanks, in the order they first come."""
    return tuple(dict.fromkeys(_BLANK.findall(body)))


def fill(body: str, variables: Mapping[str, str]) -> str:
    """Return the words of a template. Raises `TemplateRefused` unless each blank, and nothing else, is filled.

    A value is one line of at most 300 characters, without four spaces in a row.
    """
    blanks = blanks_of(body)
    for name in (*blanks, *variables):
        value = variables.get(name, "")
        if name not in blanks or not value.strip() or len(value) > VALUE_MAX:
            raise TemplateRefused(name)
        if "    " in value or any(char in value for char in "\n\r\t\0"):
            raise TemplateRefused(name)
    return _BLANK.sub(lambda found: variables[found[1]], body)
