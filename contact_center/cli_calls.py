"""`contact-center import-calls`: the exchange's own call records against the register. The exchange is only read."""

import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from contact_center.rules.call_files import Mapped, Refused
    from contact_center.rules.call_records import CallRecord, Exchange, Leg

MAX_SHOWN = 50
CHUNK = 1 << 16
REASONS = {
    "columns": "el número de columnas no corresponde",
    "time": "la fecha o la hora no se entienden",
    "seconds": "la duración no es un número de segundos",
    "result": "el resultado de la llamada no se reconoce",
    "direction": "el sentido de la llamada no se reconoce",
    "quotes": "comillas que no se cierran",
    "long": "línea demasiado larga",
    "format": "el archivo no tiene el formato esperado",
}


@dataclass(slots=True)
class Plan:
    """What the options and the mapping ask for."""

    exchange: "Exchange"
    mapped: "Mapped | None" = None
    extensions: dict[str, str] = field(default_factory=dict)
    queue: str | None = None


def import_calls(
    file: Annotated[
        str, typer.Argument(help="Archivo CSV, base SQLite, o dirección sqlite:/// o postgresql:// de la tabla.")
    ],
    source: Annotated[str, typer.Option(help="Nombre del conmutador; siempre el mismo para el mismo.")],
    form: Annotated[str | None, typer.Option("--format", help="master, cdr o csv; se reconoce si falta.")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="TOML con columnas, extensiones y fila.")] = None,
    zone: Annotated[str, typer.Option(help="Zona de las horas del archivo; UTC si así las escribe.")] = "",
    table: Annotated[str, typer.Option(help="Tabla que se lee de una base de datos.")] = "cdr",
    days: Annotated[int, typer.Option(help="Solo llamadas de los últimos días; 0, todas.", min=0)] = 30,
    settle: Annotated[int, typer.Option(help="Minutos que se espera a que el conmutador termine.", min=0)] = 2,
    window: Annotated[int, typer.Option(help="Segundos entre sus horas y las nuestras.", min=0, max=3600)] = 120,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Lee y cuenta; no guarda nada.")] = False,
    database: Annotated[str | None, typer.Option("--database", help="Dirección de la base de datos.")] = None,
) -> None:
    """Compara los registros del conmutador con las llamadas capturadas; las que faltan quedan como pendientes."""
    if form not in (None, "master", "cdr", "csv") or (form == "csv" and mapping is None):
        _stop("--format es master, cdr o csv; csv necesita --map.")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", source) or not re.fullmatch(r"\w{1,60}", table, re.ASCII):
        _stop("El nombre de --source o de --table lleva letras, números, punto, guion; sin espacios.")
    plan = _plan(mapping, zone, is_csv=form == "csv")
    from contact_center.cli_users import _run

    done = _run(database, _work, plan, file, form, source, table, days, settle, window, dry_run)
    raise typer.Exit(_tell(done, dry_run=dry_run))


def _stop(text: str) -> None:
    typer.echo(f"No se pudo: {text}", err=True)
    raise typer.Exit(2)


def _plan(path: Path | None, zone: str, *, is_csv: bool) -> Plan:
    """Read the mapping. Ends the command with 2 and one line for what is wrong in it."""
    import tomllib
    from zoneinfo import ZoneInfo

    from contact_center.rules import call_records as rules

    try:
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
        known = {"columns", "format", "direction", "result", "extensions", "exchange", "queue"}
        if unknown := sorted(set(given) - known):
            raise ValueError(f"no se conoce {', '.join(unknown)}")
        exchange = given.get("exchange", {})
        plan = Plan(
            rules.Exchange(
                zone=ZoneInfo(
                    zone or exchange.get("zone") or given.get("format", {}).get("zone") or rules.DEFAULT_ZONE
                ),
                outside_prefix=str(exchange.get("outside_prefix", "")),
                trunks=frozenset(str(one) for one in exchange.get("trunks", ())),
            ),
            extensions={str(key): str(name) for key, name in given.get("extensions", {}).items()},
            queue=given.get("queue"),
        )
        if "columns" in given:
            plan.mapped = _mapped(given)
        elif is_csv:
            raise ValueError("falta [columns]")
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        typer.echo(f"No se pudo leer la correspondencia o la zona: {error}", err=True)
        raise typer.Exit(2) from error
    return plan


