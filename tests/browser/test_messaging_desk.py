"""A citizen on Telegram and the agent's desk, in a real browser: what came for what it is, what became of an answer."""

import io
from functools import partial
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from PIL import Image
from playwright.async_api import Browser

from contact_center.rules.model import Role
from contact_center.simulators.telegram import Config, Simulator, running_telegram
from tests.support.looks import Looks
from tests.support.stage import closing, open_stage, until
from tests.support.talking import take

MARIA = 662_000_001


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (320, 240), "teal").save(out, "JPEG")
    return out.getvalue()


def settings_for(simulator: Simulator) -> dict[str, Any]:
    token = simulator.state.config.token
    return {"telegram_token": token, "telegram_mode": "webhook", "telegram_api_url": simulator.url}


async def test_an_agent_sees_what_a_citizen_does_on_telegram_and_why_an_answer_did_not_arrive(
    browser: Browser, sqlite_database_url: str, tmp_path: Path
) -> None:
    with (
        start_blocking_portal() as street,
        street.wrap_async_context_manager(running_telegram(Config(limits=False))) as simulator,
        open_stage(sqlite_database_url, tmp_path, **settings_for(simulator)) as stage,
    ):
        stage.hire("ana", Role.agent)
        stage.hire("raul", Role.systems, name="Raúl Sistemas")
        maria = simulator.person(MARIA, "María", last_name="Ejemplo Uno")
        ana = await stage.console(browser, "ana")
        raul = await stage.console(browser, "raul", "#/admin/sin-entregar", state=None)
        looks = Looks()
        async with closing(ana, raul):
            page = ana.page
            street.call(partial(maria.start))
            first = street.call(partial(maria.say, "Buenos días, hay un bachezote en la calle Ejemplo"))
            await take(page)
            await page.get_by_text("hay un bachezote").first.wait_for()
            field = page.locator("textarea[data-composer=reply]")
            await field.fill("Con gusto le atiendo. ¿En qué colonia?")
            await field.press("Enter")
            await until(lambda: "Con gusto le atiendo. ¿En qué colonia?" in maria.texts)
            street.call(partial(maria.edit, first, "Buenos días, hay un bache en la calle Muestra"))
            street.call(partial(maria.react, maria.received[-1]["message_id"], "👍"))
            street.call(partial(maria.photo, picture(), "Mire"))
            street.call(partial(maria.document, "programa.exe", b"MZ" + bytes(50), "application/octet-stream"))
            await page.get_by_text("Corregido a las").wait_for()
            await page.get_by_text("no se admite este tipo de archivo").wait_for()
            await page.locator(".beyond-reactions", has_text="👍").wait_for()
            await page.locator(".file-image img").wait_for()
            await looks.at(page, "telegram")
            simulator.state.chats[MARIA].blocked = True
            await field.fill("¿Sigue ahí?")
            await field.press("Enter")
            await page.get_by_text("bloqueó a la oficina").wait_for()
            await looks.at(page, "telegram")
            await raul.page.get_by_role("button", name="Actualizar").click()
            await raul.page.get_by_role(
                "cell", name="La persona bloqueó a la oficina en esta aplicación."
            ).first.wait_for()
            await looks.at(raul.page, "undelivered")
            simulator.state.chats[MARIA].blocked = False
            await page.get_by_role("button", name="Enviar otra vez").click()
            await until(lambda: "¿Sigue ahí?" in maria.texts)
            await page.get_by_text("bloqueó a la oficina").wait_for(state="detached")
    assert looks.wrong == []
