"""`contact-center demo`: the real service on SQLite with a fictional office, and a crowd that uses it like anybody."""

import os
import random
import sys
from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from contact_center.demo.setup import Ready
    from contact_center.settings import Settings

SEED = 26
DATABASE = "sqlite:///data/demo.db"


def settings_for(port: int, **beside: Any) -> "Settings":
    """Return the settings of a demo: its own database unless one is set, no limits for those who play from here."""
    from contact_center.settings import PREFIX, settings_or_exit

    given: dict[str, Any] = {"port": port, **beside}
    defaults = {
        "DATABASE_URL": DATABASE,
        "DATA_DIR": "data/demo-files",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "UNLIMITED_NETWORKS": "127.0.0.0/8,::1/128",
        "LOG_LEVEL": "warning",
        "LOG_JSON": "false",
    }
    given |= {name.lower(): value for name, value in defaults.items() if PREFIX + name not in os.environ}
    return settings_or_exit(**given)


def run(*, crowd: bool, port: int, seed: int = SEED, pace: float = 1.0) -> int:
    """Serve until signalled; return the exit code."""
    import anyio

    from contact_center import log
    from contact_center.demo import crowd as players
    from contact_center.demo import messengers, telephones
    from contact_center.demo.line import Stage
    from contact_center.demo.setup import prepare
    from contact_center.main import running, until_signalled
    from contact_center.simulators.telegram import Config, running_telegram

    settings = settings_for(port or _free_port())
    log.set_up(settings.log_level, as_json=settings.log_json)

    async def go() -> None:
        print("Preparando la oficina de demostración …", flush=True)
        async with AsyncExitStack() as stack:
            beside: dict[str, Any] = {}
            if not settings.twilio_app:
                beside |= await stack.enter_async_context(telephones.provider(settings.public_url, seed))
            messenger = None
            if settings.telegram_token is None:
                messenger = await stack.enter_async_context(running_telegram(Config(seed=seed)))
                bot = {"telegram_token": messenger.state.config.token, "telegram_api_url": messenger.url}
                beside |= {**bot, "telegram_mode": "webhook"}
            used = settings_for(settings.port, **beside) if beside else settings
            ready = await prepare(used, seed)
            service = await stack.enter_async_context(running(used))
            show(used, ready, crowd=crowd)
            tasks = await stack.enter_async_context(anyio.create_task_group())
            if crowd:
                folio = (ready.folio, ready.last4) if ready.folio and ready.last4 else None
                base = f"http://127.0.0.1:{service.port}"
                api = None if settings.twilio_app else used.twilio_api_url
                tasks.start_soon(lambda: players.run(base, seed=seed, pace=pace, folio=folio, provider=api))
                if messenger is not None:
                    stage = Stage(base, pace, random.Random(seed + 3), {}, None)
                    tasks.start_soon(partial(messengers.run, stage, messenger, seed=seed))
            await until_signalled()
            tasks.cancel_scope.cancel()

    try:
        anyio.run(go, backend_options={"use_uvloop": True})
    except OSError as error:
        print(f"No se pudo escuchar en {settings.host}:{settings.port}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def show(settings: "Settings", ready: "Ready", *, crowd: bool) -> None:
    """Print the addresses and the sign-ins."""
    from rich.console import Console
    from rich.table import Table

    from contact_center.demo.people import PASSWORD, STAFF, TOTP_SECRET

    base, out = settings.public_url, Console(file=sys.stdout, highlight=False)
    out.print("\n[bold]Demostración en marcha[/bold] (the demo is running)")
    for name, path in (("Consola", "/console/"), ("Chat", "/chat"), ("Folio", "/folio")):
        out.print(f"  {name:<9} {base}{path}")
    out.print(f"\nContraseña de todas las personas: [bold]{PASSWORD}[/bold]")
    table = Table("Usuario", "Quién es", "Códigos de un solo uso (segundo factor)")
    for person in STAFF:
        codes = ready.codes.get(person.username, [])
        table.add_row(person.username, person.what_es, "\n".join(codes[:4]))
    out.print(table)
    out.print(f"Para una aplicación de códigos, la clave es {TOTP_SECRET}", soft_wrap=True)
    if ready.folio is not None:
        out.print(f"Un folio para consultar: {ready.folio}, terminación {ready.last4}")
    out.print(
        "Ciudadanía y agentes simulados (Jorge y Lucía) ya conversan; usted es Ana."
        if crowd
        else "Sin ciudadanía simulada."
    )
    out.print("Ctrl+C termina.\n")
