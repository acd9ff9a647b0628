"""The office's settings: everything the manual leaves open, with the default that holds until the office answers.

Systems change them on screen; each has its unit in its name. Source of the defaults: DOMAIN §7 and the marks [P].
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final

_CLOCK: Final = r"(?:[01]\d|2[0-3]):[0-5]\d"
_DAY: Final = "(?:mon|tue|wed|thu|fri|sat|sun)"
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "dial_from": re.compile(_CLOCK),
        "dial_until": re.compile(_CLOCK),
        "dial_days": re.compile(rf"{_DAY}(?:,{_DAY})*"),
        "dial_prefixes": re.compile(r"(?:\+[1-9]\d{0,5}(?:,\+[1-9]\d{0,5})*)?"),
        "inform_states": re.compile(r"(?:[a-z_]{1,30}(?:,[a-z_]{1,30})*)?"),
        "inform_kinds": re.compile(r"(?:[a-z_]{1,30}(?:,[a-z_]{1,30})*)?"),
    }
)
"""How settings that are lists or clock times are written."""


class OptionRefused(ValueError):
    """A value that a setting cannot take. `key` names the setting, `why` is a code."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key}: {why}")
        self.key = key
        self.why = why


@dataclass(frozen=True, slots=True)
class Options:
    """Every setting. Field order is the order of the screen."""

    brand_name: str = "Chat Sonora"
    brand_office: str = "Coordinación Ejecutiva de Atención Ciudadana"
    brand_accent: str = "#7b1c3b"
    brand_logo_url: str = ""
    folio_template: str = "CEAC-{year}-{number:06d}"
    notice_version: str = "2026-11"
    notice_address: str = ""
    notice_contact: str = ""
    notice_full_url: str = ""
    notice_url: str = ""
    notice_date: str = ""
    agent_grace_s: int = 60
    first_reply_limit_s: int = 60
    inactivity_notice_s: int = 300
    inactivity_close_s: int = 600
    messaging_close_s: int = 86_400
    queue_timeout_s: int = 1800
    left_contact_grace_s: int = 120
    reopen_link_s: int = 86_400
    abuse_needs_warning: bool = True
    transfer_loop: int = 3
    long_wait_s: int = 300
    capture_overdue_hours: int = 24
    duplicate_days: int = 30
    folio_failures: int = 3
    folio_lock_s: int = 900
    upload_max_bytes: int = 10 * 1024 * 1024
    uploads_per_day: int = 40
    survey: bool = True
    wrap_up_counts: bool = True
    chats_beside_call: bool = False
    calls_listen: bool = True
    calls_whisper: bool = True
    calls_barge: bool = False
    calls_listen_shown: bool = True
    prefer_last_agent_s: int = 86_400
    sound: bool = True
    # Calls we make: when, to whom, how often; and what a promise of one means.
    dial_from: str = "08:00"
    dial_until: str = "20:00"
    dial_days: str = "mon,tue,wed,thu,fri"
    dial_prefixes: str = "+52,+1"
    dial_number_cap: int = 6
    callback_attempts: int = 3
    callback_apart_s: int = 7_200
    callback_on_time_s: int = 900
    callback_window_s: int = 7_200
    callback_owner_grace_s: int = 300
    callback_minutes: int = 8
    callback_share_pct: int = 50
    citizen_callbacks_per_day: int = 3
    inform_states: str = "referred,concluded_satisfactory,concluded_unsatisfactory"
    inform_kinds: str = ""
    inform_days: int = 2
    session_idle_s: int = 1800
    session_absolute_s: int = 43_200

    def notice_blanks(self) -> dict[str, str]:
        """Return what fills the blanks of the privacy notice; an empty one keeps it from being published."""
        return {
            "domicilio": self.notice_address,
            "contacto_ut": self.notice_contact,
            "url_aviso_integral": self.notice_full_url,
            "url_aviso": self.notice_url,
            "fecha_aviso": self.notice_date,
        }

    @classmethod
    def from_rows(cls, rows: Mapping[str, Any]) -> "Options":
        """Build from stored values; keys that no longer exist are passed over."""
        known = {f.name for f in fields(cls)}
        return cls(**{key: value for key, value in rows.items() if key in known})


def check_option(key: str, value: Any) -> Any:
    """Return the value to store. Raises OptionRefused: `unknown`, `wrong_type`, `out_of_range`, `wrong_form`…"""
    kinds = {f.name: type(f.default) for f in fields(Options)}
    if key not in kinds:
        raise OptionRefused(key, "unknown")
    if type(value) is not kinds[key]:
        raise OptionRefused(key, "wrong_type")
    if isinstance(value, int) and not 0 <= value <= 10**9:
        raise OptionRefused(key, "out_of_range")
    if isinstance(value, str) and len(value) > 2000:
        raise OptionRefused(key, "too_long")
    if key == "folio_template" and ("{year}" not in str(value) or "{number" not in str(value)):
        raise OptionRefused(key, "needs_year_and_number")
    if key in _SHAPES and not _SHAPES[key].fullmatch(str(value)):
        raise OptionRefused(key, "wrong_form")
    if key in ("callback_attempts", "callback_minutes") and value not in range(1, 61):
        raise OptionRefused(key, "out_of_range")
    if key == "brand_accent" and not _is_colour(str(value)):
        raise OptionRefused(key, "not_a_colour")
    return value


def _is_colour(value: str) -> bool:
    return len(value) == 7 and value[0] == "#" and all(c in "0123456789abcdefABCDEF" for c in value[1:])
