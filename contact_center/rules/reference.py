"""The office's reference rows (categories, municipalities, bodies, area codes, help lines) as values. Pure: rows in,
values out; reading the files is somebody else's work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from contact_center.rules.model import PETITION_KIND_FROM_SPANISH, PRIORITY_FROM_SPANISH, PetitionKind, Priority

Row = Mapping[str, str]
T = TypeVar("T")


class RowRefused(ValueError):
    """A row that lacks or garbles something. `column` says which."""

    def __init__(self, column: str, value: str) -> None:
        super().__init__(f"{column}: {value!r}")
        self.column = column
        self.value = value


class Verification(StrEnum):
    """How far a fact of the file was checked."""

    yes = "yes"
    partial = "partial"
    no = "no"


_VERIFIED = {"si": Verification.yes, "parcial": Verification.partial, "no": Verification.no}


@dataclass(frozen=True, slots=True)
class Category:
    """One topic of `categorias.csv`. `dependency` is a code of `dependencias.csv`, or MUN for the own town hall."""

    code: str
    group: str
    name: str
    kind: PetitionKind
    dependency: str
    priority: Priority
    term_business_days: int
    is_sensitive: bool
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Municipality:
    """One of the 72 of Sonora; `code` is INEGI's five digits."""

    code: str
    name: str
    seat: str
    population: int
    region: str
    area_code: str
    area_code_grade: str
    """A: named by the numbering data, B: a second source agrees, C: unverified, empty: unknown."""


@dataclass(frozen=True, slots=True)
class Dependency:
    """A body that petitions may be referred to. Old names help to find it."""

    code: str
    name: str
    acronym: str
    level: str
    sector: str
    former_names: str
    topics: tuple[str, ...]
    verified: Verification


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A number shown in an emergency."""

    number: str
    name: str
    kind: str
    hours: str
    verified: Verification


def parse_category(row: Row) -> Category:
    """A row of `categorias.csv`. Raises `RowRefused`."""
    return Category(
        code=_needed(row, "codigo"),
        group=_needed(row, "grupo"),
        name=_needed(row, "nombre"),
        kind=_one_of(row, "tipo_sugerido", PETITION_KIND_FROM_SPANISH),
        dependency=_needed(row, "dependencia_sugerida"),
        priority=_one_of(row, "prioridad", PRIORITY_FROM_SPANISH),
        term_business_days=_whole(row, "plazo_propuesto_dias_habiles"),
        is_sensitive=_one_of(row, "datos_sensibles", {"si": True, "no": False}),
        keywords=_split(row.get("palabras_clave", "")),
    )


def parse_municipality(row: Row) -> Municipality:
    """A row of `municipios.csv`. Raises `RowRefused`."""
    code = _needed(row, "cve_inegi")
    if len(code) != 5 or not code.isdigit():
        raise RowRefused("cve_inegi", code)
    return Municipality(
        code=code,
        name=_needed(row, "nombre"),
        seat=_needed(row, "cabecera"),
        population=_whole(row, "poblacion_2020"),
        region=row.get("region_ped_2021_2027", "").strip(),
        area_code=row.get("lada", "").strip(),
        area_code_grade=row.get("lada_verificacion", "").strip(),
    )


def parse_dependency(row: Row) -> Dependency:
    """A row of `dependencias.csv`. Raises `RowRefused`."""
    return Dependency(
        code=_needed(row, "id"),
        name=_needed(row, "nombre"),
        acronym=row.get("acronimo", "").strip(),
        level=_needed(row, "nivel"),
        sector=row.get("sector", "").strip(),
        former_names=row.get("nombres_anteriores", "").strip(),
        topics=_split(row.get("temas", "")),
        verified=_one_of(row, "verificada", _VERIFIED),
    )


def parse_help_lines(row: Row) -> tuple[HelpLine, ...]:
    """A row of `lineas_emergencia.csv`, which may name several numbers ("060|065"). Raises `RowRefused`."""
    name, kind, hours = _needed(row, "nombre"), _needed(row, "tipo"), row.get("horario", "").strip()
    verified = _one_of(row, "verificado", _VERIFIED)
    return tuple(HelpLine(number, name, kind, hours, verified) for number in _split(_needed(row, "numero")))


def _needed(row: Row, column: str) -> str:
    value = row.get(column, "").strip()
    if not value:
        raise RowRefused(column, value)
    return value


def _whole(row: Row, column: str) -> int:
    value = _needed(row, column)
    if not (value.isascii() and value.isdigit()):
        raise RowRefused(column, value)
    return int(value)


def _one_of(row: Row, column: str, known: Mapping[str, T]) -> T:
    value = _needed(row, column)
    if value not in known:
        raise RowRefused(column, value)
    return known[value]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in re.split(r"[|;,]", text) if part.strip())
