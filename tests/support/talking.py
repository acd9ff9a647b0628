"""What citizens and agents do on their screens, in the words they read there."""

import json
from importlib import resources
from typing import Any, Final

from playwright.async_api import Frame, Locator, Page, expect

SHIPPED: Final = resources.files("contact_center").joinpath("data", "escenarios.json").read_text("utf-8")
SCENARIOS: Final = {one["id"]: one for one in json.loads(SHIPPED)["escenarios"]}


def turns(scenario: str, who: str = "ciudadania") -> list[str]:
    """Return what somebody says in a scenario."""
    return [turn["texto"] for turn in SCENARIOS[scenario]["turnos"] if turn["de"] == who]


def expected(scenario: str) -> dict[str, Any]:
    """Return what a scenario has to leave behind."""
    found: dict[str, Any] = SCENARIOS[scenario]["esperado"]
    return found


async def accept_notice(page: Page | Frame) -> None:
    """Read the notice and go on."""
    await expect(page.get_by_role("heading", name="Aviso de privacidad")).to_be_visible()
    await page.get_by_role("button", name="Acepto y continúo").click()


async def begin(page: Page | Frame, *, name: str = "", phone: str = "", first: str = "Iniciar conversación") -> None:
    """Go from the first screen to the place where one writes."""
    await page.get_by_role("button", name=first).click()
    await accept_notice(page)
    await page.get_by_label("Nombre").fill(name)
    await page.get_by_label("Teléfono").fill(phone)
    await page.get_by_role("button", name="Comenzar").click()
    await expect(page.get_by_label("Su mensaje")).to_be_visible()


async def write(page: Page | Frame, text: str) -> None:
    """Write as a citizen and see it stored."""
    await page.get_by_label("Su mensaje").fill(text)
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.locator("article.citizen:not(.pending)", has_text=text).last).to_be_visible()


def status(page: Page) -> Locator:
    """The line that says how the conversation stands."""
    return page.locator(".status [role=status]")


async def take(page: Page) -> None:
    """Take the offer on the desk."""
    await page.get_by_role("region", name="Contacto para usted").get_by_role("button", name="Tomar").click()
    await expect(page.get_by_label("Respuesta para la persona")).to_be_visible()


async def reply(page: Page, text: str) -> None:
    """Answer as the agent."""
    await page.get_by_label("Respuesta para la persona").fill(text)
    await page.get_by_role("button", name="Enviar").click()
    await expect(page.locator("[role=log]").get_by_text(text)).to_be_visible()


async def finish(page: Page, result: str = "Orientación brindada") -> None:
    """Close the contact in hand with its result, in the form that is open."""
    wrap = page.get_by_role("form", name="Cierre y captura")
    await wrap.get_by_label("Resultado").select_option(label=result)
    await wrap.get_by_role("button", name="Cerrar", exact=True).click()
    await expect(wrap).to_have_count(0)


async def close(page: Page, result: str) -> None:
    """Close the written contact in hand with its result."""
    await page.locator(".thread-actions").get_by_role("button", name="Cerrar").click()
    await finish(page, result)


async def open_move(page: Page, move: str) -> Locator:
    """Open the dialog of a move of the petition whose panel is open, and return it."""
    direct = page.get_by_role("button", name=move, exact=True)
    more = page.get_by_role("button", name="Otras acciones")
    await expect(direct.or_(more).first).to_be_visible()
    if await direct.count() == 0:
        await more.click()
        await page.get_by_role("menuitem", name=move, exact=True).click()
    else:
        await direct.click()
    return page.get_by_role("dialog", name=move)


async def move_petition(page: Page, move: str) -> None:
    """Move the petition whose panel is open."""
    dialog = await open_move(page, move)
    await dialog.get_by_role("button", name=move, exact=True).click()
    await expect(dialog).to_have_count(0)
