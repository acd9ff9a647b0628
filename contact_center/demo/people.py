"""The demo's staff. Their password is printed at every start: a demo holds nothing to be kept from anybody."""

from dataclasses import dataclass
from typing import Final

from contact_center.rules.model import Role

PASSWORD: Final = "mezquite-y-palo-verde-26"  # noqa: S105 - of the demo, and printed
"""Everybody's; nobody has to change it."""
TOTP_SECRET: Final = "KRUGKIDROVUWG2ZAMJZG653OEBTG66BA"  # noqa: S105
"""For the roles that need a second factor, to be put into any authenticator."""
ONE_TIME_CODES: Final = 8
"""Codes printed for whoever has no authenticator at hand; each works once, and every start makes new ones."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of the demo's staff; `plays` says that the crowd acts for them."""

    username: str
    name: str
    display_name: str
    roles: tuple[Role, ...]
    area: str
    what_es: str
    plays: bool = False

    @property
    def needs_totp(self) -> bool:
        return not {Role.supervisor, Role.systems}.isdisjoint(self.roles)


STAFF: Final = (
    Person("ana", "Ana Prueba Luna", "Ana", (Role.agent,), "03.07.02.01", "Agente: es usted"),
    Person("jorge", "Jorge Ensayo Ríos", "Jorge", (Role.agent,), "03.07.02.01", "Agente simulado", plays=True),
    Person("lucia", "Lucía Muestra Soto", "Lucía", (Role.agent,), "03.07.02.01", "Agente simulada", plays=True),
    Person("marta", "Marta Ejemplo Vega", "Marta", (Role.supervisor,), "03.07.02.01", "Supervisión"),
    Person("raul", "Raúl Ficticio Paz", "Raúl", (Role.systems,), "03.07.00.01.01", "Sistemas"),
)
REPLIES: Final = (
    (
        "saludo",
        "Saludo",
        "Buen día, mi nombre es {nombre_agente}, de la Coordinación Ejecutiva de Atención Ciudadana. "
        "¿Con quién tengo el gusto y en qué puedo servirle?",
    ),
    ("datos", "Pedir datos", "Para registrar su petición necesito su nombre completo, un teléfono y el domicilio."),
    ("calles", "Pedir ubicación", "¿Me indica la colonia, entre qué calles y alguna referencia?"),
    ("espere", "Pedir un momento", "Permítame un momento, estoy consultando su información."),
    ("gratuito", "Trámite gratuito", "Este trámite es gratuito. Nunca le pediremos depósitos ni datos bancarios."),
    ("cierre", "Despedida", "Ha sido un gusto atenderle. ¿Hay algo más en lo que podamos servirle?"),
)
