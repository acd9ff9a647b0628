"""What the demo's fictional citizens say and what the agents answer: the office's scenarios, and everyday variations.

Names, streets and numbers are invented; the telephone numbers cannot be assigned.
"""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any, Final, Literal

from contact_center.rules.model import PETITION_KIND_FROM_SPANISH

Ending = Literal["petition", "oriented", "crisis", "folio", "leaves"]

PEOPLE: Final = (
    ("María", "Ejemplo"),
    ("Juan", "Prueba"),
    ("Rosa", "Ensayo"),
    ("Pedro", "Muestra"),
    ("Luz", "Demostración"),
    ("José", "Ejemplo"),
    ("Guadalupe", "Prueba"),
    ("Ramón", "Ensayo"),
    ("Alma", "Muestra"),
    ("Francisco", "Ficticio"),
    ("Carmen", "Ficticia"),
    ("Jesús", "Ensayo"),
)


@dataclass(frozen=True, slots=True)
class Play:
    """One contact as it should go. A citizen's line is said after the agent's line before it."""

    key: str
    citizen: tuple[str, ...]
    agent: tuple[str, ...]
    ending: Ending
    category: str = ""
    kind: str = "petition"
    municipality: str = "26030"
    locality: str = "Hermosillo"
    subject: str = ""
    description: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    names: str = ""
    surname: str = ""
    phone: str = ""
    score: int = 5


_GREETING: Final = "Buen día, le atiende {nombre}, de Atención Ciudadana. Con gusto le ayudo. {pregunta}"
_WHERE: Final = "¿Me indica la colonia, entre qué calles y un teléfono para informarle?"

_VARIATIONS: Final = (
    Play(
        "alumbrado",
        (
            "Buenas tardes, la luminaria de la esquina lleva un mes apagada y está muy oscuro",
            "Colonia Prueba, calle Muestra esquina con Ensayo",
            "Gracias, muy amable",
        ),
        (_WHERE, "Gracias. Registro su petición y le comparto el folio enseguida."),
        "petition",
        "SP02",
        subject="Luminaria apagada en la colonia Prueba",
        description="Reporta una luminaria apagada desde hace un mes en Muestra esquina con Ensayo.",
    ),
    Play(
        "agua",
        (
            "Oiga, tenemos tres días sin agua en la cuadra y hay niños chiquitos",
            "Sí, colonia Ensayo, calle Prueba número 10, somos como quince familias",
            "Está bien, gracias",
        ),
        (_WHERE, "Lamento la situación. Queda registrado como prioridad alta."),
        "petition",
        "AG01",
        municipality="26018",
        locality="Ciudad Obregón",
        subject="Falta de agua potable en la colonia Ensayo",
        description="Quince familias sin agua potable desde hace tres días en la calle Prueba.",
    ),
    Play(
        "fuga",
        (
            "Hay una fuga de agua enorme en la banqueta de mi casa, se está desperdiciando",
            "Calle Ejemplo 45",
            "Gracias",
        ),
        (_WHERE, "Gracias por avisar. Le comparto su folio en un momento."),
        "petition",
        "AG02",
        subject="Fuga de agua en la calle Ejemplo",
        description="Fuga de agua en la banqueta frente al número 45 de la calle Ejemplo.",
    ),
    Play(
        "basura",
        (
            "Buenos días, ya van dos semanas que no pasa el camión de la basura",
            "Colonia Muestra, en Guaymas",
            "ok gracias",
        ),
        (_WHERE, "Con gusto. Queda registrada su petición."),
        "petition",
        "SP03",
        municipality="26029",
        locality="Guaymas",
        subject="Sin recolección de basura en la colonia Muestra",
        description="El camión de la basura no pasa desde hace dos semanas en la colonia Muestra.",
    ),
    Play(
        "escuela",
        (
            "Hola, la refrigeración de la primaria de mi hijo no sirve y hace muchísimo calor",
            "La primaria Ensayo, en Navojoa. ¿Qué se puede hacer?",
            "Se lo agradezco",
        ),
        (
            "¿De qué escuela se trata y en qué municipio está?",
            "Lo registro para que se turne a la instancia que construye escuelas.",
        ),
        "petition",
        "ED03",
        municipality="26042",
        locality="Navojoa",
        subject="Refrigeración descompuesta en la primaria Ensayo",
        description="Los salones de la primaria Ensayo no tienen refrigeración y las clases siguen.",
    ),
    Play(
        "silla",
        (
            "Buen día, mi papá necesita una silla de ruedas y no nos alcanza",
            "Vivimos en la calle Ejemplo 12, colonia Prueba. Somos cuatro en la casa",
            "Muchísimas gracias",
        ),
        (
            "Con gusto le oriento. ¿Me comparte su domicilio y cuántas personas dependen de su ingreso?",
            "Registro la solicitud de apoyo.",
        ),
        "petition",
        "SA04",
        kind="support",
        subject="Solicitud de silla de ruedas para su papá",
        description="Solicita el apoyo de una silla de ruedas para una persona adulta mayor.",
        extra={"dependants": "4", "support_type": "Silla de ruedas"},
    ),
    Play(
        "pension",
        (
            "Quiero saber de la pensión para adultos mayores, ¿ahí la tramitan?",
            "Ah, ok. ¿Y qué papeles llevo?",
            "Gracias, buen día",
        ),
        (
            "Ese trámite es del programa federal de Bienestar. Con gusto le indico dónde acudir.",
            "Lleve su identificación, CURP y comprobante de domicilio al módulo más cercano.",
        ),
        "oriented",
        "AS07",
        score=4,
    ),
    Play(
        "placas",
        ("¿Cuánto cuesta la revalidación de placas este año?", "¿Y se puede pagar en línea?", "Perfecto"),
        (
            "El costo depende del modelo; puede consultarlo con su número de placa.",
            "Sí, en el portal de la Secretaría de Hacienda.",
        ),
        "oriented",
        "VT03",
    ),
    Play(
        "curp",
        ("hola como saco mi curp", "es que no tengo internet en mi casa", "gracias"),
        (
            "Puede obtenerla sin costo en línea o en cualquier oficina del Registro Civil.",
            "Entonces acuda al módulo de su municipio, es gratuito.",
        ),
        "oriented",
        "RC06",
        score=4,
    ),
    Play(
        "felicitacion",
        (
            "Quiero felicitar a la señorita que me atendió ayer, muy amable todo",
            "Sí, claro. Que siga así",
            "Gracias a ustedes",
        ),
        (
            "Con mucho gusto lo hacemos saber. ¿Desea que quede registrado?",
            "Queda registrado. Gracias por sus palabras.",
        ),
        "petition",
        "GA03",
        kind="congratulation",
        subject="Felicitación por la atención recibida",
        description="Felicita a la persona que le atendió el día anterior en el Call Center.",
    ),
    Play("se-va", ("Hola, buenas, una pregunta sobre un terreno",), (), "leaves"),
    Play(
        "perros",
        (
            "Hay muchos perros sueltos cerca de la escuela y ya mordieron a un niño",
            "Colonia Prueba, en Nogales",
            "Gracias",
        ),
        (_WHERE, "Gracias por reportarlo. Le comparto el folio de su petición."),
        "petition",
        "SP08",
        municipality="26043",
        locality="Nogales",
        subject="Perros sueltos cerca de la escuela",
        description="Reporta perros sueltos cerca de la escuela de la colonia Prueba; mordieron a un niño.",
    ),
)


