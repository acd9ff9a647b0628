"""What the command line does; each command imports what it needs when it runs, so that `--help` is quick."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from contact_center.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def settings_or_exit(**given: Any) -> "Settings":
    """Return the settings, or tell every problem with them and leave."""
    from contact_center import settings

    try:
        return settings.load(**{key: value for key, value in given.items() if value is not None})
    except settings.SettingsRefused as error:
        for problem in error.problems:
            typer.echo(problem, err=True)
        raise typer.Exit(2) from error


@app.command()
def migrate(url: Annotated[str | None, typer.Option(help="Database address.")] = None) -> None:
    """Bring the database to the schema of this release."""
    import anyio

    from contact_center.store import migrate as migrations
    from contact_center.store.db import Database

    settings = settings_or_exit(database_url=url)

    async def run() -> bool:
        async with Database(settings.database_url) as db:
            return await migrations.upgrade(db)

    typer.echo("Base de datos actualizada." if anyio.run(run) else "La base de datos ya estaba al día.")


@app.callback()
def _about() -> None:
    """Contact center of a citizen attention office."""
