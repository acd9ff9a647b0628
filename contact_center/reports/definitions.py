"""The registers R1, R3 and R4 as they are printed: names, formulas in words, and the rows each figure opens.

DOMAIN §3 names the groupings and totals; the arithmetic is in `rules.registers`. The wire, the screen and the files
read this one table.
"""

from typing import Any, Final

from contact_center.rules.registers import Figure, Grouping, Register, Unit

_count, _share, _seconds, _days = Unit.number, Unit.share, Unit.seconds, Unit.days


def _plain(key: str, es: str, en: str, says_es: str, says_en: str, **where: str) -> Figure:
    return Figure(key, _count, es, en, says_es, says_en, where)


CALLS: Final = Register(
    key="calls",
    title_es="Llamadas recibidas y realizadas",
    title_en="Calls received and made",
    figures=(
        _plain(
            "received",
            "Recibidas",
            "Received",
            "contestadas + abandonadas + recados + piden retorno + menú + timbrando",
            "answered + abandoned + messages + callbacks asked + menu + ringing",
            direction="inbound",
        ),
        _plain(
            "answered",
            "Contestadas",
            "Answered",
            "recibidas en las que habló una persona",
            "received in which a person spoke",
            outcome="answered",
        ),
        _plain(
            "abandoned",
            "Abandonadas",
            "Abandoned",
            "colgó antes de que alguien contestara",
            "hung up before anybody answered",
            outcome="abandoned",
        ),
        Figure(
            "attention_rate",
            _share,
            "% atención",
            "Attention rate",
            "contestadas ÷ (contestadas + abandonadas)",
            "answered ÷ (answered + abandoned)",
            None,
        ),
        Figure(
            "mean_wait_s",
            _seconds,
            "Espera promedio",
            "Mean wait",
            "suma de esperas ÷ contestadas con espera conocida (sin captura diferida)",
            "sum of waits ÷ answered with a known wait (late entries left out)",
            None,
        ),
        Figure(
            "mean_length_s",
            _seconds,
            "Duración promedio",
            "Mean length",
            "suma de (fin − contestada) ÷ contestadas y terminadas",
            "sum of (end − answer) ÷ answered and over",
            None,
        ),
        _plain(
            "dropped", "Caídas", "Dropped", "se cortaron ya contestadas", "cut off after the answer", result="dropped"
        ),
        _plain(
            "message_left",
            "Recados de voz",
            "Voice messages",
            "dejó un recado",
            "left a message",
            outcome="message_left",
        ),
        _plain(
            "callback_asked",
            "Piden retorno",
            "Callbacks asked",
            "pidió que le llamen sin perder su lugar",
            "asked to be called back, keeping the place",
            outcome="callback_asked",
        ),
        _plain(
            "self_service",
            "Resueltas en el menú",
            "Answered by the menu",
            "consultó su folio en el menú",
            "asked for a folio in the menu",
            outcome="self_service",
        ),
        _plain("made", "Realizadas", "Made", "marcadas por la oficina", "dialled by the office", direction="outbound"),
        _plain(
            "made_inform",
            "Informativas",
            "To inform",
            "realizadas para informar de un folio",
            "made to inform of a folio",
            direction="outbound",
            purpose="inform",
        ),
        _plain(
            "made_request_info",
            "Solicitud de información",
            "To ask",
            "realizadas para pedir información",
            "made to ask for information",
            direction="outbound",
            purpose="request_info",
        ),
        _plain(
            "made_return",
            "Retorno",
            "Returned",
            "realizadas para devolver una llamada",
            "made to return a call",
            direction="outbound",
            purpose="return",
        ),
        _plain(
            "made_attention",
            "Otras realizadas",
            "Other made",
            "realizadas de atención",
            "made for another reason",
            direction="outbound",
            purpose="attention",
        ),
        Figure(
            "contact_rate",
            _share,
            "% contacto",
            "Contact rate",
            "realizadas en que contestó la persona ÷ realizadas que terminaron",
            "made in which the person answered ÷ made that are over",
            None,
        ),
        _plain(
            "with_folio",
            "Con folio",
            "With a folio",
            "con al menos un folio ligado",
            "with a folio linked",
            folio="yes",
        ),
        _plain("without_folio", "Sin folio", "Without a folio", "todas − con folio", "all − with a folio", folio="no"),
        Figure(
            "transfer_rate",
            _share,
            "% transferidas",
            "Transfer rate",
            "llamadas con al menos una transferencia ÷ contestadas",
            "calls with a transfer ÷ connected calls",
            None,
        ),
    ),
    groupings=(
        Grouping("day", "Día", "Day", "day"),
        Grouping("agent", "Agente", "Agent", "agent"),
        Grouping("purpose", "Propósito", "Purpose", "purpose"),
        Grouping("result", "Resultado", "Result", "result"),
        Grouping("topic", "Tema", "Topic", "topic"),
        Grouping("hour", "Hora", "Hour", "hour"),
        Grouping("municipality", "Municipio", "Municipality", "municipality"),
        Grouping("area", "Área", "Area", "area"),
    ),
    group_figures=(
        *("calls", "received", "answered", "abandoned", "made", "attention_rate", "mean_wait_s", "mean_length_s"),
        "with_folio",
    ),
)

