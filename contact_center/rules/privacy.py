"""What may be shown, what is kept how long, and when the privacy notice may be published. Pure.

Masks leave enough to recognise a record and too little to use it; a mask never shows the four digits that open a
folio. Retention terms are the office's to set: here are only the classes (DOMAIN §7 question 9: nothing is deleted
until they answer).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from contact_center.rules.identity import mask_curp, mask_phone, short_label

__all__ = [
    "NOTICE_KEY",
    "RETENTION",
    "RetentionClass",
    "fill",
    "mask_curp",
    "mask_email",
    "mask_phone",
    "masked",
    "missing_settings",
    "placeholders",
    "redact",
    "retention_class",
]

NOTICE_KEY: Final = "aviso_privacidad_simplificado"
"""The text that must be complete before any visitor is let in."""

_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]{0,39})\}", re.ASCII)
_BLANK_WORDS: Final = frozenset(
    {"", "-", "—", "...", "…", "n/a", "na", "tbd", "xxx", "pendiente", "por definir", "todo"}
)


def placeholders(text: str) -> tuple[str, ...]:
    """The names of the settings a text needs, in order, each once."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def missing_settings(text: str, settings: Mapping[str, str]) -> tuple[str, ...]:
    """The placeholders of a text that nothing, or only a stand-in such as "pendiente", is known for.

    A privacy notice with any of them must not be published, and without a published notice no chat opens (S36).
    """
    return tuple(name for name in placeholders(text) if settings.get(name, "").strip().lower() in _BLANK_WORDS)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders replaced, once: braces inside values stay text. Raises `KeyError`."""
    return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def mask_email(address: str) -> str:
    """An address as others may see it: "m•••@ejemplo.mx"."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}" if at and local and domain else "•••"


class Masked(StrEnum):
    """Fields of a person that are masked unless the reader may see them (S12)."""

    name = "name"
    phone = "phone"
    email = "email"
    curp = "curp"
    address = "address"
    birth_date = "birth_date"


def masked(fields: Mapping[str, str], *, keep: Iterable[str] = ()) -> dict[str, str]:
    """A person's fields with every personal one masked, but those in `keep`; unknown fields are masked whole.

    Default deny: a field that is added later and forgotten here shows nothing.
    """
    kept = frozenset(keep)
    return {key: value if key in kept else _mask(key, value) for key, value in fields.items()}


def _mask(key: str, value: str) -> str:
    if not value:
        return ""
    match key:
        case Masked.name:
            return short_label(value)
        case Masked.phone:
            return mask_phone(value)
        case Masked.email:
            return mask_email(value)
        case Masked.curp:
            return mask_curp(value)
        case Masked.birth_date:
            return value[:4] if re.match(r"\d{4}-", value, re.ASCII) else "•••"
        case _:
            return "•••"


_SECRETS: Final = (
    (re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{4}\d{6}[A-Za-z]{6}[A-Za-z0-9]\d(?![A-Za-z0-9])", re.ASCII), "[curp]"),
    (re.compile(r"(?<![A-Za-z0-9])[A-Za-z&]{3,4}\d{6}[A-Za-z0-9]{3}(?![A-Za-z0-9])", re.ASCII), "[rfc]"),
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII), "[email]"),
    (re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32,}(?![A-Za-z0-9_-])", re.ASCII), "[token]"),
    (re.compile(r"(?<![\w-])\+?\(?\d(?:[\s().-]?\d){7,14}(?![\w-])", re.ASCII), "[phone]"),
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def redact(text: str, max_len: int = 2000) -> str:
    """A text fit for a log line: personal numbers and tokens replaced, control characters escaped, cut at `max_len`.

    A net under the rule that messages are never logged, not a licence to log them. Idempotent.
    """
    line = text[: 4 * max_len]
    for pattern, name in _SECRETS:
        line = pattern.sub(name, line)
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found.group()):02x}", line)[:max_len]


@dataclass(frozen=True, slots=True)
class RetentionClass:
    """A class of records with one term. `term_setting` names the setting, in days; unset means nothing is deleted."""

    code: str
    label_es: str
    term_setting: str
    is_personal: bool
    is_erasable: bool
    """Whether a person's cancellation reaches it, after blocking (S38); the archive and the audit trail are not."""


RETENTION: Final[Mapping[str, RetentionClass]] = MappingProxyType(
    {
        one.code: one
        for one in (
            RetentionClass("petition_file", "Expediente de petición", "retention_petition_days", True, False),
            RetentionClass("person", "Datos de la persona solicitante", "retention_person_days", True, True),
            RetentionClass("conversation", "Conversaciones y mensajes", "retention_conversation_days", True, True),
            RetentionClass("attachment", "Archivos adjuntos", "retention_attachment_days", True, True),
            RetentionClass("call", "Registros de llamadas", "retention_call_days", True, True),
            RetentionClass("recording", "Grabaciones", "retention_recording_days", True, True),
            RetentionClass("survey", "Encuestas", "retention_survey_days", False, True),
            RetentionClass("consent", "Avisos y consentimientos", "retention_consent_days", True, False),
            RetentionClass("audit", "Bitácora de auditoría", "retention_audit_days", False, False),
            RetentionClass("events", "Registro de eventos", "retention_events_days", False, False),
            RetentionClass("session", "Sesiones y capacidades", "retention_session_days", False, True),
            RetentionClass("delivery", "Entregas y recepciones", "retention_delivery_days", False, True),
            RetentionClass("staff", "Personal usuario", "retention_staff_days", True, False),
            RetentionClass("reference", "Catálogos y configuración", "retention_reference_days", False, False),
        )
    }
)


def retention_class(code: str) -> RetentionClass:
    """The class with this code. Raises `KeyError`: a table without a class is a mistake to find early."""
    return RETENTION[code]
