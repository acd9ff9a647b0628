"""Citizens of the demo who write by WhatsApp and SMS, through the simulated provider."""

from typing import Any, Final

import httpx2

from contact_center.demo.line import TROUBLE, Stage, log

EVERY_S: Final = (35.0, 70.0)
"""Seconds between two citizens."""
SMS: Final = "+526621080000"
WHATSAPP: Final = "+526621080001"
NAMES: Final = ("Rosa Prueba", "Martín Ensayo", "Lupita Ejemplo", "Chuy Muestra", "Elena Prueba", "Toño Ensayo")
TALKS: Final = (
    (
        "Buenas tardes, en mi calle no ha pasado la basura en dos semanas",
        "En la colonia Prueba, calle Ensayo 12",
        "Gracias",
    ),
    ("Oiga, ¿a dónde llamo por una fuga de agua?", "Está enfrente de la escuela Ejemplo", "Muy amable"),
    ("¿Qué necesito para una carta de no antecedentes?", "¿Y se puede en sábado?", "Muchas gracias"),
    ("No prende el alumbrado de la plaza", "Desde el lunes", "Ok, quedo al pendiente"),
)
TEMPLATE: Final = {
    "sid": "HX" + "7" * 32,
    "name": "novedades_de_su_peticion",
    "language": "es_MX",
    "body": "Hola {{1}}, su petición {{2}} tiene novedades. Responda a este mensaje para conocerlas.",
}


async def write_in(stage: Stage, api: str) -> None:
    """Let citizens write at a calm pace until cancelled; three of four by WhatsApp."""
    number = 0
    async with stage.client() as http:
        await _post(http, f"{api}/sim/templates", TEMPLATE)
        await _post(
            http,
            f"{api}/sim/templates",
            {**TEMPLATE, "sid": "HX" + "8" * 32, "name": "encuesta", "approval": "pending"},
        )
        while True:
            await stage.pause(*EVERY_S)
            number += 1
            kind = "" if number % 4 == 0 else "whatsapp:"
            await _talk(stage, http, api, kind, number)


async def _talk(stage: Stage, http: httpx2.AsyncClient, api: str, kind: str, number: int) -> None:
    """Say one thing after the other, as somebody does who looks at the telephone now and then."""
    who = f"{kind}+5266200001{number % 100:02d}"
    to = f"whatsapp:{WHATSAPP}" if kind else SMS
    name = NAMES[number % len(NAMES)] if kind else ""
    for line in TALKS[number % len(TALKS)]:
        await _post(http, f"{api}/sim/texts", {"from": who, "to": to, "body": line, "profile_name": name})
        await stage.pause(18, 30)


async def _post(http: httpx2.AsyncClient, url: str, body: dict[str, Any]) -> None:
    try:
        await http.post(url, json=body)
    except TROUBLE as error:
        log.info("texter_cut_off", error=type(error).__name__)
