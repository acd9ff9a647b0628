"""`contact-center user …`: the people who may sign in, from the machine itself."""

import sys
from typing import Annotated, Any

import typer

app = typer.Typer(no_args_is_help=True, help="Personas que pueden entrar a la consola.")

Name = Annotated[str, typer.Argument(help="Nombre de usuario.")]
Url = Annotated[str | None, typer.Option("--database", help="Dirección de la base de datos.")]


@app.command()
def add(
    username: Name,
    name: Annotated[str | None, typer.Option(help="Nombre completo.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Rol; puede repetirse.")] = None,
    area: Annotated[str | None, typer.Option(help="Clave del área.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Fila que atiende, por su nombre; puede repetirse.")] = None,
    password_stdin: Annotated[bool, typer.Option(help="Lee la contraseña de la entrada estándar.")] = False,
    database: Url = None,
) -> None:
    """Da de alta a una persona y muestra su contraseña de un solo uso."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    given = {
        "username": username,
        "name": name or username,
        "roles": role or ["agent"],
        "area_id": area,
    }
    answer = _run(database, _add, given, queue or [], password)
    typer.echo(f"Usuario: {answer['username']}")
    if password is None:
        typer.echo(f"Contraseña (se cambia al entrar): {answer['password']}")


@app.command("list")
def list_users(database: Url = None) -> None:
    """Muestra quiénes pueden entrar."""
    from rich.console import Console
    from rich.table import Table

    table = Table("Usuario", "Nombre", "Roles", "Segundo factor", "Estado")
    for row in _run(database, _list):
        table.add_row(
            row["username"],
            row["name"],
            ", ".join(row["roles"]),
            "sí" if row["has_totp"] else "no",
            "de baja" if row["disabled_at"] else "activa",
        )
    Console().print(table)


@app.command("reset-password")
def reset_password(username: Name, database: Url = None) -> None:
    """Da una contraseña nueva de un solo uso; sus sesiones terminan."""
    typer.echo(f"Contraseña (se cambia al entrar): {_run(database, _reset, username)}")


@app.command()
def disable(
    username: Name,
    enable: Annotated[bool, typer.Option("--enable", help="Vuelve a dejar entrar.")] = False,
    database: Url = None,
) -> None:
    """Da de baja a una persona; sus sesiones terminan en segundos."""
    _run(database, _disable, username, not enable)
    typer.echo("Puede entrar de nuevo." if enable else "Ya no puede entrar.")


def _run(database: str | None, work: Any, *args: Any) -> Any:
    """Run something on an open house, without its web side; print a refusal in one line."""
    import anyio

    from contact_center import log
    from contact_center.errors import ContactCenterError
    from contact_center.main import open_house
    from contact_center.settings import settings_or_exit
    from contact_center.system import SystemClock, SystemIds

    settings = settings_or_exit(database_url=database)
    log.set_up("warning", as_json=settings.log_json)

    async def go() -> Any:
        async with open_house(settings, SystemClock(), SystemIds()) as (house, _tasks):
            try:
                return await work(house, *args)
            except ContactCenterError as error:
                return error

    answer = anyio.run(go)
    if isinstance(answer, ContactCenterError):
        typer.echo(f"No se pudo: {answer.code} {answer.data or ''}".rstrip(), err=True)
        raise typer.Exit(1)
    return answer


async def _add(house: Any, given: dict[str, Any], queues: list[str], password: str | None) -> dict[str, Any]:
    from pydantic import ValidationError

    from contact_center.actions import passwords
    from contact_center.actions.kernel import SYSTEM
    from contact_center.actions.people import SaveUser
    from contact_center.errors import Invalid
    from contact_center.rules import signin
    from contact_center.store import admin

    async with house.db.read() as conn:
        by_name = {row["name"]: row["id"] for row in await admin.queue_rows(conn)}
    unknown = [one for one in queues if one not in by_name]
    if unknown:
        raise Invalid("unknown_queue", queues=unknown, known=sorted(by_name))
    if password is not None and (problem := signin.password_problem(password, given["username"], given["name"])):
        raise Invalid(problem)
    try:
        body = SaveUser.model_validate({**given, "queues": [{"queue_id": by_name[one]} for one in queues]})
    except ValidationError as error:
        raise Invalid("invalid", fields=sorted({str(one["loc"][0]) for one in error.errors()})) from error
    made = password or passwords.new_password(house.ids)
    body.give(passwords.hash_now(made), "")
    answer = await house.writer.submit(SYSTEM, "user.save", body)
    return {"username": answer["user"]["username"], "password": made}


async def _list(house: Any) -> list[dict[str, Any]]:
    from contact_center.store import admin

    async with house.db.read() as conn:
        return await admin.user_rows(conn)


async def _find(house: Any, username: str) -> str:
    from contact_center.errors import Missing
    from contact_center.rules import signin
    from contact_center.store import people

    async with house.db.read() as conn:
        found = await people.find_by_username(conn, signin.fold_username(username))
    if found is None:
        raise Missing(username=username)
    return found.id


async def _reset(house: Any, username: str) -> str:
    from contact_center.actions import passwords
    from contact_center.actions.kernel import SYSTEM
    from contact_center.actions.people import ResetPassword

    body = ResetPassword(user_id=await _find(house, username))
    made = passwords.new_password(house.ids)
    body.give(passwords.hash_now(made), "")
    await house.writer.submit(SYSTEM, "user.reset_password", body)
    return made


async def _disable(house: Any, username: str, disabled: bool) -> None:
    from contact_center.actions.kernel import SYSTEM
    from contact_center.actions.people import Disable

    await house.writer.submit(SYSTEM, "user.disable", Disable(user_id=await _find(house, username), disabled=disabled))
