"""Coded reasons that people choose from: the tables, with their Spanish and English labels. No I/O.

Codes are stored and never change; labels may be mended. All of them are our proposal (marked [P] in the domain
notes): the office may switch rows off in its settings, and rows that were used stay readable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from contact_center.rules.model import Channel, PetitionState

ANY_CHANNEL: Final = frozenset(Channel)
TEXT_CHANNELS: Final = frozenset(one for one in Channel if not one.is_voice and one is not Channel.in_person)
VOICE_CHANNELS: Final = frozenset({Channel.phone})


@dataclass(frozen=True, slots=True)
class Reason:
    """One row of a table of reasons."""

    code: str
    label_es: str
    label_en: str
    needs_note: bool = False
    """Whether the person choosing it must write why."""


@dataclass(frozen=True, slots=True)
class Disposition:
    """How an interaction ended, chosen at wrap-up.

    `needs_petition`: a folio must be linked. `needs_reason`: without a folio, a code of `NO_PETITION_REASONS` must be
    given. Exactly one of both is ever true, or neither for a disposition that explains itself.
    """

    code: str
    label_es: str
    label_en: str
    channels: frozenset[Channel]
    needs_petition: bool = False
    needs_reason: bool = False
    no_petition_reason: str | None = None
    """The reason the code itself gives, when a petition is not needed and nobody has to choose one."""


DISPOSITIONS: Final[tuple[Disposition, ...]] = (
    Disposition("petition_registered", "Petición registrada", "Petition registered", ANY_CHANNEL, needs_petition=True),
    Disposition(
        "petition_linked", "Vinculada a un folio existente", "Linked to a folio", ANY_CHANNEL, needs_petition=True
    ),
    Disposition("status_given", "Se informó el estado del folio", "Status given", ANY_CHANNEL, needs_petition=True),
    Disposition(
        "oriented", "Orientación brindada", "Guidance given", ANY_CHANNEL, no_petition_reason="orientation_only"
    ),
    Disposition(
        "transferred_outside",
        "Se indicó la dependencia competente",
        "Sent to the competent body",
        ANY_CHANNEL,
        no_petition_reason="out_of_scope_redirected",
    ),
    Disposition(
        "callback_promised", "Se acordó devolver la llamada", "Callback promised", ANY_CHANNEL, needs_reason=True
    ),
    Disposition(
        "abandoned", "La persona dejó la conversación", "Citizen left", TEXT_CHANNELS, no_petition_reason="citizen_left"
    ),
    Disposition(
        "call_abandoned", "Colgó antes de ser atendida", "Hung up", VOICE_CHANNELS, no_petition_reason="citizen_left"
    ),
    Disposition(
        "not_reached", "No se logró el contacto", "Not reached", VOICE_CHANNELS, no_petition_reason="not_reached"
    ),
    Disposition(
        "no_answer_citizen", "La persona no respondió", "No answer", ANY_CHANNEL, no_petition_reason="citizen_left"
    ),
    Disposition(
        "call_dropped", "Se cortó la llamada", "Call dropped", VOICE_CHANNELS, no_petition_reason="citizen_left"
    ),
    Disposition("wrong_number", "Número equivocado", "Wrong number", VOICE_CHANNELS, no_petition_reason="citizen_left"),
    Disposition(
        "wrong_office",
        "Buscaba otra oficina",
        "Wanted another office",
        ANY_CHANNEL,
        no_petition_reason="out_of_scope_redirected",
    ),
    Disposition(
        "duplicate",
        "Ya se atendía en otro contacto",
        "Handled in another contact",
        ANY_CHANNEL,
        no_petition_reason="duplicate_contact",
    ),
    Disposition("spam", "Contenido no deseado", "Spam", ANY_CHANNEL, no_petition_reason="spam_or_abuse"),
    Disposition("abuse", "Lenguaje ofensivo", "Abuse", ANY_CHANNEL, no_petition_reason="spam_or_abuse"),
    Disposition(
        "crisis_attended", "Crisis atendida", "Crisis attended", ANY_CHANNEL, no_petition_reason="crisis_attended"
    ),
    Disposition("test", "Prueba interna", "Internal test", ANY_CHANNEL, no_petition_reason="internal_test"),
    Disposition("other", "Otro resultado", "Other", ANY_CHANNEL, needs_reason=True),
)

NO_PETITION_REASONS: Final[tuple[Reason, ...]] = (
    Reason("orientation_only", "Sólo orientación", "Guidance only"),
    Reason("folio_status_only", "Sólo consulta de folio", "Folio status only"),
    Reason("out_of_scope_redirected", "Fuera de competencia, se orientó", "Out of scope, redirected"),
    Reason("citizen_left", "La persona se retiró", "Citizen left"),
    Reason("callback_pending", "Se le devolverá la llamada", "Will be called back"),
    Reason("not_reached", "No se logró el contacto", "Not reached"),
    Reason("duplicate_contact", "Contacto repetido", "Duplicate contact"),
    Reason("spam_or_abuse", "Contenido no deseado u ofensivo", "Spam or abuse"),
    Reason("crisis_attended", "Crisis atendida", "Crisis attended"),
    Reason("internal_test", "Prueba interna", "Internal test"),
    Reason("citizen_declined", "La persona no quiso registrar", "Citizen declined", needs_note=True),
    Reason("other", "Otro motivo", "Other reason", needs_note=True),
)

PAUSE_REASONS: Final[tuple[Reason, ...]] = (
    Reason("meal", "Comida", "Meal"),
    Reason("rest", "Descanso", "Rest"),
    Reason("training", "Capacitación", "Training"),
    Reason("meeting", "Reunión", "Meeting"),
    Reason("support", "Apoyo a otra área", "Helping another area"),
    Reason("technical", "Falla técnica", "Technical problem"),
    Reason("other", "Otro motivo", "Other"),
)

TRANSFER_REASONS: Final[tuple[Reason, ...]] = (
    Reason("competence", "Corresponde a otra área", "Another area's matter"),
    Reason("language", "Requiere otra lengua", "Needs another language"),
    Reason("specialist", "Requiere especialista", "Needs a specialist"),
    Reason("requested", "La persona lo solicitó", "Citizen asked for it"),
    Reason("shift_end", "Fin de turno", "End of shift"),
    Reason("overload", "Carga de trabajo", "Work load"),
    Reason("conflict", "Conflicto de interés", "Conflict of interest", needs_note=True),
    Reason("other", "Otro motivo", "Other", needs_note=True),
)

UNSATISFACTORY_CAUSES: Final[tuple[Reason, ...]] = (
    Reason("not_applicable", "No procedente", "Not applicable"),
    Reason("no_budget", "Sin presupuesto", "No budget"),
    Reason("out_of_competence", "Fuera de competencia", "Out of competence"),
    Reason("not_located", "No localizada", "Not located"),
    Reason("withdrawn", "Desistimiento", "Withdrawn"),
    Reason("incomplete_requirements", "Requisitos incompletos", "Incomplete requirements"),
    Reason("duplicate", "Duplicada", "Duplicate"),
    Reason("no_answer", "Sin respuesta", "No answer"),
)
"""Why a petition concluded without what was asked (DOMAIN §2.1 «Conclusión»)."""

CAPTURE_CHECKLIST: Final[tuple[Reason, ...]] = (
    Reason("data", "Datos", "Data"),
    Reason("classification", "Clasificación", "Classification"),
    Reason("subject", "Asunto", "Subject"),
    Reason("folio_linked", "Folio ligado", "Folio linked"),
    Reason("treatment", "Trato", "Treatment"),
    Reason("closing", "Cierre", "Closing"),
)
"""The six items of a capture review (DOMAIN §2.3)."""

LANGUAGES: Final[tuple[Reason, ...]] = (
    Reason("es", "Español", "Spanish"),
    Reason("yaqui", "Yaqui", "Yaqui"),
    Reason("mayo", "Mayo", "Mayo"),
    Reason("seri", "Seri (comcáac)", "Seri"),
    Reason("guarijio", "Guarijío", "Guarijio"),
    Reason("pima", "Pima", "Pima"),
    Reason("oodham", "O’odham (pápago)", "O’odham"),
    Reason("cucapa", "Cucapá", "Cucapah"),
    Reason("kikapu", "Kikapú", "Kickapoo"),
    Reason("en", "Inglés", "English"),
    Reason("lsm", "Lengua de Señas Mexicana", "Mexican Sign Language"),
    Reason("other", "Otra", "Other"),
)
"""Languages a citizen may ask for (DOMAIN §4 «Languages»)."""

_DISPOSITION_BY_CODE: Final[Mapping[str, Disposition]] = MappingProxyType({one.code: one for one in DISPOSITIONS})
_NO_PETITION_CODES: Final = frozenset(one.code for one in NO_PETITION_REASONS)


def get_disposition(code: str) -> Disposition:
    """The disposition with this code. Raises `KeyError` for an unknown one."""
    return _DISPOSITION_BY_CODE[code]


def capture_errors(
    disposition: str | None, channel: Channel, linked_folios: int, no_petition_reason: str | None
) -> tuple[str, ...]:
    """What is missing before an interaction counts as captured, as stable error codes; empty when complete.

    The rule is DOMAIN §2.1 «Atención»: at close a result and (a folio or a reason why none) are mandatory. Codes:
    `disposition_required`, `disposition_unknown`, `disposition_not_for_channel`, `petition_required`,
    `reason_required`, `reason_unknown`, `reason_with_petition`.
    """
    if not disposition:
        return ("disposition_required",)
    row = _DISPOSITION_BY_CODE.get(disposition)
    if row is None:
        return ("disposition_unknown",)
    errors: list[str] = []
    if channel not in row.channels:
        errors.append("disposition_not_for_channel")
    if no_petition_reason is not None and no_petition_reason not in _NO_PETITION_CODES:
        errors.append("reason_unknown")
    if linked_folios > 0:
        if no_petition_reason is not None:
            errors.append("reason_with_petition")
    elif row.needs_petition:
        errors.append("petition_required")
    elif row.needs_reason and no_petition_reason is None:
        errors.append("reason_required")
    return tuple(errors)


CITIZEN_STATUS: Final[Mapping[PetitionState, Reason]] = MappingProxyType(
    {
        PetitionState.registered: Reason("received", "Recibida", "Received"),
        PetitionState.verifying: Reason("more_information", "Necesitamos más información", "We need more information"),
        PetitionState.analysing: Reason("in_review", "En revisión", "In review"),
        PetitionState.internal: Reason("in_progress", "En atención", "In progress"),
        PetitionState.referred: Reason("referred", "Turnada a {dependencia}", "Sent to {dependencia}"),
        PetitionState.following_up: Reason("in_progress", "En atención", "In progress"),
        PetitionState.answered: Reason("answered", "Con respuesta", "Answered"),
        PetitionState.concluded_satisfactory: Reason("concluded", "Concluida", "Concluded"),
        PetitionState.concluded_unsatisfactory: Reason("concluded", "Concluida", "Concluded"),
        PetitionState.duplicate: Reason("duplicate", "Cerrada (duplicada de {folio})", "Closed (duplicate of {folio})"),
        PetitionState.archived: Reason("concluded", "Concluida", "Concluded"),
    }
)
"""What a citizen is told about each state (DOMAIN §6): internal names are never shown, and a draft has no status."""