TRANSFERS: Final = Register(
    key="transfers",
    title_es="Llamadas transferidas internamente",
    title_en="Calls transferred inside the office",
    figures=(
        _plain(
            "transfers",
            "Transferencias",
            "Transfers",
            "aceptadas + rechazadas + sin respuesta + por contestar",
            "accepted + refused + no answer + pending",
        ),
        _plain(
            "accepted", "Aceptadas", "Accepted", "la otra parte la tomó", "the other side took it", answer="accepted"
        ),
        _plain(
            "refused",
            "Rechazadas",
            "Refused",
            "la otra parte no la tomó o la devolvió",
            "the other side did not take it, or sent it back",
            answer="refused",
        ),
        _plain("no_answer", "Sin respuesta", "No answer", "nadie contestó", "nobody answered", answer="no_answer"),
        _plain("pending", "Por contestar", "Pending", "todavía sin respuesta", "not answered yet", answer="pending"),
        Figure(
            "accepted_rate",
            _share,
            "% aceptadas",
            "Accepted rate",
            "aceptadas ÷ (transferencias − por contestar)",
            "accepted ÷ (transfers − pending)",
            None,
        ),
        Figure(
            "mean_answer_s",
            _seconds,
            "Tiempo de respuesta",
            "Time to answer",
            "suma de (respuesta − hora) ÷ contestadas",
            "sum of (answer − time) ÷ answered",
            None,
        ),
        _plain(
            "verified",
            "Verificadas",
            "Verified",
            "con la marca de supervisión",
            "marked by a supervisor",
            verified="yes",
        ),
        _plain("unverified", "Por verificar", "To verify", "sin la marca", "without the mark", verified="no"),
    ),
    groupings=(
        Grouping("to_area", "Área destino", "Area to", "to_area"),
        Grouping("matrix", "Origen × destino", "Origin × destination", "to_area"),
        Grouping("answer", "Respuesta", "Answer", "answer"),
        Grouping("from_agent", "Agente de origen", "Agent from", "agent"),
        Grouping("reason", "Motivo", "Reason", "reason"),
        Grouping("day", "Día", "Day", "day"),
    ),
    group_figures=(
        "transfers",
        "accepted",
        "refused",
        "no_answer",
        "pending",
        "accepted_rate",
        "mean_answer_s",
        "verified",
    ),
)

REQUESTS: Final = Register(
    key="requests",
    title_es="Llamadas informativas y para solicitar información",
    title_en="Calls to inform and to ask for information",
    figures=(
        _plain(
            "requests",
            "Solicitudes",
            "Requests",
            "logradas + no localizadas + canceladas + pendientes",
            "reached + not reached + cancelled + pending",
        ),
        _plain(
            "inform", "Informativas", "To inform", "para informar de un folio", "to inform of a folio", kind="inform"
        ),
        _plain(
            "ask", "Para pedir información", "To ask", "con preguntas del área", "with an area's questions", kind="ask"
        ),
        _plain(
            "reached", "Logradas", "Reached", "se habló con la persona", "the person was spoken with", result="reached"
        ),
        _plain(
            "not_reached",
            "No localizadas",
            "Not reached",
            "se agotaron los intentos o no hubo respuesta",
            "the attempts were used up, or nobody answered",
            result="not_reached",
        ),
        _plain(
            "cancelled",
            "Canceladas",
            "Cancelled",
            "retiradas con motivo",
            "withdrawn with a reason",
            result="cancelled",
        ),
        _plain("pending", "Pendientes", "Pending", "por hacer", "still to make", result="pending"),
        _plain(
            "overdue",
            "Vencidas",
            "Overdue",
            "pendientes cuya hora ya pasó",
            "pending and past their time",
            result="overdue",
        ),
        Figure(
            "contact_rate",
            _share,
            "% contacto",
            "Contact rate",
            "logradas ÷ (logradas + no localizadas)",
            "reached ÷ (reached + not reached)",
            None,
        ),
        Figure(
            "mean_days",
            _days,
            "Días solicitud → logro",
            "Days to reach",
            "días hábiles entre solicitud y logro ÷ logradas",
            "business days from request to contact ÷ reached",
            None,
        ),
    ),
    groupings=(
        Grouping("area", "Área solicitante", "Requesting area", "area"),
        Grouping("agent", "Agente", "Agent", "agent"),
        Grouping("result", "Resultado", "Result", "result"),
        Grouping("kind", "Tipo", "Kind", "kind"),
        Grouping("day", "Día", "Day", "day"),
    ),
    group_figures=("requests", "reached", "not_reached", "pending", "overdue", "contact_rate", "mean_days"),
)

REGISTERS: Final = {one.key: one for one in (CALLS, TRANSFERS, REQUESTS)}


def as_json(register: Register) -> dict[str, Any]:
    """Return a definition as the wire carries it."""
    return {
        "key": register.key,
        "title_es": register.title_es,
        "title_en": register.title_en,
        "figures": [
            {
                "key": one.key,
                "unit": one.unit.value,
                "label_es": one.label_es,
                "label_en": one.label_en,
                "formula_es": one.formula_es,
                "formula_en": one.formula_en,
                "where": None if one.where is None else dict(one.where),
            }
            for one in register.figures
        ],
        "groupings": [
            {"key": one.key, "label_es": one.label_es, "label_en": one.label_en, "filter": one.filter}
            for one in register.groupings
        ],
        "group_figures": list(register.group_figures),
    }
