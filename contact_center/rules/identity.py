"""Who somebody may be: phones, CURP, names, and suggestions that never merge anybody by themselves. Pure.

Phones are shared in rural towns and identifiers are mistyped: a match only suggests (DOMAIN §2.9 rule 4). A phone is
stored as E.164; what was typed is not kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import phonenumbers

from contact_center.rules.textfold import fold, safe_line

NAME_MAX: Final = 120
DEFAULT_REGION: Final = "MX"


class PhoneKind(StrEnum):
    """What a number is good for. Only `mexican` and `foreign` may be called back or written to."""

    mexican = "mexican"
    foreign = "foreign"
    toll_free = "toll_free"
    premium = "premium"
    short_code = "short_code"
    emergency = "emergency"
    anonymous = "anonymous"
    satellite = "satellite"
    invalid = "invalid"

    @property
    def is_callable(self) -> bool:
        """Whether a person can be reached there without danger of fraud (PROMISES S16)."""
        return self in (PhoneKind.mexican, PhoneKind.foreign)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as understood. `e164` is None for short codes, anonymous callers and what is not a number."""

    kind: PhoneKind
    e164: str | None = None
    national: str = ""
    """As people read it: "662 000 0001"."""
    extension: str | None = None


_INVALID: Final = Phone(PhoneKind.invalid)
_ANONYMOUS: Final = Phone(PhoneKind.anonymous)
# What providers send for a caller who hides: the letters of ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE.
_ANONYMOUS_NUMBERS: Final = frozenset({"266696687", "7378742833", "2562533", "8656696", "86282452253"})
_ANONYMOUS_WORDS: Final = frozenset({"", "anonymous", "restricted", "blocked", "unknown", "unavailable", "private"})
_EMERGENCY: Final = frozenset({"911", "060", "065", "066", "068", "080", "112"})
_SATELLITE: Final = ("+870", "+881", "+882", "+883")
_SCHEME: Final = re.compile(r"^(?:tel|whatsapp|sms):", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\s*[,;]?\s*(?:extensi[oó]n|ext|x|#)\s*[.:]?\s*([0-9]{1,7})$", re.IGNORECASE)
_PUNCTUATION: Final = re.compile(r"[\s().\-–—/_·•]+")
_TWO_DIGIT_AREAS: Final = ("33", "55", "56", "81")


def normalise(raw: str, default_region: str = DEFAULT_REGION) -> Phone:
    """Understand a phone number as typed or as a provider gave it. Never raises; what it cannot read is `invalid`.

    Old Mexican prefixes (01, 044, 045 and the 1 after 52) are taken off first. Landline and mobile cannot be told apart
    in Mexico, and numbers that nobody is given yet (66x 000 00xx) are taken, since demos and tests use them.
    """
    if len(raw) > 60:
        return _INVALID
    text = unicodedata.normalize("NFKC", "".join(one for one in raw if unicodedata.category(one) != "Cf")).strip()
    text = _SCHEME.sub("", text).strip()
    if text.lower() in _ANONYMOUS_WORDS:
        return _ANONYMOUS
    extension = None
    if (found := _EXTENSION.search(text)) is not None:
        extension, text = found[1], text[: found.start()]
    compact = _PUNCTUATION.sub("", text)
    if compact.startswith("00"):
        compact = "+" + compact[2:]
    digits = compact.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()):
        return _INVALID
    if digits in _ANONYMOUS_NUMBERS and compact.startswith("+"):
        return _ANONYMOUS
    if not compact.startswith("+") and len(digits) <= 6:
        return _short(digits)
    national = _mexican_part(compact, default_region)
    if national is not None:
        return _mexican(national, extension)
    return _foreign(compact, default_region, extension)


def last4(phone: Phone) -> str | None:
    """The four digits that prove a folio is one's own; None without a full number."""
    return phone.e164[-4:] if phone.e164 else None


def mask_phone(e164: str) -> str:
    """A number as others may see it, without the four digits that open a folio: "662 ••• •001"."""
    digits = re.sub(r"\D", "", e164)
    if len(digits) < 7:
        return "•" * len(digits)
    if e164.startswith("+52") and len(digits) == 12:
        return f"{digits[2:5]} ••• •{digits[-3:]}"
    return f"+{digits[0]}{'•' * (len(digits) - 4)}{digits[-3:]}"


def find_phones(text: str) -> list[Phone]:
    """Numbers of ten digits or more in a text that somebody could be called at, in order, without repeats."""
    candidates = re.findall(r"(?<![\w+])(?<![A-Za-z0-9]-)\+?\(?\d[\d\s().\-]{8,20}\d(?!\w)", text[:20_000], re.ASCII)
    phones = (normalise(one) for one in candidates)
    return list({one.e164: one for one in phones if one.kind.is_callable}.values())


def _short(digits: str) -> Phone:
    if digits in _EMERGENCY:
        return Phone(PhoneKind.emergency, None, digits)
    return Phone(PhoneKind.short_code, None, digits) if len(digits) >= 2 else _INVALID


def _mexican_part(compact: str, default_region: str) -> str | None:
    """The ten digits of a Mexican number, whatever old prefix was put before; None when it is not one."""
    digits = compact.removeprefix("+")
    if compact.startswith("+"):
        if not digits.startswith("52"):
            return None
        rest = digits[2:]
    elif default_region != "MX":
        return None
    elif digits.startswith("52") and len(digits) in (12, 13, 14):
        rest = digits[2:]
    else:
        rest = digits
    for prefix in ("044", "045", "01", "1"):
        if len(rest) == 10 + len(prefix) and rest.startswith(prefix):
            rest = rest[len(prefix) :]
            break
    return rest if re.fullmatch(r"[2-9]\d{9}", rest) else None


def _mexican(national: str, extension: str | None) -> Phone:
    area = 2 if national.startswith(_TWO_DIGIT_AREAS) else 3
    shown = f"{national[:area]} {national[area:6]} {national[6:]}"
    if national.startswith(("800", "888")):
        kind = PhoneKind.toll_free
    elif national.startswith("900"):
        kind = PhoneKind.premium
    else:
        kind = PhoneKind.mexican
    return Phone(kind, f"+52{national}", shown, extension)


def _foreign(compact: str, default_region: str, extension: str | None) -> Phone:
    if compact.startswith("+52") or (default_region == "MX" and not compact.startswith("+")):
        return _INVALID
    try:
        number = phonenumbers.parse(compact, default_region)
    except phonenumbers.NumberParseException:
        return _INVALID
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    shown = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if e164.startswith(_SATELLITE):
        return Phone(PhoneKind.satellite, e164, shown, extension)
    if not phonenumbers.is_valid_number(number):
        return _INVALID
    number_type = phonenumbers.number_type(number)
    if number_type in (phonenumbers.PhoneNumberType.PREMIUM_RATE, phonenumbers.PhoneNumberType.SHARED_COST):
        kind = PhoneKind.premium
    elif number_type == phonenumbers.PhoneNumberType.TOLL_FREE:
        kind = PhoneKind.toll_free
    else:
        kind = PhoneKind.foreign
    return Phone(kind, e164, shown, extension)


# --- CURP ------------------------------------------------------------------------------------------------------------

_STATES: Final = "AS|BC|BS|CC|CL|CM|CS|CH|DF|DG|GT|GR|HG|JC|MC|MN|MS|NT|NL|OC|PL|QT|QR|SP|SL|SR|TC|TS|TL|VZ|YN|ZS|NE"
_CURP: Final = re.compile(
    r"[A-Z][AEIOUX][A-Z]{2}(\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([HMX])"
    rf"({_STATES})[B-DF-HJ-NP-TV-Z]{{3}}([0-9A-Z])(\d)",
    re.ASCII,
)
_CURP_INSIDE: Final = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{4}\d{6}[A-Za-z]{6}[A-Za-z0-9]\d(?![A-Za-z0-9])", re.ASCII)
_CURP_VALUES: Final[Mapping[str, int]] = MappingProxyType(
    {char: value for value, char in enumerate("0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ")}
)


@dataclass(frozen=True, slots=True)
class CurpResult:
    """What a CURP says. A right format does not prove a person; a wrong digit warns and does not block."""

    value: str
    ok_format: bool
    ok_digit: bool
    birth_date: date | None = None
    sex: str | None = None
    state: str | None = None


def curp_check(value: str) -> CurpResult:
    """Check format, date and check digit of a CURP; case and spaces do not matter. Never raises."""
    text = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", value[:100])).upper()
    found = _CURP.fullmatch(text)
    if found is None:
        return CurpResult(text[:18], ok_format=False, ok_digit=False)
    year, month, day, sex, state, homonym, digit = found.groups()
    century = 1900 if homonym.isdigit() else 2000
    try:
        born = date(century + int(year), int(month), int(day))
    except ValueError:
        return CurpResult(text, ok_format=False, ok_digit=False)
    total = sum(_CURP_VALUES[char] * (18 - place) for place, char in enumerate(text[:17]))
    return CurpResult(text, True, int(digit) == (10 - total % 10) % 10, born, sex, state)


def find_curp(text: str) -> CurpResult | None:
    """The first thing in a text that has the form of a CURP, its digit right or wrong."""
    for found in _CURP_INSIDE.finditer(text[:20_000]):
        result = curp_check(found.group())
        if result.ok_format:
            return result
    return None


def mask_curp(value: str) -> str:
    """A CURP as others may see it: "PU••••••••••••••02"."""
    return "•" * len(value) if len(value) < 8 else value[:2] + "•" * (len(value) - 4) + value[-2:]


def mask_curps(text: str) -> str:
    """A text with everything masked that has the form of a CURP."""
    return _CURP_INSIDE.sub(lambda it: mask_curp(it[0]) if curp_check(it[0]).ok_format else it[0], text)


# --- names and matches -----------------------------------------------------------------------------------------------

_PARTICLES: Final = frozenset(
    {"de", "del", "la", "las", "los", "el", "y", "e", "da", "do", "van", "von", "san", "santa"}
)
_EMAIL: Final = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}", re.ASCII
)


