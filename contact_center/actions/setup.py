"""What a new house starts with: areas, hours, queues, reference tables and texts of the office. Idempotent.

It runs at every start and adds what is missing; what somebody changed on screen stays as they left it.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from sqlalchemy import Table, select

from contact_center.actions.kernel import Answer, Body, Tx, verb
from contact_center.rules.calendars import load_holidays
from contact_center.rules.ivr_texts import SPOKEN
from contact_center.rules.model import PETITION_KIND_FROM_SPANISH, PRIORITY_FROM_SPANISH
from contact_center.store.schema import (
    areas,
    calendars,
    categories,
    closures,
    dependencies,
    emergency_lines,
    municipalities,
    queues,
    texts,
)

ZONE: Final = "America/Hermosillo"
OUTSIDE: Final = "00000"
"""Key of «outside Sonora» among the municipalities."""
DESK_AREA: Final = "03.07.02.01"
AREAS: Final = (
    ("03.07", None, "Coordinación Ejecutiva de Atención Ciudadana"),
    ("03.07.00.01", "03.07", "Subdirección Administrativa"),
    ("03.07.00.01.01", "03.07.00.01", "Departamento de Sistemas"),
    ("03.07.00.01.02", "03.07.00.01", "Departamento de Asesoría Jurídica"),
    ("03.07.01", "03.07", "Dirección General de Seguimiento y Vinculación Interinstitucional"),
    ("03.07.01.01", "03.07.01", "Departamento de Correspondencia y Seguimiento"),
    ("03.07.02", "03.07", "Dirección General de Cooperación Social"),
    ("03.07.02.01", "03.07.02", "Departamento de Call Center y Chat Sonora"),
    ("03.07.03", "03.07", "Dirección General de Planificación y Control de Apoyos Sociales"),
    ("03.07.03.01", "03.07.03", "Dirección de Gestión Social"),
    ("03.07.03.01.01", "03.07.03.01", "Departamento de Apoyos Sociales"),
)
"""The organigram of the manual (DOMAIN §2.2)."""
WEEK: Final = {day: [["08:00", "15:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
CALENDAR: Final = "Horario general"
QUEUES: Final = (
    {"name": "Chat Sonora", "channels": ["web_chat"], "target_s": 60, "priority": 0},
    {"name": "Línea telefónica", "channels": ["phone"], "target_s": 20, "priority": 0},
    {"name": "Recados", "channels": [], "target_s": 3_600, "priority": 0},
)


class SetUp(Body):
    """Nothing to say."""


@verb("house.set_up", action="admin.settings", door="system")
async def set_up(tx: Tx, _body: SetUp) -> Answer:
    """Add what a house needs and has not. Idempotent."""
    added = {
        "areas": await _add(
            tx, areas, "id", [{"id": code, "parent_id": parent, "name": name} for code, parent, name in AREAS]
        ),
        "municipalities": await _add(tx, municipalities, "key", _municipalities()),
        "dependencies": await _add(tx, dependencies, "id", _dependencies()),
        "categories": await _add(tx, categories, "code", _categories()),
        "emergency_lines": await _add(tx, emergency_lines, "number", _emergency_lines()),
        "texts": await _add_texts(tx),
    }
    if await _is_empty(tx, queues):
        added["queues"] = await _add_desk(tx)
    changed = {what: count for what, count in added.items() if count}
    if changed:
        tx.emit("house.set_up", added=sorted(changed))
    return changed


async def _add_desk(tx: Tx) -> int:
    """The general hours with the holidays that are certain, and the two queues of the desk."""
    calendar_id = tx.ids.new()
    await _insert(tx, calendars, [{"id": calendar_id, "name": CALENDAR, "zone": ZONE, "week": WEEK}])
    days = [
        {
            "id": tx.ids.new(),
            "kind": "holiday",
            "name": one.name[:160],
            "starts_on": one.first.isoformat(),
            "ends_on": one.last.isoformat(),
            "ranges": [],
        }
        for one in load_holidays(rows_of("festivos.csv"))
    ]
    await _insert(tx, closures, days)
    rows = [{"id": tx.ids.new(), "area_id": DESK_AREA, "calendar_id": calendar_id, **one} for one in QUEUES]
    await _insert(tx, queues, rows)
    return len(rows)


async def _is_empty(tx: Tx, table: Table) -> bool:
    return (await tx.conn.execute(select(table.c.id).limit(1))).first() is None


async def _add(tx: Tx, table: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose key is not there yet; return how many."""
    known = frozenset((await tx.conn.execute(select(table.c[key]))).scalars())
    missing = [row for row in rows if row[key] not in known]
    await _insert(tx, table, missing)
    return len(missing)