@cache
def scenarios() -> tuple[Play, ...]:
    """Return the chats of the office's own scenarios."""
    text = resources.files("contact_center").joinpath("data", "escenarios.json").read_text("utf-8")
    return tuple(_scenario(one) for one in json.loads(text)["escenarios"] if one["canal"] == "chat")


def _scenario(row: Mapping[str, Any]) -> Play:
    wanted = row["esperado"]
    ending: Ending = "petition"
    if "crisis_vida" in wanted["banderas"]:
        ending = "crisis"
    elif wanted["interaccion"] == "cerrada_autoservicio":
        ending = "folio"
    citizen = tuple(turn["texto"] for turn in row["turnos"] if turn["de"] == "ciudadania")
    agent = tuple(turn["texto"] for turn in row["turnos"] if turn["de"] == "agente")
    kind = PETITION_KIND_FROM_SPANISH[wanted["tipo"]].value
    extra = {}
    if kind == "civil_registry":
        extra = {
            "act": "birth",
            "record_name": "Persona Muestra Tres",
            "record_date": "1980-01-01",
            "record_place": "Nogales",
        }
    return Play(
        row["id"],
        citizen,
        agent,
        ending,
        wanted["categoria"],
        kind,
        wanted.get("municipio") or "26030",
        "Nogales" if wanted.get("municipio") == "26043" else "Hermosillo",
        citizen[0][:120],
        citizen[0],
        extra,
    )


def all_plays() -> tuple[Play, ...]:
    return (*scenarios(), *_VARIATIONS)


def played_before() -> tuple[Play, ...]:
    """Return what past contacts were about: whatever ended with a person."""
    return tuple(play for play in all_plays() if play.ending in ("petition", "oriented"))


class Casting:
    """Gives plays to invented people, the same ones for the same seed."""

    def __init__(self, draw: random.Random, plays: Sequence[Play]) -> None:
        self._draw = draw
        self._plays = tuple(plays)
        self._left: list[Play] = []
        self._next = 0

    def next(self) -> Play:
        """Return the next contact: every play once before any comes again, a crisis only every other time."""
        if not self._left:
            self._left = [one for one in self._plays if one.ending != "crisis" or self._draw.random() < 0.5]
            self._draw.shuffle(self._left)
        self._next += 1
        names, surname = PEOPLE[self._draw.randrange(len(PEOPLE))]
        phone = f"66200000{self._next % 100:02d}"
        score = max(1, min(5, self._left[-1].score + self._draw.choice((-1, 0, 0, 0))))
        return replace(self._left.pop(), names=names, surname=surname, phone=phone, score=score)


def greeting(name: str, question: str) -> str:
    """Return an agent's first words."""
    return _GREETING.format(nombre=name, pregunta=question)