def _mapped(given: dict[str, Any]) -> "Mapped":
    from contact_center.rules import call_files
    from contact_center.rules.call_records import Result

    columns = {str(key): str(name) for key, name in given["columns"].items()}
    if unknown := sorted(set(columns) - call_files.COLUMNS):
        raise ValueError(f"[columns] no conoce {', '.join(unknown)}")
    if "started" not in columns or "from" not in columns:
        raise ValueError("[columns] necesita started y from")
    words = given.get("direction", {})
    form = given.get("format", {})
    return call_files.Mapped(
        columns=columns,
        time_format=form.get("time"),
        delimiter=form.get("delimiter"),
        inbound=frozenset(str(one).casefold() for one in words.get("inbound", ())),
        outbound=frozenset(str(one).casefold() for one in words.get("outbound", ())),
        internal=frozenset(str(one).casefold() for one in words.get("internal", ())),
        results={
            str(word).casefold(): Result(name)
            for name, given_words in given.get("result", {}).items()
            for word in given_words
        },
    )


@dataclass(slots=True)
class Done:
    """What an import came to."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list["Refused"] = field(default_factory=list)


async def _work(
    house: Any,
    plan: Plan,
    file: str,
    form: Any,
    source: str,
    table: str,
    days: int,
    settle: int,
    window: int,
    dry: bool,
) -> Done:
    from contact_center.errors import Invalid
    from contact_center.rules import call_records as rules
    from contact_center.rules.call_files import Refused
    from contact_center.store import admin

    agents = await _agents(house, plan.extensions)
    async with house.db.read() as conn:
        queues = {row["name"]: row["id"] for row in await admin.queue_rows(conn)}
    if plan.queue is not None and plan.queue not in queues:
        raise Invalid("unknown_queue", queue=plan.queue)
    done, batch, groups = Done(), [], rules.Groups()
    now = house.clock.now()
    since = now - timedelta(days=days) if days else datetime.min.replace(tzinfo=UTC)

    async def take(legs: list["Leg"]) -> None:
        record = rules.record_of(legs, plan.exchange)
        if record is None:
            done.counts["internal"] += 1
        elif record.started_at < since:
            done.counts["old"] += 1
        elif record.ended_at > now + timedelta(minutes=5):
            done.counts["refused"] += 1
            done.refused.append(Refused(legs[0].line, "time"))
        elif not rules.is_settled(legs, now, timedelta(minutes=settle)):
            done.counts["unsettled"] += 1
        else:
            batch.append(record)
        if len(batch) >= 500:
            await _store(house, source, batch, agents, queues.get(plan.queue or ""), window, done, dry=dry)
            batch.clear()

    async for one in _rows(file, form, table, plan):
        if isinstance(one, Refused):
            done.counts["refused"] += 1
            if len(done.refused) < MAX_SHOWN:
                done.refused.append(one)
            continue
        done.counts["rows"] += 1
        for legs in groups.feed(one):
            await take(legs)
    for legs in groups.rest():
        await take(legs)
    if batch:
        await _store(house, source, batch, agents, queues.get(plan.queue or ""), window, done, dry=dry)
    return done


async def _agents(house: Any, extensions: dict[str, str]) -> dict[str, str]:
    from contact_center.errors import Invalid
    from contact_center.rules import signin
    from contact_center.store import people

    found = {}
    async with house.db.read() as conn:
        for extension, username in extensions.items():
            user = await people.find_by_username(conn, signin.fold_username(username))
            if user is None:
                raise Invalid("unknown_user", username=username)
            found[extension] = user.id
    return found


async def _store(
    house: Any,
    source: str,
    records: list["CallRecord"],
    agents: dict[str, str],
    queue_id: str | None,
    window: int,
    done: Done,
    *,
    dry: bool,
) -> None:
    """Hand over a batch; it is stored whole or not at all, and what was stored before is only counted."""
    from contact_center.actions.call_import import AddRecords, RecordBody
    from contact_center.actions.kernel import SYSTEM
    from contact_center.store import call_records as store

    done.counts["calls"] += len(records)
    if dry:
        async with house.db.read() as conn:
            known = await store.known_keys(conn, source, [one.key for one in records])
        done.counts["known"] += sum(one.key in known for one in records)
        done.counts["new"] += sum(one.key not in known for one in records)
        return
    bodies = [
        RecordBody(
            key=one.key,
            direction=one.direction,
            number=one.phone.e164,
            number_kind=one.phone.kind,
            started_at=one.started_at,
            answered_at=one.answered_at,
            ended_at=one.ended_at,
            talk_s=one.talk_s,
            extension=one.extension,
            state=one.state,
            agent_id=agents.get(one.extension or ""),
        )
        for one in records
    ]
    body = AddRecords(source=source, records=tuple(bodies), queue_id=queue_id, window_s=window)
    done.counts.update(await house.writer.submit(SYSTEM, "records.add", body))


async def _rows(file: str, form: Any, table: str, plan: Plan) -> "AsyncIterator[Leg | Refused]":
    if file.startswith(("postgresql://", "postgres://")):
        async for number, row in _postgres(file, table):
            yield _row(row, number, plan)
        return
    for one in _file(file, form, table, plan):
        yield one


def _file(file: str, form: Any, table: str, plan: Plan) -> "Iterator[Leg | Refused]":
    """Read a file piece by piece: a SQLite database by its first bytes, else text. Raises Invalid `unreadable`."""
    from contact_center.errors import Invalid
    from contact_center.rules import call_files

    path = Path(file.removeprefix("sqlite:///"))
    try:
        with path.open("rb") as stream:
            if not file.startswith("sqlite:") and stream.read(16) != b"SQLite format 3\x00":
                stream.seek(0)
                yield from call_files.read(iter(lambda: stream.read(CHUNK), b""), form, plan.exchange, plan.mapped)
                return
        for number, row in enumerate(_sqlite(path, table), 1):
            yield _row(row, number, plan)
    except (OSError, sqlite3.Error) as error:
        raise Invalid("unreadable", file=path.name, reason=str(error)) from error


def _row(row: dict[str, Any], number: int, plan: Plan) -> "Leg | Refused":
    from contact_center.rules import call_files
    from contact_center.rules.call_records import LineRefused, leg_of

    texts = {
        key.lower(): value if isinstance(value, datetime) else "" if value is None else str(value)
        for key, value in row.items()
    }
    try:
        return leg_of(texts, number, plan.exchange)
    except LineRefused as error:
        return call_files.Refused(number, error.code)


def _sqlite(path: Path, table: str) -> Iterator[dict[str, Any]]:
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as conn:
        conn.row_factory = sqlite3.Row
        for row in conn.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the name was checked
            yield dict(row)


async def _postgres(url: str, table: str) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    import asyncpg

    from contact_center.errors import Invalid

    try:
        conn = await asyncpg.connect(url, timeout=30)
        try:
            async with conn.transaction(readonly=True):
                number = 0
                async for row in conn.cursor(f'SELECT * FROM "{table}"', prefetch=1_000):  # noqa: S608
                    number += 1
                    yield number, dict(row)
        finally:
            await conn.close()
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise Invalid("unreadable", reason=type(error).__name__) from error


def _tell(done: Done, *, dry_run: bool) -> int:
    """Print what was done; return the exit code: 1 when lines were refused."""
    counts = done.counts
    typer.echo(f"Renglones leídos: {counts['rows'] + counts['refused']}. Llamadas: {counts['calls']}.")
    typer.echo(f"  Nuevas: {counts['new']}. Ya conocidas: {counts['known']}.")
    if not dry_run:
        typer.echo(f"  Coinciden con una captura: {counts['matched']}. Sin registro: {counts['unlogged']}.")
    for key, text in (
        ("internal", "Entre extensiones, no cuentan"),
        ("old", "Fuera del periodo (--days)"),
        ("unsettled", "Recién terminadas, se toman la próxima vez"),
    ):
        if counts[key]:
            typer.echo(f"  {text}: {counts[key]}.")
    if counts["refused"]:
        typer.echo(f"  Rechazadas: {counts['refused']}.", err=True)
    for one in done.refused[:MAX_SHOWN]:
        typer.echo(f"    Renglón {one.line}: {REASONS[one.code]}.", err=True)
    if counts["refused"] > MAX_SHOWN:
        typer.echo("    …", err=True)
    if dry_run:
        typer.echo("Prueba: no se guardó nada.")
    return 1 if counts["refused"] else 0