def clean_name(raw: str, max_len: int = NAME_MAX) -> str:
    """A person's name as stored: NFC, one line, nothing invisible, bounded marks. Idempotent.

    Raises `TextRefused`: name_empty, name_too_long, name_nul, name_surrogate.
    """
    return safe_line(raw, max_len, field="name")


def short_label(name: str) -> str:
    """How the other side sees somebody: "María Ejemplo Uno" is "María E.", "Juan de la Cruz" is "Juan C."."""
    words = name.split()
    if len(words) < 2:
        return name.strip()
    initial = next((one for one in words[1:] if fold(one) not in _PARTICLES and one[0].isalpha()), None)
    return f"{words[0]} {initial[0].upper()}." if initial else words[0]


def normalise_email(raw: str) -> str | None:
    """An address in lower case, or None when it is not one. Whether it exists only a mail can tell."""
    text = unicodedata.normalize("NFKC", raw[:400]).strip().lower()
    if len(text) > 254 or ".." in text or _EMAIL.fullmatch(text) is None:
        return None
    local, _, domain = text.partition("@")
    ends_badly = (
        local[0] == "." or local[-1] == "." or any(one[0] == "-" or one[-1] == "-" for one in domain.split("."))
    )
    return None if ends_badly else text


def find_email(text: str) -> str | None:
    """The first e-mail address in a text."""
    return next((one for found in _EMAIL.finditer(text[:20_000]) if (one := normalise_email(found.group()))), None)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is known of a person, as far as it helps to recognise the same one."""

    person_id: str
    name: str = ""
    phones: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    curp: str | None = None
    municipality: str | None = None
    handles: frozenset[tuple[str, str]] = frozenset()
    """(channel, id there) pairs, such as a Telegram id."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Somebody who may be the same person, with reasons for the agent. Merging is always a person's decision."""

    person_id: str
    score: int
    """0 to 100; only for sorting."""
    reasons: tuple[str, ...]


