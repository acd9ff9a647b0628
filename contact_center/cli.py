"""What the command line does; each command imports what it needs when it runs, so that `--help` is quick."""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contact_center import cli_calls, cli_users

if TYPE_CHECKING:
    from contact_center.main import Running
    from contact_center.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(cli_users.app, name="user")
app.command("import-calls")(cli_calls.import_calls)

STARTS_SERVICE = frozenset({"serve", "demo"})
"""Commands that leave garbage collection off until the service stands; see `__main__`."""

Url = Annotated[str | None, typer.Option("--database", help="Dirección de la base de datos.")]


@app.callback()
def _about(context: typer.Context) -> None:
    """Centro de contacto de una oficina de atención ciudadana."""
    if context.invoked_subcommand not in STARTS_SERVICE:
        gc.enable()


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Puerto; 0 toma uno libre.")] = None,
    host: Annotated[str | None, typer.Option(help="Dirección en que se escucha.")] = None,
    database: Url = None,
) -> None:
    """Inicia el servicio y atiende hasta que se le pida terminar."""
    from contact_center.settings import settings_or_exit

    given = with_address(host=host, port=port, database_url=database)
    raise typer.Exit(run_service(settings_or_exit(**given)))


def with_address(**given: Any) -> dict[str, Any]:
    """Return settings given on the command line; a port without a public address is also the public one."""
    import os

    if (
        given.get("port")
        and "CONTACT_CENTER_PUBLIC_URL" not in os.environ
        and "CONTACT_CENTER_CONFIG" not in os.environ
    ):
        given["public_url"] = f"http://127.0.0.1:{given['port']}"
    return given


def run_service(settings: "Settings") -> int:
    """Serve until signalled; return the exit code: 0 after a stop that was asked for, 1 when a part of it died."""
    import anyio

    from contact_center import log
    from contact_center.main import failure, running, until_signalled

    log.set_up(settings.log_level, as_json=settings.log_json)

    async def go() -> None:
        async with running(settings) as service:
            show_addresses(settings, service)
            await until_signalled()

    try:
        anyio.run(go, backend_options={"use_uvloop": True})
    except OSError as error:
        typer.echo(f"No se pudo escuchar en {settings.host}:{settings.port}: {error.strerror}", err=True)
        return 1
    except BaseExceptionGroup as group:
        import structlog

        structlog.get_logger("main").error("died", cause=failure(group), exc_info=group)
        return 1
    return 0


def show_addresses(settings: "Settings", service: "Running") -> None:
    """Print where everything is, for a person; logs go to standard error."""
    from rich.console import Console

    base = settings.public_url
    if settings.port == 0:
        base = f"http://127.0.0.1:{service.port}"
    out = Console(file=sys.stdout, highlight=False)
    out.print(
        f"\n[bold]El servicio está en marcha[/bold] (the service is running)\n  Consola   {base}/console/\n"
        f"  Chat      {base}/chat"
    )
    out.print(f'  Folio     {base}/folio\n  Widget    <script src="{base}/widget.js"></script>', markup=False)
    if service.setup_token is not None:
        out.print(
            "\n[bold]Todavía no hay usuarios.[/bold] Abra esta dirección una sola vez para crear a la primera persona "
            "de Sistemas:"
        )
        out.print(f"  {base}/console/#/setup/{service.setup_token}", markup=False, soft_wrap=True)
        out.print("o use: contact-center user add NOMBRE --role systems", markup=False)
    out.print("")


@app.command()
def demo(
    crowd: Annotated[bool, typer.Option("--crowd/--no-crowd", help="Ciudadanía simulada que escribe al chat.")] = True,
    port: Annotated[int, typer.Option(help="Puerto; 0 toma uno libre.")] = 8000,
) -> None:
    """Inicia el servicio con datos y personas de demostración."""
    from contact_center.demo import run

    raise typer.Exit(run(crowd=crowd, port=port))


@app.command()
def migrate(database: Url = None) -> None:
    """Actualiza la base de datos al esquema de esta versión."""
    import anyio

    from contact_center.settings import settings_or_exit
    from contact_center.store import migrate as migrations
    from contact_center.store.db import Database

    settings = settings_or_exit(database_url=database)

    async def run() -> bool:
        async with Database(settings.database_url) as db:
            return await migrations.upgrade(db)

    typer.echo("Base de datos actualizada." if anyio.run(run) else "La base de datos ya estaba al día.")


@app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="Archivo que se crea; no debe existir.")],
    database: Url = None,
) -> None:
    """Copia la base de datos y los archivos en uso a un solo archivo, con el servicio en marcha."""
    from contact_center.backup import BackupRefused, make
    from contact_center.settings import settings_or_exit

    settings = settings_or_exit(database_url=database)
    try:
        made = make(settings.database_url, settings.data_dir, to)
    except BackupRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Respaldo listo: {to} ({made.tables} tablas, {made.rows} filas, {made.files} archivos).")


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="Archivo hecho con backup.")],
    database: Url = None,
) -> None:
    """Recupera un respaldo en una base de datos que todavía no existe."""
    from contact_center.backup import BackupRefused, restore_to
    from contact_center.settings import settings_or_exit

    settings = settings_or_exit(database_url=database)
    try:
        made = restore_to(source, settings.database_url, settings.data_dir)
    except BackupRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Respaldo recuperado: {made.tables} tablas, {made.rows} filas, {made.files} archivos.")


@app.command()
def bench(
    names: Annotated[list[str] | None, typer.Argument(help="Cuáles; todos si no se nombra ninguno.")] = None,
    rounds: Annotated[int, typer.Option(help="Vueltas de cada medición.", min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="Segundos de cada vuelta.", min=0.1)] = 5.0,
    out: Annotated[Path, typer.Option(help="Dónde se escriben las cifras.")] = Path("bench.json"),
) -> None:
    """Mide el servicio junto a su límite y escribe las cifras."""
    from contact_center.bench.run import main

    raise typer.Exit(main(names or (), rounds=rounds, seconds=seconds, out=out))