async def _insert(tx: Tx, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    chosen = list(rows)
    if chosen:
        await tx.conn.execute(table.insert(), [dict(row) for row in chosen])


async def _add_texts(tx: Tx) -> int:
    known = {(row.key, row.locale) for row in await tx.conn.execute(select(texts.c.key, texts.c.locale))}
    missing = [
        {"key": key, "locale": locale, "value": value, "updated_at": tx.now}
        for locale, shipped in shipped_texts().items()
        for key, value in shipped.items()
        if (key, locale) not in known
    ]
    await _insert(tx, texts, missing)
    return len(missing)


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that ships with the package."""
    text = resources.files("contact_center").joinpath("data", name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def shipped_texts() -> dict[str, dict[str, Any]]:
    """Return the texts as shipped, by language and key; those spoken on the telephone among them."""
    folder = resources.files("contact_center").joinpath("data")
    shipped: dict[str, dict[str, Any]] = {}
    for locale, names in (("es", ("textos.json", "textos_propios.json")), ("en", ("texts_en.json",))):
        shipped[locale] = {}
        for name in names:
            shipped[locale] |= json.loads(folder.joinpath(name).read_text("utf-8"))
    shipped["es"] |= {key: text for key, text in SPOKEN.items() if key not in shipped["es"]}
    return shipped


def _municipalities() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "key": row["cve_inegi"],
            "name": row["nombre"],
            "seat": row["cabecera"] or None,
            "region": row["region_ped_2021_2027"] or None,
            "area_code": row["lada"] or None,
        }
        for row in rows_of("municipios.csv")
    ]
    outside = {"key": OUTSIDE, "name": "Fuera de Sonora", "seat": None, "region": None, "area_code": None}
    return [*found, outside]


def _dependencies() -> list[dict[str, Any]]:
    return [
        {
            "id": row["id"],
            "name": row["nombre"],
            "acronym": row["acronimo"] or None,
            "level": row["nivel"],
            "sector": row["sector"] or None,
            "former_names": row["nombres_anteriores"] or None,
            "topics": row["temas"] or None,
            "verified": row["verificada"],
        }
        for row in rows_of("dependencias.csv")
    ]


def _categories() -> list[dict[str, Any]]:
    return [
        {
            "code": row["codigo"],
            "group_name": row["grupo"],
            "name": row["nombre"],
            "kind": PETITION_KIND_FROM_SPANISH[row["tipo_sugerido"]].value,
            "dependency_id": row["dependencia_sugerida"] or None,
            "priority": PRIORITY_FROM_SPANISH[row["prioridad"]].value,
            "term_days": int(row["plazo_propuesto_dias_habiles"]) if row["plazo_propuesto_dias_habiles"] else None,
            "sensitive": row["datos_sensibles"] == "si",
            "keywords": [word for word in row["palabras_clave"].split("|") if word],
        }
        for row in rows_of("categorias.csv")
    ]


def _emergency_lines() -> list[dict[str, Any]]:
    return [
        {
            "number": row["numero"],
            "name": row["nombre"],
            "kind": row["tipo"],
            "hours": row["horario"] or None,
            "verified": row["verificado"] or None,
        }
        for row in rows_of("lineas_emergencia.csv")
    ]