_WEIGHTS: Final[Mapping[str, int]] = MappingProxyType(
    {"curp": 80, "handle": 60, "email": 50, "phone": 40, "name_and_municipality": 30, "name": 15}
)


def match_score(known: PersonFacts, other: PersonFacts) -> Suggestion:
    """How alike two people are, and why. Different CURPs, both valid, speak against it more than anything for it."""
    reasons: list[str] = []
    if known.curp and known.curp == other.curp:
        reasons.append("curp")
    if known.handles & other.handles:
        reasons.append("handle")
    if known.emails & other.emails:
        reasons.append("email")
    if known.phones & other.phones:
        reasons.append("phone")
    if same_name(known.name, other.name):
        same_place = known.municipality is not None and known.municipality == other.municipality
        reasons.append("name_and_municipality" if same_place else "name")
    score = min(100, sum(_WEIGHTS[one] for one in reasons))
    if known.curp and other.curp and known.curp != other.curp:
        score = min(score, 10)
        reasons.append("curp_differs")
    return Suggestion(other.person_id, score, tuple(reasons))


def suggest_matches(
    known: PersonFacts, others: Iterable[PersonFacts], *, at_least: int = 30, limit: int = 5
) -> list[Suggestion]:
    """The likeliest same people, best first; never the person itself."""
    found = [match_score(known, one) for one in others if one.person_id != known.person_id]
    good = [one for one in found if one.score >= at_least]
    return sorted(good, key=lambda one: (-one.score, one.person_id))[:limit]


def same_name(one: str, other: str) -> bool:
    """Whether two names agree in all words of the shorter one, at least two; a second surname is often left out."""
    first, second = (set(fold(name).split()) - _PARTICLES for name in (one, other))
    shorter, longer = sorted((first, second), key=len)
    return len(shorter) >= 2 and shorter <= longer
