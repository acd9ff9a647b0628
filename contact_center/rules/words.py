"""Labels of fixed words that people choose from: kinds of petition and the ways they come in. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from contact_center.rules.model import IntakeMedium, PetitionKind


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its labels, and facts that forms need."""

    code: str
    label_es: str
    label_en: str
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def _kind(kind: PetitionKind, es: str, en: str) -> Word:
    return Word(kind.value, es, en, MappingProxyType({"gets_folio": kind.gets_folio}))


KINDS: Final = (
    _kind(PetitionKind.petition, "Petición", "Petition"),
    _kind(PetitionKind.complaint, "Queja", "Complaint"),
    _kind(PetitionKind.suggestion, "Sugerencia", "Suggestion"),
    _kind(PetitionKind.congratulation, "Felicitación", "Congratulation"),
    _kind(PetitionKind.support, "Solicitud de apoyo", "Request for support"),
    _kind(PetitionKind.legal_advice, "Asesoría jurídica", "Legal advice"),
    _kind(PetitionKind.civil_registry, "Trámite de Registro Civil", "Civil registry procedure"),
    _kind(PetitionKind.no_criminal_record, "Carta de no antecedentes penales", "Certificate of no criminal record"),
    _kind(PetitionKind.orientation, "Orientación o información", "Guidance or information"),
    _kind(PetitionKind.follow_up, "Seguimiento", "Follow-up"),
)
"""DOMAIN §2.1 «Kinds»."""

MEDIA: Final = (
    Word(IntakeMedium.in_person.value, "Presencial", "In person"),
    Word(IntakeMedium.phone.value, "Telefónica (Call Center)", "Telephone (Call Center)"),
    Word(IntakeMedium.web_chat.value, "Chat Sonora", "Chat Sonora"),
    Word(IntakeMedium.email.value, "Correo electrónico", "E-mail"),
    Word(IntakeMedium.social_media.value, "Redes sociales", "Social media"),
    Word(IntakeMedium.tour.value, "Gira de trabajo", "Working tour"),
    Word(IntakeMedium.written.value, "Escrito", "In writing"),
)
"""DOMAIN §2.1 «Medio de ingreso»."""
